"""Empties the folder `quarantine` of damaged files: sealed as they were, kept for a time only.

Whoever has the laptop's keys could still read an erased person in them: nothing there outlives the erasure,
once a backup made after it was read again whole, nor 30 days.
"""

import contextlib
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from fsbus.store.whole_files import file_errors

QUARANTINE = "quarantine"
"""Its name, beside the database."""
DAYS = 30


def empty(home: Path) -> None:
    """Remove everything that was put aside. Raises StoreUnavailable."""
    _remove(home, lambda _: True)


def drop_old(home: Path, now: datetime) -> None:
    """Remove what was put aside more than 30 days ago. Raises StoreUnavailable."""
    oldest = (now - timedelta(days=DAYS)).timestamp()
    _remove(home, lambda path: path.stat().st_ctime < oldest)


def _remove(home: Path, is_wanted: Callable[[Path], bool]) -> None:
    with file_errors(home / QUARANTINE):
        for path in (home / QUARANTINE).glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if not is_wanted(path):
                    continue
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
