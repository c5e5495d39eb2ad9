"""Holds connections within limits: how many, how long their headers take, how large they are."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

IDLE = 75
"""Seconds that an idle connection is kept, so that a bus on a bad link saves a round trip."""
HEADERS_WITHIN = 60.0
"""Seconds for the headers of a request, from the connection or from their first byte."""
LARGEST_HEADERS = 16 * 1024
MOST_CONNECTIONS = 4_000
"""Of one process; others are closed without a word, and their laptops try again later."""
SPARE_FILES = 200
"""Descriptors left for the database, the log and the libraries."""


class Connection(H11Protocol):
    """One connection, closed when its headers do not come."""

    def __init__(self, *words: Any, most: int, headers_within: float, **named: Any) -> None:
        super().__init__(*words, **named)
        self._most, self._headers_within = most, headers_within
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base
        super().connection_made(transport)
        if len(self.connections) > self._most:
            transport.close()
            return
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_headers(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._waiting is None and not self.transport.is_closing():
            self._waiting = self.loop.call_later(self._headers_within, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


class Server(uvicorn.Server):
    """uvicorn, which says when it listens, and stops when ``until`` can be read to its end."""

    def __init__(
        self,
        app: ASGIApp,
        started: Callable[[], None],
        *,
        until: int | None = None,
        most_connections: int = MOST_CONNECTIONS,
        headers_within: float = HEADERS_WITHIN,
    ) -> None:
        protocol: Any = partial(Connection, most=most_connections, headers_within=headers_within)
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            loop="asyncio",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            # Nothing here depends on where a laptop seems to be: no header of a proxy is believed.
            proxy_headers=False,
            lifespan="off",
            timeout_keep_alive=IDLE,
            timeout_graceful_shutdown=30,
            h11_max_incomplete_event_size=LARGEST_HEADERS,
        )
        super().__init__(config)
        self._say_started, self._until = started, until

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._until is not None:
            asyncio.get_running_loop().add_reader(self._until, self._stop)
        self._say_started()

    def _stop(self) -> None:
        self.should_exit = True
        if self._until is not None:
            asyncio.get_running_loop().remove_reader(self._until)


def room_for_connections() -> int:
    """How many connections this process may hold, with as many open files as the system grants."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return max(soft - SPARE_FILES, soft // 2)
    return MOST_CONNECTIONS
