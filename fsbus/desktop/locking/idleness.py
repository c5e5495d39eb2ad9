"""Decides from two clocks whether the laptop was left alone, or slept; no Qt, no clock of its own."""

from dataclasses import dataclass
from enum import Enum

from fsbus.core.redaction import redacted
from fsbus.desktop.locking.words import WARNED_FOR

SLEEP = 60.0
"""Seconds. The clocks are looked at each second: a longer gap means that the machine slept."""


class Verdict(Enum):
    """What to do now."""

    STAY = "stay"
    WARN = "warn"
    LOCK = "lock"
    SLEPT = "slept"
    """Lock, too: before anything is painted."""


@redacted()
@dataclass
class Idleness:
    """Two clocks in seconds: ``monotonic``, which stands still while some systems sleep, and ``wall``.

    ``limit``: seconds without a key before the lock.
    """

    limit: float
    monotonic: float
    wall: float

    def __post_init__(self) -> None:
        self._touched = self.monotonic

    def touch(self, monotonic: float) -> None:
        """A key or the mouse was used now."""
        self._touched = monotonic

    def has_slept(self, monotonic: float, wall: float) -> bool:
        """Whether the machine slept since the last look: the clocks part, or both jump. Looks, forgets nothing.

        A wall clock that somebody set by more than a minute looks the same: locking once for nothing is cheap.
        """
        ran, passed = monotonic - self.monotonic, wall - self.wall
        return ran > SLEEP or abs(passed - ran) > SLEEP

    def look(self, monotonic: float, wall: float) -> Verdict:
        """Whether to lock, to warn or to go on; the clocks are compared with these from now on."""
        slept = self.has_slept(monotonic, wall)
        self.monotonic, self.wall = monotonic, wall
        left = self.limit - (monotonic - self._touched)
        if slept:
            return Verdict.SLEPT
        if left <= 0:
            return Verdict.LOCK
        return Verdict.WARN if left <= WARNED_FOR else Verdict.STAY
