"""Lets one process at a time open a laptop, and one alone replace its files while nobody uses them."""

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fsbus.core.errors import StoreUnavailable
from fsbus.store.whole_files import file_errors

LOCK, PRESENCE = ".ouverture", ".presence"
_EVERY = 0.02


@contextlib.contextmanager
def home_lock(home: Path, *, seconds: float = 30.0) -> Iterator[None]:
    """Wait for one's turn; the turn ends with the block, or with the process. Raises StoreUnavailable.

    A folder that cannot be written is let through: nobody can re-key it either.
    """
    with _held(home / LOCK, seconds):
        yield


class Presence:
    """Says that somebody works in this folder, until `leave` or the end of the process."""

    def __init__(self, home: Path) -> None:
        """Raises StoreUnavailable while the files of the folder are being replaced."""
        self._descriptor = descriptor = _opened(home / PRESENCE)
        if descriptor is not None:
            try:
                _wait_for(lambda: _shared(descriptor), home / PRESENCE)
            except BaseException:
                self.leave()
                raise

    def leave(self) -> None:
        """Nobody works here any more, as far as this presence goes."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


@contextlib.contextmanager
def alone(home: Path, *, seconds: float = 1.0) -> Iterator[None]:
    """Nobody else works in this folder during the block. Raises StoreUnavailable when somebody does.

    Whoever goes on writing to a file that was replaced would write into nowhere.
    """
    with _held(home / PRESENCE, seconds):
        yield


@contextlib.contextmanager
def _held(path: Path, seconds: float) -> Iterator[None]:
    """Nobody else holds this file during the block, not even in part."""
    descriptor = _opened(path)
    try:
        if descriptor is not None:
            _wait_for(lambda: _taken(descriptor), path, seconds)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _opened(path: Path) -> int | None:
    """None for a folder that cannot be written: nobody can replace anything there either."""
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except FileNotFoundError:
        raise StoreUnavailable(
            f"Aucun poste ici : {path.parent} n’existe pas. Vérifiez le dossier."
        ) from None
    except OSError:
        return None


def _wait_for(taken: Callable[[], bool], path: Path, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    with file_errors(path):
        while not taken():
            if time.monotonic() > until:
                raise StoreUnavailable(
                    "Ce poste est occupé par une autre fenêtre : fermez-la, puis réessayez."
                )
            time.sleep(_EVERY)


if sys.platform == "win32":
    import msvcrt

    _PLACES = 2**20

    def _taken(descriptor: int) -> bool:
        return _lock(descriptor, 0, _PLACES)

    def _shared(descriptor: int) -> bool:
        # Windows has no shared lock here: each takes a byte of its own, and who wants to be alone all of them.
        return _lock(descriptor, secrets.randbelow(_PLACES), 1)

    def _lock(descriptor: int, start: int, length: int) -> bool:
        os.lseek(descriptor, start, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, length)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        return _lock(descriptor, fcntl.LOCK_EX)

    def _shared(descriptor: int) -> bool:
        return _lock(descriptor, fcntl.LOCK_SH)

    def _lock(descriptor: int, kind: int) -> bool:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
