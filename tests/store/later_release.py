"""Makes this process a later release of fsbus, whose store has tables that this one does not know.

There is one released version of the store: what it becomes is not known yet, so that this stands for it.
"""

from collections.abc import Sequence

import pytest

from fsbus.store import connecting, examining, migrations, read_only, restore
from fsbus.store.database import Database
from fsbus.store.migrations import MIGRATIONS, Migration


def _add_queue(db: Database) -> None:
    db.conn.execute("ALTER TABLE visits ADD COLUMN queue_minutes INTEGER NOT NULL DEFAULT 0")
    db.conn.execute("CREATE TABLE queues (visit_id TEXT PRIMARY KEY, minutes INTEGER NOT NULL) STRICT")


def _fill_queue(db: Database) -> None:
    """Every visit is written anew, and every operation copied: most of the file changes."""
    db.conn.execute("UPDATE visits SET queue_minutes = minutes % 7")
    db.conn.execute("INSERT INTO queues SELECT id, queue_minutes FROM visits")
    db.conn.execute("CREATE TABLE operations_by_day AS SELECT * FROM operations")


LATER: tuple[Migration, ...] = (*MIGRATIONS, _add_queue, _fill_queue)


def become_later(patch: pytest.MonkeyPatch | None = None, later: Sequence[Migration] = LATER) -> None:
    """From now on in this process; for the time of ``patch`` when one is given."""
    patch = patch or pytest.MonkeyPatch()
    for module in (migrations, connecting, examining, restore, read_only):
        patch.setattr(module, "MIGRATIONS", later)
    for function in (migrations.migrate, migrations.require_known):
        patch.setattr(function, "__defaults__", (later,))
