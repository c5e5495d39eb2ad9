"""The door of the centre: checks who speaks, caps what is read, signs every answer, maps errors."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Message

from fsbus.core.clock import Clock
from fsbus.core.errors import DeviceRevoked
from fsbus.core.redaction import redacted
from fsbus.server import sync
from fsbus.server.centre import Centre
from fsbus.server.database import BUSY
from fsbus.server.devices import Device, find_device
from fsbus.server.enrolling import enroll
from fsbus.wire import signing
from fsbus.wire.api import Problem, Refused
from fsbus.wire.codec import LARGEST_BODY, UNREADABLE, Malformed, TooLarge, decode_request, pack_answer
from fsbus.wire.enrolment import EnrollRequest
from fsbus.wire.version import CONTENT_TYPE

JSON = "application/json"
LARGEST_ENROLMENT = 8 * 1024
SILENCE = 60.0
"""Seconds without a byte before a request is given up; a slow bus is not a silent one."""
MOST_REQUESTS = 256
"""Requests under way at once; further ones are told to come back."""
MOST_WORKING = 4
"""Requests being decoded and stored at once: each may hold a whole message in memory."""
STATUS = {
    "malformed": 400,
    "unknown_device": 401,
    "revoked": 401,
    "bad_code": 403,
    "expect": 409,
    "epoch": 409,
    "forked": 409,
    "too_large": 413,
    "upgrade": 426,
    "bug": 500,
    "busy": 503,
}

_log = logging.getLogger("fsbus.server")


@redacted("status")
@dataclass(frozen=True)
class Reply:
    """What to answer, before it is signed."""

    body: bytes
    content_type: str = JSON
    status: int = 200


class Gone(Exception):
    """The laptop left, or fell silent, before its request had arrived."""


Work = Callable[[Device, bytes], Reply]


class Endpoint:
    """The handlers of the routes; all that they share is here and nowhere else."""

    def __init__(self, centre: Centre, clock: Clock) -> None:
        self._centre = centre
        self._clock = clock
        self._under_way = 0
        self._working = asyncio.Semaphore(MOST_WORKING)

    async def hello(self, request: HttpRequest) -> Response:
        return await self._serve(request, partial(self._hello, request.query_params.get("replica", "")))

    async def sync(self, request: HttpRequest) -> Response:
        return await self._serve(request, self._exchange)

    async def enroll(self, request: HttpRequest) -> Response:
        """Not signed: the laptop does not know the centre's key yet; the answer is proved by the code."""
        try:
            body = await _read(request, LARGEST_ENROLMENT)
            reply = await run_in_threadpool(self._enroll, body)
        except Exception as error:  # noqa: BLE001  # each becomes an answer, a bug included
            reply = self._refusal(error, "")
        return _response(reply, {"content-type": reply.content_type})

    async def ready(self, _: HttpRequest) -> Response:
        """Whether the database answers; for the one who runs the centre, not for laptops."""
        try:
            await run_in_threadpool(self._touch)
        except BUSY:
            return Response("the database does not answer\n", status_code=503, media_type="text/plain")
        return Response("ready\n", media_type="text/plain")

    async def _serve(self, request: HttpRequest, work: Work) -> Response:
        """Run ``work`` for a proved device, and sign whatever comes of it."""
        answered: str | None = None
        device_id = ""
        self._under_way += 1
        try:
            if self._under_way > MOST_REQUESTS:
                raise Refused(Problem("busy"))
            headers = signing.unique_headers(request.headers.items())
            answered = signing.request_signature(headers)
            # Before the body: who is not enrolled makes the centre read and keep nothing.
            device = await run_in_threadpool(self._authenticate, request, headers)
            device_id = device.id
            body = await _read(request, LARGEST_BODY)
            signing.verify_body(headers, body)
            async with self._working:
                reply = await run_in_threadpool(work, device, body)
        except Exception as error:  # noqa: BLE001  # each becomes a signed answer, a bug included
            reply = self._refusal(error, device_id)
            await _discard(request)
        finally:
            self._under_way -= 1
        signed = signing.sign_answer(
            status=reply.status,
            content_type=reply.content_type,
            body=reply.body,
            answered=answered,
            private_key=self._centre.private_key,
            created=int(self._clock.now().timestamp()),
        )
        return _response(reply, signed)

    def _authenticate(self, request: HttpRequest, headers: dict[str, str]) -> Device:
        with self._centre.database.read() as connection:
            device = find_device(connection, signing.claimed_device(headers))
        if device is None:
            raise signing.BadSignature("unknown device")
        signing.verify_request(
            method=request.method,
            path=request.scope["raw_path"].decode("latin-1"),
            query=request.scope["query_string"].decode("latin-1"),
            headers=headers,
            audience=self._centre.audience,
            public_key=device.public_key,
        )
        device.check()
        return device

    def _hello(self, replica: str, device: Device, body: bytes) -> Reply:
        if body:
            raise Malformed("hello has no body")
        answer = sync.hello(self._centre, device, replica, self._clock.now())
        return Reply(msgspec.json.encode(answer))

    def _exchange(self, device: Device, body: bytes) -> Reply:
        request = decode_request(body)
        header, lines = sync.exchange(self._centre, device, request, self._clock.now())
        facts = {
            "device": device.id,
            "replica": request.header.replica,
            "operations": len(request.ops),
            "exceptions": len(header.results),
            "states": len(lines),
        }
        _log.info("exchange", extra={"facts": facts})
        return Reply(pack_answer(header, lines), CONTENT_TYPE)

    def _enroll(self, body: bytes) -> Reply:
        try:
            request = msgspec.json.decode(body, type=EnrollRequest)
        except UNREADABLE as error:
            raise Malformed(str(error)) from None
        answer = enroll(self._centre, request, self._clock.now())
        _log.info("enrolled", extra={"facts": {"device": answer.device}})
        return Reply(msgspec.json.encode(answer))

    def _touch(self) -> None:
        with self._centre.database.read() as connection:
            find_device(connection, "")

    def _refusal(self, error: Exception, device: str) -> Reply:
        """The problem to tell; only what was not foreseen is a bug, told without its words."""
        match error:
            case signing.BadSignature():
                problem = Problem("unknown_device")
            case DeviceRevoked():
                problem = Problem("revoked")
            case Refused():
                problem = error.problem
            case TooLarge():
                problem = Problem("too_large")
            case Malformed():
                problem = Problem("malformed", str(error)[:200])
            case Gone():
                problem = Problem("malformed", "the request did not arrive whole")
            case _ if isinstance(error, BUSY):
                problem = Problem("busy")
                _log.error("database", extra={"facts": {"device": device, "error": type(error).__name__}})
            case _:
                problem = Problem("bug")
                # Without the message: it may quote what a person typed.
                _log.error("bug", extra={"facts": {"device": device, "error": _where(error)}})
        return Reply(msgspec.json.encode(problem), JSON, STATUS[problem.problem])


def _response(reply: Reply, headers: dict[str, str]) -> Response:
    response = Response(reply.body, status_code=reply.status, headers=headers)
    response.headers["cache-control"] = "no-store"
    if reply.status == 503:
        response.headers["retry-after"] = "5"
    return response


async def _read(request: HttpRequest, largest: int) -> bytes:
    """The whole body. Raises TooLarge as soon as it is known to be, and Gone."""
    if int(request.headers.get("content-length", "0")) > largest:
        raise TooLarge("the body is too large")
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await _receive(request)
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
        size += len(parts[-1])
        if size > largest:
            raise TooLarge("the body is too large")
    return b"".join(parts)


async def _discard(request: HttpRequest) -> None:
    """Read what is left of a refused body, for a while: a laptop still sending would not hear the answer."""
    size = 0
    try:
        while size <= 2 * LARGEST_BODY and not request.scope.get("fsbus.read"):
            size += len((await _receive(request)).get("body", b""))
    except Gone:
        return


async def _receive(request: HttpRequest) -> Message:
    try:
        async with asyncio.timeout(SILENCE):
            message = await request.receive()
    except TimeoutError:
        raise Gone from None
    if message["type"] == "http.disconnect":
        raise Gone
    if not message.get("more_body", False):
        request.scope["fsbus.read"] = True
    return message


def _where(error: Exception) -> str:
    """The class of an error and the place in our code, without its words."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "fsbus" in code.co_filename:
            place = f"{code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"
