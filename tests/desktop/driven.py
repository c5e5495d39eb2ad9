"""Drives the real application in a process of its own; finds the processes on its folder."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
A_WHILE = 60.0


@dataclass(frozen=True)
class Happening:
    """What a process told: ``at`` in monotonic seconds, the same for all of this machine."""

    process: int
    at: float
    words: str


@dataclass
class Driven:
    """One application window in its own process; ``events`` is shared with the processes that follow it."""

    home: Path
    events: Path
    process: "subprocess.Popen[bytes]"

    def send(self, *order: str) -> None:
        """Give one order, without waiting."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()

    def do(self, *order: str) -> Happening:
        """Give one order and wait until it is done."""
        before = len(self.happened())
        self.send(*order)
        return self.wait("opened" if order[0] == "opened" else "done", after=before)

    def open(self, passphrase: str) -> None:
        """Type the passphrase and wait for the day."""
        self.wait("painted")
        self.do("write", passphrase)
        self.do("press", "Return")
        self.do("opened")

    def entry(self) -> tuple[str, str, dict[str, Any]]:
        """(page shown, notice of the form, all that stands in the form)."""
        before = len(self.happened())
        self.send("entry")
        page, notice, entry = json.loads(self.wait("entry", after=before).words.partition(" ")[2])
        return page, notice, entry

    def happened(self) -> list[Happening]:
        """All that was told so far, by this process and those that followed it."""
        lines = self.events.read_text().splitlines() if self.events.exists() else []
        told = (line.split(" ", 2) for line in lines)
        return [Happening(int(process), float(at), words) for process, at, words in told]

    def wait(self, words: str, *, after: int = 0, other: bool = False) -> Happening:
        """The first thing told that begins so; ``other``: by another process than ours."""
        until = time.monotonic() + A_WHILE
        while time.monotonic() < until:
            for one in self.happened()[after:]:
                if one.words.startswith(words) and (one.process != self.process.pid) is other:
                    return one
            time.sleep(0.01)
        raise AssertionError(f"never told: {words}; told: {self.happened()[-3:]}")

    def ended(self) -> float:
        """Wait for the end of our process; monotonic seconds."""
        self.process.wait(A_WHILE)
        return time.monotonic()


def at_work(home: Path) -> list[int]:
    """The processes with this folder among their words, ours excepted."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes()
            if os.fsencode(home) in words and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return sorted(found)


@contextmanager
def application(home: Path, events: Path, screen: Mapping[str, str] | None = None) -> Iterator[Driven]:
    """The application on this folder; at the end it and all that followed it are killed.

    ``screen``: the environment of a real screen; without it, nothing is seen.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.desktop.driven_child", str(home), str(events)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen", **(screen or {})},
    )
    try:
        yield Driven(home, events, process)
    finally:
        process.kill()
        process.wait(A_WHILE)
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        for number in at_work(home):
            with suppress(ProcessLookupError):
                os.kill(number, 9)
