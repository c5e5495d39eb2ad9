"""The routes of the centre, each named here."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fsbus.core.clock import Clock
from fsbus.server.centre import Centre
from fsbus.server.endpoint import Endpoint


def build_app(centre: Centre, clock: Clock) -> Starlette:
    """The ASGI application over an open centre."""
    endpoint = Endpoint(centre, clock)
    return Starlette(
        routes=[
            Route("/v1/enroll", endpoint.enroll, methods=["POST"]),
            Route("/v1/hello", endpoint.hello, methods=["GET"]),
            Route("/v1/sync", endpoint.sync, methods=["POST"]),
            Route("/healthz", _alive, methods=["GET"]),
            Route("/readyz", endpoint.ready, methods=["GET"]),
        ]
    )


async def _alive(_: Request) -> Response:
    """The process answers; nothing is asked of the database."""
    return Response("alive\n", media_type="text/plain")
