"""The limit of a push: a server that only receives, reads and keeps durably, in one statement.

No signature, no rule, no merging, no feed. Run as a process: `python -m fsbus.bench.bare_centre FILE`.
"""

import socket
import sqlite3  # noqa: TID251  # the limit is the bare driver
import sys
from pathlib import Path

import msgspec
import uvicorn
from backports import zstd
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def build_app(path: Path) -> Starlette:
    """One route, `POST /`: zstd JSON lines in, one `executemany` in one durable transaction."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS op (seq INTEGER PRIMARY KEY, record TEXT, line BLOB)")

    async def take(request: Request) -> Response:
        lines = zstd.decompress(await request.body()).split(b"\n")
        decode = msgspec.json.Decoder().decode
        rows = [(seq, decode(line)["record"], line) for seq, line in enumerate(lines[1:], 1)]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT OR REPLACE INTO op VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")
        return Response(b"%d" % len(rows))

    return Starlette(routes=[Route("/", take, methods=["POST"])])


class _Announced(uvicorn.Server):
    """Prints its port once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"{self.servers[0].sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    app = build_app(Path(sys.argv[1]))
    _Announced(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical")).run()
