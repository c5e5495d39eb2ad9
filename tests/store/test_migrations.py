"""A store is brought to this release in whole steps; a newer one is refused and left as it is."""

import multiprocessing
import os
from pathlib import Path

import pytest

from fsbus.core.clock import Clock
from fsbus.core.errors import StoreDamaged, StoreTooNew
from fsbus.store.database import Database, close_database, open_database, problems_in, rows, transaction
from fsbus.store.migrations import MIGRATIONS, TRIGGERS, migrate, restore_triggers, version_of
from fsbus.store.store import Store

KEY = bytes(32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Store.create(tmp_path / "fsbus.db", KEY, clock=Clock()).close()
    return tmp_path / "fsbus.db"


def add_column(db: Database) -> None:
    """What a later release could do."""
    db.conn.execute("ALTER TABLE visits ADD COLUMN queue_minutes INTEGER")
    db.conn.execute("CREATE TABLE later (n INTEGER) STRICT")


def die(db: Database) -> None:
    """The power goes while a migration writes."""
    add_column(db)
    os._exit(9)


def triggers_in(db: Database) -> set[str]:
    return {str(row[0]) for row in rows(db, "SELECT name FROM sqlite_master WHERE type = 'trigger'")}


def test_a_new_store_has_seen_every_migration(path: Path) -> None:
    db = open_database(path, KEY)
    assert version_of(db) == len(MIGRATIONS)
    assert migrate(db) == 0
    assert triggers_in(db) == set(TRIGGERS)
    close_database(db)


def test_every_ordinary_table_is_strict(path: Path) -> None:
    db = open_database(path, KEY)
    loose = rows(
        db,
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
        " AND name NOT LIKE 'sqlite_%'",
    )
    assert list(loose) == []
    close_database(db)


def test_a_newer_store_is_refused_and_its_file_is_not_changed(path: Path) -> None:
    db = open_database(path, KEY)
    db.conn.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    close_database(db)
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match="plus récente"):
        Store.open(path, KEY, clock=Clock())
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_without_tables_is_not_taken_for_a_store(tmp_path: Path) -> None:
    path = tmp_path / "fsbus.db"
    close_database(open_database(path, KEY))
    with pytest.raises(StoreDamaged):
        Store.open(path, KEY, clock=Clock())


def test_a_migration_that_fails_leaves_the_store_as_it_was(path: Path) -> None:
    def fails(db: Database) -> None:
        add_column(db)
        raise ZeroDivisionError

    db = open_database(path, KEY)
    with pytest.raises(ZeroDivisionError):
        migrate(db, (*MIGRATIONS, fails))
    assert version_of(db) == len(MIGRATIONS)
    assert migrate(db, (*MIGRATIONS, add_column)) == 1
    assert triggers_in(db) == set(TRIGGERS)
    close_database(db)


def _migrate_and_die(path: Path) -> None:
    migrate(open_database(path, KEY), (*MIGRATIONS, die))


def test_a_migration_that_is_killed_leaves_old_or_new(path: Path) -> None:
    child = multiprocessing.get_context("spawn").Process(target=_migrate_and_die, args=(path,))
    child.start()
    child.join(60)
    assert child.exitcode == 9
    db = open_database(path, KEY)
    assert version_of(db) == len(MIGRATIONS)
    assert "later" not in {row[0] for row in rows(db, "SELECT name FROM sqlite_master")}
    assert problems_in(db) == []
    assert migrate(db, (*MIGRATIONS, add_column)) == 1
    close_database(db)


def test_triggers_that_a_transform_drops_are_made_again(path: Path) -> None:
    db = open_database(path, KEY)
    with transaction(db):
        db.conn.execute("DROP TRIGGER visit_texts_insert")
        restore_triggers(db)
    assert triggers_in(db) == set(TRIGGERS)
    close_database(db)
