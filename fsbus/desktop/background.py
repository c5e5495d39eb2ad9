"""The only place with a thread: one worker that runs the long jobs and hands results to the screen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from fsbus.desktop.running import Tell

T = TypeVar("T")


class Background(QObject):
    """Runs one job at a time, in the order given.

    Always the same thread, so a store connection opened by a job may be used by the next ones.
    Results come back by one queued signal of this long-lived object: a signal object that
    belongs to a job may be collected before its message arrives.
    """

    _arrived = Signal(object)

    def __init__(self, on_bug: Callable[[Exception], None]) -> None:
        super().__init__()
        self._on_bug = on_bug
        self.closed = False
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fsbus")
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        job: Callable[[Tell], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Tell | None = None,
    ) -> None:
        """Run ``job`` later; then ``done`` with its result, or ``failed`` with its error, here.

        Once closed, nothing more is run: a timer may still ask while the window goes away.
        """
        if self.closed:
            return

        def tell(value: object) -> None:
            if progress is not None:
                self._arrived.emit(partial(progress, value))

        def work() -> None:
            try:
                result = job(tell)
            except Exception as error:  # noqa: BLE001 -- every error goes back to the screen
                self._arrived.emit(partial(failed, error))
            else:
                self._arrived.emit(partial(done, result))

        self._worker.submit(work)

    def close(self, last: Callable[[], None], seconds: float = 3.0) -> bool:
        """Run ``last`` on the worker and stop it; nothing is delivered any more.

        Waits for the job under way, this many seconds at most: False when it was not over.
        """
        self.closed = True
        ended = self._worker.submit(last)
        self._worker.shutdown(wait=False)
        try:
            ended.result(timeout=seconds)
        except TimeoutError:
            return False
        return True

    @Slot(object)
    def _deliver(self, message: Callable[[], None]) -> None:
        if self.closed:
            return
        try:
            message()
        except Exception as error:  # noqa: BLE001 -- the crash report takes it
            # An error raised inside a slot is only printed by Qt; it must reach the crash report.
            self._on_bug(error)
