"""The centre as an ASGI application in this process, to look inside or ask it a thousand times."""

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
