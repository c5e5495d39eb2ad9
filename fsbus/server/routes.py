"""The table of the centre's routes: the application and its OpenAPI document are made from it.

A new route for laptops is one entry of `table` and a method of `Endpoint`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from fsbus.core.redaction import redacted
from fsbus.server.endpoint import BYTES, JSON, LARGEST_ENROLMENT, Endpoint
from fsbus.server.service import Service
from fsbus.wire.api import (
    AnswerHeader,
    HelloAnswer,
    Op,
    RequestHeader,
    SnapshotAnswer,
    State,
    StatesHeader,
    StatesRequest,
    SumsAnswer,
)
from fsbus.wire.codec import LARGEST_BODY
from fsbus.wire.enrolment import EnrollAnswer, EnrollRequest
from fsbus.wire.version import CONTENT_TYPE

TEXT = "text/plain; charset=utf-8"
Handler = Callable[[Request], Awaitable[Response]]
Replica = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", description="The replica that asks.")]
Nonce = Annotated[str, Meta(max_length=64, description="Makes no two requests alike; its value is ignored.")]


@redacted()
@dataclass(frozen=True)
class Content:
    """What a body is: JSON of ``model``, or zstd of lines of ``header`` and ``line``, or bytes or text without a model."""

    media_type: str = JSON
    model: Any = None
    header: type | None = None
    line: type | None = None
    largest: int | None = None
    """Bytes, for a request's body."""


@redacted()
@dataclass(frozen=True)
class Parameter:
    """One parameter of a route; ``kind`` is a type that msgspec can describe."""

    name: str
    kind: Any
    place: Literal["query", "path", "header"] = "query"
    required: bool = False


@redacted()
@dataclass(frozen=True)
class Route:
    """One route. ``problems`` are the codes of refusals that it may answer, beside those of every signed route."""

    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    summary: str
    answer: Content
    body: Content | None = None
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[str, ...] = ()
    status: int = 200
    signed: bool = True
    plain_refusals: tuple[int, ...] = ()
    """Statuses, beside ``status``, of a route for those who run the centre: plain text."""


Feed = Annotated[str, Meta(max_length=80, description="The feed that is asked about.")]
FEED_IN_PATH = Parameter("feed", Feed, "path", required=True)
NONCE = Parameter("nonce", Nonce)
MESSAGE_UP = Content(CONTENT_TYPE, header=RequestHeader, line=Op, largest=LARGEST_BODY)
MESSAGE_DOWN = Content(CONTENT_TYPE, header=AnswerHeader, line=State)


def table(endpoint: Endpoint, service: Service) -> tuple[Route, ...]:
    """Every route of the centre."""
    return (
        Route(
            "POST", "/v1/enroll", endpoint.enroll, "Take a laptop in against its one-time code",
            Content(model=EnrollAnswer), Content(model=EnrollRequest, largest=LARGEST_ENROLMENT),
            problems=("malformed", "bad_code", "too_large", "busy", "bug"), signed=False,
        ),
        Route(
            "GET", "/v1/hello", endpoint.hello, "What the centre holds of a replica, and where its feeds are",
            Content(model=HelloAnswer),
            parameters=(Parameter("replica", Replica, required=True), NONCE),
            problems=("forked",),
        ),
        Route(
            "POST", "/v1/sync", endpoint.sync, "Operations up; acknowledgement, results and record states down",
            MESSAGE_DOWN, MESSAGE_UP, problems=("expect", "epoch", "forked", "upgrade"),
        ),
        Route(
            "GET", "/v1/snapshot/{feed}", endpoint.snapshot, "The prepared file of a whole feed",
            Content(model=SnapshotAnswer), parameters=(FEED_IN_PATH, NONCE), problems=("not_granted",),
        ),
        Route(
            "GET", "/v1/snapshot/{feed}/{id}", endpoint.snapshot_part, "Bytes of a prepared file",
            Content(BYTES), parameters=(
                FEED_IN_PATH, Parameter("id", Replica, "path", required=True), NONCE,
                Parameter("range", Annotated[str, Meta(pattern="^bytes=[0-9]{1,15}-[0-9]{1,15}$")], "header", required=True),
            ),
            problems=("not_granted", "gone", "range"), status=206,
        ),
        Route(
            "GET", "/v1/sums", endpoint.sums, "The sums of a feed's buckets, or of the records of one",
            Content(model=SumsAnswer), parameters=(
                Parameter("feed", Feed, required=True), Parameter("bucket", Annotated[int, Meta(ge=0, le=255)]), NONCE,
            ),
            problems=("not_granted",),
        ),
        Route(
            "POST", "/v1/states", endpoint.states, "Records of a feed as they stand, by their ids",
            Content(CONTENT_TYPE, header=StatesHeader, line=State), Content(model=StatesRequest, largest=LARGEST_BODY),
            problems=("not_granted",),
        ),
        Route("GET", "/healthz", service.alive, "The process answers", Content(TEXT), signed=False),
        Route(
            "GET", "/readyz", service.ready, "The database answers, at this program's schema, and takes writes",
            Content(TEXT), signed=False, plain_refusals=(503,),
        ),
        Route("GET", "/openapi.json", service.document, "This document", Content(), signed=False),
        Route(
            "GET", "/metrics", service.metrics, "Counters for monitoring, on the address of --metrics only",
            Content(TEXT), signed=False, plain_refusals=(404,),
        ),
    )  # fmt: skip
