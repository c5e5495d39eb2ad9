"""Follows each request from its first byte to its last: one line of log, and the counters."""

import logging
import secrets
import time
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fsbus.core.redaction import redacted
from fsbus.server.metrics import Metrics

_log = logging.getLogger("fsbus.server")
_TOLD = "fsbus.told"
OTHER = "other"
"""Stands for every path that no route has."""


@redacted("id", "device")
@dataclass
class Told:
    """What the handlers of one request say of it: ids, codes and counts, nothing that a person typed."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    device: str = ""
    problem: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def told_of(request: Request) -> Told:
    """What is said of this request; handlers write in it."""
    return cast(Told, request.scope[_TOLD])


class Watch:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = scope[_TOLD] = Told()
        received = sent = status = 0

        async def take() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        async def give(message: Message) -> None:
            nonlocal sent, status
            status = message.get("status", status)
            sent += len(message.get("body", b""))
            await send(message)

        started = time.perf_counter()
        try:
            await self._app(scope, take, give)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", OTHER)
            self._metrics.request(route, status, seconds, received, sent)
            if told.problem:
                self._metrics.refusal(route, told.problem)
            if told.counts:
                self._metrics.exchange(told.counts)
            _log.info("request", extra={"facts": _facts(told, route, status, seconds, received, sent)})


def _facts(
    told: Told, route: str, status: int, seconds: float, received: int, sent: int
) -> dict[str, object]:
    """The line of one request; what is not known is left out."""
    known = {name: value for name in ("device", "problem") if (value := getattr(told, name))}
    return {
        "request": told.id, "route": route, "status": status, "ms": round(seconds * 1000, 1),
        "bytes_in": received, "bytes_out": sent, **known, **told.counts,
    }  # fmt: skip
