"""Signs and proves what a coordinator says about a laptop, approving or revoking it, in memory alone.

See PROTOCOL.md « Approval and trust.json ».
"""

import hashlib
from dataclasses import dataclass

import msgspec

from fsbus.core.clock import as_utc_text, parse_utc_text
from fsbus.core.redaction import redacted
from fsbus.wire.codec import UNREADABLE
from fsbus.wire.signing import BadSignature, public_key_of, sign_bytes, verify_bytes
from fsbus.wire.trust import TrustedCoordinator, TrustFile, coordinator_id, raw_key

APPROVE, REVOKE = "approve", "revoke"
LARGEST = 2048
_LABEL = b"fsbus/v1/statement\0"


class BadStatement(ValueError):
    """The statement is not in its one form, not signed by its coordinator, or not within his powers.

    The message is a part of a French sentence.
    """


@redacted("do", "device")
class Statement(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One sentence of a coordinator about one laptop; its fields are written in this order."""

    v: int
    do: str
    device: str
    feed: str
    role: str
    at: str
    """UTC, by the coordinator's computer: for people."""
    by: str
    """The name of the coordinator's key."""


@redacted()
@dataclass(frozen=True)
class Signed:
    """A statement as bytes, and the 64 bytes that sign it."""

    statement: bytes
    signature: bytes

    @property
    def id(self) -> str:
        """The hexadecimal SHA-256 of the statement."""
        return hashlib.sha256(self.statement).hexdigest()


def sign_statement(do: str, device: str, feed: str, role: str, *, at: str, key: bytes) -> Signed:
    """The statement, signed by the coordinator's private key."""
    by = coordinator_id(public_key_of(key))
    raw = msgspec.json.encode(Statement(1, do, device, feed, role, at, by))
    return Signed(raw, sign_bytes(key, _LABEL + raw))


def read_statement(raw: bytes) -> Statement:
    """The statement in its one form; it is not proved yet. Raises BadStatement."""
    if len(raw) > LARGEST:
        raise BadStatement("elle est trop grande")
    try:
        statement = msgspec.json.decode(raw, type=Statement)
        moment = as_utc_text(parse_utc_text(statement.at))
    except UNREADABLE:
        raise BadStatement("elle est illisible") from None
    except ValueError:
        raise BadStatement("sa date est illisible") from None
    if statement.v != 1 or statement.do not in (APPROVE, REVOKE):
        raise BadStatement("elle vient d’un fsbus plus récent")
    if msgspec.json.encode(statement) != raw or moment != statement.at:
        raise BadStatement("elle n’a pas sa forme unique")
    return statement


def prove(signed: Signed, trust: TrustFile) -> tuple[Statement, TrustedCoordinator]:
    """The statement and the coordinator of the trust file who signed it. Raises BadStatement."""
    statement = read_statement(signed.statement)
    coordinator = trust.coordinator(statement.by)
    if coordinator is None:
        raise BadStatement("cette clé n’est celle d’aucun coordinateur du fichier de confiance")
    try:
        verify_bytes(raw_key(coordinator.key), _LABEL + signed.statement, signed.signature)
    except BadSignature:
        raise BadStatement("elle n’est pas de ce coordinateur") from None
    return statement, coordinator


def check_powers(statement: Statement, coordinator: TrustedCoordinator, region: str | None, now: str) -> None:
    """Raises BadStatement unless the coordinator may say so today of a laptop of a feed of this region.

    ``now`` is UTC text by whoever takes the statement: a stolen key cannot date it back.
    """
    if coordinator.until <= now or coordinator.until <= statement.at:
        raise BadStatement("les pouvoirs de ce coordinateur ont pris fin")
    if coordinator.region not in (region, statement.feed):
        raise BadStatement("ce poste n’est pas de la région de ce coordinateur")
