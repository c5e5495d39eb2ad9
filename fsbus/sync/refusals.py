"""Reads what a centre answers that was not asked for: the error to raise, or what can be believed."""

from typing import TypeVar

import msgspec

from fsbus.core.errors import (
    DevicePending,
    DeviceRevoked,
    DeviceUnknown,
    Interrupted,
    SyncError,
    UpgradeRequired,
)
from fsbus.wire import codec
from fsbus.wire.api import Answer, Problem, Refused, RequestHeader

_T = TypeVar("_T")
UNREADABLE_ANSWER = "La réponse du centre est illisible. Tout est enregistré sur ce poste."
_IN_WORDS = {
    "revoked": "ce poste est refusé pour de bon",
    "pending": "ce poste attend l’accord du coordinateur",
    "unknown_device": "ce poste est inconnu du centre",
    "malformed": "la demande est illisible",
    "not_granted": "ce poste n’a pas droit à ce fil",
    "expect": "il manque au centre ce qui précède",
    "epoch": "le centre a commencé une nouvelle vie",
    "forked": "ce poste a été remis d’une copie",
    "too_large": "la demande est trop grosse",
    "upgrade": "ce poste a un fsbus trop ancien",
    "busy": "le centre est occupé",
    "bug": "le centre a eu un défaut",
}
"""The problems of PROTOCOL.md « Refusals » that an exchange may meet, over the network or by stick."""


def refusal(status: int, body: bytes) -> Exception:
    """The error behind a proved answer that is not a success; Refused for what is healed without a person."""
    problem = decoded(body, Problem)
    match problem.problem:
        case "revoked":
            return DeviceRevoked("Ce poste n’est plus accepté par le centre. Appelez le coordinateur.")
        case "unknown_device":
            return DeviceUnknown("Le centre ne connaît pas ce poste. Appelez le coordinateur.")
        case "pending":
            return DevicePending(
                "Ce poste attend l’accord du coordinateur : lisez-lui le nom du poste. Tout est gardé ici."
            )
        case "upgrade":
            return UpgradeRequired("Cette version de fsbus est trop ancienne. Installez la nouvelle.")
    if status >= 500 and problem.problem != "busy":
        return Interrupted("Le centre a eu une panne. Tout est gardé sur ce poste.")
    return Refused(problem)


def in_words(problem: str) -> str:
    """Why the centre refused, in French, for the end of a sentence."""
    return _IN_WORDS.get(problem, "une raison que cette version ne connaît pas")


def refused_for(problem: str, told: str = "Le centre a refusé l’échange") -> SyncError:
    """What to raise for a problem that nothing here heals."""
    return SyncError(f"{told}\u00a0: {in_words(problem)}. Tout est gardé sur ce poste.")


def of_what_was_sent(answer: Answer, header: RequestHeader) -> Answer:
    """The answer, or the part of it that can be believed when it acknowledges more than was sent with it.

    The rest came by an exchange whose answer was lost, or from a copy of this store: sent again, it is compared.
    The records wait until then: they were told with that rest in them, which would be laid over them.
    """
    last = header.first + header.n - 1
    if answer.header.acked <= last:
        return answer
    return Answer(msgspec.structs.replace(answer.header, acked=last, pull={}), [])


def decoded(body: bytes, kind: type[_T]) -> _T:
    """The JSON of a proved answer. Raises SyncError."""
    try:
        return msgspec.json.decode(body, type=kind)
    except codec.UNREADABLE:
        raise SyncError(UNREADABLE_ANSWER) from None
