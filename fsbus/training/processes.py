"""Starts the real programs of a demonstration as processes of their own, and ends them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

SECONDS = 30.0


@contextmanager
def centre(
    database: str, *, log: Path, more: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The centre of this URL on a free port of the loopback; its HOST:PORT while it runs.

    Its words go to ``log``; ``more`` are words for the command line; ``environment`` is added to ours.
    """
    words = ["-m", "fsbus", "serve", "--database", database, "--listen", "127.0.0.1:0", *more]
    with log.open("ab") as heard, _running(words, heard=heard, environment=environment) as process:
        ready = json.loads(pipe(process.stdout).readline() or b"{}")
        if "ready" not in ready:
            raise RuntimeError("the centre did not start")
        yield urlsplit(ready["ready"]).netloc


@contextmanager
def link(
    target: str, *, port: int = 0, bits: int = 0, round_trip: float = 0.0, cuts: Sequence[int] = ()
) -> Iterator[int]:
    """The road between laptops and centre (see `fsbus.training.faults`); the port where laptops find it."""
    words = ["-m", "fsbus.training.faults", str(port), target, str(bits), str(round_trip), *map(str, cuts)]
    with _running(words) as process:
        yield int(pipe(process.stdout).readline())


class Counter:
    """The counting road in front of a centre."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.port = int(pipe(process.stdout).readline())

    def take(self) -> dict[str, int]:
        """``requests``, and bytes ``up`` and ``down``, since it was asked last."""
        asked = pipe(self._process.stdin)
        asked.write(b"\n")
        asked.flush()
        counted: dict[str, int] = json.loads(pipe(self._process.stdout).readline())
        return counted


@contextmanager
def counting(target: str) -> Iterator[Counter]:
    """A road to this HOST:PORT on which everything is counted."""
    with _running(["-m", "fsbus.bench.counting", target], feed=True) as process:
        yield Counter(process)


@contextmanager
def recording(home: Path, passphrase_file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`fsbus record -` on one laptop, fed by its standard input."""
    words = ["-m", "fsbus", "--home", str(home), "--passphrase-file", str(passphrase_file), "record", "-"]
    with _running(words, feed=True) as process:
        yield process


def pipe(end: IO[bytes] | None) -> IO[bytes]:
    """An end that was opened as a pipe."""
    if end is None:
        raise TypeError("not opened as a pipe")
    return end


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End it at once, as a flat battery would."""
    process.kill()
    process.wait(SECONDS)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to end, insist after a while, and close its pipes."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            kill(process)
    for one in (process.stdin, process.stdout):
        if one is not None:
            with suppress(OSError):
                one.close()


@contextmanager
def _running(
    words: Sequence[str],
    *,
    feed: bool = False,
    heard: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=heard,
        env={**os.environ, **(environment or {}), "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield process
    finally:
        end(process)
