"""What presenters need of the background; no Qt, so their tests need no screen."""

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")
Tell = Callable[[object], None]
"""Called by a job, from its thread, to tell how far it is."""


class Runner(Protocol):
    """Runs long jobs elsewhere; the callbacks run on the screen's thread."""

    def run(
        self,
        job: Callable[[Tell], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Tell | None = None,
    ) -> None:
        """Run ``job`` later; then ``done`` with its result, or ``failed`` with its error."""
