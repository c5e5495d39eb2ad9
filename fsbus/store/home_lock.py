"""Lets one process at a time open or re-key the files of a laptop."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from fsbus.core.errors import StoreUnavailable
from fsbus.store.whole_files import file_errors

LOCK = ".ouverture"
_EVERY = 0.02


@contextlib.contextmanager
def home_lock(home: Path, *, seconds: float = 30.0) -> Iterator[None]:
    """Wait for one's turn; the turn ends with the block, or with the process. Raises StoreUnavailable.

    A folder that cannot be written is let through: nobody can re-key it either.
    """
    path = home / LOCK
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except FileNotFoundError:
        raise StoreUnavailable(f"Aucun poste ici : {home} n’existe pas. Vérifiez le dossier.") from None
    except OSError:
        yield
        return
    try:
        until = time.monotonic() + seconds
        with file_errors(path):
            while not _taken(descriptor):
                if time.monotonic() > until:
                    raise StoreUnavailable(
                        "Ce poste est occupé par une autre fenêtre : fermez-la, puis réessayez."
                    )
                time.sleep(_EVERY)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _taken(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
