"""A fake laptop: makes operations, and speaks signed to a real centre over real HTTP."""

import http.client
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from fsbus.core.clock import Clock
from fsbus.core.ids import new_replica
from fsbus.server.centre import Centre
from fsbus.server.enrolling import enroll, make_code
from fsbus.wire import signing
from fsbus.wire.api import Answer, HelloAnswer, Op, Problem, Refused, Request, RequestHeader
from fsbus.wire.codec import decode_answer, encode_op, encode_request
from fsbus.wire.enrolment import Enrolled, build_enroll_request, read_enroll_answer
from fsbus.wire.version import CONTENT_TYPE

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FEED = "bus-3"
CREATED = int(NOW.timestamp())


def still_clock() -> Clock:
    return Clock(now=lambda: NOW)


def numbered_id(number: int) -> str:
    """A UUIDv7 made of a number."""
    return f"0190b6f0-0000-7000-8000-{number:012x}"


def visit_body(**changes: object) -> dict[str, object]:
    """A valid visit; vary one thing."""
    return {
        "agent_id": numbered_id(1),
        "started_at": "2026-11-24T08:20:00Z",
        "visited_on": "2026-11-24",
        "minutes": 25,
        "channel": "walk_in",
        "stop_commune": "02361",
        "resident_commune": "02361",
        "age_band": "60_69",
        "gender": "female",
        "first_visit": True,
        "autonomy": "guided",
        "equipment": ["computer"],
        "satisfaction": 3,
        "resident_id": None,
        "note": "",
    } | changes


def record_body(visit_id: str, **changes: object) -> dict[str, object]:
    """A valid procedure record of this visit; vary one thing."""
    return {
        "visit_id": visit_id,
        "partner": "CNAV",
        "procedure": "CNAV-DEM",
        "nature": "information",
        "mode": "assisted",
        "outcome": "resolved",
        "precise_answer": "Relevé de carrière demandé en ligne.",
        "missing_documents": [],
        "blockers": [],
        "referral": None,
        "follow_up": None,
        "mandate": None,
    } | changes


def enrol(centre: Centre, feed: str = FEED, name: str = "Portable 1", role: str = "agent") -> Enrolled:
    """A device enrolled without the network."""
    code = make_code(centre, feed, role, NOW)
    request, pending = build_enroll_request(code.code, name, signing.new_private_key())
    return read_enroll_answer(pending, enroll(centre, request, NOW))


@dataclass
class Notebook:
    """The operations of one replica, numbered as they are made."""

    replica: str = field(default_factory=new_replica)
    lines: list[bytes] = field(default_factory=list)

    def add(self, verb: str, record: str, kind: str = "visit", **rest: object) -> Op:
        op = Op(seq=len(self.lines) + 1, record=record, kind=kind, verb=verb, **rest)  # type: ignore[arg-type]  # the tests' own fields
        self.lines.append(encode_op(op))
        return op

    def create(self, record: str, body: Mapping[str, object], kind: str = "visit", **rest: object) -> Op:
        return self.add("create", record, kind, set=dict(body), **rest)

    def amend(self, record: str, base: int, **fields: object) -> Op:
        return self.add("set", record, base=base, set=fields)

    def request(self, epoch: str, first: int = 1, count: int | None = None, **rest: object) -> Request:
        lines = self.lines[first - 1 :][:count]
        header = RequestHeader(self.replica, CREATED * 1000, epoch, first, len(lines), **rest)  # type: ignore[arg-type]  # the tests' own fields
        return Request(header, lines)


@dataclass
class HttpLaptop:
    """Implements `SyncApi` over http.client; every answer is verified before it is read."""

    url: str
    enrolled: Enrolled
    timeout: float = 20.0
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def hello(self, replica: str) -> HelloAnswer:
        status, body = self.call("GET", "/v1/hello", f"replica={replica}", "application/json", b"")
        return msgspec.json.decode(self._taken(status, body), type=HelloAnswer)

    def exchange(self, request: Request) -> Answer:
        status, body = self.call("POST", "/v1/sync", "", CONTENT_TYPE, encode_request(request))
        return decode_answer(self._taken(status, body))

    def sign(self, method: str, path: str, query: str, content_type: str, body: bytes) -> dict[str, str]:
        return signing.sign_request(
            method=method,
            path=path,
            query=query,
            content_type=content_type,
            body=body,
            audience=self.enrolled.audience,
            device=self.enrolled.device,
            private_key=self.enrolled.private_key,
            created=CREATED + next(self._numbers),
        )

    def call(self, method: str, path: str, query: str, content_type: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of a signed call, the answer's signature verified."""
        headers = self.sign(method, path, query, content_type, body)
        status, answer, raw = send(
            self.url, method, f"{path}?{query}".rstrip("?"), headers, body, self.timeout
        )
        signing.verify_answer(
            status=status,
            headers=answer,
            body=raw,
            answered=signing.request_signature(headers) or "",
            public_key=self.enrolled.server_key,
        )
        return status, raw

    @staticmethod
    def _taken(status: int, body: bytes) -> bytes:
        if status != 200:
            raise Refused(msgspec.json.decode(body, type=Problem))
        return body


def send(
    url: str, method: str, target: str, headers: Mapping[str, str], body: bytes, timeout: float = 20.0
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (lower case) and body of one bare HTTP call."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=timeout)
    try:
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, signing.unique_headers(answer.getheaders()), answer.read()
    finally:
        connection.close()
