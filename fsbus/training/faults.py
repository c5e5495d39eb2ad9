"""A bad link between a laptop and the centre: slow, far, and cut after so many bytes.

Run as a process of its own, so that the link can be taken away and given back:
`python -m fsbus.training.faults PORT TARGET_HOST:PORT BITS_PER_SECOND ROUND_TRIP_SECONDS [BYTES_BEFORE_CUT …]`;
0 bits per second and 0 seconds are a link as good as the machine's own.
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

PART = 2_048
"""Bytes carried at a time: some packets of a mobile link."""


@dataclass
class Lane:
    """One direction of the link, shared by all that travels that way. ``rate`` in bytes a second, 0 without limit."""

    rate: float
    delay: float
    _free_at: float = 0.0

    def due(self, size: int) -> float:
        """When the last of these bytes arrives, on the clock of the loop."""
        begun = max(asyncio.get_running_loop().time(), self._free_at)
        self._free_at = begun + (size / self.rate if self.rate else 0.0)
        return self._free_at + self.delay


@dataclass
class BadLink:
    """Relays to ``target``; each number of ``cuts`` is spent by one connection, cut after so many
    bytes sent up; then the link is only slow."""

    target: tuple[str, int]
    up: Lane
    down: Lane
    cuts: list[int] = field(default_factory=list)

    async def relay(self, laptop: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Carry one connection both ways until an end closes or a cut is reached."""
        # Both ends would greet each other before the first byte.
        await asyncio.sleep(self.up.delay + self.down.delay)
        try:
            centre, forth = await asyncio.open_connection(*self.target)
        except OSError:
            back.close()
            return
        ways = {
            asyncio.create_task(self._carry(laptop, forth, self.up, self.cuts)),
            asyncio.create_task(self._carry(centre, back, self.down, [])),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for writer in (forth, back):
                writer.transport.abort()

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, lane: Lane, cuts: list[int]
    ) -> None:
        on_its_way: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue(maxsize=64)
        giving = asyncio.create_task(_give(on_its_way, sink))
        sent = 0
        try:
            while part := await source.read(PART):
                if is_cut := bool(cuts) and sent + len(part) > cuts[0]:
                    part = part[: cuts.pop(0) - sent]
                sent += len(part)
                await on_its_way.put((lane.due(len(part)), part))
                if is_cut:
                    break
            await on_its_way.put(None)
            await giving
        except OSError:
            return
        finally:
            giving.cancel()


async def _give(on_its_way: "asyncio.Queue[tuple[float, bytes] | None]", sink: asyncio.StreamWriter) -> None:
    clock = asyncio.get_running_loop().time
    while (item := await on_its_way.get()) is not None:
        due, part = item
        await asyncio.sleep(max(0.0, due - clock()))
        sink.write(part)
        with suppress(OSError):
            await sink.drain()


async def serve(
    port: int, target: tuple[str, int], bits_per_second: float, round_trip: float, cuts: Sequence[int]
) -> None:
    """Listen on the loopback until the process ends; its port is printed once it listens."""
    up, down = (Lane(bits_per_second / 8, round_trip / 2) for _ in range(2))
    link = BadLink(target, up, down, list(cuts))
    server = await asyncio.start_server(link.relay, "127.0.0.1", port)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    own_port, there, bits, seconds, *bytes_before_cut = sys.argv[1:]
    host, _, target_port = there.rpartition(":")
    with suppress(KeyboardInterrupt):
        asyncio.run(
            serve(
                int(own_port),
                (host, int(target_port)),
                float(bits),
                float(seconds),
                [int(text) for text in bytes_before_cut],
            )
        )
