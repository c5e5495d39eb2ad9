"""One bus-day pushed and pulled by 3,000 laptops at once, beside a server that only keeps bytes."""

import os
import re
import secrets
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import requests

from fsbus.bench import databases, places
from fsbus.bench.measure import Figure
from fsbus.bench.storm_clients import Bus, Outcome, Storm, as_http, bare
from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.ids import Ids, new_replica
from fsbus.server import tables
from fsbus.server.centre import Centre, open_centre
from fsbus.server.database import func, select
from fsbus.training import processes
from fsbus.wire import signing
from fsbus.wire.api import Request, RequestHeader
from fsbus.wire.codec import encode_request
from fsbus.wire.version import CONTENT_TYPE

DEVICES = 3_000
VISITS, RECORDS = 60, 132
"""A day on one bus: 192 records."""
SERVERS = 2
"""Processes of the centre on PostgreSQL; a SQLite file has one."""
CLIENTS = 2
"""Processes of laptops."""
_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def bench(runs: int | None) -> Iterator[Figure]:
    """Time of all, requests a second, processor time, and the 99th percentiles of push and pull; an error when anything was lost.

    On PostgreSQL when there is one (`databases`), else on SQLite. ``runs`` storms are made, one unless said.
    """
    with places.folder() as folder, databases.every(folder) as kinds:
        lines = _a_day(folder / "home")
        for number in range(runs or 1):
            yield from _one(kinds[-1], folder / str(number), lines)


def _one(kind: databases.Databases, folder: Path, lines: Sequence[bytes]) -> Iterator[Figure]:
    folder.mkdir()
    url, key = kind.new(), folder / "centre.key"
    with closing(open_centre(url, key_file=key)) as centre:
        buses = _enrolled(centre, lines)
        told = [Storm(buses[part::CLIENTS], centre.public_key) for part in range(CLIENTS)]
    count = 1 if kind.name == "sqlite" else SERVERS
    with _serving(url, key, count, folder / "log") as port:
        ours, seconds = _storm(told, port, folder)
        before = _processor()
    work = _processor() - before
    _check(ours, len(lines))
    with closing(open_centre(url, key_file=key)) as centre:
        _check_centre(centre, len(lines))
    with _bare(kind.new()) as port:
        _warm(port, buses[0])
        limit, limit_seconds = _storm([Storm(list(bare(one.buses)), b"") for one in told], port, folder)
        before = _processor()
    limit_work = _processor() - before
    asked = 2 * DEVICES
    name = f"storm-{kind.name}"
    yield Figure(name, seconds, limit_seconds, seconds / limit_seconds, 1)
    rate, limit_rate = asked / seconds, asked / limit_seconds
    yield Figure(f"{name}-requests_per_second", rate, limit_rate, rate / limit_rate, asked)
    # Of the servers, their start included: what a busy machine changes least.
    yield Figure(f"{name}-processor", work, limit_work, work / limit_work, DEVICES)
    for part in ("push", "pull"):
        mine, theirs = (_p99([each for one in side for each in getattr(one, part)]) for side in (ours, limit))
        yield Figure(f"{name}-{part}_p99", mine, theirs, mine / theirs, DEVICES)


def _a_day(home: Path) -> list[bytes]:
    """The operation lines of a made-up day, as a laptop wrote them."""
    with places.laptop(home) as session:
        places.record_all(session, VISITS, RECORDS)
        return [line for _, line in session.store.pending(after=0, max_bytes=2**40)]


def _enrolled(centre: Centre, lines: Sequence[bytes]) -> list[Bus]:
    """As many laptops, each of its own bus, with its two requests signed: its day, and all of its feed as a new replica."""
    now, ids = Clock().now(), Ids()
    whole, rows, buses = b"\n".join(lines), [], []
    names = [column.name for column in tables.devices.columns]
    for number in range(DEVICES):
        private = signing.new_private_key()
        public, feed = signing.public_key_of(private), f"bus-{number}"
        device = signing.device_id_of(public)
        known: dict[str, object] = {
            "id": device, "public_key": _base64(public), "name": feed, "role": "agent", "feed": feed,
            "enrolled_at": as_utc_text(now), "state": "active",
        }  # fmt: skip
        rows.append([known.get(name) for name in names])
        mine = _with_new_ids(whole, ids).split(b"\n")
        t = int(now.timestamp() * 1000)
        push = RequestHeader(new_replica(), t, centre.epoch, 1, len(mine), nonce=secrets.token_hex(12))
        pull = RequestHeader(new_replica(), t, centre.epoch, pull={feed: 0}, nonce=secrets.token_hex(12))
        asked, signatures = [], []
        for request in (Request(push, mine), Request(pull, [])):
            body = encode_request(request)
            headers = signing.sign_request(
                method="POST", path="/v1/sync", query="", content_type=CONTENT_TYPE, body=body,
                audience=centre.audience, device=device, private_key=private, created=int(now.timestamp()),
            )  # fmt: skip
            asked.append(as_http("POST", "/v1/sync", headers, body))
            signatures.append(signing.request_signature(headers) or "")
        buses.append(Bus(asked[0], asked[1], (signatures[0], signatures[1])))
    with centre.database.write() as connection:
        centre.database.insert_rows(connection, tables.devices, rows)
    return buses


def _with_new_ids(whole: bytes, ids: Ids) -> bytes:
    """The same day of another bus: every id replaced, the same one by the same one."""
    new: dict[bytes, bytes] = {}

    def other(found: re.Match[bytes]) -> bytes:
        if found[0] not in new:
            new[found[0]] = ids.new().encode()
        return new[found[0]]

    return _ID.sub(other, whole)


def _storm(told: Sequence[Storm], port: int, folder: Path) -> tuple[list[Outcome], float]:
    """What each process of laptops tells, and the seconds from the first request to the last answer."""
    running = []
    try:
        for number, part in enumerate(told):
            file = folder / f"laptops-{number}"
            file.write_bytes(msgspec.msgpack.encode(part))
            words = [sys.executable, "-m", "fsbus.bench.storm_clients", str(file), str(port)]
            running.append(subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        for process in running:
            _line(process, b"ready\n")
        started = time.perf_counter()
        for process in running:
            processes.pipe(process.stdin).write(b"\n")
            processes.pipe(process.stdin).flush()
        for process in running:
            _line(process, b"done\n")
        seconds = time.perf_counter() - started
        lines = [processes.pipe(process.stdout).readline() for process in running]
        return [msgspec.json.decode(line, type=Outcome) for line in lines], seconds
    finally:
        for process in running:
            processes.end(process)


def _line(process: "subprocess.Popen[bytes]", expected: bytes) -> None:
    if processes.pipe(process.stdout).readline() != expected:
        raise RuntimeError("the laptops of the storm stopped")


def _check(outcomes: Sequence[Outcome], operations: int) -> None:
    """Every answer proved, every operation acknowledged, every record received."""
    found = [sum(getattr(one, name) for one in outcomes) for name in ("proved", "acked", "states", "refused")]
    wanted = [2 * DEVICES, DEVICES * operations, DEVICES * operations, 0]
    if found != wanted:
        raise RuntimeError(
            f"the storm lost something: proved, acked, states, refused are {found}, not {wanted}"
        )


def _check_centre(centre: Centre, operations: int) -> None:
    """The centre holds every record of every bus, counted there."""
    records = tables.records
    with centre.database.read() as connection:
        statement = select(records.c.feed, func.count().label("held")).group_by(records.c.feed)
        held = {row.feed: row.held for row in connection.execute(statement)}
    if held != {f"bus-{number}": operations for number in range(DEVICES)}:
        raise RuntimeError(f"the storm lost something: the centre holds {sum(held.values())} records")


@contextmanager
def _serving(url: str, key: Path, count: int, log: Path) -> Iterator[int]:
    words = [
        "serve", "--database", url, "--key-file", str(key), "--ledger", str(key.with_suffix(".erased")),
        "--listen", "127.0.0.1:0", "--processes", str(count),
    ]  # fmt: skip
    with log.open("ab") as heard:
        process = subprocess.Popen(
            [sys.executable, "-m", "fsbus", *words], stdout=subprocess.PIPE, stderr=heard
        )
        try:
            ready = msgspec.json.decode(processes.pipe(process.stdout).readline(), type=dict[str, str])
            yield urlsplit(ready["ready"]).port or 0
        finally:
            processes.end(process)


@contextmanager
def _bare(url: str) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-m", "fsbus.bench.bare_centre", url], stdout=subprocess.PIPE)
    try:
        yield int(processes.pipe(process.stdout).readline())
    finally:
        processes.end(process)


def _warm(port: int, bus: Bus) -> None:
    """Give the limit the bytes that it hands out: as many as a day's answer has."""
    with requests.Session() as web:
        web.trust_env = False
        web.put(f"http://127.0.0.1:{port}/", data=bus.push.partition(b"\r\n\r\n")[2], timeout=60)


def _processor() -> float:
    """Seconds of processor of the processes that were started here and have ended."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[(99 * len(values) + 99) // 100 - 1]


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()
