"""Laptops of the storm: sends prepared, signed requests over many connections and times each answer.

Run as a process: `python -m fsbus.bench.storm_clients FILE PORT`. It says « ready », waits for a line, storms, then
says one `Outcome` as JSON. Answers are judged after the last one has come, so that judging costs no time.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from fsbus.core.redaction import redacted
from fsbus.wire import signing
from fsbus.wire.codec import decode_answer
from fsbus.wire.version import CONTENT_TYPE

AT_ONCE = 16
"""Connections of one process of laptops; each laptop opens its own."""
PATIENCE = 3600.0
"""Seconds for the whole storm, on the busiest of machines."""


@redacted()
class Bus(msgspec.Struct):
    """Two HTTP requests, whole, and their signatures (empty for the limit)."""

    push: bytes
    pull: bytes
    signatures: tuple[str, str]


@redacted()
class Storm(msgspec.Struct):
    """What one process of laptops is told. ``server_key`` is empty for the limit."""

    buses: list[Bus]
    server_key: bytes


@redacted()
class Outcome(msgspec.Struct):
    """Seconds of each answer, and what they gave: operations acknowledged, records received, answers proved."""

    push: list[float]
    pull: list[float]
    acked: int = 0
    states: int = 0
    proved: int = 0
    refused: int = 0


class _Answer(msgspec.Struct):
    seconds: float
    status: int
    headers: dict[str, str]
    body: bytes


async def storm(buses: list[Bus], port: int) -> list[tuple[_Answer, _Answer]]:
    """The two answers of each bus, in order."""
    found: list[tuple[_Answer, _Answer] | None] = [None] * len(buses)
    places = iter(range(len(buses)))

    async def laptop() -> None:
        for place in places:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            pushed = await _ask(reader, writer, buses[place].push)
            found[place] = (pushed, await _ask(reader, writer, buses[place].pull))
            writer.close()
            await writer.wait_closed()

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(laptop())
    return [pair for pair in found if pair is not None]


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> _Answer:
    started = time.perf_counter()
    writer.write(request)
    await writer.drain()
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return _Answer(time.perf_counter() - started, int(first.split()[1]), headers, body)


def judge(told: Storm, pairs: list[tuple[_Answer, _Answer]]) -> Outcome:
    """What the answers gave, each one's signature checked."""
    outcome = Outcome([one.seconds for one, _ in pairs], [two.seconds for _, two in pairs])
    for bus, pair in zip(told.buses, pairs, strict=True):
        for answer, answered in zip(pair, bus.signatures, strict=True):
            if answer.status != 200:
                outcome.refused += 1
            elif told.server_key:
                signing.verify_answer(
                    status=200,
                    headers=answer.headers,
                    body=answer.body,
                    answered=answered,
                    public_key=told.server_key,
                )
                outcome.proved += 1
        if told.server_key and all(answer.status == 200 for answer in pair):
            outcome.acked += decode_answer(pair[0].body).header.acked
            outcome.states += len(decode_answer(pair[1].body).states)
    return outcome


def as_http(method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
    """The bytes of one request as they travel."""
    lines = {"host": "centre", **headers, "content-length": str(len(body))}
    written = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items())]
    return "\r\n".join([*written, "", ""]).encode("latin-1") + body


def bare(buses: list[Bus]) -> Iterator[Bus]:
    """The same bodies for the limit, which looks at nothing: it keeps lines, and gives bytes back."""
    for bus in buses:
        body = bus.push.partition(b"\r\n\r\n")[2]
        headers = {"content-type": CONTENT_TYPE}
        yield Bus(as_http("POST", "/", headers, body), as_http("GET", "/", headers, b""), ("", ""))


def main(file: Path, port: int) -> None:
    told = msgspec.msgpack.decode(file.read_bytes(), type=Storm)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    pairs = asyncio.run(storm(told.buses, port))
    sys.stdout.write("done\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(msgspec.json.encode(judge(told, pairs)) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
