"""What travels on a stick: signed requests, or the answers to them, in one sealed age file.

See PROTOCOL.md « By stick ». Nothing is taken from a bundle but how to cut its parts and where to reply:
what is believed is signed inside the parts.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from fsbus.core.redaction import redacted
from fsbus.wire import age
from fsbus.wire.codec import LARGEST_BODY, UNREADABLE
from fsbus.wire.signing import derive_key

REQUESTS, ANSWERS = 1, 2
"""What a bundle holds."""
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes of the sealed file, at most."""
LARGEST_HEADER = 256 * 1024
MOST_PARTS = 4_096
LARGEST_CHUNK = 256 * 1024
"""Compressed bytes of a request on a stick, unless one operation alone takes more."""
ANSWER_BYTES = 16 * 1024 * 1024
"""Of record states, before compression, that a laptop asks for by stick; the centre gives three times that at most."""
MOST_ANSWER_BYTES = 48 * 1024 * 1024
PATH = "/v1/sync"
"""What a request of a stick is signed for, whatever the centre's address."""
_MAGIC = b"FSBB\x01"
_MOST_HEADERS, _LONGEST = 16, 2_048
_SEAL = b"fsbus/v1/seal"


class BadBundle(ValueError):
    """The file is not a whole bundle of this kind, sealed to this key. Nothing of it may be used."""


class BundleTooLarge(BadBundle):
    """The bundle is beyond one of its bounds."""


@redacted("status", "size")
class _PartHeader(msgspec.Struct):
    headers: dict[str, str]
    status: int
    size: int


@redacted("id", "parts")
class _Header(msgspec.Struct):
    id: str
    device: str
    audience: str
    epoch: str
    created: str
    reply: str
    parts: list[_PartHeader]


@redacted("status")
@dataclass(frozen=True)
class Part:
    """One request (``status`` 0), or the answer to the request at the same place."""

    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    status: int = 0


@redacted("kind", "id")
@dataclass(frozen=True)
class Bundle:
    """A file's content. ``created`` is UTC text; ``reply`` the recipient to seal the answers to, empty in answers."""

    kind: int
    id: str
    device: str
    audience: str
    epoch: str
    created: str
    reply: str
    parts: Sequence[Part]


def seal_identity(private_key: bytes) -> bytes:
    """The age identity of who signs with this Ed25519 key, laptop or centre, 32 bytes."""
    return derive_key(private_key, _SEAL)


def seal_recipient(private_key: bytes) -> str:
    """What others seal to for who signs with this key, `age1…`."""
    return age.recipient_of(seal_identity(private_key))


def pack(bundle: Bundle, recipient: str) -> bytes:
    """The sealed file. Raises BundleTooLarge, or `age.BadHeader` for a text that is no recipient."""
    file = io.BytesIO()
    with age.SealedWriter(file, [recipient]) as sealed:
        for piece in _plain(bundle):
            sealed.write(piece)
            if file.tell() > LARGEST_FILE:
                raise BundleTooLarge("the file is too large")
    if len(file.getbuffer()) > LARGEST_FILE:
        raise BundleTooLarge("the file is too large")
    return file.getvalue()


def unpack(sealed: bytes, private_key: bytes, kind: int) -> Bundle:
    """The content of a whole file of this kind, sealed to who signs with ``private_key``. Raises BadBundle.

    Nothing is given before the last byte was proved.
    """
    if len(sealed) > LARGEST_FILE:
        raise BundleTooLarge("the file is too large")
    try:
        plain = age.open_sealed(sealed, seal_identity(private_key))
    except age.AgeRefused as error:
        raise BadBundle(str(error)) from None
    if plain[:6] != _MAGIC + bytes([kind]):
        raise BadBundle("not a bundle of this kind")
    start = 10 + int.from_bytes(plain[6:10], "big")
    if start > 10 + LARGEST_HEADER:
        raise BundleTooLarge("the header is too large")
    try:
        header = msgspec.json.decode(plain[10:start], type=_Header)
    except UNREADABLE as error:
        raise BadBundle(str(error)) from None
    _check(header)
    return Bundle(
        kind,
        header.id,
        header.device,
        header.audience,
        header.epoch,
        header.created,
        header.reply,
        tuple(_cut(header.parts, memoryview(plain)[start:])),
    )


def _plain(bundle: Bundle) -> Iterator[bytes]:
    parts = [_PartHeader(dict(part.headers), part.status, len(part.body)) for part in bundle.parts]
    header = _Header(
        bundle.id, bundle.device, bundle.audience, bundle.epoch, bundle.created, bundle.reply, parts
    )
    _check(header)
    written = msgspec.json.encode(header)
    if len(written) > LARGEST_HEADER:
        raise BundleTooLarge("the header is too large")
    yield _MAGIC + bytes([bundle.kind]) + len(written).to_bytes(4, "big") + written
    for part in bundle.parts:
        yield part.body


def _check(header: _Header) -> None:
    if len(header.parts) > MOST_PARTS:
        raise BundleTooLarge("too many parts")
    texts = [header.id, header.device, header.audience, header.epoch, header.created, header.reply]
    for part in header.parts:
        if not 0 <= part.size <= LARGEST_BODY or not 0 <= part.status <= 999:
            raise BadBundle("a part of an impossible size or status")
        if len(part.headers) > _MOST_HEADERS:
            raise BadBundle("a part has too many headers")
        texts += [*part.headers, *part.headers.values()]
    if any(len(text) > _LONGEST for text in texts):
        raise BadBundle("a text of the header is too long")


def _cut(parts: Sequence[_PartHeader], bodies: memoryview) -> Iterator[Part]:
    if sum(part.size for part in parts) != len(bodies):
        raise BadBundle("the parts are not as long as said")
    at = 0
    for part in parts:
        yield Part(part.headers, bytes(bodies[at : at + part.size]), part.status)
        at += part.size
