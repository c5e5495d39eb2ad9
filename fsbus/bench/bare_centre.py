"""The limit of an exchange: a server that only receives, reads and keeps durably, in one statement.

No signature, no rule, no merging, no feed. Run as a process: `python -m fsbus.bench.bare_centre URL`.
"""

import socket
import sqlite3  # noqa: TID251  # the limit is the bare driver
import sys
from collections.abc import Callable, Sequence
from threading import Lock

import msgspec
import uvicorn
from backports import zstd
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Rows = Sequence[tuple[int, str, bytes]]
_TABLE = "CREATE TABLE IF NOT EXISTS op (seq INTEGER, record TEXT, line {bytes})"


def keeper(url: str) -> Callable[[Rows], None]:
    """Writes rows in one durable transaction, as fast as the driver of this database can."""
    if url.startswith("sqlite:///"):
        return _sqlite(url.removeprefix("sqlite:///"))
    return _postgresql(url)


def _sqlite(path: str) -> Callable[[Rows], None]:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(_TABLE.format(bytes="BLOB"))
    turn = Lock()

    def keep(rows: Rows) -> None:
        with turn:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO op VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")

    return keep


def _postgresql(url: str) -> Callable[[Rows], None]:
    import psycopg

    with psycopg.connect(url, autocommit=True) as first:
        first.execute(_TABLE.format(bytes="BYTEA"))
    free: list[psycopg.Connection] = []

    def keep(rows: Rows) -> None:
        connection = free.pop() if free else psycopg.connect(url)
        with connection.cursor().copy("COPY op FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.commit()
        free.append(connection)

    return keep


def build_app(url: str) -> Starlette:
    """`POST /`: zstd JSON lines in, one durable transaction. `PUT /` and `GET /`: bytes kept, and given back."""
    keep = keeper(url)
    kept = b""

    def store(body: bytes) -> bytes:
        lines = zstd.decompress(body).split(b"\n")
        decode = msgspec.json.Decoder().decode
        rows = [(seq, decode(line)["record"], line) for seq, line in enumerate(lines[1:], 1)]
        keep(rows)
        return b"%d" % len(rows)

    async def take(request: Request) -> Response:
        return Response(await run_in_threadpool(store, await request.body()))

    async def put(request: Request) -> Response:
        nonlocal kept
        kept = await request.body()
        return Response()

    async def give(_: Request) -> Response:
        return Response(kept)

    return Starlette(
        routes=[Route("/", take, methods=["POST"]), Route("/", put, methods=["PUT"]), Route("/", give)]
    )


class _Announced(uvicorn.Server):
    """Prints its port once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"{self.servers[0].sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    app = build_app(sys.argv[1])
    _Announced(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical")).run()
