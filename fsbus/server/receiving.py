"""Receives the bodies of requests within limits: of size, of time, and of memory for all of them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.types import Message

from fsbus.wire.api import Problem, Refused
from fsbus.wire.codec import TooLarge

SILENCE = 60.0
"""Seconds without a byte before a request is given up; a slow bus is not a silent one."""
LONGEST = 30 * 60.0
"""Seconds that one body may take: a chunk of 256 kB at 150 bytes a second."""
BRIEF = 60.0
"""Seconds for the body of who proved nothing yet: 8 kB at 150 bytes a second; half an hour would hold a connection for it."""
MOST_HELD = 64 * 1024 * 1024
"""Bytes of bodies that one process holds at once; further ones are told to come back."""
_READ = "fsbus.read"


class Gone(Exception):
    """The laptop left, fell silent or took too long before its request had arrived."""


class Bodies:
    """The bodies that one process holds, counted together."""

    def __init__(
        self,
        silence: float = SILENCE,
        longest: float = LONGEST,
        most_held: int = MOST_HELD,
        brief: float = BRIEF,
    ) -> None:
        self._silence, self._longest, self._most_held, self._brief = silence, longest, most_held, brief
        self._held = 0

    @asynccontextmanager
    async def whole(self, request: Request, largest: int, *, proved: bool = True) -> AsyncIterator[bytes]:
        """The whole body, for the time of the block; ``proved``: of a known device, whose link may be slow.

        Raises TooLarge as soon as it is known to be, Refused (busy) when too much is held already, and Gone.
        """
        if _announced(request) > largest:
            raise TooLarge("the body is too large")
        size = 0
        try:
            parts: list[bytes] = []
            until, more = time.monotonic() + (self._longest if proved else self._brief), True
            while more:
                message = await self._receive(request, until)
                part = message.get("body", b"")
                parts.append(part)
                size += len(part)
                self._held += len(part)
                if size > largest:
                    raise TooLarge("the body is too large")
                if self._held > self._most_held:
                    raise Refused(Problem("busy"))
                more = message.get("more_body", False)
            body = b"".join(parts)
            parts.clear()
            yield body
        finally:
            self._held -= size

    async def discard(self, request: Request, most: int, seconds: float) -> None:
        """Read what is left of a refused body, for a while: a laptop still sending would not hear the answer."""
        size, until = 0, time.monotonic() + seconds
        try:
            while size <= most and not request.scope.get(_READ):
                size += len((await self._receive(request, until)).get("body", b""))
        except Gone:
            return

    async def _receive(self, request: Request, until: float) -> Message:
        left = min(self._silence, until - time.monotonic())
        try:
            async with asyncio.timeout(left):
                message = await request.receive()
        except TimeoutError:
            raise Gone from None
        if message["type"] == "http.disconnect":
            raise Gone
        if not message.get("more_body", False):
            request.scope[_READ] = True
        return message


def _announced(request: Request) -> int:
    """The size that the headers say; 0 when they say none that can be read."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
