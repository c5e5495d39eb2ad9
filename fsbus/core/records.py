"""A procedure record: one procedure handled during a visit, and the precise-answer rule."""

from collections.abc import Mapping
from dataclasses import dataclass

from fsbus.core import codes
from fsbus.core.fields import Code, CodeList, Day, Field, Group, Identifier, Insee, Problems, Text, TextList
from fsbus.core.redaction import redacted

SHORTEST_ANSWER = 10
"""Characters that a precise answer has at least, white space at both ends left out."""

ENDINGS = frozenset({"resolved", "abandoned"})
"""Outcomes that need no precise answer; every other one does."""

DRAFT_FIELDS: Mapping[str, Field] = {
    "procedure": Text(longest=40, required=True),
    "nature": Code(codes.NATURE, required=True),
    "mode": Code(codes.MODE, required=True),
    "outcome": Code(codes.OUTCOME, required=True),
    "precise_answer": Text(longest=2_000),
    "missing_documents": TextList(),
    "blockers": CodeList(codes.BLOCKER),
    "referral": Group(
        {
            "partner": Text(longest=80),
            "contact": Text(longest=200),
            "channel": Code(codes.CHANNEL),
            "on": Day(),
        }
    ),
    "follow_up": Group(
        {"on": Day(), "note": Text(longest=500), "commune": Insee(), "done_on": Day()}, shorthand="on"
    ),
    "mandate": Group({"kind": Code(codes.AGREEMENT), "on": Day(), "reason": Text(longest=500)}),
}
FIELDS: Mapping[str, Field] = {
    "visit_id": Identifier(required=True),
    "partner": Text(longest=40),
    **DRAFT_FIELDS,
}


@redacted()
@dataclass(frozen=True)
class Referral:
    """Where the person is sent, with a contact or a day: a referral is never an ending by itself."""

    partner: str = ""
    contact: str = ""
    channel: str | None = None
    on: str | None = None


@redacted()
@dataclass(frozen=True)
class FollowUp:
    """The day when the procedure is taken up again, where, and what is to be done.

    ``commune`` is None for the stop of the visit; ``done_on`` is the day when it was done, None until then.
    """

    on: str | None = None
    note: str = ""
    commune: str | None = None
    done_on: str | None = None


@redacted()
@dataclass(frozen=True)
class Mandate:
    """The written mandate, or the oral agreement with its reason (Code civil, art. 1984 s.)."""

    kind: str | None = None
    on: str | None = None
    reason: str = ""


@redacted("id")
@dataclass(frozen=True)
class ProcedureRecord:
    """One procedure of the catalogue handled during a visit.

    ``partner`` is the partner in force on the day of the visit, frozen. Codes are keys of
    `fsbus.core.codes`.
    """

    id: str
    visit_id: str
    procedure: str
    partner: str
    nature: str
    mode: str
    outcome: str
    precise_answer: str = ""
    missing_documents: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    referral: Referral | None = None
    follow_up: FollowUp | None = None
    mandate: Mandate | None = None


def check_rules(fields: Mapping[str, object], path: str, problems: Problems) -> None:
    """The rules that tie fields together, over fields already read by `FIELDS` or `DRAFT_FIELDS`.

    A referral is never an ending by itself (référentiel France services, « chaque demande fait
    l'objet d'une réponse précise »). Nothing is said again about a field that is wrong by itself.
    """

    def say(field: str, text: str) -> None:
        problems.setdefault(f"{path}{field}", text)

    outcome = fields.get("outcome")
    answer = str(fields.get("precise_answer") or "").strip()
    if outcome is not None and outcome not in ENDINGS and len(answer) < SHORTEST_ANSWER:
        label = codes.OUTCOME[str(outcome)]
        say(
            "precise_answer",
            f"Réponse précise à écrire ({SHORTEST_ANSWER} caractères au moins) : "
            f"« {label} » ne suffit pas sans elle.",
        )
    referral = _group(fields, "referral")
    if outcome == "referred":
        if not str(referral.get("partner") or "").strip():
            say("referral.partner", "Vers quel organisme la personne est-elle orientée ?")
        if not str(referral.get("contact") or "").strip() and not referral.get("on"):
            say("referral.contact", "Contact à joindre ou jour du rendez-vous à indiquer.")
    if outcome == "follow_up" and not _group(fields, "follow_up").get("on"):
        say("follow_up.on", "Jour de la suite à indiquer.")
    mandate = _group(fields, "mandate")
    if fields.get("mode") == "on_behalf" and not mandate.get("kind"):
        say("mandate.kind", "Mandat écrit ou accord oral à noter avant de faire à la place.")
    if mandate.get("kind") == "oral" and not str(mandate.get("reason") or "").strip():
        say("mandate.reason", "Raison de l’accord oral à noter.")


def _group(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    group = fields.get(name)
    return group if isinstance(group, Mapping) else {}
