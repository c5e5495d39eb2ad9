"""Looks, before a store is used, for the damage that it would not tell of by itself."""

from pathlib import Path

from fsbus.core.errors import StoreDamaged
from fsbus.store.checking import log_problems
from fsbus.store.database import (
    Database,
    changed_pages,
    checkpoint,
    close_database,
    frames_taken,
    open_database,
    open_unchanged,
    problems_in,
    take_back,
)
from fsbus.store.journal import Journal, Journals
from fsbus.store.migrations import MIGRATIONS, require_known, version_of
from fsbus.store.replay import is_kept
from fsbus.store.write_ahead import hides_commits

_DAMAGED = "La base de ce poste est endommagée : n’effacez rien et lancez « fsbus check --repair »."


class Doubtful(StoreDamaged):
    """The database opens, but not all that was written stands in it: better begin from a backup."""


def examine(path: Path, key: bytes, journals: Journals) -> None:
    """Read every page of a closed store; all of it when it was not closed in order. Nobody else has it open.

    3 ms a megabyte. Raises StoreDamaged for a page that was changed, a structure that does not hold, a row
    without its operation; Doubtful for a log that hides commits, or a database that lacks what several
    saves of a journal say; StoreUnavailable.
    """
    log = path.with_name(f"{path.name}-wal")
    was_cut = log.exists() and log.stat().st_size > 0
    if was_cut and hides_commits(log, frames_taken(path, key)):
        # Before SQLite opens it: it would drop them, and begin the log anew.
        raise Doubtful(_DAMAGED)
    db = open_database(path, key, must_exist=True)
    try:
        checkpoint(db)
        found = problems_in(db) if was_cut else changed_pages(db)
        # A store that is to be migrated, or too new, has not the tables that are looked at next.
        is_known = version_of(db) == len(MIGRATIONS)
        if found or (was_cut and is_known and log_problems(db)):
            raise StoreDamaged(_DAMAGED)
        if is_known and any(_says_more(journal, db) for journal in journals.read()):
            raise Doubtful(_DAMAGED)
    finally:
        close_database(db)


def refuse_newer(path: Path, key: bytes) -> None:
    """Raise StoreTooNew for a store of a newer fsbus, before anything looks at it that might change it.

    But for a change of its keys that was cut: what stands half written cannot be read before it is undone.
    """
    take_back(path, key)
    db = open_unchanged(path, key)
    try:
        require_known(db)
    finally:
        db.conn.close()


def _says_more(journal: Journal, db: Database) -> bool:
    """Whether the database lacks more than the one save that may have been under way."""
    kept = [all(is_kept(db, entry) for entry in frame) for frame in journal.frames]
    return not all(kept[:-1])
