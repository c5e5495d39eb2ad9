"""The door of the centre: checks who speaks, caps what is read, signs every answer, maps errors."""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from fsbus.core.clock import Clock
from fsbus.core.errors import DevicePending, DeviceRevoked, StoreUnavailable
from fsbus.core.redaction import redacted
from fsbus.server import snapshots, sums, sync
from fsbus.server.centre import Centre
from fsbus.server.database import is_away
from fsbus.server.devices import Device, find_device
from fsbus.server.enrolling import enroll
from fsbus.server.feed import MOST_BYTES
from fsbus.server.metrics import Metrics
from fsbus.server.receiving import Bodies, Gone
from fsbus.server.watching import Told, told_of
from fsbus.wire import signing
from fsbus.wire.api import Problem, Refused, Request, StatesRequest
from fsbus.wire.bundle import PATH as STICK_PATH
from fsbus.wire.codec import (
    LARGEST_BODY,
    UNREADABLE,
    Malformed,
    TooLarge,
    decode_request,
    opened_size,
    pack_answer,
)  # fmt: skip
from fsbus.wire.enrolment import EnrollRequest
from fsbus.wire.version import CONTENT_TYPE

JSON = "application/json"
BYTES = "application/octet-stream"
LARGEST_ENROLMENT = 8 * 1024
MOST_REQUESTS = 256
"""Requests of proved devices under way at once; further ones are told to come back."""
MOST_OF_ONE = 8
"""The same for one device: it cannot take the places of the others."""
MOST_WORKING = 4
"""Requests being decoded and stored at once: each may hold a whole message in memory."""
LARGE = 4 * 1024 * 1024
"""Bytes of a message once decompressed; larger ones are worked on one at a time."""
PATIENCE, PATIENCE_WITH_STRANGERS = 60.0, 10.0
"""Seconds that the rest of a refused body is waited for."""
STATUS = {
    "malformed": 400,
    "unknown_device": 401,
    "revoked": 401,
    "bad_code": 403,
    "pending": 403,
    "not_granted": 403,
    "gone": 404,
    "expect": 409,
    "epoch": 409,
    "forked": 409,
    "too_large": 413,
    "range": 416,
    "upgrade": 426,
    "bug": 500,
    "busy": 503,
}

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})")
_NUMBER = re.compile(r"\d{1,3}")
_log = logging.getLogger("fsbus.server")


@redacted("status")
@dataclass(frozen=True)
class Reply:
    """What to answer, before it is signed."""

    body: bytes
    content_type: str = JSON
    status: int = 200
    counts: Mapping[str, int] = field(default_factory=dict)
    """What it carried, for the log and the counters: ``operations``, ``states``, and results by their names."""


Work = Callable[[Device, bytes], Reply]


class Endpoint:
    """The handlers of the routes; all that they share is here and nowhere else."""

    def __init__(
        self, centre: Centre, clock: Clock, *, counters: Metrics | None = None, bodies: Bodies | None = None
    ) -> None:
        self._centre = centre
        self._clock = clock
        self._counters = counters or Metrics()
        self._bodies = bodies or Bodies()
        self._under_way: Counter[str] = Counter()
        self._working = asyncio.Semaphore(MOST_WORKING)
        self._large = asyncio.Lock()

    async def hello(self, request: HttpRequest) -> Response:
        return await self._serve(request, partial(self._hello, request.query_params.get("replica", "")))

    async def sync(self, request: HttpRequest) -> Response:
        return await self._serve(request, self._exchange)

    async def snapshot(self, request: HttpRequest) -> Response:
        return await self._serve(request, partial(self._snapshot, request.path_params["feed"]))

    async def snapshot_part(self, request: HttpRequest) -> Response:
        asked = (request.path_params["feed"], request.path_params["id"], request.headers.get("range", ""))
        return await self._serve(request, partial(self._snapshot_part, *asked))

    async def sums(self, request: HttpRequest) -> Response:
        asked = (request.query_params.get("feed", ""), request.query_params.get("bucket"))
        return await self._serve(request, partial(self._sums, *asked))

    async def states(self, request: HttpRequest) -> Response:
        return await self._serve(request, self._states)

    async def enroll(self, request: HttpRequest) -> Response:
        """Not signed: the laptop does not know the centre's key yet; the answer is proved by the code."""
        told = told_of(request)
        try:
            async with self._bodies.whole(request, LARGEST_ENROLMENT, proved=False) as body:
                reply = await run_in_threadpool(self._enroll, body, told)
        except Exception as error:  # noqa: BLE001  # each becomes an answer, a bug included
            reply = self._refusal(error, told)
            if not isinstance(error, Gone):
                await self._bodies.discard(request, LARGEST_ENROLMENT, PATIENCE_WITH_STRANGERS)
        return _response(reply, {"content-type": reply.content_type})

    async def _serve(self, request: HttpRequest, work: Work) -> Response:
        """Run ``work`` for a proved device, and sign whatever comes of it."""
        told = told_of(request)
        answered: str | None = None
        try:
            headers = signing.unique_headers(request.headers.items())
            answered = signing.request_signature(headers)
            # Before the body: who is not enrolled makes the centre read and keep nothing.
            path, query = request.scope["raw_path"], request.scope["query_string"]
            asked = (request.method, path.decode("latin-1"), query.decode("latin-1"))
            is_exchange = work == self._exchange
            device = await run_in_threadpool(self._authenticate, headers, *asked, is_exchange=is_exchange)
            told.device = device.id
            with self._place(device):
                reply = await self._work(request, headers, device, work)
            told.counts = dict(reply.counts)
        except Exception as error:  # noqa: BLE001  # each becomes a signed answer, a bug included
            reply = self._refusal(error, told)
            if not isinstance(error, Gone):
                patience = PATIENCE if told.device else PATIENCE_WITH_STRANGERS
                await self._bodies.discard(request, 2 * LARGEST_BODY, patience)
        return _response(reply, self._signed(reply, answered))

    def carried(
        self, sent: Mapping[str, str], body: bytes, told: Told, work: Work
    ) -> tuple[Reply, dict[str, str]]:
        """The answer, and its signed headers, to an exchange that a stick carried: proved and done as any other."""
        answered: str | None = None
        try:
            headers = signing.unique_headers(sent.items())
            answered = signing.request_signature(headers)
            device = self._authenticate(headers, "POST", STICK_PATH, "", is_exchange=True)
            told.device = device.id
            signing.verify_body(headers, body)
            reply = work(device, body)
            told.counts = dict(reply.counts)
        except Exception as error:  # noqa: BLE001  # each becomes a signed answer, a bug included
            reply = self._refusal(error, told)
        return reply, self._signed(reply, answered)

    def _signed(self, reply: Reply, answered: str | None) -> dict[str, str]:
        return signing.sign_answer(
            status=reply.status,
            content_type=reply.content_type,
            body=reply.body,
            answered=answered,
            private_key=self._centre.private_key,
            created=int(self._clock.now().timestamp()),
        )

    async def _work(self, request: HttpRequest, headers: dict[str, str], device: Device, work: Work) -> Reply:
        async with AsyncExitStack() as stack:
            body = await stack.enter_async_context(self._bodies.whole(request, LARGEST_BODY))
            signing.verify_body(headers, body)
            if request.method == "POST" and opened_size(body) > LARGE:
                await stack.enter_async_context(self._large)
            await stack.enter_async_context(self._working)
            return await run_in_threadpool(self._done, device, body, work)

    def _done(self, device: Device, body: bytes, work: Work) -> Reply:
        """The work, for the device as it stands now: its body may have taken half an hour."""
        with self._centre.database.read() as connection:
            known = find_device(connection, device.id)
        if known is None:
            raise signing.BadSignature("unknown device")
        return work(known, body)

    @contextmanager
    def _place(self, device: Device) -> Iterator[None]:
        """One of the places for requests under way. Raises Refused (busy)."""
        if self._under_way.total() >= MOST_REQUESTS or self._under_way[device.id] >= MOST_OF_ONE:
            raise Refused(Problem("busy"))
        self._under_way[device.id] += 1
        try:
            yield
        finally:
            self._under_way[device.id] -= 1
            if not self._under_way[device.id]:
                del self._under_way[device.id]

    def _authenticate(
        self, headers: dict[str, str], method: str, path: str, query: str, *, is_exchange: bool
    ) -> Device:
        with self._centre.database.read() as connection:
            device = find_device(connection, signing.claimed_device(headers))
        if device is None:
            raise signing.BadSignature("unknown device")
        signing.verify_request(
            method=method,
            path=path,
            query=query,
            headers=headers,
            audience=self._centre.audience,
            public_key=device.public_key,
        )
        # What a revoked device sends to be exchanged is read, to be kept aside: it may be days of work.
        if not (device.revoked and is_exchange):
            device.check()
        return device

    def _hello(self, replica: str, device: Device, body: bytes) -> Reply:
        _check_empty(body)
        answer = sync.hello(self._centre, device, replica, self._clock.now())
        return Reply(msgspec.json.encode(answer))

    def _exchange(self, device: Device, body: bytes) -> Reply:
        return exchanged(self._centre, device, opened_request(device, body), self._clock.now())

    def _snapshot(self, feed: str, device: Device, body: bytes) -> Reply:
        _check_empty(body)
        made = snapshots.snapshot(self._centre, device, feed, self._clock.now())
        return Reply(msgspec.json.encode(made))

    def _snapshot_part(self, feed: str, name: str, asked: str, device: Device, body: bytes) -> Reply:
        _check_empty(body)
        found = _RANGE.fullmatch(asked)
        if found is None:
            raise Refused(Problem("range", "one range with both its ends"))
        part = snapshots.snapshot_range(self._centre, device, feed, name, *map(int, found.groups()))
        return Reply(part, BYTES, 206)

    def _sums(self, feed: str, bucket: str | None, device: Device, body: bytes) -> Reply:
        _check_empty(body)
        if bucket is None:
            return Reply(msgspec.json.encode(sums.sums(self._centre, device, feed)))
        if _NUMBER.fullmatch(bucket) is None:
            raise Malformed("bucket is a number")
        return Reply(msgspec.json.encode(sums.bucket(self._centre, device, feed, int(bucket))))

    def _states(self, device: Device, body: bytes) -> Reply:
        try:
            asked = msgspec.json.decode(body, type=StatesRequest)
        except UNREADABLE as error:
            raise Malformed(str(error)) from None
        header, lines = sums.states(self._centre, device, asked.feed, asked.ids)
        return Reply(pack_answer(header, lines), CONTENT_TYPE, counts={"states": len(lines)})

    def _enroll(self, body: bytes, told: Told) -> Reply:
        try:
            request = msgspec.json.decode(body, type=EnrollRequest)
        except UNREADABLE:
            # Its words may name a field that is none of ours.
            raise Malformed("not an enrolment") from None
        answer = enroll(self._centre, request, self._clock.now())
        told.device = answer.device
        return Reply(msgspec.json.encode(answer))

    def _refusal(self, error: Exception, told: Told) -> Reply:
        """The problem to tell; only what was not foreseen is a bug, told without its words."""
        match error:
            case signing.BadSignature():
                problem = Problem("unknown_device")
            case DeviceRevoked():
                problem = Problem("revoked")
            case DevicePending():
                problem = Problem("pending")
            case Refused():
                problem = error.problem
            case TooLarge():
                problem = Problem("too_large")
            case Malformed():
                problem = Problem("malformed", str(error)[:200])
            case Gone():
                problem = Problem("malformed", "the request did not arrive whole")
            case _ if is_away(error) or isinstance(error, StoreUnavailable):
                problem = Problem("busy")
                self._counters.database_error()
                _log.error("database", extra={"facts": _fault(told, type(error).__name__)})
            case _:
                problem = Problem("bug")
                # Without the message: it may quote what a person typed.
                _log.error("bug", extra={"facts": _fault(told, _where(error))})
        told.problem = problem.problem
        return Reply(msgspec.json.encode(problem), JSON, STATUS[problem.problem])


def _check_empty(body: bytes) -> None:
    if body:
        raise Malformed("this request has no body")


def opened_request(device: Device, body: bytes) -> Request:
    """The request in a body. Raises Malformed, but to a device that may not know: what `Device.check` raises."""
    try:
        return decode_request(body)
    except Malformed:
        device.check()
        raise


def exchanged(
    centre: Centre, device: Device, request: Request, now: datetime, most: int = MOST_BYTES
) -> Reply:
    """The reply to an exchange of a proved device, with ``most`` bytes of states before compression."""
    header, lines = sync.exchange(centre, device, request, now, most)
    counts = Counter(result.r for result in header.results)
    counts.update(operations=len(request.ops), states=len(lines))
    return Reply(pack_answer(header, lines), CONTENT_TYPE, counts=counts)


def _response(reply: Reply, headers: dict[str, str]) -> Response:
    response = Response(reply.body, status_code=reply.status, headers=headers)
    response.headers["cache-control"] = "no-store"
    if reply.status == 503:
        response.headers["retry-after"] = "5"
    return response


def _fault(told: Told, error: str) -> dict[str, str]:
    return {"request": told.id, "device": told.device, "error": error}


def _where(error: Exception) -> str:
    """The class of an error and the place in our code, without its words."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "fsbus" in code.co_filename:
            place = f"{code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"
