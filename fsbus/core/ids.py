"""The only place that makes identifiers: UUIDv7 on the laptop, random ones for replicas."""

import hashlib
import re
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from fsbus.core.clock import system_now

_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""Ten times faster than parsing, and every id of every change is read."""
_TICKET_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 and O, 1, I and L, U and V read aloud."""


@dataclass
class Ids:
    """Makes UUIDv7 (RFC 9562) that increase within a process, even when the clock goes back."""

    now: Callable[[], datetime] = system_now
    random_bits: Callable[[int], int] = secrets.randbits
    _last: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def new(self) -> str:
        """A new identifier as 36 characters of text."""
        with self._lock:
            milliseconds = int(self.now().timestamp() * 1000)
            value = (milliseconds << 74) | self.random_bits(74)
            # Same millisecond, or a clock that went back: continue after the last one.
            if value >> 74 <= self._last >> 74:
                value = self._last + 1 + self.random_bits(32)
            self._last = value
        timestamp, rand_a, rand_b = value >> 74, (value >> 62) & 0xFFF, value & ((1 << 62) - 1)
        number = (timestamp << 80) | (0x7 << 76) | (rand_a << 64) | (0b10 << 62) | rand_b
        return str(uuid.UUID(int=number))


def new_ticket_code() -> str:
    """A random code for a person's receipt, « K7QM-4T »: six of thirty signs that nobody mistakes for another."""
    signs = "".join(secrets.choice(_TICKET_SIGNS) for _ in range(6))
    return f"{signs[:4]}-{signs[4:]}"


def new_replica() -> str:
    """A random 128-bit name for one incarnation of a local database, 32 hex digits."""
    return secrets.token_hex(16)


def is_id(text: object) -> bool:
    """Whether this is the canonical text of a UUID."""
    return isinstance(text, str) and _CANONICAL.fullmatch(text) is not None


def derived_id(name: str) -> str:
    """The UUIDv8 (RFC 9562) that stands for this name: the same wherever it is computed."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16])
    number = (number & ~(0xF << 76) & ~(0b11 << 62)) | (0x8 << 76) | (0b10 << 62)
    return str(uuid.UUID(int=number))
