"""The bad link of the demonstration: as slow and as far as it says, and cut at the byte."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from fsbus.training.faults import BadLink, Lane

BYTES_A_SECOND = 32_000
"""256 kbit/s."""


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Give back what came, once all of it did."""
    size = int.from_bytes(await reader.readexactly(4), "big")
    writer.write(await reader.readexactly(size))
    await writer.drain()


async def heard(centre: Callable[..., Awaitable[None]], link: BadLink, content: bytes) -> tuple[bytes, float]:
    """What comes back through the link to a centre, and after how many seconds."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await centre(reader, writer)
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    link.target = server.sockets[0].getsockname()[:2]
    road = await asyncio.start_server(link.relay, "127.0.0.1", 0)
    begun = time.monotonic()
    reader, writer = await asyncio.open_connection(*road.sockets[0].getsockname()[:2])
    try:
        writer.write(len(content).to_bytes(4, "big") + content)
        try:
            back = await asyncio.wait_for(reader.readexactly(len(content)), 20)
        except (asyncio.IncompleteReadError, ConnectionError):
            back = b""
        return back, time.monotonic() - begun
    finally:
        writer.transport.abort()
        # The relay hears of it, and leaves the centre.
        await asyncio.sleep(0.3)
        road.close()
        server.close()


def link(rate: float = 0, delay: float = 0, cuts: tuple[int, ...] = ()) -> BadLink:
    return BadLink(("", 0), Lane(rate, delay), Lane(rate, delay), list(cuts))


def test_every_byte_comes_through_both_ways() -> None:
    content = bytes(range(256)) * 700
    assert asyncio.run(heard(echo, link(), content))[0] == content


def test_it_takes_the_time_of_its_rate_and_of_its_distance() -> None:
    content = bytes(8_000)
    back, seconds = asyncio.run(heard(echo, link(BYTES_A_SECOND, 0.1), content))
    assert back == content
    # The greeting, there and back, and 8,000 bytes each way.
    assert seconds >= 0.2 + 0.2 + 2 * len(content) / BYTES_A_SECOND - 0.02


@pytest.mark.parametrize("cut", [1, 3_000])
def test_a_cut_ends_one_connection_after_so_many_bytes_and_the_next_is_whole(cut: int) -> None:
    arrived: list[int] = []

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = 0
        try:
            while part := await reader.read(4_096):
                size += len(part)
        finally:
            arrived.append(size)

    bad = link(cuts=(cut,))
    assert asyncio.run(heard(counting, bad, bytes(9_000)))[0] == b""
    assert arrived == [cut]
    assert asyncio.run(heard(echo, bad, bytes(9_000)))[0] == bytes(9_000)
