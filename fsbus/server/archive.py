"""The file of a centre's backup: every table as JSON lines, in zstd, in age; in a flat memory.

Lines: a header; for each table `{"table","columns","bytes"}`, its rows as lists (bytes in base64), and
`{"end","rows","sha256"}` over the row lines; last `{"end":"backup","tables","sha256","signature"}`, `sha256` over the
ends of tables before it, signed with the centre's key: who only knows the recipient makes no backup.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from backports import zstd

from fsbus.core.errors import StoreDamaged, StoreTooNew
from fsbus.core.redaction import redacted
from fsbus.server.database import Connection, LargeBinary, Table, pages, select
from fsbus.wire.age import AgeRefused, SealedReader, SealedWriter, recipient_of
from fsbus.wire.signing import BadSignature, derive_key, public_key_of, sign_bytes, verify_bytes

VERSION = 1
LABEL = b"fsbus/v1/backup"
LARGEST_LINE = 64 * 2**20
"""A body that was kept aside is 8 MiB, in base64."""
_LEVEL = 6
_AT_ONCE = 2**20
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


@redacted("id")
class Header(msgspec.Struct):
    """What a backup says of itself. ``schema``: the migration that its tables are at."""

    fsbus: str
    v: int
    id: str
    made_at: str
    epoch: str
    server_key: str
    schema: str


@redacted("name")
@dataclass(frozen=True)
class Rows:
    """Some rows of one table, values in the order of ``columns``."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


def identity_of(private_key: bytes) -> bytes:
    """The age identity that opens the backups of the centre of this key: the key file and a backup are enough."""
    return derive_key(private_key, LABEL)


def write_archive(
    connection: Connection,
    tables: Sequence[Table],
    file: BinaryIO,
    header: Header,
    private_key: bytes,
    recipients: Sequence[str] = (),
) -> int:
    """Write these tables as one snapshot says them, sealed to the centre itself and to ``recipients``; how many rows.

    Raises `fsbus.wire.age.BadHeader` for a text that is no recipient.
    """
    count = 0
    whole = hashlib.sha256()
    own = recipient_of(identity_of(private_key))
    with SealedWriter(file, [own, *recipients]) as sealed:
        packed = _Packed(sealed)
        packed.line(_encode(header))
        for table in tables:
            end = _write_table(connection, table, packed)
            count += end["rows"]
            whole.update(_encode(end))
            packed.line(_encode(end))
        digest = whole.hexdigest()
        signature = base64.b64encode(sign_bytes(private_key, _signed(header, digest))).decode()
        packed.line(
            _encode({"end": "backup", "tables": len(tables), "sha256": digest, "signature": signature})
        )
        packed.close()
    return count


class Archive:
    """A backup that is read from its beginning; `header` first, then `tables`."""

    def __init__(self, file: BinaryIO, path: Path, private_key: bytes) -> None:
        """Raises StoreDamaged, naming the file, when it is not of this centre, and StoreTooNew."""
        self._path, self._key = path, private_key
        try:
            self._lines = _lines(SealedReader(file, identity_of(private_key)))
            header = _decode(next(self._lines), type=Header)
        except (AgeRefused, zstd.ZstdError, msgspec.DecodeError, StopIteration):
            raise StoreDamaged(
                f"{path} n’est pas une copie de ce centre, ou est abîmée\u00a0: prenez-en une autre, ou la clé de ce centre."
            ) from None
        if header.v > VERSION:
            raise StoreTooNew(f"{path} vient d’un fsbus plus récent\u00a0: installez cette version.")
        self.header = header

    def tables(self) -> Iterator[Rows]:
        """Every row, in order; what was given is proved only when this ends. Raises StoreDamaged."""
        try:
            yield from self._tables()
        except (AgeRefused, zstd.ZstdError, msgspec.DecodeError, KeyError, ValueError, StopIteration):
            raise StoreDamaged(f"{self._path} est abîmée\u00a0: prenez une autre copie.") from None

    def _tables(self) -> Iterator[Rows]:
        whole, count = hashlib.sha256(), 0
        while True:
            words = _decode(next(self._lines, b"{}"))
            if words.get("end") == "backup":
                break
            yield from self._rows(words, whole.update)
            count += 1
        digest = whole.hexdigest()
        if next(self._lines, None) is not None or (words["tables"], words["sha256"]) != (count, digest):
            raise ValueError("tables are missing")
        try:
            signature = base64.b64decode(words["signature"], validate=True)
            verify_bytes(public_key_of(self._key), _signed(self.header, digest), signature)
        except BadSignature:
            raise ValueError("not signed by this centre") from None

    def _rows(self, words: dict[str, Any], take_end: Callable[[bytes], object]) -> Iterator[Rows]:
        name, columns, as_bytes = str(words["table"]), tuple(words["columns"]), tuple(words["bytes"])
        held: list[list[Any]] = []
        digest, count, size = hashlib.sha256(), 0, 0
        for line in self._lines:
            if line.startswith(b"{"):
                end = _decode(line)
                take_end(line)
                break
            digest.update(line + b"\n")
            row = _decode(line)
            for place in as_bytes:
                if row[place] is not None:
                    row[place] = base64.b64decode(row[place], validate=True)
            held.append(row)
            count, size = count + 1, size + len(line)
            if len(held) == 500 or size > _AT_ONCE:
                yield Rows(name, columns, held)
                held, size = [], 0
        else:
            raise ValueError("the file is cut")
        if (end["end"], end["rows"]) != (name, count) or not hmac.compare_digest(
            str(end["sha256"]), digest.hexdigest()
        ):
            raise ValueError("a table is not what was written")
        yield Rows(name, columns, held)


class _Packed:
    """Lines into zstd into the sealed file."""

    def __init__(self, sealed: SealedWriter) -> None:
        self._sealed = sealed
        self._zstd = zstd.ZstdCompressor(level=_LEVEL)

    def line(self, line: bytes) -> None:
        self._sealed.write(self._zstd.compress(line + b"\n"))

    def close(self) -> None:
        self._sealed.write(self._zstd.flush())


def _write_table(connection: Connection, table: Table, packed: _Packed) -> dict[str, Any]:
    # Plain texts: the library's own kind of them is not JSON.
    name, columns = str(table.name), [str(column.name) for column in table.columns]
    as_bytes = [place for place, column in enumerate(table.columns) if isinstance(column.type, LargeBinary)]
    packed.line(_encode({"table": name, "columns": columns, "bytes": as_bytes}))
    digest, count = hashlib.sha256(), 0
    for page in pages(connection, select(table).order_by(*table.primary_key)):
        for row in page:
            # msgspec writes bytes in base64.
            line = _encode(list(row))
            digest.update(line + b"\n")
            packed.line(line)
            count += 1
    return {"end": name, "rows": count, "sha256": digest.hexdigest()}


def _lines(reader: SealedReader) -> Iterator[bytes]:
    """The lines of what was packed. Raises AgeRefused, ZstdError or ValueError for a file that is not whole."""
    held = b""
    for part in _unpacked(reader):
        *whole, held = (held + part).split(b"\n")
        if len(held) > LARGEST_LINE:
            raise ValueError("a line is too long")
        yield from whole
    if held:
        raise ValueError("the last line is cut")


def _unpacked(reader: SealedReader) -> Iterator[bytes]:
    opened, is_ended = zstd.ZstdDecompressor(), False
    for sealed in reader.chunks():
        if is_ended:
            raise ValueError("something follows the end")
        yield opened.decompress(sealed, max_length=_AT_ONCE)
        while not opened.needs_input and not opened.eof:
            yield opened.decompress(b"", max_length=_AT_ONCE)
        is_ended = opened.eof
        if opened.unused_data:
            raise ValueError("something follows the end")
    if not is_ended:
        raise ValueError("the file is cut")


def _signed(header: Header, digest: str) -> bytes:
    return b"fsbus/v1/backup\0" + _encode(header) + digest.encode()
