"""The only place with a thread: one worker that runs the long jobs and hands results to the screen."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from fsbus.desktop.running import Tell

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

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
        self._worker: ThreadPoolExecutor | None = None
        # Emitted on the worker, received here: Qt queues it because the threads differ.
        self._arrived.connect(self._deliver)

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

        self._started().submit(work)

    def wait(self, seconds: float) -> bool:
        """Wait for all that was asked so far, this many seconds at most; False when it was not over."""
        if self._worker is None or self.closed:
            return True
        try:
            self._worker.submit(lambda: None).result(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def close(self, last: Callable[[], None], seconds: float = 3.0) -> bool:
        """Run ``last`` on the worker (here when it never ran a job) and stop it; nothing is delivered any more.

        Waits for the job under way, this many seconds at most: False when it was not over. Nothing the second time.
        """
        if self.closed:
            return True
        self.closed = True
        if self._worker is None:
            last()
            return True
        ended = self._worker.submit(last)
        self._worker.shutdown(wait=False)
        try:
            ended.result(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def _started(self) -> "ThreadPoolExecutor":
        """The worker, made for the first job: its modules are not needed to show a window."""
        if self._worker is None:
            from concurrent.futures import ThreadPoolExecutor

            self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fsbus")
        return self._worker

    @Slot(object)
    def _deliver(self, message: Callable[[], None]) -> None:
        if self.closed:
            return
        try:
            message()
        except Exception as error:  # noqa: BLE001 -- the crash report takes it
            # An error raised inside a slot is only printed by Qt; it must reach the crash report.
            self._on_bug(error)
