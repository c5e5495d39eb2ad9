"""The only module that knows SQLAlchemy: opens the database, reads and writes in transactions.

Everything that SQLite and PostgreSQL say differently stands here; the other modules use the names
that this one hands on.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from errno import EACCES
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Row,
    Select,
    String,
    Table,
    Text,
    cast,
    create_engine,
    delete,
    event,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, Dialect, Engine, ExceptionContext, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from fsbus.core.errors import StoreUnavailable
from fsbus.core.system_words import reason

__all__ = [
    "BUSY",
    "UNREADABLE",
    "AnyRow",
    "BigInteger",
    "Boolean",
    "Column",
    "Condition",
    "Connection",
    "Database",
    "Index",
    "Integer",
    "LargeBinary",
    "MetaData",
    "PrimaryKeyConstraint",
    "Select",
    "String",
    "Table",
    "Text",
    "delete",
    "false",
    "func",
    "insert",
    "is_away",
    "literal",
    "one_of",
    "or_",
    "pages",
    "select",
    "text",
    "update",
]  # fmt: skip

Condition = ColumnElement[bool]
AnyRow = Row[*tuple[Any, ...]]
"""A row of any statement, its columns as attributes."""
BUSY = (OperationalError, PoolTimeout)
"""What a database says when it is locked, full or away: nothing was written; try again later."""
UNREADABLE = DatabaseError
"""What a database says when its file is damaged or is none."""
_T = TypeVar("_T")
_encode = msgspec.json.Encoder().encode
_READ_ONLY = "fsbus_reads"
_TRIES = 6
_AGAIN = frozenset({"40001", "40P01", "55P03", "23505"})
"""Serialization failure, deadlock, a lock not given in time, two who made the same row at once: the
transaction is done again whole."""
_READS_ONLY = frozenset({"25006", "0A000"})
"""What a server says to a writer when it only reads, and to who begins to write while it is a standby."""
_KEPT_ALIVE = {
    "connect_timeout": "10", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}  # fmt: skip
"""How soon a server that vanished without a word is known to be away, in seconds; the last in milliseconds."""
_MIGRATING = 0x6673627573
"""The advisory lock of PostgreSQL that lets one process at a time make or change the tables."""
_PATIENCE = "busy_timeout=15000"
"""Milliseconds that a writer waits for another process, such as an administration command."""
_PRAGMAS = (
    # First, because the next one waits for whoever makes the same database at the same moment.
    f"PRAGMA {_PATIENCE}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
)
_SETTINGS = (
    "SET synchronous_commit = on",
    "SET statement_timeout = '60s'",
    "SET lock_timeout = '5s'",
    "SET idle_in_transaction_session_timeout = '60s'",
)
"""Of each connection to PostgreSQL, whatever the server's own: an answer is sent after what it says is
durable, and a request that waits for ever holds nobody else."""
_NO_HURRY = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
)


class Database:
    """A connection pool with two kinds of transaction: `read` and `write`.

    On SQLite a write begins with ``BEGIN IMMEDIATE`` (a deferred one fails at once when it turns
    into a writer) and the process lets one writer in at a time, in turn, instead of polling.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = Lock()
        self.is_sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def read(self, *, patient: bool = False) -> Iterator[Connection]:
        """One snapshot of the whole database; ``patient`` may take as long as it wants."""
        options: dict[str, Any] = {_READ_ONLY: True}
        if not self.is_sqlite:
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._engine.connect().execution_options(**options) as connection, connection.begin():
            if patient:
                self._take_time(connection)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction; durable on leaving, nothing written on an exception."""
        if not self.is_sqlite:
            with self._engine.begin() as connection:
                yield connection
            return
        with self._turn, self._engine.begin() as connection:
            yield connection

    def run(self, work: Callable[[Connection], _T]) -> _T:
        """What ``work`` gives in one `write`; done again whole when PostgreSQL asks for it."""
        for tries_left in reversed(range(_TRIES)):
            try:
                with self.write() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not tries_left or getattr(error.orig, "sqlstate", None) not in _AGAIN:
                    raise
            # By chance, so that those who met do not meet again.
            time.sleep(secrets.randbelow(100) / 1000)
        raise AssertionError("the last try returns or raises")

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A `write` that takes its time, and that never meets another `alone`, whichever process began it."""
        with self.write() as connection:
            if not self.is_sqlite:
                self._take_time(connection)
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
            yield connection

    def insert_rows(self, connection: Connection, table: Table, rows: Sequence[Sequence[object]]) -> None:
        """Insert many rows, values in the order of the table's columns."""
        if rows:
            names = [column.name for column in table.columns]
            self._many(connection, table, names, rows, "")

    def upsert_rows(self, connection: Connection, table: Table, rows: Sequence[Sequence[object]]) -> None:
        """Insert many rows, or replace every column of those whose primary key is there."""
        if not rows:
            return
        keys = [column.name for column in table.primary_key]
        names = [column.name for column in table.columns]
        taken = ", ".join(f"{name}=excluded.{name}" for name in names if name not in keys)
        self._many(connection, table, names, rows, f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {taken}")

    def forget_erased(self) -> None:
        """Move the log of pages into the file, so that what was erased lies in no file any more.

        A long reading in the way is waited for a moment only, because writers wait too: the log is
        then emptied by the next erasure, or when the centre stops.
        """
        if not self.is_sqlite:
            return
        raw = self._engine.raw_connection()
        try:
            cursor = raw.cursor()
            for pragma in ("busy_timeout=500", "wal_checkpoint(TRUNCATE)", _PATIENCE):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()
        finally:
            raw.close()

    def integrity(self) -> list[str]:
        """What the engine itself finds wrong with its file; empty when nothing is."""
        if not self.is_sqlite:
            return []
        with self.read() as connection:
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def close(self) -> None:
        """Give back every connection; SQLite then folds its log into the file."""
        self._engine.dispose()

    def _take_time(self, connection: Connection) -> None:
        for setting in () if self.is_sqlite else _NO_HURRY:
            connection.exec_driver_sql(setting)

    def _many(
        self,
        connection: Connection,
        table: Table,
        names: Sequence[str],
        rows: Sequence[Sequence[object]],
        tail: str,
    ) -> None:
        # Straight to the driver: SQLAlchemy's own executemany costs three times as much per row.
        columns = ", ".join(names)
        if self.is_sqlite:
            marks = ", ".join("?" for _ in names)
            statement = f"INSERT INTO {table.name} ({columns}) VALUES ({marks}){tail}"
            connection.exec_driver_sql(statement, [tuple(row) for row in rows])
            return
        # One parameter: a row as parameters of its own costs the client as much as the server's whole work.
        given, read = _record_set(table, connection.dialect)
        statement = f"INSERT INTO {table.name} ({columns}) SELECT {read} FROM json_to_recordset(%s) AS given({given}){tail}"
        keyed = [dict(zip(names, row, strict=True)) for row in rows]
        connection.exec_driver_sql(statement, (_encode(keyed).decode(),))


@cache
def _record_set(table: Table, dialect: Dialect) -> tuple[str, str]:
    """The columns of a set of records that holds rows of this table as JSON, and how each is read from it."""
    given, read = [], []
    for column in table.columns:
        is_bytes = isinstance(column.type, LargeBinary)
        given.append(f"{column.name} {'text' if is_bytes else column.type.compile(dialect)}")
        read.append(f"decode({column.name}, 'base64')" if is_bytes else column.name)
    return ", ".join(given), ", ".join(read)


def is_away(error: Exception) -> bool:
    """Whether the database is locked, full, away, or no longer takes writes: nothing was written, it may come back."""
    return isinstance(error, BUSY) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def pages(
    connection: Connection, statement: Select[*tuple[Any, ...]], size: int = 500
) -> Iterator[Sequence[AnyRow]]:
    """The rows of a statement, ``size`` at a time, so that memory stays flat."""
    yield from connection.execute(statement, execution_options={"yield_per": size}).partitions()


def id_list(ids: Sequence[str]) -> str:
    """Many ids as one parameter of `one_of`. Ids hold no character that JSON escapes."""
    return "[" + ",".join(f'"{key}"' for key in ids) + "]"


def one_of(connection: Connection, column: ColumnElement[str], ids: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a column holds one of these ids, however many: one parameter, one statement."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(id_list(ids)).table_valued("value")
        return column.in_(select(listed.c.value))
    listed = func.jsonb_array_elements_text(cast(literal(id_list(ids)), JSONB)).table_valued("value")
    return column.in_(select(listed.c.value))


def connect(url: str) -> Database:
    """The database at this URL; for SQLite, made when missing, readable by its owner alone.

    Raises StoreUnavailable, naming what is wrong with the URL or the file.
    """
    parsed = _parsed(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if is_sqlite:
        _prepare_file(parsed)
    asked = {name: value for name, value in _KEPT_ALIVE.items() if name not in parsed.query}
    engine = create_engine(
        parsed,
        pool_size=8,
        # SQLite's cost nothing; those of PostgreSQL are processes, which all the centre's processes share.
        max_overflow=56 if is_sqlite else 12,
        pool_timeout=60,
        # The server may have been restarted since a connection was last used.
        pool_pre_ping=not is_sqlite,
        hide_parameters=True,
        connect_args={} if is_sqlite else {"client_encoding": "utf8", **asked},
    )
    event.listen(engine, "handle_error", _give_up_standby)
    event.listen(engine, "connect", _set_up_sqlite if is_sqlite else _set_up_postgresql)
    if is_sqlite:
        event.listen(engine, "begin", _begin)
    return Database(engine)


def _give_up_standby(context: ExceptionContext) -> None:
    # It goes on answering: kept, its connections would refuse every write until the centre is started again.
    if getattr(context.original_exception, "sqlstate", None) in _READS_ONLY:
        context.is_disconnect = True


def database_name(url: str) -> str | None:
    """The name of the PostgreSQL database at this URL; None when it is a SQLite file."""
    parsed = _parsed(url)
    return parsed.database if parsed.get_backend_name() == "postgresql" else None


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    kind = parsed and parsed.get_backend_name()
    if parsed is None or kind not in ("sqlite", "postgresql"):
        raise StoreUnavailable(
            "Adresse de base de données illisible : sqlite:///FICHIER ou postgresql://COMPTE@HÔTE/BASE est attendu."
        )
    return parsed if kind == "sqlite" else parsed.set(drivername="postgresql+psycopg")


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite URL; None for another kind of database."""
    parsed = _parsed(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _prepare_file(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise StoreUnavailable("Le centre garde tout dans un fichier : sqlite:///FICHIER est attendu.")
    path = Path(url.database)
    try:
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        elif not path.is_file() or not os.access(path, os.R_OK | os.W_OK):
            # Asked, not opened: closing the file would drop the locks of our other connections to it (POSIX).
            raise PermissionError(EACCES, os.strerror(EACCES))
    except OSError as error:
        raise StoreUnavailable(
            f"Impossible d’ouvrir {url.database} : {reason(error)}. Vérifiez le dossier et ses droits."
        ) from None


def _set_up_postgresql(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for setting in _SETTINGS:
        cursor.execute(setting)
    cursor.close()
    connection.commit()


def _set_up_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own transactions are deferred; ours begin in `_begin`.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READ_ONLY)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
