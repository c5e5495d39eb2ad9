"""Cuts an answer into parts that are taken in before anybody notices."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from fsbus.wire.api import State

AIM = 0.03
"""Seconds that one transaction should hold the write lock; a window that saves waits for one at most."""
FIRST, LEAST, MOST = 200, 100, 2_000
"""Records in one transaction. Below the least, the commit alone is what takes time: smaller parts would only make more
of them, and a busy disk ever smaller parts."""


class Slices:
    """How many records this laptop takes in within ``AIM``, learned as it goes."""

    def __init__(self, monotonic: Callable[[], float] = time.perf_counter) -> None:
        self._monotonic = monotonic
        self._size = FIRST
        self._cut = 0

    def of(self, states: Sequence[State]) -> Iterator[Sequence[State]]:
        """The states in order, in parts of the size that is right by then."""
        taken = 0
        while taken < len(states):
            part = states[taken : taken + self._size]
            self._cut = len(part)
            taken += len(part)
            yield part
        self._cut = 0

    @contextlib.contextmanager
    def measured(self) -> Iterator[None]:
        """Around the taking in of the part that was cut last, if any was."""
        began = self._monotonic()
        yield
        # A short last part says little: most of its time is the commit's.
        if self._cut * 2 > self._size:
            each = (self._monotonic() - began) / self._cut
            # Never more than twice at once: the next part may be of longer records.
            self._size = int(max(LEAST, min(MOST, 2 * self._size, AIM / max(each, 1e-6))))
