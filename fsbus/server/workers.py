"""Starts the processes that serve together, starts those that die again, and stops them all."""

import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a process that died is started again; twice as much each time."""
SETTLED = 60.0
"""Seconds of life after which a death is the first one again."""
STOPPED_WITHIN = 35.0
"""Seconds that requests under way are given to end; the processes themselves allow 30."""

_log = logging.getLogger("fsbus.server")


@dataclass
class _Place:
    """One of the processes, again and again."""

    number: int
    process: "subprocess.Popen[bytes] | None" = None
    ready: bool = False
    started_at: float = 0.0
    due: float = 0.0
    pause: float = 0.0


def run_workers(
    database_url: str,
    sockets: Sequence[socket.socket],
    metrics_port: int | None,
    count: int,
    started: Callable[[], None],
    *,
    key_file: Path | None = None,
    ledger: Path | None = None,
) -> None:
    """Serve with ``count`` processes on these sockets until SIGTERM or SIGINT; returns when all have ended."""
    with tempfile.TemporaryDirectory(prefix="fsbus-metrics-", ignore_cleanup_errors=True) as folder:
        settings = {
            "database": database_url,
            "key_file": None if key_file is None else str(key_file),
            "ledger": None if ledger is None else str(ledger),
            "metrics_port": metrics_port,
            "folder": folder,
        }
        workers = _Workers(settings, sockets, count, started)
        with _told_of_signals() as signals:
            try:
                workers.run(signals)
            finally:
                workers.stop()


class _Workers:
    def __init__(
        self,
        settings: Mapping[str, object],
        sockets: Sequence[socket.socket],
        count: int,
        started: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._descriptors = [one.fileno() for one in sockets]
        self._places = [_Place(number) for number in range(count)]
        self._started: Callable[[], None] | None = started

    def run(self, signals: socket.socket) -> None:
        """Keep every place filled until a signal comes."""
        with selectors.DefaultSelector() as selector:
            selector.register(signals, selectors.EVENT_READ)
            while True:
                for place in self._places:
                    if place.process is None and time.monotonic() >= place.due:
                        self._start(place)
                        selector.register(_stdout(place), selectors.EVENT_READ, place)
                for key, _ in selector.select(self._pause()):
                    if key.data is None:
                        return
                    self._hear(key.data, selector)

    def stop(self) -> None:
        """Ask all to end, and insist after a while."""
        left = [place.process for place in self._places if place.process is not None]
        for process in left:
            process.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOPPED_WITHIN
        for process in left:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
            _end(process)

    def _start(self, place: _Place) -> None:
        place.process = subprocess.Popen(
            [sys.executable, "-m", "fsbus.server.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=self._descriptors,
        )
        place.ready, place.started_at = False, time.monotonic()
        told = {**self._settings, "sockets": self._descriptors, "place": place.number}
        with suppress(BrokenPipeError):  # it died already: heard by its output
            os.write(_pipe(place.process.stdin).fileno(), msgspec.json.encode(told) + b"\n")

    def _hear(self, place: _Place, selector: selectors.BaseSelector) -> None:
        """It serves, or it is dead."""
        if os.read(_stdout(place).fileno(), 64):
            place.ready = True
            if self._started is not None and all(one.ready for one in self._places):
                started, self._started = self._started, None
                started()
            return
        selector.unregister(_stdout(place))
        if place.process is not None:
            with suppress(subprocess.TimeoutExpired):
                place.process.wait(5)
            _end(place.process)
            facts = {"place": place.number, "status": place.process.returncode}
            _log.error("process ended", extra={"facts": facts})
        now = time.monotonic()
        again = place.pause * 2 if now - place.started_at < SETTLED else 0.0
        place.pause = min(max(again, FIRST_PAUSE), LONGEST_PAUSE)
        place.process, place.ready, place.due = None, False, now + place.pause

    def _pause(self) -> float | None:
        """Seconds until a place is to be filled; None when all are."""
        due = [place.due for place in self._places if place.process is None]
        return max(0.0, min(due) - time.monotonic()) if due else None


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Make sure that it is gone, and close its pipes."""
    if process.poll() is None:
        process.kill()
        process.wait()
    for end in (process.stdin, process.stdout):
        with suppress(OSError):
            _pipe(end).close()


def _stdout(place: _Place) -> IO[bytes]:
    return _pipe(place.process.stdout if place.process is not None else None)


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    if end is None:
        raise TypeError("not opened as a pipe")
    return end


@contextmanager
def _told_of_signals() -> Iterator[socket.socket]:
    """A socket that can be read once SIGTERM or SIGINT came; in the main thread only."""
    ours, python = socket.socketpair()
    numbers = (signal.SIGTERM, signal.SIGINT)
    with ours, python:
        python.setblocking(False)
        before = {number: signal.signal(number, lambda *_: None) for number in numbers}
        woken = signal.set_wakeup_fd(python.fileno(), warn_on_full_buffer=False)
        try:
            yield ours
        finally:
            signal.set_wakeup_fd(woken)
            for number, handler in before.items():
                signal.signal(number, handler)
