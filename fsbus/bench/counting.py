"""Counts what travels between laptops and a centre: requests, and bytes each way, below HTTP.

Run as a process: `python -m fsbus.bench.counting HOST:PORT`. It prints its own port, then, for each line
that it reads, what travelled since the line before, as one JSON object.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Counts:
    """What travelled. A request is a message that goes up; the proxy tells them by their lengths."""

    requests: int = 0
    up: int = 0
    down: int = 0


@dataclass
class Messages:
    """The messages of one connection: where one ends is where its headers and its length say."""

    head: bytearray = field(default_factory=bytearray)
    body_left: int = 0
    count: int = 0

    def feed(self, part: bytes) -> int:
        """How many messages began in these bytes."""
        before = self.count
        while part:
            if self.body_left:
                taken = min(self.body_left, len(part))
                self.body_left -= taken
                part = part[taken:]
                continue
            self.head += part
            head, found, rest = bytes(self.head).partition(b"\r\n\r\n")
            if not found:
                break
            self.head.clear()
            self.count += 1
            self.body_left = _length(head)
            part = rest
        return self.count - before


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


class Proxy:
    """Carries bytes to and fro, and counts them."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.counts = Counts()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side leaves."""
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(self._up(reader, far_writer), self._down(far_reader, writer))
        finally:
            for one in (writer, far_writer):
                one.close()

    def take(self) -> Counts:
        """What was counted since the last time."""
        taken, self.counts = self.counts, Counts()
        return taken

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        messages = Messages()
        while part := await reader.read(65_536):
            self.counts.up += len(part)
            self.counts.requests += messages.feed(part)
            writer.write(part)
            await writer.drain()
        writer.close()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while part := await reader.read(65_536):
                self.counts.down += len(part)
                writer.write(part)
                await writer.drain()
        writer.close()


async def _run(target: str) -> None:
    host, _, port = target.rpartition(":")
    proxy = Proxy(host, int(port))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    _say(server.sockets[0].getsockname()[1])
    loop = asyncio.get_running_loop()
    asked = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asked), sys.stdin)
    while await asked.readline():
        _say(vars(proxy.take()))


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(sys.argv[1]))
