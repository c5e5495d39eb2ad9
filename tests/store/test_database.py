"""A database is closed to whoever has no key, and a failure is told in words an agent can use."""

import sqlite3
import sys
from pathlib import Path

import pytest

from fsbus.core.errors import StoreDamaged, StoreUnavailable
from fsbus.store.database import (
    Database,
    DatabaseError,
    checkpoint,
    close_database,
    open_database,
    problems_in,
    rows,
    transaction,
)

KEY = bytes(range(32))
SECRET = "Élodie d’Artagnan, carte grise"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.db"


@pytest.fixture
def db(path: Path) -> Database:
    opened = open_database(path, KEY)
    with transaction(opened):
        opened["notes"].create({"n": int, "text": str}, pk="n", strict=True)  # type: ignore[union-attr]  # always a table here
        opened["notes"].insert({"n": 1, "text": SECRET})  # type: ignore[union-attr]  # always a table here
    return opened


def count(db: Database) -> int:
    return int(next(rows(db, "SELECT count(*) FROM notes"))[0])


def fail_after(db: Database, statement: str) -> None:
    with transaction(db):
        db.conn.execute(statement)
        raise ZeroDivisionError


def fill(db: Database, notes: int) -> None:
    with transaction(db):
        for number in range(2, notes):
            db.conn.execute("INSERT INTO notes (n, text) VALUES (?, ?)", (number, "x" * 200))


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"), ("synchronous", 2), ("temp_store", 2), ("secure_delete", 1), ("foreign_keys", 1),
        ("trusted_schema", 0), ("cell_size_check", 1), ("cipher_memory_security", "0"),
    ],
)  # fmt: skip
def test_each_connection_is_set_as_decided(db: Database, pragma: str, value: object) -> None:
    assert next(rows(db, f"PRAGMA {pragma}"))[0] == value


def test_sqlite_utils_catches_the_errors_of_the_cipher_driver(db: Database) -> None:
    import sqlcipher3

    assert DatabaseError is sqlcipher3.Error
    assert sys.modules["sqlite_utils.utils"].sqlite3 is sqlcipher3
    with transaction(db):
        db["notes"].insert({"n": 2, "other": 1}, alter=True)  # type: ignore[union-attr]  # always a table here
    assert count(db) == 2


def test_nothing_is_readable_while_a_transaction_is_open_or_after(db: Database, path: Path) -> None:
    with transaction(db):
        db.conn.execute("UPDATE notes SET text = text || '!'")
        for file in path.parent.iterdir():
            content = file.read_bytes()
            assert not content.startswith(b"SQLite format 3")
            assert SECRET.encode() not in content
    close_database(db)
    assert [file.name for file in path.parent.iterdir()] == ["some.db"]
    assert SECRET.encode() not in path.read_bytes()


def test_the_ordinary_sqlite_reads_nothing(db: Database, path: Path) -> None:
    close_database(db)
    plain = sqlite3.connect(path)
    with pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT * FROM sqlite_master").fetchall()
    plain.close()


def test_another_key_is_told_as_damage_because_the_key_file_vouched_for_it(db: Database, path: Path) -> None:
    close_database(db)
    with pytest.raises(StoreDamaged):
        open_database(path, bytes(32))


def test_a_plain_database_is_never_taken(path: Path) -> None:
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE notes (n)")
    plain.close()
    with pytest.raises(StoreDamaged):
        open_database(path, KEY)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_a_bug(path: Path, length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        open_database(path, bytes(length))
    assert not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="rights are of another kind there")
def test_only_the_owner_reads_the_files(db: Database, path: Path) -> None:
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after(db, "DELETE FROM notes")
    assert count(db) == 1
    assert not db.conn.in_transaction


def test_a_transaction_inside_another_is_undone_alone(db: Database) -> None:
    with transaction(db):
        db.conn.execute("INSERT INTO notes VALUES (2, 'kept')")
        with pytest.raises(ZeroDivisionError):
            fail_after(db, "INSERT INTO notes VALUES (3, 'undone')")
    assert count(db) == 2


def test_a_file_that_another_process_writes_is_unavailable_not_damaged(db: Database, path: Path) -> None:
    other = open_database(path, KEY)
    other.conn.execute("PRAGMA busy_timeout = 50")
    with transaction(db), pytest.raises(StoreUnavailable, match="autre fenêtre"), transaction(other):
        pass
    close_database(other)


def test_a_missing_file_or_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        open_database(tmp_path / "absent.db", KEY, must_exist=True)
    with pytest.raises(StoreUnavailable):
        open_database(tmp_path / "no" / "folder.db", KEY)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_loses_nothing_that_was_committed(db: Database) -> None:
    pages = next(rows(db, "PRAGMA page_count"))[0]
    db.conn.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="disque est plein"):
        fill(db, 5000)
    assert count(db) == 1
    assert problems_in(db) == []


def test_a_bug_stays_a_bug(db: Database) -> None:
    with pytest.raises(DatabaseError, match="no such table"):
        list(rows(db, "SELECT * FROM absent"))


def test_a_changed_byte_is_found(db: Database, path: Path) -> None:
    fill(db, 200)
    assert problems_in(db) == []
    close_database(db)
    content = bytearray(path.read_bytes())
    content[3 * 4096 + 100] ^= 1
    path.write_bytes(content)
    damaged = open_database(path, KEY)
    with pytest.raises(StoreDamaged):
        list(rows(damaged, "SELECT * FROM notes"))
    close_database(damaged)


def test_a_reader_holds_up_the_checkpoint_but_not_the_closing(db: Database, path: Path) -> None:
    reader = open_database(path, KEY)
    reader.conn.execute("BEGIN")
    assert count(reader) == 1
    with transaction(db):
        db.conn.execute("INSERT INTO notes VALUES (2, 'later')")
    assert not checkpoint(db, milliseconds=20)
    close_database(db)
    reader.conn.execute("COMMIT")
    assert count(reader) == 2
    assert checkpoint(reader)
    close_database(reader)
