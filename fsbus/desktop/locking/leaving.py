"""Leaves the screen at once, and the memory for good: hides, starts the next process, ends this one."""

import faulthandler
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from fsbus.core.redaction import redacted

AT_MOST, IN_A_HURRY = 10.0, 2.0
"""Seconds that leaving may take, with the backup made at a lock; before a sleep. Then the process ends anyhow:
what is saved is durable, and a backup that is cut short is made another time."""


def hide_everything() -> None:
    """No window of ours is on the screen any more when this returns; dialogs are given up, nothing is asked."""
    for window in QApplication.topLevelWidgets():
        window.hide()
    QGuiApplication.sync()


def end_within(seconds: float) -> None:
    """End this process after so many seconds whatever it does then, a call that never returns included.

    A thread of the interpreter's own, below Python: no lock and no library can hold it up.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)


def own_command(home: Path) -> Sequence[str]:
    """What starts this application again on this folder; no secret is in it."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "fsbus"]
    return [*program, "--home", str(home), "open"]


@redacted()
@dataclass
class NextProcess:
    """The process that shows the unlock screen in the place of this one; it is given nothing but ``command``."""

    command: Sequence[str]
    _number: int | None = None

    def start(self) -> None:
        """Start it now, while this one still tidies up: it appears sooner."""
        from PySide6.QtCore import QProcess

        program, *arguments = self.command
        # Of the two values given, the number is none when it could not be started.
        started, number = QProcess.startDetached(program, arguments, "")
        self._number = int(number) if started else None

    def is_there(self) -> bool:
        """Whether it was started, and still runs where that can be told."""
        if self._number is None:
            return False
        if sys.platform == "win32":
            return True
        try:
            os.kill(self._number, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def make_sure(self) -> None:
        """When it died at its start, become it: the memory of this process is gone. Tried once.

        When that fails too, the application is closed, and opens again as it is always opened.
        """
        if self.is_there():
            return
        try:
            os.execv(self.command[0], list(self.command))  # noqa: S606 -- no shell is wanted
        except OSError:
            return
