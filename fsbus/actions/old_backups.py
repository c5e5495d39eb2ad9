"""Reads an old backup again each week: its damage is better known now than on the day it is needed."""

import contextlib
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from fsbus.core.clock import as_utc_text, parse_utc_text
from fsbus.core.errors import StoreDamaged, StoreError
from fsbus.core.events import BackupFailed, Log
from fsbus.store import quarantine
from fsbus.store.backup import Backups
from fsbus.store.quarantine import QUARANTINE
from fsbus.store.store import Store
from fsbus.store.whole_files import make_folder

EVERY = timedelta(days=7)
_SEEN = "old_backup_verified_at"


def verify_one_weekly(store: Store, backups: Backups, home: Path, now: datetime, log: Log) -> Path | None:
    """When a week has passed, verify one backup drawn among all but the newest; the damaged one, put aside.

    Raises StoreUnavailable when the disk does not answer; it is then due again.
    """
    seen = _moment(store.setting(_SEEN))
    if seen is not None and timedelta(0) <= now - seen < EVERY:
        return None
    damaged = None
    old = backups.all()[1:]
    if seen is not None and old:
        one = old[secrets.randbelow(len(old))].path
        try:
            backups.verify(one)
        except StoreDamaged as error:
            log(BackupFailed(error=type(error)))
            damaged = one
            with contextlib.suppress(OSError):
                make_folder(home / QUARANTINE)
                one.replace(home / QUARANTINE / one.name)
    store.set_setting(_SEEN, as_utc_text(now))
    return damaged


def _moment(text: str | None) -> datetime | None:
    with contextlib.suppress(ValueError):
        return None if text is None else parse_utc_text(text)
    return None


def drop_old(store: Store, backups: Backups, home: Path, now: datetime) -> None:
    """What is kept for a time only goes even while nothing is saved."""
    with contextlib.suppress(StoreError):
        backups.rotate(now, store.db)
    with contextlib.suppress(StoreError):
        quarantine.drop_old(home, now)
