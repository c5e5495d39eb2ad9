"""Text files that are only appended to, by several processes; each line proves itself.

Every line is written with the newline before it, in one call: what a cut left torn ends there, and is skipped.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fsbus.core.errors import StoreDamaged, StoreTooNew, StoreUnavailable
from fsbus.core.system_words import reason

_CHECK = 8
"""Hex digits of SHA-256 that stand before the words of a line."""


def checked(words: str) -> str:
    """The line of these words: their check, a space, and they."""
    return f"{_check(words)} {words}"


def read_lines(path: Path, first: str) -> tuple[list[str], int]:
    """The words of every whole line, and how many lines prove nothing; ``first`` is the format's name and version.

    An absent file has none. Raises StoreTooNew, StoreDamaged or StoreUnavailable, naming the file.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        raise StoreUnavailable(f"Impossible de lire {path}\u00a0: {reason(error)}.") from None
    name, _, _ = first.partition(" ")
    if lines[0] != first.encode():
        if lines[0].startswith(name.encode() + b" ") and lines[0][len(name) + 1 :].isdigit():
            raise StoreTooNew(f"{path} vient d’un fsbus plus récent\u00a0: installez cette version.")
        raise StoreDamaged(f"{path} n’est pas un fichier de ce centre, ou son début est abîmé.")
    words = [_words(line) for line in lines[1:]]
    return [one for one in words if one is not None], words.count(None)


def append_lines(path: Path, first: str, lines: Iterable[str], *, durable: bool) -> None:
    """Add these lines at the end, the file made when it is not there. Raises StoreUnavailable."""
    content = "".join(f"\n{line}" for line in lines).encode()
    if not content:
        return
    make_lines(path, first)
    with _told(path), _end_of(path) as descriptor:
        if os.write(descriptor, content) != len(content):
            raise StoreUnavailable(f"{path} ne peut pas être écrit\u00a0: le disque est plein.")
        if durable:
            os.fsync(descriptor)


def make_lines(path: Path, first: str) -> None:
    """Begin the file, durable, when there is none. Raises StoreUnavailable."""
    with _told(path):
        if not path.exists():
            _make(path, first.encode())


def fold_lines(path: Path, first: str, folded: Callable[[Sequence[str]], Iterable[str]]) -> None:
    """Write the file anew with what ``folded`` makes of the words of its lines, whole or not at all, durable.

    Nobody appends meanwhile. Where a file that another process has open cannot be replaced (not POSIX), it stays as
    it is. Raises StoreError.
    """
    if os.name != "posix":
        return
    with _told(path), _end_of(path):
        words, _ = read_lines(path, first)
        part = _written(path, "\n".join([first, *map(checked, folded(words))]).encode())
        part.replace(path)
        sync_folder(path.parent)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"{path} ne peut pas être écrit\u00a0: {reason(error)}.") from None


@contextmanager
def _end_of(path: Path) -> Iterator[int]:
    """A descriptor at the end of the file of this name, which nobody replaces meanwhile."""
    while True:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        try:
            _lock(descriptor)
            if os.name == "posix" and not _is_named(descriptor, path):
                continue
            yield descriptor
            return
        finally:
            os.close(descriptor)


def _is_named(descriptor: int, path: Path) -> bool:
    held = os.fstat(descriptor)
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    return (held.st_dev, held.st_ino) == (named.st_dev, named.st_ino)


def _lock(descriptor: int) -> None:
    """Until the descriptor is closed; elsewhere than on POSIX one process serves alone."""
    if os.name == "posix":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _make(path: Path, content: bytes) -> None:
    """Put a new file there unless somebody just did."""
    part = _written(path, content)
    try:
        os.link(part, path)
        sync_folder(path.parent)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def _written(path: Path, content: bytes) -> Path:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return part


def sync_folder(path: Path) -> None:
    """Make a name in this folder durable; elsewhere than on POSIX that is done by itself."""
    if os.name == "posix":
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _words(line: bytes) -> str | None:
    try:
        check, _, words = line.decode().partition(" ")
    except UnicodeDecodeError:
        return None
    return words if words and check == _check(words) else None


def _check(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:_CHECK]
