"""What the centre tells those who run it: alive, ready, its counters, its OpenAPI document."""

import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from fsbus.server import metrics
from fsbus.server.centre import Centre
from fsbus.server.database import UNREADABLE, is_away
from fsbus.server.metrics import Metrics
from fsbus.server.migrations import is_current
from fsbus.server.reaching import takes_writes

_FRESH = 1.0
"""Seconds that an answer of the database stands for the next ones: anybody may ask."""


class Service:
    """The handlers of the routes that no laptop asks for. Nothing here is signed or personal."""

    def __init__(self, centre: Centre, counters: Metrics, metrics_port: int | None) -> None:
        self._centre = centre
        self._counters = counters
        self._metrics_port = metrics_port
        self._asked_at = -_FRESH
        self._why_not = ""
        self._document = b""

    def publish(self, document: bytes) -> None:
        """The document to serve as ``/openapi.json``."""
        self._document = document

    async def alive(self, _: Request) -> Response:
        """The process answers; nothing is asked of the database."""
        return Response("alive\n", media_type="text/plain")

    async def ready(self, _: Request) -> Response:
        """Whether the database answers, at this program's schema, and takes writes."""
        if time.monotonic() - self._asked_at >= _FRESH:
            self._why_not = await run_in_threadpool(self._ask)
            self._asked_at = time.monotonic()
        if self._why_not:
            return Response(f"{self._why_not}\n", status_code=503, media_type="text/plain")
        return Response("ready\n", media_type="text/plain")

    async def document(self, _: Request) -> Response:
        return Response(self._document, media_type="application/json")

    async def metrics(self, request: Request) -> Response:
        """On its own address only: behind a proxy of the same machine, everybody seems to come from here."""
        server = request.scope.get("server") or ("", None)
        if self._metrics_port is None or server[1] != self._metrics_port:
            return Response("not here\n", status_code=404, media_type="text/plain")
        return Response(await run_in_threadpool(self._counters.text), media_type=metrics.CONTENT_TYPE)

    def _ask(self) -> str:
        database = self._centre.database
        try:
            with database.read() as connection:
                if not is_current(connection):
                    return "the database has another schema"
                if takes_writes(connection):
                    return ""
        except Exception as error:
            # Each driver has its own errors; whatever is not its absence is raised again.
            if not (is_away(error) or isinstance(error, UNREADABLE)):
                raise
            self._counters.database_error()
            return "the database does not answer"
        # Another server may write by now: the next connection finds it.
        database.close()
        return "the database takes no writes"
