"""A bad link between a laptop and the centre: a relay that cuts connections after so many bytes.

Run as a process of its own, so that the link can be taken away and given back:
`python -m fsbus.training.faults PORT TARGET_HOST:PORT [BYTES_BEFORE_CUT …]`.
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class BadLink:
    """Relays to ``target``; each number of ``cuts`` is spent by one connection, cut after so many
    bytes sent up; then the link is good."""

    target: tuple[str, int]
    cuts: list[int]
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def relay(self, up: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Carry one connection both ways until an end closes or the budget is spent."""
        try:
            down, forth = await asyncio.open_connection(*self.target)
        except OSError:
            back.close()
            return
        answer = asyncio.create_task(self._pump(down, back))
        try:
            await self._push(up, forth)
        finally:
            answer.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await answer
            for writer in (forth, back):
                writer.transport.abort()

    async def _push(self, up: asyncio.StreamReader, forth: asyncio.StreamWriter) -> None:
        sent = 0
        while part := await up.read(4_096):
            if self.cuts and sent + len(part) > self.cuts[0]:
                part = part[: self.cuts.pop(0) - sent]
                forth.write(part)
                with suppress(OSError):
                    await forth.drain()
                return
            sent += len(part)
            forth.write(part)
            await forth.drain()

    @staticmethod
    async def _pump(down: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while part := await down.read(65_536):
                back.write(part)
                await back.drain()


async def serve(port: int, target: tuple[str, int], cuts: Sequence[int]) -> None:
    """Listen on the loopback until the process ends; its port is printed once it listens."""
    link = BadLink(target, list(cuts))
    server = await asyncio.start_server(link.relay, "127.0.0.1", port)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    host, _, target_port = sys.argv[2].rpartition(":")
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(int(sys.argv[1]), (host, int(target_port)), [int(text) for text in sys.argv[3:]]))
