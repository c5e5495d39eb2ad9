"""The centre as an ASGI application in this process, to look inside or ask it a thousand times."""

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.routing import Route

from fsbus.server.app import build_app
from fsbus.server.centre import Centre
from tests.server.laptop import still_clock


def routes_of(centre: Centre) -> set[tuple[str, str]]:
    """The methods and paths that the application really answers."""
    app = getattr(build_app(centre, still_clock()), "_app")  # noqa: B009  # inside, on purpose
    assert isinstance(app, Starlette)
    return {
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
    }


@dataclass(frozen=True)
class Answered:
    """One answer, header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class InProcess:
    """Asks the application without a network; close it. An error that leaves it is raised here."""

    def __init__(self, centre: Centre, *, metrics_port: int | None = None) -> None:
        self._app = build_app(centre, still_clock(), metrics_port=metrics_port)
        self._runner = asyncio.Runner()

    def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        arriving: Callable[[], object] = lambda: None,
    ) -> Answered:
        """``arriving`` is run when the centre asks for the first bytes of the body."""
        return self._runner.run(self._ask(method, target, headers, body, arriving))

    def close(self) -> None:
        self._runner.close()

    async def _ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        arriving: Callable[[], object],
    ) -> Answered:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        parts = [body[at : at + 65_536] for at in range(0, len(body), 65_536)] or [b""]
        got: list[MutableMapping[str, Any]] = []
        asked = False

        async def receive() -> dict[str, object]:
            nonlocal asked
            if not asked:
                asked = True
                await asyncio.to_thread(arriving)
            if not parts:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: MutableMapping[str, Any]) -> None:
            got.append(message)

        await self._app(scope, receive, send)
        found = {name.decode(): value.decode("latin-1") for name, value in got[0]["headers"]}
        return Answered(got[0]["status"], found, b"".join(part.get("body", b"") for part in got[1:]))
