"""How long to wait before trying a broken link again."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Doubling waits with jitter, so that the buses of a depot do not all come back at once.

    ``fraction()`` gives a number from 0 to 1; waits are in seconds.
    """

    first: float
    longest: float
    fraction: Callable[[], float]

    def wait(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (1 or more): half fixed, half by chance."""
        whole = min(self.longest, self.first * 2.0 ** min(failures - 1, 30))
        return whole * (0.5 + 0.5 * self.fraction())
