"""The journal of operations: each local save is sealed beside the database before it is committed.

Every connection that writes has a file of its own, `ops-<epoch>-<id>.fsj`, made at its first save and never
taken up again later: what a power cut left at its end is never written over. Frames are appended, and
files replaced or deleted, under the write lock of the database only: one writer at a time, in any
process. Whoever deletes or rewrites another's file needs not tell: its owner sees at its next save that
the file is gone and begins a new one.
"""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from fsbus.core.changes import CREATE, SET, VOID
from fsbus.core.redaction import redacted
from fsbus.store.disk import refusals
from fsbus.store.keyfile import Keys
from fsbus.store.sealed import (
    HEADER_BYTES,
    Frame,
    Sealer,
    SealKey,
    Unreadable,
    is_whole_frame,
    seal,
    unseal,
)
from fsbus.store.whole_files import fsync_folder, make_folder, read_whole
from fsbus.wire.api import Op
from fsbus.wire.codec import Malformed, decode_op, encode_op

LABEL = "journal"
LARGEST = 128 * 2**20
"""A journal goes with the second backup after it: a larger one is none of ours."""
_ENDING = ".fsj"
_lines = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, repr=False)
class Entry:
    """One operation that a journal holds: the replica it was numbered by, and its very line."""

    replica: str
    op: Op
    line: bytes


@redacted()
@dataclass(frozen=True)
class Journal:
    """One journal as it was read. ``frames`` hold the operations of one save each; a damaged one
    has lost what cannot be proved; of a torn one only the end cannot be read."""

    path: Path
    replica: str
    frames: tuple[tuple[Entry, ...], ...]
    is_damaged: bool
    is_torn: bool = False

    def entries(self) -> Iterator[Entry]:
        """Every operation, in the order of the saves."""
        for frame in self.frames:
            yield from frame


class Journals:
    """The journals of one laptop, in the folder of its database."""

    def __init__(self, folder: Path, key: SealKey) -> None:
        self.folder, self.key = folder, key

    @classmethod
    def of(cls, folder: Path, keys: Keys) -> "Journals":
        """Those of the laptop whose keys were unlocked."""
        return cls(folder, SealKey.of(keys, LABEL))

    def paths(self) -> list[Path]:
        """The files of the present master key, as they stand now."""
        return sorted(self.folder.glob(f"{self._beginning}*{_ENDING}"))

    def of_other_epochs(self) -> list[Path]:
        """Those of a master key that was given up."""
        return [
            path for path in self.folder.glob(f"ops-*{_ENDING}") if not path.name.startswith(self._beginning)
        ]

    def read(self) -> list[Journal]:
        """What every journal holds and can be proved. Raises StoreUnavailable when the disk does not answer."""
        found = []
        for path in self.paths():
            with _disk(), contextlib.suppress(FileNotFoundError):
                if path.stat().st_size > LARGEST:
                    found.append(Journal(path, "", (), is_damaged=True))
                    continue
            content = read_whole(path, LARGEST)
            if content is not None:  # else its operations were saved elsewhere just now
                found.append(self._understood(path, content))
        return found

    def replace(self, journal: Journal, lines: Callable[[Entry], bytes]) -> None:
        """Write a journal anew with other lines, under the database's write lock, and delete the old one."""
        frames = [
            Frame(frame[0].op.seq, _joined([lines(entry) for entry in frame]))
            for frame in journal.frames
            if frame
        ]
        if frames:
            file_id, content = seal(self.key, journal.replica, frames)
            with _disk(), _opened(self._path(file_id), os.O_CREAT | os.O_EXCL) as descriptor:
                _write(descriptor, content)
                _sync(descriptor)
            with _disk():
                fsync_folder(self.folder)
        self.delete(journal)

    def void(self, is_erased: Callable[[str], bool]) -> int:
        """Rewrite, under the database's write lock, each journal that holds content of an erased record."""
        rewritten = 0
        for journal in self.read():
            if any(_tells(entry, is_erased) for entry in journal.entries()):
                self.replace(journal, lambda entry: voided(entry) if _tells(entry, is_erased) else entry.line)
                rewritten += 1
        return rewritten

    def delete(self, journal: Journal) -> None:
        """Remove a journal whose operations are all safe elsewhere."""
        with _disk():
            journal.path.unlink(missing_ok=True)
            fsync_folder(self.folder)

    def cut_off(self, journal: Journal) -> None:
        """Write a torn journal anew without its end: that save was never confirmed, or the database has it."""
        self.replace(journal, lambda entry: entry.line)

    def put_aside(self, journal: Journal, folder: Path) -> None:
        """Keep a damaged journal as it is in ``folder``; what it proved goes on in a new one."""
        with _disk():
            make_folder(folder)
            if not journal.frames:
                journal.path.replace(folder / journal.path.name)
                fsync_folder(self.folder)
                return
            shutil.copyfile(journal.path, folder / journal.path.name)
        self.replace(journal, lambda entry: entry.line)

    @property
    def _beginning(self) -> str:
        return f"ops-{self.key.epoch}-"

    def _path(self, file_id: bytes) -> Path:
        return self.folder / f"{self._beginning}{file_id.hex()}{_ENDING}"

    def _understood(self, path: Path, content: bytes) -> Journal:
        try:
            found = unseal(self.key, content)
            frames = tuple(_entries(found.replica, frame) for frame in found.frames)
        except (Unreadable, Malformed):
            # A header cut short is a file whose first save was never confirmed.
            return Journal(path, "", (), is_damaged=len(content) >= len(b"FSBJ"))
        # A first frame that is there in full and proves nothing: the header is damaged, not the end.
        is_lost = not frames and is_whole_frame(content)
        return Journal(path, found.replica, frames, found.is_broken or is_lost, found.is_torn)


class Writer:
    """Appends the saves of one connection to a file of its own."""

    def __init__(self, journals: Journals) -> None:
        self._journals = journals
        self._path: Path | None = None
        self._replica = ""
        self._sealer: Sealer | None = None
        self._size = 0
        self._before = 0
        """Size of the file without the frame that was appended last."""

    @property
    def mark(self) -> tuple[Path | None, int]:
        """Changes with each frame that is appended."""
        return self._path, self._size

    def append(self, replica: str, number: int, lines: Sequence[bytes]) -> None:
        """One frame, durable on return. Under the database's write lock; StoreUnavailable when refused."""
        with _disk():
            if not self._continue(replica, number, lines):
                self._begin(replica, number, lines)

    def take_back(self) -> None:
        """Remove the frame that was appended last: its save was not committed, and nobody was told it was."""
        path = self._path
        if path is None:
            return
        self._size = self._before
        self._end()
        if self._size == HEADER_BYTES:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _continue(self, replica: str, number: int, lines: Sequence[bytes]) -> bool:
        """Append to the file of this connection; False when it has none, or not any more."""
        path, sealer = self._path, self._sealer
        if path is None or sealer is None or replica != self._replica:
            return False
        try:
            with _opened(path, os.O_APPEND) as descriptor:
                if os.fstat(descriptor).st_size != self._size:
                    return False
                frame = sealer.frame(number, _joined(lines))
                try:
                    _write(descriptor, frame)
                    _sync(descriptor)
                except BaseException:
                    # What is on the disk now is not known: this file ends here.
                    self._end()
                    raise
        except FileNotFoundError:
            return False
        self._before, self._size = self._size, self._size + len(frame)
        return True

    def _begin(self, replica: str, number: int, lines: Sequence[bytes]) -> None:
        sealer = Sealer(self._journals.key, replica)
        path = self._journals._path(sealer.file_id)
        content = sealer.header + sealer.frame(number, _joined(lines))
        try:
            with _opened(path, os.O_CREAT | os.O_EXCL | os.O_APPEND) as descriptor:
                _write(descriptor, content)
                _sync(descriptor)
            fsync_folder(path.parent)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._path, self._replica, self._sealer, self._size = path, replica, sealer, len(content)
        self._before = len(sealer.header)

    def _end(self) -> None:
        """Cut the file where the last confirmed save ends, and never write to it again.

        If even this fails, a save that was told as refused may be found again at the next opening:
        never the other way round.
        """
        path, self._path = self._path, None
        if path is None:
            return
        with contextlib.suppress(OSError), _opened(path, 0) as descriptor:
            os.ftruncate(descriptor, self._size)
            _sync(descriptor)


def voided(entry: Entry) -> bytes:
    """The line that keeps the number of an operation and nothing that it said."""
    return encode_op(Op(seq=entry.op.seq, record=entry.op.record, kind=entry.op.kind, verb=VOID))


def _tells(entry: Entry, is_erased: Callable[[str], bool]) -> bool:
    return entry.op.verb in (CREATE, SET) and is_erased(entry.op.record)


def _joined(lines: Sequence[bytes]) -> bytes:
    """Lines are JSON objects: together, a JSON list."""
    return b"[" + b",".join(lines) + b"]"


def _entries(replica: str, frame: Frame) -> tuple[Entry, ...]:
    try:
        lines = [bytes(raw) for raw in _lines.decode(frame.content)]
    except msgspec.DecodeError as error:
        raise Malformed(str(error)) from None
    return tuple(Entry(replica, decode_op(line), line) for line in lines)


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, os.O_WRONLY | flags | getattr(os, "O_BINARY", 0), 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def _sync(descriptor: int) -> None:
    """Make it durable: on a Mac, `fsync` alone leaves it in the disk's own memory."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    elif sys.platform == "win32":
        os.fsync(descriptor)
    else:
        os.fdatasync(descriptor)


def _disk() -> contextlib.AbstractContextManager[None]:
    return refusals(
        "Le journal de ce poste ne peut pas être écrit ou lu : vérifiez le disque, puis réessayez."
    )
