"""Whose turn it is to write: who takes in a long answer lets whoever saves go first."""

import contextlib
import time
from collections.abc import Callable, Iterator
from threading import Lock

LONGEST_TURN = 10.0
"""Seconds after which one goes on without its turn: SQLite's own lock then decides, as between processes."""


class Turns:
    """Shared by the connections of one process to one store."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._writing = Lock()
        self._counting = Lock()
        self._waiting = 0
        self._sleep = sleep

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn; whoever holds it only for a short while is never waited for long."""
        self._count(1)
        mine = self._writing.acquire(timeout=LONGEST_TURN)
        self._count(-1)
        try:
            yield
        finally:
            if mine:
                self._writing.release()

    def give_way(self, seconds: float = 1.0) -> None:
        """Between two turns of one long work: let those go first who wait, this long at most.

        The lock alone would not do: who gives it back and asks again at once is served before the others.
        """
        step = 0.001
        while self._waiting and seconds > 0:
            self._sleep(step)
            seconds -= step

    def _count(self, one: int) -> None:
        with self._counting:
            self._waiting += one
