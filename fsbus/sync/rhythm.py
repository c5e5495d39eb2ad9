"""When a laptop exchanges by itself: often when all is well, later when not, never in a crowd."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from fsbus.sync.backoff import Backoff

EVERY, JITTER = 300.0, 60.0
"""Seconds between two exchanges while all is well, more or less."""
FIRST = 3.0
"""Seconds after the opening."""
SOONEST, LONGEST = 5.0, 600.0
"""Seconds of the first and of the longest wait after a failure."""
SPREAD = 15.0
"""Seconds over which the laptops of a depot come back when they all see its network return."""
LOOK_EVERY, LOOK_FOR = 10.0, 3.0
"""Seconds between two looks at whether the centre's door can be reached at all, and of one look at most."""


def chance() -> float:
    """From 0 to 1."""
    return secrets.randbelow(1_000_001) / 1_000_000


@dataclass
class Rhythm:
    """The waits of one laptop. All are in seconds; ``fraction()`` gives a number from 0 to 1."""

    fraction: Callable[[], float] = chance
    failures: int = 0
    _backoff: Backoff = field(init=False)

    def __post_init__(self) -> None:
        self._backoff = Backoff(SOONEST, LONGEST, self.fraction)

    def after_answer(self) -> float:
        """The centre was heard: a signed answer is the only proof."""
        self.failures = 0
        return EVERY + (2 * self.fraction() - 1) * JITTER

    def after_failure(self, *, heard: bool) -> float:
        """It did not end; ``heard``: the centre was, before the link was cut."""
        self.failures = 1 if heard else self.failures + 1
        return self._backoff.wait(self.failures)

    def after_refusal(self) -> float:
        """The centre wants nothing of this laptop now: asking again soon helps nobody."""
        return LONGEST * (0.5 + 0.5 * self.fraction())

    def after_hint(self) -> float:
        """Something says that the network is back."""
        return 0.5 + self.fraction() * (SPREAD - 0.5)
