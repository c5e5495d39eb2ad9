"""Opens the database of a store: brought to this release’s tables, and for queries only."""

from collections.abc import Callable
from pathlib import Path

from fsbus.core.errors import StoreDamaged
from fsbus.store.database import Database, close_database, open_database
from fsbus.store.migrations import MIGRATIONS, migrate, version_of


def existing(path: Path, key: bytes, before_migration: Callable[[Database], object] | None) -> Database:
    """A connection to a store that was made before, for queries only.

    Raises StoreUnavailable, StoreDamaged, or StoreTooNew with nothing changed.
    """
    db = open_database(path, key, must_exist=True)
    if version_of(db) == 0:
        close_database(db)
        raise StoreDamaged("La base de ce poste est vide : n’effacez rien et appelez le coordinateur.")
    return made_ready(db, before_migration)


def made_ready(db: Database, before_migration: Callable[[Database], object] | None) -> Database:
    """The same connection to a store with this release’s tables, which then refuses to write."""
    try:
        if before_migration is not None and version_of(db) < len(MIGRATIONS):
            before_migration(db)
        migrate(db)
        # A write that forgot its operation would never reach the centre: nobody else may write.
        db.conn.execute("PRAGMA query_only = ON")
    except BaseException:
        close_database(db)
        raise
    return db
