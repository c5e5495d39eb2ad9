"""Seals bytes or files as age v1 (X25519, binary), and opens them: C2SP age, readable by any `age`.

An identity is the 32 bytes of an X25519 private key, a recipient its public text `age1…`. Reading is as
strict as the format allows: one way to write a header, and a file that was cut anywhere is refused.
"""

import base64
import binascii
import hashlib
import hmac
import io
import secrets
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fsbus.wire import bech32

CHUNK = 64 * 1024
"""Bytes of plain text that one authentication covers."""
LARGEST_HEADER = 64 * 1024
"""Bytes of a header, at most: a hostile one stops here."""
MOST_RECIPIENTS = 20

_FIRST = b"age-encryption.org/v1"
_TAG = 16
_NONCE = 16
_KEY = 16
_WIDTH = 64
_PUBLIC, _SECRET = "age", "age-secret-key-"


class AgeRefused(ValueError):
    """The bytes are not an age file that can be opened here whole; a subclass says what is wrong."""


class BadHeader(AgeRefused):
    """The header is not written as age v1 writes it."""


class BadMac(AgeRefused):
    """The header was changed after it was written."""


class NotForUs(AgeRefused):
    """Sealed to other keys than this one."""


class BadPayload(AgeRefused):
    """What follows the header was cut, changed or lengthened."""


def new_identity() -> bytes:
    """A fresh identity, 32 bytes."""
    return secrets.token_bytes(32)


def recipient_of(identity: bytes) -> str:
    """The text that others seal to, `age1…`."""
    return bech32.write(_PUBLIC, _public_of(identity))


def identity_text(identity: bytes) -> str:
    """The identity as the tool `age` reads it, `AGE-SECRET-KEY-1…`: a secret."""
    return bech32.write(_SECRET, identity).upper()


def read_identity(text: str) -> bytes:
    """The opposite of `identity_text`. Raises BadHeader."""
    if text != text.upper():
        raise BadHeader("an identity is written in capitals")
    return _key_in(text, _SECRET)


def read_recipient(text: str) -> bytes:
    """The public key in `age1…`, 32 bytes. Raises BadHeader."""
    if text != text.lower():
        raise BadHeader("a recipient is written in lower case")
    return _key_in(text, _PUBLIC)


def seal(plain: bytes, recipients: Sequence[str]) -> bytes:
    """One age file of these bytes. Raises BadHeader for a text that is no recipient."""
    file = io.BytesIO()
    with SealedWriter(file, recipients) as sealed:
        sealed.write(plain)
    return file.getvalue()


def open_sealed(sealed: bytes, identity: bytes) -> bytes:
    """What was sealed, once its last chunk is proved. Raises AgeRefused."""
    return b"".join(list(SealedReader(io.BytesIO(sealed), identity).chunks()))


class SealedWriter:
    """Seals what is written to it into ``file``, one chunk in memory; `close` ends it, and leaves the file open.

    As a context, it is ended only when nothing was raised: else what was written can never be opened.
    """

    def __init__(self, file: BinaryIO, recipients: Sequence[str]) -> None:
        if not 1 <= len(recipients) <= MOST_RECIPIENTS:
            raise BadHeader(f"from 1 to {MOST_RECIPIENTS} recipients are needed")
        file_key = secrets.token_bytes(_KEY)
        header = b"\n".join([_FIRST, *(_stanza(file_key, read_recipient(one)) for one in recipients), b"---"])
        nonce = secrets.token_bytes(_NONCE)
        file.write(header + b" " + _base64(_mac(file_key, header)) + b"\n" + nonce)
        self._file = file
        self._stream = _Stream(file_key, nonce)
        self._held = bytearray()
        self._is_closed = False

    def __enter__(self) -> "SealedWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()

    def write(self, plain: bytes) -> int:
        """Take these bytes in; as many as were given."""
        if self._is_closed:
            raise ValueError("the sealed file is ended")
        for start in range(0, len(plain), CHUNK):
            self._held += plain[start : start + CHUNK]
            # A full chunk waits for one byte more: the last one is written otherwise.
            if len(self._held) > CHUNK:
                self._file.write(self._stream.seal(bytes(self._held[:CHUNK]), last=False))
                del self._held[:CHUNK]
        return len(plain)

    def close(self) -> None:
        """Write the last chunk."""
        if not self._is_closed:
            self._is_closed = True
            self._file.write(self._stream.seal(bytes(self._held), last=True))
            self._held.clear()


class SealedReader:
    """Opens what ``file`` holds from where it stands, one chunk in memory at a time.

    Raises BadHeader, BadMac or NotForUs at once. What `chunks` or `read` give before their end is proved to be
    what was written, but not to be all of it: only the end, without BadPayload, says that.
    """

    def __init__(self, file: BinaryIO, identity: bytes) -> None:
        file_key, nonce = _opened_header(file, identity)
        self._file = file
        self._stream = _Stream(file_key, nonce)
        self._left = self.chunks()
        self._held = bytearray()

    def chunks(self) -> Iterator[bytes]:
        """The plain text in order. Raises BadPayload."""
        sealed = _exactly(self._file, CHUNK + _TAG)
        is_first = True
        while True:
            following = _exactly(self._file, CHUNK + _TAG) if len(sealed) == CHUNK + _TAG else b""
            plain = self._stream.open(sealed, last=not following)
            if not plain and not is_first:
                raise BadPayload("an empty chunk ends the file")
            yield plain
            if not following:
                return
            sealed, is_first = following, False

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, all that is left by default; empty at the end. Raises BadPayload."""
        while size < 0 or len(self._held) < size:
            chunk = next(self._left, None)
            if chunk is None:
                break
            self._held += chunk
        given = bytes(self._held if size < 0 else self._held[:size])
        del self._held[: len(given)]
        return given


class _Stream:
    """STREAM over ChaCha20-Poly1305: chunks numbered, the last one marked."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._number = 0

    def seal(self, plain: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._next(last=last), plain, None)

    def open(self, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._next(last=last), sealed, None)
        except InvalidTag:
            raise BadPayload("the file was cut or changed") from None

    def _next(self, *, last: bool) -> bytes:
        nonce = self._number.to_bytes(11, "big") + bytes([last])
        self._number += 1
        return nonce


def _stanza(file_key: bytes, public_key: bytes) -> bytes:
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    body = _wrapping(ephemeral, public_key, share + public_key).encrypt(bytes(12), file_key, None)
    return b"-> X25519 " + _base64(share) + b"\n" + _base64(body)


def _wrapping(private: X25519PrivateKey, public_key: bytes, salt: bytes) -> ChaCha20Poly1305:
    """What seals the file key between two keys. Raises BadHeader for a share without secret."""
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(public_key))
    except ValueError:
        raise BadHeader("a point of low order") from None
    return ChaCha20Poly1305(_derived(shared, salt, b"age-encryption.org/v1/X25519"))


def _opened_header(file: BinaryIO, identity: bytes) -> tuple[bytes, bytes]:
    """The file key and the nonce of the payload."""
    stanzas, header, mac = _read_header(file)
    private = X25519PrivateKey.from_private_bytes(identity)
    public = private.public_key().public_bytes_raw()
    if len(stanzas) > 1 and any(kind == b"scrypt" for kind, _, _ in stanzas):
        raise BadHeader("a passphrase stands alone")
    file_key = None
    for kind, arguments, body in stanzas:
        if kind != b"X25519":
            continue
        if len(arguments) != 1 or len(share := _unbase64(arguments[0])) != 32 or len(body) != _KEY + _TAG:
            raise BadHeader("a stanza of another length")
        cipher = _wrapping(private, share, share + public)
        if file_key is None:
            try:
                file_key = cipher.decrypt(bytes(12), body, None)
            except InvalidTag:
                continue
    if file_key is None:
        raise NotForUs("sealed to other keys")
    if not hmac.compare_digest(mac, _mac(file_key, header)):
        raise BadMac("the header was changed")
    nonce = _exactly(file, _NONCE)
    if len(nonce) != _NONCE:
        raise BadHeader("the file ends before its payload")
    return file_key, nonce


def _read_header(file: BinaryIO) -> tuple[list[tuple[bytes, list[bytes], bytes]], bytes, bytes]:
    """The stanzas (type, arguments, body), the bytes that the MAC covers, and the MAC."""
    lines = _Lines(file)
    if lines.next() != _FIRST:
        raise BadHeader("not an age file")
    stanzas = []
    line = lines.next()
    while line.startswith(b"-> "):
        kind, *arguments = line[3:].split(b" ")
        for argument in (kind, *arguments):
            if not argument or not all(33 <= sign <= 126 for sign in argument):
                raise BadHeader("an argument is empty, or holds a sign that it cannot")
        body = []
        while len(row := lines.next()) == _WIDTH:
            body.append(row)
        stanzas.append((kind, arguments, _unbase64(b"".join([*body, row]))))
        if len(row) > _WIDTH:
            raise BadHeader("a line is too long")
        line = lines.next()
    if not stanzas or not line.startswith(b"--- "):
        raise BadHeader("no stanza, or no end")
    mac = _unbase64(line[4:])
    if len(mac) != 32:
        raise BadHeader("the MAC has another length")
    return stanzas, lines.before + b"---", mac


class _Lines:
    """The lines of a header, bounded; ``before`` is all that stands before the last one read."""

    def __init__(self, file: BinaryIO) -> None:
        self.before = b""
        self._file = file
        self._last = b""

    def next(self) -> bytes:
        self.before += self._last
        self._last = self._file.readline(LARGEST_HEADER - len(self.before))
        if not self._last.endswith(b"\n"):
            raise BadHeader("the header is cut, or too long")
        return self._last[:-1]


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), header, hashlib.sha256)


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def _public_of(identity: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(identity).public_key().public_bytes_raw()


def _key_in(text: str, prefix: str) -> bytes:
    try:
        found, raw = bech32.read(text)
    except bech32.BadBech32 as error:
        raise BadHeader(str(error)) from None
    if found != prefix or len(raw) != 32:
        raise BadHeader("not a key of age")
    return raw


def _base64(raw: bytes) -> bytes:
    return base64.b64encode(raw).rstrip(b"=")


def _unbase64(text: bytes) -> bytes:
    """Base64 without padding, in its one form. Raises BadHeader."""
    try:
        raw = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadHeader("not base64") from None
    if _base64(raw) != text:
        raise BadHeader("not base64 in its one form")
    return raw


def _exactly(file: BinaryIO, size: int) -> bytes:
    """``size`` bytes, or all that is left: a file may give less than asked for."""
    parts, left = [], size
    while left and (part := file.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
