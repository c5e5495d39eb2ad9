"""The one-time code that enrols a laptop, and the two messages proved with it.

See PROTOCOL.md « Enrolment ». Only who knows the code can have written either message, so a
laptop pins the centre's key without having met it before.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from fsbus.core.errors import InvalidInput
from fsbus.core.redaction import redacted
from fsbus.wire.signing import derive_key, device_id_of, public_key_of

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base32: no I, L, O, U."""
_RANDOM, _CHECK, _TICKET = 24, 2, 5
_PRIME = 1021
"""The largest prime under 32²: catches every wrong character and every swap of two neighbours."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u00a0": None, "\u202f": None})

LONGEST_NAME = 80
_REQUEST = b"fsbus/v1/enroll/request\0"
_ANSWER = b"fsbus/v1/enroll/answer\0"
_LEASE = b"fsbus/v1/lease/key\0"


@redacted()
class EnrollRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What the laptop sends: its public key, proved by the code. Bytes are base64."""

    ticket: str
    key: str
    nonce: str
    name: str
    mac: str


@redacted()
class EnrollAnswer(msgspec.Struct):
    """What the centre answers: who it is, proved by the code. Bytes are base64."""

    device: str
    audience: str
    server_key: str
    feeds: list[str]
    writes: str
    mac: str


class NotProved(ValueError):
    """The message was not written by someone who knows the code, or is not in shape."""


@redacted()
@dataclass(frozen=True)
class PendingEnrolment:
    """What the laptop keeps until the answer; the same request may be sent again."""

    code_key: bytes = field(repr=False)
    private_key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)


@redacted()
@dataclass(frozen=True)
class Enrolled:
    """What the laptop keeps for good: its name and key, and the centre's."""

    device: str
    audience: str
    server_key: bytes
    private_key: bytes = field(repr=False)
    feeds: tuple[str, ...]
    writes: str
    lease_key: bytes = field(repr=False)


def new_code() -> str:
    """A fresh code of 26 characters, ungrouped; 120 bits of it are random."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
    return body + _check_characters(body)


def grouped(code: str) -> str:
    """The code as it is shown and dictated: 5 characters, 5, 5, 5 and 6."""
    return "-".join([code[:5], code[5:10], code[10:15], code[15:20], code[20:]])


def parse_code(text: str) -> str:
    """The 26 characters of a code as somebody typed it. Raises InvalidInput on a typing error."""
    code = text.strip().upper().translate(_READ_AS)
    if len(code) != _RANDOM + _CHECK:
        raise InvalidInput(
            {"code": f"Un code d’enrôlement a 26 caractères, celui-ci en a {len(code)} : vérifiez-le."}
        )
    wrong = sorted({character for character in code if character not in ALPHABET})
    if wrong:
        shown = ", ".join(character for character in wrong if character.isprintable())
        raise InvalidInput({"code": f"Un code d’enrôlement ne contient jamais ces caractères : {shown}."})
    if _check_characters(code[:_RANDOM]) != code[_RANDOM:]:
        raise InvalidInput({"code": "Ce code contient une faute de frappe : relisez-le groupe par groupe."})
    return code


def ticket_of(code: str) -> str:
    """The public name of a code."""
    return code[:_TICKET]


def key_of(code: str) -> bytes:
    """The key that both messages are proved with; the centre keeps it instead of the code."""
    return derive_key(code.encode(), b"fsbus/v1/enroll")


def build_enroll_request(code: str, name: str, private_key: bytes) -> tuple[EnrollRequest, PendingEnrolment]:
    """The request of the laptop that holds this key, called ``name``, and what to keep until the answer.

    Raises InvalidInput for a code that holds a typing error or a name that is empty or too long.
    """
    parsed = parse_code(code)
    called = name.strip()
    if not called or len(called) > LONGEST_NAME:
        raise InvalidInput({"name": f"Le nom du poste a de 1 à {LONGEST_NAME} caractères."})
    if not called.isprintable():
        # The centre would refuse it as it refuses a wrong code, and the agent would look for another code.
        raise InvalidInput({"name": "Le nom du poste contient un caractère invisible : retapez-le."})
    pending = PendingEnrolment(key_of(parsed), private_key, secrets.token_bytes(32))
    public = public_key_of(pending.private_key)
    mac = request_mac(pending.code_key, ticket_of(parsed), public, pending.nonce, called)
    request = EnrollRequest(
        ticket=ticket_of(parsed), key=_text(public), nonce=_text(pending.nonce), name=called, mac=_text(mac)
    )
    return request, pending


def read_enroll_answer(pending: PendingEnrolment, answer: EnrollAnswer) -> Enrolled:
    """What the centre said, once it is proved. Raises NotProved."""
    server_key = raw_bytes(answer.server_key, 32)
    mac = answer_mac(
        pending.code_key,
        pending.nonce,
        answer.device,
        answer.audience,
        server_key,
        answer.feeds,
        answer.writes,
    )
    if not hmac.compare_digest(mac, raw_bytes(answer.mac, 32)):
        raise NotProved("the answer was not written by the centre that made the code")
    if answer.device != device_id_of(public_key_of(pending.private_key)):
        raise NotProved("the answer names another device")
    return Enrolled(
        device=answer.device,
        audience=answer.audience,
        server_key=server_key,
        private_key=pending.private_key,
        feeds=tuple(answer.feeds),
        writes=answer.writes,
        lease_key=lease_key(pending.code_key, pending.nonce, answer.device, answer.audience, server_key),
    )


def check_enroll_request(request: EnrollRequest, code_key: bytes) -> tuple[bytes, bytes]:
    """The laptop's public key and nonce, once proved. Raises NotProved."""
    public, nonce = raw_bytes(request.key, 32), raw_bytes(request.nonce, 32)
    mac = request_mac(code_key, request.ticket, public, nonce, request.name)
    if not hmac.compare_digest(mac, raw_bytes(request.mac, 32)):
        raise NotProved("the request was not written with this code")
    return public, nonce


def build_enroll_answer(
    code_key: bytes,
    nonce: bytes,
    *,
    device: str,
    audience: str,
    server_key: bytes,
    feeds: Sequence[str],
    writes: str,
) -> EnrollAnswer:
    """The centre's proved answer."""
    mac = answer_mac(code_key, nonce, device, audience, server_key, feeds, writes)
    return EnrollAnswer(device, audience, _text(server_key), list(feeds), writes, _text(mac))


def request_mac(code_key: bytes, ticket: str, public_key: bytes, nonce: bytes, name: str) -> bytes:
    return _mac(code_key, _REQUEST, [ticket.encode(), public_key, nonce, name.encode()])


def answer_mac(
    code_key: bytes,
    nonce: bytes,
    device: str,
    audience: str,
    server_key: bytes,
    feeds: Sequence[str],
    writes: str,
) -> bytes:
    parts = [nonce, device.encode(), audience.encode(), server_key, *(feed.encode() for feed in feeds)]
    return _mac(code_key, _ANSWER, [*parts, writes.encode()])


def lease_key(code_key: bytes, nonce: bytes, device: str, audience: str, server_key: bytes) -> bytes:
    """What both sides of one enrolment keep to answer a lease's challenge by telephone, 32 bytes."""
    return _mac(code_key, _LEASE, [nonce, device.encode(), audience.encode(), server_key])


def raw_bytes(text: str, length: int) -> bytes:
    """The ``length`` bytes behind base64 text; NotProved for anything else."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotProved("not base64") from None
    if len(raw) != length:
        raise NotProved(f"{length} bytes are expected")
    return raw


def _mac(key: bytes, label: bytes, parts: Sequence[bytes]) -> bytes:
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(key, label + framed, "sha256")


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _check_characters(body: str) -> str:
    number = 0
    for character in body:
        number = (number * 32 + ALPHABET.index(character)) % _PRIME
    return ALPHABET[number // 32] + ALPHABET[number % 32]
