"""Guesses how long an exchange still takes, from how fast it went so far."""

from collections.abc import Callable
from dataclasses import dataclass

from fsbus.core.french import number, wait

SURE_AFTER = 3.0
"""Seconds before which a guess would jump about."""


@dataclass
class Estimate:
    """One exchange, from its beginning; ``monotonic`` counts seconds."""

    monotonic: Callable[[], float]
    _begun: float = 0.0

    def begin(self) -> None:
        """It begins now."""
        self._begun = self.monotonic()

    def seconds_left(self, done: int, total: int) -> float | None:
        """None as long as nothing can be said."""
        passed = self.monotonic() - self._begun
        if done <= 0 or total <= done or passed < SURE_AFTER:
            return None
        return passed / done * (total - done)

    def in_words(self, done: int, total: int) -> str:
        """« 1 200 sur 6 000, encore 2 minutes environ »; empty while there is nothing to count."""
        if total <= 0:
            return ""
        counted = f"{number(done)} sur {number(total)}"
        left = self.seconds_left(done, total)
        return counted if left is None else f"{counted}, encore {wait(max(1, round(left)))} environ"
