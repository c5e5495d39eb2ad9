"""Tells what a disk refuses in errors that say why, and asks it whether it still takes anything."""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from fsbus.core.errors import DiskFailing, DiskFull, DiskReadOnly, StoreUnavailable

FULL = "Le disque est plein : libérez de la place, puis recommencez."
TRIED = 256 * 1024
"""Bytes that a folder must still take before anything is typed: some saves with their journal."""
PROBE = ".essai-"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def refusal(error: OSError, words: str) -> StoreUnavailable:
    """The error to raise; ``words``, in French, say what to do unless it is room that is missing."""
    if error.errno in _FULL:
        return DiskFull(FULL)
    if error.errno in _READ_ONLY:
        return DiskReadOnly(words)
    return DiskFailing(words) if error.errno == errno.EIO else StoreUnavailable(words)


@contextlib.contextmanager
def refusals(words: str) -> Iterator[None]:
    """Raise what the system refuses inside as `refusal` tells it."""
    try:
        yield
    except OSError as error:
        raise refusal(error, words) from error


def require_writable(folder: Path, *files: Path) -> None:
    """Raise DiskRefuses unless these files may be changed and the folder takes some saves more.

    SQLite opens a file that may not be changed without a word, and a folder without room too.
    """
    words = f"Le dossier {folder} ne peut pas être modifié : vérifiez ses droits."
    if any(path.exists() and not os.access(path, os.W_OK) for path in files):
        raise DiskReadOnly(words)
    probe = folder / f"{PROBE}{secrets.token_hex(4)}"
    with refusals(words):
        try:
            probe.write_bytes(bytes(TRIED))
        finally:
            with contextlib.suppress(OSError):
                probe.unlink(missing_ok=True)


def free_bytes(folder: Path) -> int:
    """Room left for who works here; 0 when the system does not tell."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
