"""Requests that a laptop never sends: spoilt bytes, JSON or shape, many signed all the same."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec
from backports import zstd

from fsbus.server.centre import Centre
from fsbus.server.enrolling import make_code
from fsbus.wire import codec, signing
from fsbus.wire.enrolment import build_enroll_request
from fsbus.wire.version import CONTENT_TYPE
from tests.server.laptop import (
    FEED,
    NOW,
    HttpLaptop,
    Notebook,
    enrol,
    numbered_id,
    record_body,
    visit_body,
)  # fmt: skip

JSON = "application/json"
HOSTILE: list[object] = [
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 2**64, -(2**70), 1e308, 0.1, "", "a" * 5_000, "\0", "\x1b[2J",
    "\u202e", "’", "🦊" * 300, "' OR 1=1 --", "../../etc/passwd", "%00", "{{7*7}}", "=1+1", "ab" * 16, numbered_id(100),
    [], {}, [[]] * 50, {"$ref": "#"}, ["walk_in"] * 100, {"note": {"note": {"note": []}}}, "2026-13-45T99:99:99Z",
    "2026-11-24", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "NaN", "bus-3", "create", "erase",
]  # fmt: skip
Spoilt = tuple[str, str, dict[str, str], bytes]
"""Method, target, headers, body."""


@dataclass
class Spoiler:
    """Makes spoilt requests to one centre, the same ones for the same seed."""

    centre: Centre
    chance: random.Random
    laptop: HttpLaptop = field(init=False)
    _code: str = ""
    _made: int = 0

    def __post_init__(self) -> None:
        self.laptop = HttpLaptop("", enrol(self.centre, name="Portable gâté"))

    def request(self) -> Spoilt:
        kinds: list[tuple[int, Callable[[], Spoilt]]] = [
            (20, self._spoilt_on_the_way), (10, self._spoilt_headers), (20, self._signed_spoilt_frame),
            (25, self._signed_spoilt_lines), (30, self._signed_hostile_values), (15, self._spoilt_hello),
            (20, self._spoilt_enrolment), (15, self._spoilt_whole), (4, self._nowhere), (1, self._bomb),
        ]  # fmt: skip
        self._made += 1
        [kind] = self.chance.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])
        return kind()

    def signed(self, method: str, target: str, body: bytes, content_type: str = CONTENT_TYPE) -> Spoilt:
        path, _, query = target.partition("?")
        return method, target, self.laptop.sign(method, path, query, content_type, body), body

    def day(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The header and the operations of an exchange that is in order, as JSON values."""
        notes, first = Notebook(), self._made * 16
        visit = numbered_id(first)
        notes.create(visit, visit_body(), actor=numbered_id(1), hlc="1764000000000.0001")
        notes.create(numbered_id(first + 1), record_body(visit), "procedure_record")
        notes.amend(visit, 1, minutes=40)
        notes.add(self.chance.choice(["erase", "delete", "void"]), numbered_id(first + 1))
        request = notes.request(self.centre.epoch, pull={FEED: self.chance.choice([0, 5, 10**6])}, max=4096)
        header: dict[str, Any] = msgspec.to_builtins(request.header)
        return header, [json.loads(line) for line in request.ops]

    def _body(self) -> bytes:
        header, ops = self.day()
        return _packed([header, *ops])

    def _bytes(self, raw: bytes) -> bytes:
        """Some bytes changed, cut, doubled or put in."""
        spoilt = bytearray(raw)
        for _ in range(self.chance.randint(1, 4)):
            at = self.chance.randrange(len(spoilt) or 1)
            match self.chance.randrange(5):
                case 0:
                    del spoilt[at:]
                case 1:
                    spoilt[at:at] = self.chance.randbytes(self.chance.randint(1, 40))
                case 2:
                    spoilt += spoilt[at:]
                case _ if spoilt:
                    spoilt[at % len(spoilt)] = self.chance.randrange(256)
        return bytes(spoilt)

    def _spoilt_on_the_way(self) -> Spoilt:
        method, target, headers, body = self.signed("POST", "/v1/sync", self._body())
        return method, target, headers, self._bytes(body)

    def _spoilt_headers(self) -> Spoilt:
        method, target, headers, body = self.signed("POST", "/v1/sync", self._body())
        name = self.chance.choice([*headers, "content-length", "content-encoding", "expect", "range"])
        raw = self._bytes(headers.get(name, "1").encode())
        return method, target, headers | {name: raw.decode("latin-1")}, body

    def _signed_spoilt_frame(self) -> Spoilt:
        return self.signed("POST", "/v1/sync", self._bytes(self._body()))

    def _signed_spoilt_lines(self) -> Spoilt:
        header, ops = self.day()
        plain = b"\n".join(msgspec.json.encode(line) for line in [header, *ops])
        return self.signed("POST", "/v1/sync", zstd.compress(self._bytes(plain)))

    def _signed_hostile_values(self) -> Spoilt:
        header, ops = self.day()
        for _ in range(self.chance.randint(1, 3)):
            line = self.chance.choice([header, *ops, *ops])
            inside = line.get("set")
            into = inside if isinstance(inside, dict) and self.chance.random() < 0.6 else line
            name = self.chance.choice([*into, "later", "\0", "a" * 300]) if into else "later"
            into[name] = self.chance.choice(HOSTILE)
        return self.signed("POST", "/v1/sync", _packed([header, *ops]))

    def _spoilt_hello(self) -> Spoilt:
        value = str(self.chance.choice([Notebook().replica, *HOSTILE]))
        query = quote(value[:2_000], safe="/%&=?" if self.chance.random() < 0.5 else "")
        target = f"/v1/hello?{self.chance.choice(['replica', 'nonce', 'x'])}={query}"
        return self.signed("GET", target, self.chance.choice([b"", b"", b"x"]), JSON)

    def _spoilt_enrolment(self) -> Spoilt:
        if not self._code or self._made % 50 == 0:
            self._code = make_code(self.centre, FEED, "agent", NOW - timedelta(hours=1)).code
        request, _ = build_enroll_request(self._code, "Portable", signing.new_private_key())
        value: dict[str, Any] = msgspec.to_builtins(request)
        if self.chance.random() < 0.6:
            value[self.chance.choice([*value, "more"])] = self.chance.choice(HOSTILE)
        raw = msgspec.json.encode(value)
        if self.chance.random() < 0.5:
            raw = self._bytes(raw)
        return "POST", "/v1/enroll", {"content-type": JSON}, raw

    def _spoilt_whole(self) -> Spoilt:
        """What a laptop asks of a whole feed: snapshots, sums, states."""
        hostile = [str(self.chance.choice([FEED, FEED, *HOSTILE])) for _ in range(2)]
        feed, other = (quote(text[:2_000], safe="") for text in hostile)
        match self.chance.randrange(4):
            case 0:
                return self.signed("GET", f"/v1/snapshot/{feed}?nonce={other}", b"", JSON)
            case 1:
                asked = self.signed(
                    "GET", f"/v1/snapshot/{feed}/{self.chance.choice([other, 'ab' * 16])}", b"", JSON
                )
                text = self._bytes(
                    self.chance.choice([b"bytes=0-99", b"bytes=99-0", b"bytes=0-99999999999999999999"])
                )
                asked[2]["range"] = text.decode("latin-1")
                return asked
            case 2:
                query = self.chance.choice(
                    [f"feed={feed}", f"feed={FEED}&bucket={other}", f"feed={feed}&bucket=7"]
                )
                return self.signed("GET", f"/v1/sums?{query}", b"", JSON)
        value: dict[str, object] = {"feed": FEED, "ids": [numbered_id(16), numbered_id(17)], "nonce": "x"}
        value[self.chance.choice([*value, "more"])] = self.chance.choice([*HOSTILE, [numbered_id(1)] * 501])
        raw = json.dumps(value).encode()
        return self.signed(
            "POST", "/v1/states", self._bytes(raw) if self.chance.random() < 0.3 else raw, JSON
        )

    def _nowhere(self) -> Spoilt:
        method = self.chance.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "NONE"])
        target = self.chance.choice(
            ["/", "/v1/sync/", "/v1/../sync", "/v1/sync%00", "/v1//sync", "/metrics", "/readyz"]
        )
        return self.signed(method, target, b"")

    def _bomb(self) -> Spoilt:
        header = msgspec.json.encode(self.day()[0] | {"n": 90_000})
        return self.signed(
            "POST",
            "/v1/sync",
            self.chance.choice(
                [
                    zstd.compress(bytes(80_000_000)),
                    zstd.compress(b"\n" * 10_000_000),
                    zstd.compress(header + b"\n" * 200_000),
                    zstd.compress(b'{"replica":' + b"[" * 200_000),
                    bytes(codec.LARGEST_BODY + 1),
                ]
            ),
        )  # fmt: skip


def _packed(lines: list[dict[str, Any]]) -> bytes:
    return zstd.compress(b"\n".join(json.dumps(line).encode("utf-8", "surrogatepass") for line in lines))
