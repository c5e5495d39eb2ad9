"""The sealed files of frames (`.fsj`), version 1: each frame enciphered and chained to the last.

Header, 62 bytes: `FSBJ`, version, suite, vault id 16, key epoch u32, replica 16, file id 16, reserved 4.
Frame: length u32 (of what is enciphered, its tag included), number u64, nonce 12, then AES-256-GCM-SIV
of the content, which also proves the header, the tag of the frame before, the length and the number.
The first frame follows the first 16 bytes of the header's SHA-256. The key is drawn from the file id
(HKDF): no key serves twice, whatever is copied or restored. Whole numbers are big-endian.
"""

import hashlib
import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from fsbus.core.errors import StoreTooNew
from fsbus.core.redaction import redacted
from fsbus.store.keyfile import Keys

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

MAGIC, VERSION, SUITE = b"FSBJ", 1, 1
_HEADER = struct.Struct(">4sBB16sI16s16s4s")
_FRAME = struct.Struct(">IQ12s")
_NUMBERS = struct.Struct(">IQ")
TAG_BYTES = 16
_HIGHEST_NUMBER = 2**48
_MOST_TRIED = 64 * 2**20
_MOST_PASSED = 8 * 2**20
"""Bytes deciphered in vain, and bytes passed over, before the rest of a damaged file is given up: rubble must
not hang the laptop."""
HEADER_BYTES = _HEADER.size


class Unreadable(Exception):
    """The header is not one of this vault and version: nothing of the file can be read."""


def cipher_of(key: bytes) -> "AESGCMSIV":
    """AES-256-GCM-SIV (RFC 8452)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

    return AESGCMSIV(key)


@redacted()
@dataclass(frozen=True)
class SealKey:
    """What seals the files of one use on one laptop: ``key`` is 32 bytes."""

    vault_id: bytes
    epoch: int
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, keys: Keys, label: str) -> "SealKey":
        """The key of this use: « journal », « erased »."""
        return cls(keys.vault_id, keys.epoch, keys.subkey(label))

    def of_file(self, file_id: bytes) -> bytes:
        """The key of one file, 32 bytes, by HKDF-SHA256 (RFC 5869)."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return HKDF(algorithm=SHA256(), length=32, salt=None, info=file_id).derive(self.key)

    def cipher(self, file_id: bytes) -> "AESGCMSIV":
        """The cipher of one file."""
        return cipher_of(self.of_file(file_id))


@dataclass(frozen=True, repr=False)
class Frame:
    """One frame: its number, and its content in clear."""

    number: int
    content: bytes


@redacted()
@dataclass(frozen=True)
class Contents:
    """What a sealed file holds. ``replica`` is 32 hex digits; ``is_broken`` when something was changed
    before the last frame that can be read, ``is_torn`` when only the end cannot."""

    replica: str
    frames: tuple[Frame, ...]
    is_broken: bool
    is_torn: bool


class Sealer:
    """Makes the bytes of one new sealed file, piece after piece."""

    def __init__(self, key: SealKey, replica: str) -> None:
        self.file_id = secrets.token_bytes(16)
        self.header = _HEADER.pack(
            MAGIC, VERSION, SUITE, key.vault_id, key.epoch, bytes.fromhex(replica), self.file_id, bytes(4)
        )
        self._cipher = key.cipher(self.file_id)
        self.tag = _first_tag(self.header)
        """The tag that the next frame follows; whoever takes a frame back gives it back."""

    def frame(self, number: int, content: bytes) -> bytes:
        """The bytes of the next frame."""
        length, nonce = len(content) + TAG_BYTES, secrets.token_bytes(12)
        sealed = self._cipher.encrypt(nonce, content, _proven(self.header, self.tag, length, number))
        self.tag = sealed[-TAG_BYTES:]
        return _FRAME.pack(length, number, nonce) + sealed


def seal(key: SealKey, replica: str, frames: Iterable[Frame]) -> tuple[bytes, bytes]:
    """A whole file: (its id, its bytes)."""
    sealer = Sealer(key, replica)
    sealed = [sealer.frame(frame.number, frame.content) for frame in frames]
    return sealer.file_id, b"".join([sealer.header, *sealed])


def unseal(key: SealKey, content: bytes) -> Contents:
    """Everything in a file that is proved; Unreadable when its header is not ours, StoreTooNew when a newer
    fsbus says that it wrote it and no frame of ours proves that this is damage.

    After a damaged frame, the next that can be proved is looked for: one bad sector costs no more
    than the frames that it touches.
    """
    header = content[:HEADER_BYTES]
    if len(header) < HEADER_BYTES:
        raise Unreadable("the header is cut")
    magic, version, suite, vault_id, epoch, _, _, reserved = _HEADER.unpack(header)
    is_ours = (version, suite) == (VERSION, SUITE)
    if (magic, reserved) != (MAGIC, bytes(4)) and (is_ours or magic != MAGIC):
        raise Unreadable("not a sealed file")
    if is_ours and (vault_id, epoch) != (key.vault_id, key.epoch):
        raise Unreadable("sealed by another key")
    if not is_ours:
        # One changed bit looks like another version: the frames tell, which prove the header too.
        mended = content.replace(header[:6], MAGIC + bytes((VERSION, SUITE)), 1)
        found = _frames(key, mended)
        if found.frames:
            return replace(found, is_broken=True)
        if version < VERSION:
            raise Unreadable("not a sealed file of a known version")
        raise StoreTooNew(
            "Une version plus récente de fsbus a écrit un fichier de ce poste : installez-la. Rien n’a été changé."
        )
    return _frames(key, content)


def is_whole_frame(content: bytes) -> bool:
    """Whether a first frame stands behind the header in its whole length, proved or not."""
    if len(content) < HEADER_BYTES + _FRAME.size + TAG_BYTES:
        return False
    length: int = _FRAME.unpack_from(content, HEADER_BYTES)[0]
    return TAG_BYTES <= length <= len(content) - HEADER_BYTES - _FRAME.size


def _frames(key: SealKey, content: bytes) -> Contents:
    header = content[:HEADER_BYTES]
    *_, replica, file_id, _ = _HEADER.unpack(header)
    cipher, offset, tag = key.cipher(file_id), HEADER_BYTES, _first_tag(header)
    frames: list[Frame] = []
    is_broken = False
    while offset < len(content):
        frame = _open(cipher, header, tag, content, offset)
        if frame is None:
            after = _next_readable(cipher, header, content, offset + 1)
            if after is None:
                return Contents(replica.hex(), tuple(frames), is_broken, is_torn=True)
            is_broken, offset = True, after
            frame = _open(cipher, header, content[offset - TAG_BYTES : offset], content, offset)
            if frame is None:
                raise AssertionError("a frame that was just read")
        frames.append(frame)
        offset += _FRAME.size + len(frame.content) + TAG_BYTES
        tag = content[offset - TAG_BYTES : offset]
    return Contents(replica.hex(), tuple(frames), is_broken, is_torn=False)


def _open(cipher: "AESGCMSIV", header: bytes, tag: bytes, content: bytes, offset: int) -> Frame | None:
    from cryptography.exceptions import InvalidTag

    if len(content) < offset + _FRAME.size + TAG_BYTES:
        return None
    length, number, nonce = _FRAME.unpack_from(content, offset)
    start = offset + _FRAME.size
    if not TAG_BYTES <= length <= len(content) - start:
        return None
    try:
        clear = cipher.decrypt(nonce, content[start : start + length], _proven(header, tag, length, number))
    except InvalidTag:
        return None
    return Frame(number, clear)


def _next_readable(cipher: "AESGCMSIV", header: bytes, content: bytes, start: int) -> int | None:
    """Where the next frame that can be proved begins; most places are ruled out by length and number alone."""
    tried, last = 0, len(content) - _FRAME.size - TAG_BYTES
    # Where the damaged frame ends, if its length was spared: the next one may be far.
    damaged = start - 1
    beyond = damaged + _FRAME.size + (_NUMBERS.unpack_from(content, damaged)[0] if damaged <= last else last)
    places = range(start, min(last + 1, start + _MOST_PASSED))
    for offset in chain([beyond] if beyond <= last else [], places):
        length, number = _NUMBERS.unpack_from(content, offset)
        if not TAG_BYTES <= length <= len(content) - offset - _FRAME.size or number >= _HIGHEST_NUMBER:
            continue
        tag = content[offset - TAG_BYTES : offset]
        if _open(cipher, header, tag, content, offset) is not None:
            return offset
        tried += length
        if tried > _MOST_TRIED:
            break
    return None


def _proven(header: bytes, tag: bytes, length: int, number: int) -> bytes:
    return header + tag + _NUMBERS.pack(length, number)


def _first_tag(header: bytes) -> bytes:
    return hashlib.sha256(header).digest()[:TAG_BYTES]
