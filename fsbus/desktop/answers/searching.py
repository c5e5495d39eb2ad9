"""Asks the official lists on a thread of their own, for the latest question only."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject

from fsbus.core.errors import FsbusError
from fsbus.desktop.background import Background
from fsbus.store.reference import Reference

T = TypeVar("T")
AT_MOST = 2.0
"""Seconds that closing waits for the question under way."""


class Searching(QObject):
    """Not on the thread of the exchanges: those may last minutes on a bad link.

    ``open_lists`` is called there at the first question; what it opens stays there.
    """

    def __init__(
        self, open_lists: Callable[[], Reference], *, on_bug: Callable[[Exception], None], parent: QObject
    ) -> None:
        # As for drafts: its parts hang on it, and it on its parent.
        super().__init__(parent)
        self._open_lists, self._on_bug = open_lists, on_bug
        self._worker = Background(on_bug)
        self._worker.setParent(self)
        self._lists: Reference | None = None
        self._latest = 0

    def ask(
        self,
        question: Callable[[Reference], T],
        done: Callable[[T], None],
        failed: Callable[[FsbusError], None],
    ) -> None:
        """Ask on the worker; then ``done`` or ``failed`` here, unless another question was asked meanwhile."""
        self._latest += 1
        number = self._latest

        def job(_tell: object) -> tuple[T] | None:
            # Keys come faster than answers on a slow laptop: what nobody awaits any more is not looked for.
            return (question(self._opened()),) if number == self._latest else None

        def arrived(answer: tuple[T] | None) -> None:
            if answer is not None and number == self._latest:
                done(answer[0])

        def refused(error: Exception) -> None:
            if not isinstance(error, FsbusError):
                self._on_bug(error)
            elif number == self._latest:
                failed(error)

        self._worker.run(job, arrived, refused)

    def wait(self, seconds: float) -> bool:
        """Wait for all that was asked so far; False when it was not over."""
        return self._worker.wait(seconds)

    def close(self) -> bool:
        """Answer nothing more, and close the lists."""
        return self._worker.close(self._close_lists, AT_MOST)

    def _opened(self) -> Reference:
        if self._lists is None:
            self._lists = self._open_lists()
        return self._lists

    def _close_lists(self) -> None:
        lists, self._lists = self._lists, None
        if lists is not None:
            lists.close()
