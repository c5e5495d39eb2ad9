"""Tells the log of the laptop how openings, backups and saves went; never what they hold."""

import contextlib
import time
from collections.abc import Iterator

from fsbus.core.errors import InvalidInput, StoreError, WrongPassphrase
from fsbus.core.events import (
    BackupFailed,
    BackupMade,
    Log,
    Opened,
    OpeningRefused,
    Replayed,
    SaveFailed,
    SaveRefused,
)
from fsbus.core.events import Restored as RestoredEvent
from fsbus.store.backup import Backup
from fsbus.store.restore import Restored
from fsbus.store.store import Store
from fsbus.store.throttle import Throttle


@contextlib.contextmanager
def opening(throttle: Throttle, log: Log) -> Iterator[Throttle]:
    """Tell why an opening inside the block was refused: the kind of error, and how many tries failed."""
    try:
        yield throttle
    except StoreError as error:
        wait = error.wait if isinstance(error, WrongPassphrase) else 0
        log(OpeningRefused(error=type(error), failures=throttle.failures(), wait=wait))
        raise


def opened(log: Log, agent_id: str, store: Store, seconds: float) -> None:
    """Tell who opened, and what the journals gave back."""
    if store.recovered.operations or store.recovered.damaged:
        log(Replayed(operations=store.recovered.operations, damaged=len(store.recovered.damaged)))
    log(Opened(agent=agent_id, seconds=seconds))


def restored(log: Log, made: Restored) -> None:
    """Tell that a backup took the place of the store."""
    log(RestoredEvent(operations=made.counts.operations, added=made.added))


@contextlib.contextmanager
def backing_up(log: Log) -> Iterator[list[Backup]]:
    """Tell how the backup went that the block puts in the list it is given."""
    started = time.perf_counter()
    made: list[Backup] = []
    try:
        yield made
    except StoreError as error:
        log(BackupFailed(error=type(error)))
        raise
    with contextlib.suppress(OSError):
        size = sum(one.path.stat().st_size for one in made)
        log(BackupMade(size=size, seconds=time.perf_counter() - started))


@contextlib.contextmanager
def saving(log: Log, kind: str) -> Iterator[None]:
    """Tell which fields were refused inside the block, or that the store failed."""
    try:
        yield
    except InvalidInput as error:
        log(SaveRefused(kind=kind, fields=tuple(error.problems)))
        raise
    except StoreError as error:
        log(SaveFailed(kind=kind, error=type(error)))
        raise
