"""Opens SQLCipher files under sqlite-utils; the only module that knows the driver."""

import contextlib
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlcipher3
import sqlcipher3.dbapi2

from fsbus.core.errors import DiskFailing, DiskFull, DiskReadOnly, DiskRefuses, StoreDamaged, StoreUnavailable
from fsbus.store.disk import FULL, refusals

if TYPE_CHECKING:
    from sqlite_utils import Database
else:
    # sqlite-utils takes its driver, and the exceptions that it catches, from the module of this name.
    sys.modules["pysqlite3"] = sqlcipher3
    sys.modules["pysqlite3.dbapi2"] = sqlcipher3.dbapi2
    from sqlite_utils import Database, utils

    if utils.sqlite3 is not sqlcipher3:
        raise ImportError("sqlite_utils was imported before fsbus.store.database")
if sqlcipher3.sqlite_version_info < (3, 53, 4):
    raise ImportError(f"SQLite {sqlcipher3.sqlite_version} can corrupt a database in WAL mode")

__all__ = [
    "FAILING", "Database", "DatabaseError", "changed_pages", "checkpoint", "close_database", "copy_database",
    "copy_into", "copy_to_memory", "frames_taken", "known_errors", "open_copy", "open_database", "open_memory",
    "open_unchanged", "problems_in", "rows", "size_of", "take_back", "transaction",
]  # fmt: skip

DatabaseError: type[Exception] = sqlcipher3.Error
KEY_BYTES = 32
OLDEST_CIPHER = (4, 18)
"""SQLCipher 4.18 is the first on SQLite 3.53.4."""
BUSY_SECONDS = 10.0
PLAIN_HEADER = b"SQLite format 3\x00"

_PRAGMAS = (
    "temp_store = MEMORY",  # SQLCipher does not encrypt temporary files
    "journal_mode = WAL",
    "synchronous = FULL",  # NORMAL may lose the last commits when the bus cuts the power
    "secure_delete = ON",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
)
_PRAGMAS_OF_MEMORY = (
    "temp_store = MEMORY",
    "journal_mode = MEMORY",
    "trusted_schema = OFF",
    "cell_size_check = ON",
)
_MEMORY = "file:/{}?vfs=memdb"
FAILING = "Le disque ne répond pas : ne fermez rien, vérifiez-le, puis réessayez."
_UNAVAILABLE = {
    "SQLITE_BUSY": "La base de ce poste est occupée par une autre fenêtre : fermez-la, puis réessayez.",
    "SQLITE_LOCKED": "La base de ce poste est occupée par une autre fenêtre : fermez-la, puis réessayez.",
    "SQLITE_FULL": FULL,
    "SQLITE_READONLY": "La base de ce poste ne peut pas être modifiée : vérifiez les droits du dossier.",
    "SQLITE_CANTOPEN": "La base de ce poste ne peut pas être ouverte : vérifiez que le dossier existe.",
    "SQLITE_IOERR": FAILING,
    "SQLITE_PERM": "La base de ce poste ne peut pas être lue : vérifiez les droits du dossier.",
}
_REFUSALS = {
    "SQLITE_FULL": DiskFull, "SQLITE_READONLY": DiskReadOnly, "SQLITE_PERM": DiskReadOnly,
    "SQLITE_CANTOPEN": DiskRefuses, "SQLITE_IOERR": DiskFailing,
}  # fmt: skip
_NO_ROOM = frozenset({"SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMOPEN"})
"""The file of the locks could not be made."""
_BY_WORDS = {
    "database or disk is full": "SQLITE_FULL",
    "disk I/O error": "SQLITE_IOERR",
    "attempt to write a readonly database": "SQLITE_READONLY",
    "unable to open database file": "SQLITE_CANTOPEN",
    "database is locked": "SQLITE_BUSY",
    "database disk image is malformed": "SQLITE_CORRUPT",
    "file is not a database": "SQLITE_NOTADB",
}
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


def open_database(path: Path, key: bytes, *, must_exist: bool = False) -> Database:
    """A keyed connection in autocommit mode, for the thread that opens it only.

    ``key`` is 32 random bytes. A missing file is created (0600) unless ``must_exist``. Raises
    StoreUnavailable when it cannot be opened, StoreDamaged when it is not a database of this key.
    """
    if len(key) != KEY_BYTES:
        # SQLCipher would take any other length for a passphrase, without a word.
        raise ValueError("a database key is 32 bytes")
    if must_exist and not path.exists():
        raise StoreUnavailable(f"Fichier absent : {path.name}. Vérifiez le dossier du poste.")
    with known_errors():
        # Opening and closing the file ourselves would drop the locks of our other connections to it (POSIX).
        is_new = not path.exists() or path.stat().st_size == 0
        if is_new:
            _make_private(path)
        connection = sqlcipher3.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None)
        try:
            _unlock(connection, key)
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            if sys.platform == "darwin":
                connection.execute("PRAGMA fullfsync = ON")
            if is_new:
                return _reopened(connection, path, key)
            # A plugin of sqlite-utils, had one been installed, would be given the keyed connection.
            return Database(connection, execute_plugins=False)
        except BaseException:
            connection.close()
            raise


def open_copy(path: Path, key: bytes) -> Database:
    """A keyed connection that only reads a file in one piece, as `copy_database` makes it.

    Raises StoreUnavailable when it cannot be read, StoreDamaged when it is not a database of this key.
    """
    return _reading(path, key, "mode=ro")


def open_unchanged(path: Path, key: bytes) -> Database:
    """A keyed connection that changes no byte of a store, needs no room, and reads its log where it can.

    Beside a log, the file of the locks may be made. Raises as `open_copy`.
    """
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        with contextlib.suppress(DiskRefuses):
            return _reading(path, key, "mode=ro")
    # Without the log: what only stands there is in the journals, or at the centre.
    return _reading(path, key, "mode=ro&immutable=1")


def take_back(path: Path, key: bytes) -> None:
    """Have SQLite undo what stood half written when the power went, if it left a rollback journal beside.

    Only a change of keys uses one. Raises StoreUnavailable or StoreDamaged.
    """
    left = path.with_name(f"{path.name}-journal")
    if left.exists() and left.stat().st_size:
        with known_errors():
            connection = sqlcipher3.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None)
            try:
                _unlock(connection, key)
            finally:
                connection.close()


def open_memory(name: str, key: bytes) -> Database:
    """A keyed database in the memory of this process, the same for all its threads while one has it open."""
    with known_errors():
        connection = sqlcipher3.connect(
            _MEMORY.format(name), timeout=BUSY_SECONDS, isolation_level=None, uri=True
        )
        try:
            _unlock(connection, key)
            for pragma in (*_PRAGMAS_OF_MEMORY, "foreign_keys = ON", "secure_delete = ON"):
                connection.execute(f"PRAGMA {pragma}")
            return Database(connection, execute_plugins=False)
        except BaseException:
            connection.close()
            raise


def copy_to_memory(db: Database, name: str) -> None:
    """Copy what `open_unchanged` reads under the same key for `open_memory`, which must have opened this
    name and done nothing else. Raises StoreDamaged for a page that was changed."""
    with known_errors():
        db.conn.execute("PRAGMA query_only = OFF")  # refuses this statement, which writes to no file
        # Not a copy page by page: it would say « WAL » as its source does, which no memory can do.
        db.conn.execute("VACUUM INTO ?", (_MEMORY.format(name),))


def copy_into(db: Database, memory: Database) -> None:
    """Copy what `open_copy` reads into a memory under another key. Raises StoreDamaged."""
    with known_errors():
        db.conn.backup(memory.conn)


def _reading(path: Path, key: bytes, how: str) -> Database:
    with known_errors():
        connection = sqlcipher3.connect(
            f"{path.resolve().as_uri()}?{how}", timeout=BUSY_SECONDS, isolation_level=None, uri=True
        )
        try:
            _unlock(connection, key)
            for pragma in (
                "temp_store = MEMORY",
                "trusted_schema = OFF",
                "cell_size_check = ON",
                "query_only = ON",
            ):
                connection.execute(f"PRAGMA {pragma}")
            return Database(connection, execute_plugins=False)
        except BaseException:
            connection.close()
            raise


def copy_database(db: Database, path: Path, key: bytes, *, salt: bytes = b"") -> None:
    """Copy a database as it is at one moment into a new file in one piece, under another key.

    ``salt`` is 16 bytes, the first of the file; random when it is not given.
    """
    _make_private(path)
    with known_errors():
        target = sqlcipher3.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None)
        try:
            _unlock(target, key, salt)
            target.execute("PRAGMA temp_store = MEMORY")
            db.conn.backup(target)
            # The copy says « WAL » as its source does: read alone, it would need two files more.
            target.execute("PRAGMA journal_mode = DELETE").fetchone()
        finally:
            target.close()
    _assert_encrypted(path)


def checkpoint(db: Database, *, milliseconds: int = 1_000) -> bool:
    """Bring the write-ahead log into the file and empty it; False when a reader held it up too long."""
    with known_errors():
        db.conn.execute(f"PRAGMA busy_timeout = {milliseconds}")
        try:
            busy, _, _ = db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            db.conn.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    return not busy


def frames_taken(path: Path, key: bytes) -> int:
    """How many frames of its write-ahead log SQLite takes for good, with not one byte changed.

    Raises StoreUnavailable, or StoreDamaged when the file cannot be opened with this key.
    """
    # Opened for reading alone, the log is not brought into the file at the end.
    db = open_copy(path, key)
    try:
        _, frames, _ = next(rows(db, "PRAGMA wal_checkpoint(NOOP)"))
        return int(frames)
    finally:
        db.conn.close()


def close_database(db: Database) -> None:
    """Bring the write-ahead log into the file, then close. What was committed is safe even if this fails."""
    with contextlib.suppress(DatabaseError, StoreUnavailable, StoreDamaged):
        # Another connection that reads must not hold up the closing of a window.
        checkpoint(db, milliseconds=200)
    db.conn.close()


@contextlib.contextmanager
def transaction(db: Database) -> Iterator[None]:
    """One transaction that may write: all of it durable at the end, or nothing.

    Inside another one it is a savepoint of it: undone alone, durable with the outer one. Raises
    StoreUnavailable or StoreDamaged for what the disk or the file refuses.
    """
    conn = db.conn
    nested = conn.in_transaction
    begin, end, undo = (
        ("SAVEPOINT inner", "RELEASE inner", ("ROLLBACK TO inner", "RELEASE inner"))
        if nested
        else ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
    )
    with known_errors():
        conn.execute(begin)
        try:
            yield
            conn.execute(end)
        except BaseException:
            # SQLite has already undone everything after some errors (a full disk, for one).
            if conn.in_transaction:
                for statement in undo:
                    conn.execute(statement)
            raise


def rows(db: Database, sql: str, parameters: Sequence[Any] = ()) -> Generator[tuple[Any, ...], None, None]:
    """The rows of a query, as they come; StoreUnavailable or StoreDamaged for a disk or a file that fails."""
    with known_errors():
        yield from db.conn.execute(sql, tuple(parameters))


@contextlib.contextmanager
def known_errors() -> Iterator[None]:
    """Turn the driver's errors that an agent can do something about into errors of `fsbus.core.errors`."""
    try:
        yield
    except sqlcipher3.Error as error:
        # Errors of a backup under way come without their name.
        name = str(getattr(error, "sqlite_errorname", None) or _BY_WORDS.get(str(error), ""))
        # Extended names say more than is useful here: SQLITE_IOERR_FSYNC is SQLITE_IOERR.
        family = "SQLITE_FULL" if name in _NO_ROOM else "_".join(name.split("_")[:2])
        if family in _UNAVAILABLE:
            raise _REFUSALS.get(family, StoreUnavailable)(_UNAVAILABLE[family]) from error
        if family in _DAMAGED:
            raise StoreDamaged(
                "La base de ce poste est endommagée : n’effacez rien et lancez « fsbus check --repair » : "
                "elle sera rétablie depuis la dernière copie."
            ) from error
        raise


def size_of(db: Database) -> int:
    """The bytes of a database in one piece, as it says itself."""
    (count,), (size,) = next(rows(db, "PRAGMA page_count")), next(rows(db, "PRAGMA page_size"))
    return int(count) * int(size)


def changed_pages(db: Database) -> list[str]:
    """The pages that are not what was written, or gone, in few words. The write-ahead log must be empty."""
    try:
        found = [str(row[0]) for row in db.conn.execute("PRAGMA cipher_integrity_check")]
        (_, _, path) = db.conn.execute("PRAGMA database_list").fetchone()
        size = size_of(db)
    except (DatabaseError, StoreDamaged) as error:
        return [str(error)]
    if not path or not Path(path).is_file():
        return found  # in memory
    log = Path(f"{path}-wal")
    is_whole = Path(path).stat().st_size >= size or (log.exists() and log.stat().st_size > 0)
    # A file cut between two pages is sound as far as it goes.
    return found if is_whole else [*found, "the last pages are missing"]


def problems_in(db: Database) -> list[str]:
    """What SQLCipher and SQLite find wrong in the file, in their words; empty when all is well."""
    found: list[str] = []
    try:
        # Pages still in the write-ahead log would be told as damage.
        checkpoint(db)
        found += changed_pages(db)
        found += [str(row[0]) for row in db.conn.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"foreign key: {row[0]} {row[1]}" for row in db.conn.execute("PRAGMA foreign_key_check")]
    except (DatabaseError, StoreDamaged) as error:
        # Some damage stops the very looking for it.
        found.append(str(error))
    return found


def _make_private(path: Path) -> None:
    """Create an empty file that only its owner reads; its companions take its rights."""
    with refusals(f"Impossible d’ouvrir {path.name} : vérifiez le dossier et ses droits."):
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _unlock(connection: "sqlcipher3.Connection", key: bytes, salt: bytes = b"") -> None:
    connection.execute("PRAGMA cipher_log = off")  # else a wrong key writes to standard error
    connection.set_key(bytearray(b"x'" + key.hex().encode() + salt.hex().encode() + b"'"))
    version = connection.execute("PRAGMA cipher_version").fetchone()
    if version is None or tuple(int(part) for part in version[0].split()[0].split(".")[:2]) < OLDEST_CIPHER:
        raise ImportError("this build of sqlcipher3 does not encrypt, or is too old")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # a wrong key fails here


def _reopened(connection: "sqlcipher3.Connection", path: Path, key: bytes) -> Database:
    """A new file is looked at from outside once, while no connection to it is open."""
    connection.close()
    _assert_encrypted(path)
    return open_database(path, key, must_exist=True)


def _assert_encrypted(path: Path) -> None:
    """Only while no connection to it is open: closing the file would drop its locks (POSIX)."""
    with path.open("rb") as file:
        if file.read(len(PLAIN_HEADER)) in (b"", PLAIN_HEADER):
            raise AssertionError("the database would be readable without its key")
