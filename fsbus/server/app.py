"""The ASGI application: the routes of the table, each request watched."""

from importlib.metadata import version

import msgspec
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from fsbus.core.clock import Clock
from fsbus.server.centre import Centre
from fsbus.server.endpoint import Endpoint
from fsbus.server.metrics import Metrics
from fsbus.server.openapi import document
from fsbus.server.receiving import Bodies
from fsbus.server.routes import table
from fsbus.server.service import Service
from fsbus.server.watching import Watch


def build_app(
    centre: Centre, clock: Clock, *, metrics_port: int | None = None, bodies: Bodies | None = None
) -> ASGIApp:
    """The application over an open centre; ``metrics_port`` is the only one where its counters are told."""
    counters = Metrics()
    service = Service(centre, counters, metrics_port)
    listed = table(Endpoint(centre, clock, counters=counters, bodies=bodies), service)
    service.publish(msgspec.json.encode(document(listed, version("fsbus"))))
    routes = [Route(route.path, route.handler, methods=[route.method]) for route in listed]
    for route in routes:
        # A HEAD would be answered by a signature over a body that does not come.
        (route.methods or set()).discard("HEAD")
    app = Starlette(routes=routes)
    # A redirection is not signed, so no laptop would follow it.
    app.router.redirect_slashes = False
    return Watch(app, counters)
