"""Puts a verified backup in the place of a damaged or missing store, with all that came after it.

The new file is made whole beside the old one before anything is moved: a cut at any moment leaves the
old state or the new one, and the next opening begins again.
"""

import contextlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fsbus.core.clock import Clock
from fsbus.core.errors import DiskRefuses, StoreDamaged, StoreError, StoreTooNew, StoreUnavailable
from fsbus.core.events import Log, Migrating, Restoring, unheard
from fsbus.core.redaction import redacted
from fsbus.store import queries, witnesses
from fsbus.store.backup import Backups, Counts, counts_of
from fsbus.store.database import (
    Database,
    DatabaseError,
    close_database,
    copy_database,
    open_database,
    problems_in,
)
from fsbus.store.disk import refusal
from fsbus.store.erased_list import ErasedList
from fsbus.store.erasing import UNFINISHED, erase_record, erased_ids
from fsbus.store.examining import Doubtful, examine, refuse_newer
from fsbus.store.home_lock import alone
from fsbus.store.journal import Journals
from fsbus.store.keyfile import Keys
from fsbus.store.known_erased import erased_in_backups, erased_in_files
from fsbus.store.leftovers import RESTORING, sweep
from fsbus.store.migrations import MIGRATIONS, version_of
from fsbus.store.quarantine import QUARANTINE
from fsbus.store.replay import replay
from fsbus.store.store import Store
from fsbus.store.whole_files import fsync_folder, make_folder

_NOT_RESTORED = (
    "La base n’a pas pu être rétablie : vérifiez le disque et sa place, puis réessayez. Rien n’est perdu."
)
_COMPANIONS = ("", "-wal", "-shm", "-journal")
"""The last stands beside a database whose keys were being changed: SQLite would lay it over whatever comes there."""


@redacted("added")
@dataclass(frozen=True)
class Restored:
    """What a restoring gave. ``added``: operations newer than the backup, done again on top of it;
    ``aside``: the folder that keeps the files that were replaced, None when there were none."""

    backup: Path
    backup_at: datetime | None
    added: int
    counts: Counts
    aside: Path | None


@redacted()
@dataclass(frozen=True)
class Place:
    """The store of one laptop and what stands beside it."""

    path: Path
    keys: Keys
    clock: Clock
    backups: Backups
    log: Log = unheard

    @property
    def home(self) -> Path:
        """The folder."""
        return self.path.parent


def restore_newest(place: Place) -> Restored:
    """From the newest backup that is sound. Raises StoreDamaged when there is none, with nothing changed."""
    for one in place.backups.all():
        try:
            return restore(place, one.path, one.at)
        except (StoreDamaged, StoreTooNew):
            continue
    raise StoreDamaged(
        "La base de ce poste est endommagée et aucune copie n’est lisible : n’effacez rien et appelez le coordinateur."
    )


def restore(place: Place, backup: Path, at: datetime | None = None) -> Restored:
    """From this backup: what the journals hold, and what the present store can still say, is done
    again on top; erased records stay erased; the store goes on as a new replica.

    Raises StoreDamaged or StoreUnavailable, with nothing changed.
    """
    try:
        place.backups.read_pages(backup)
    except StoreUnavailable as error:
        # A copy that the disk does not give is no better than a damaged one: another may be.
        raise StoreDamaged(str(error)) from error
    clear_unfinished(place.home)
    part = place.home / f"{RESTORING}{secrets.token_hex(4)}"
    key = place.keys.subkey("db")
    try:
        with place.backups.opened(backup) as source:
            copy_database(source, part, key)
            before = counts_of(source).operations
        _complete(place, part, key, backup)
        db = open_database(part, key)
        try:
            if problems_in(db):
                raise StoreDamaged("La base rétablie est endommagée : vérifiez le disque.")
            counts = counts_of(db)
        finally:
            close_database(db)
        aside = _swap(place, part)
    except OSError as error:
        raise refusal(error, _NOT_RESTORED) from error
    except DatabaseError as error:
        raise StoreUnavailable(_NOT_RESTORED) from error
    finally:
        for ending in _COMPANIONS:
            part.with_name(part.name + ending).unlink(missing_ok=True)
    return Restored(backup, at, counts.operations - before, counts, aside)


def clear_unfinished(home: Path) -> None:
    """Remove what a restoring that was killed left half made. Under the lock of the folder."""
    with contextlib.suppress(OSError):
        for left in home.glob(f"{RESTORING}*"):
            left.unlink(missing_ok=True)


def _complete(place: Place, part: Path, key: bytes, backup: Path) -> None:
    """Erase again what was erased, do again what came after, be who the laptop was, take a new name."""
    journals = Journals.of(place.home, place.keys)
    present, newer = witnesses.of_present(place.path, key), witnesses.of_newer(place.backups, backup)
    in_backups = erased_in_backups(place.backups, backup)
    ids = present.erased | newer.erased | in_backups | erased_in_files(place.home, place.keys)
    identity = present.identity or newer.identity

    def prepare(db: Database) -> None:
        for record_id in ids:
            erase_record(db, record_id)
        replayed = replay(db, [*newer.entries, *present.entries])
        if identity is not None:
            identity.give_to(db)
            if not replayed.renumbered:
                identity.tell_acknowledged(db)
        if erased_ids(db) <= in_backups:
            # Backups hold it already, and files were put aside after: nothing is left to finish.
            db.conn.execute("DELETE FROM settings WHERE name = ?", (UNFINISHED,))

    with contextlib.closing(
        Store.open(part, key, clock=place.clock, journals=journals, prepare=prepare)
    ) as store:
        store.rotate_replica()


def _swap(place: Place, part: Path) -> Path | None:
    """Move the old files aside and the new one in; the folder of the old ones."""
    stamp = place.clock.now().strftime("%Y%m%dT%H%M%SZ")
    aside = place.home / QUARANTINE / f"{stamp}-{secrets.token_hex(4)}"
    moved = False
    # The companions first: an old log must never meet the new file.
    for ending in reversed(_COMPANIONS):
        old = place.path.with_name(place.path.name + ending)
        if old.exists():
            make_folder(aside.parent)
            make_folder(aside)
            old.replace(aside / old.name)
            moved = True
    if moved:
        fsync_folder(aside)
    part.replace(place.path)
    fsync_folder(place.home)
    return aside if moved else None


def open_or_restore(place: Place, journals: Journals) -> tuple[Store, Restored | None]:
    """The store, restored first when its file is missing or damaged.

    Raises StoreError when it cannot be opened and nothing can be restored; then nothing was changed.
    """

    def examined() -> Store:
        with contextlib.suppress(StoreUnavailable), alone(place.home, seconds=0):
            # Whoever has it open looked at it then.
            if place.path.exists():
                refuse_newer(place.path, place.keys.subkey("db"))
                sweep(place.home)
                examine(place.path, place.keys.subkey("db"), journals)
        return opened()

    def before_migration(db: Database) -> None:
        # Beside files of a newer fsbus, nothing is changed: told now, before anything is.
        journals.read()
        ErasedList.of(place.home, place.keys).read()
        place.log(Migrating(before=version_of(db), after=len(MIGRATIONS)))
        place.backups.make(db, place.clock.now())

    def opened() -> Store:
        store = Store.open(
            place.path,
            place.keys.subkey("db"),
            clock=place.clock,
            journals=journals,
            erased=ErasedList.of(place.home, place.keys),
            before_migration=before_migration,
        )
        try:
            # What every session reads first: damage there must be met here, where it is mended.
            queries.agents(store.db)
            queries.status_facts(store.db)
            store.setting("")
        except BaseException:
            store.close()
            raise
        return store

    clear_unfinished(place.home)
    try:
        return examined(), None
    except (StoreDamaged, StoreUnavailable) as error:
        if isinstance(error, StoreUnavailable) and place.path.exists():
            raise
        try:
            with alone(place.home):
                place.log(Restoring())
                restored = restore_newest(place)
        except DiskRefuses:
            # What to do about the disk comes first; meanwhile the copies can be read.
            raise
        except StoreError:
            if isinstance(error, Doubtful):
                # No backup to begin from: what the journals have more is done again on top of what there is.
                return opened(), None
            # The first error says what the agent has before them.
            raise error from None
    return opened(), restored
