"""Writes the report of what should never happen: where in our code, and after which events.

A report holds no value, no message and no path of the laptop; the newest are kept. Nothing is ever sent.
"""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fsbus import __version__
from fsbus.core.clock import as_utc_text
from fsbus.core.redaction import redacted
from fsbus.core.tellable import MOST, numbers
from fsbus.logs.event_log import EventLog

MOST_REPORTS = 20
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


@redacted("is_new")
@dataclass(frozen=True)
class CrashReport:
    """The whole text, and the file that holds it, or None when the disk refused.

    ``is_new`` is false for a bug that this run has already written down.
    """

    text: str
    path: Path | None
    is_new: bool


class CrashFiles:
    """The reports of one run, beside its log; ``toolkit`` names Qt and its version, if it runs."""

    def __init__(self, log: EventLog, now: Callable[[], datetime], toolkit: str = "") -> None:
        self.folder, self.log = log.folder, log
        self._now, self._toolkit = now, toolkit
        self._times: dict[tuple[type, str], int] = {}

    def report(self, error: BaseException) -> CrashReport:
        """Write the report of an error, once a run for the same error at the same place; never raises for the disk."""
        from fsbus.core.crash_text import crash_text, place_of
        from fsbus.core.events import Crashed

        kind = type(error), place_of(error)
        times = self._times[kind] = min(self._times.get(kind, 0) + 1, MOST - 1)
        # A bug in a loop must not push everything else out of the log: the 1st, 10th, 100th… are told.
        if str(times).strip("0") == "1":
            self.log(Crashed(error=kind[0], place=kind[1], times=times))
        text = self.text_of(crash_text(error))
        return CrashReport(text, self.write(text) if times == 1 else None, times == 1)

    def text_of(self, what: str) -> str:
        """The whole report around ``what``, which says where it broke."""
        import platform

        system = f"{platform.system()} {numbers(platform.release())}"
        programs = [f"fsbus {__version__}", f"Python {platform.python_version()}", self._toolkit, system]
        parts = [as_utc_text(self._now()), " · ".join(filter(None, programs)), "", what]
        if self.log.recent:
            parts += ["", "Derniers événements :", *self.log.recent]
        return "\n".join(parts) + "\n"

    def write(self, text: str) -> Path | None:
        """Keep a report, and drop the oldest ones; its file, or None when the disk refuses."""
        stamp = as_utc_text(self._now()).replace("-", "").replace(":", "")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for number in range(1, 1000):
                path = self.folder / f"crash-{stamp}-{number:03d}.txt"
                with contextlib.suppress(FileExistsError):
                    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK
                    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as out:
                        out.write(text)
                    self._drop()
                    return path
        except OSError:
            pass
        return None

    def _drop(self) -> None:
        found = sorted(
            self.folder.glob("crash-*.txt"),
            key=lambda path: (path.stat().st_mtime_ns, path.name),
            reverse=True,
        )
        for path in found[MOST_REPORTS:]:
            path.unlink(missing_ok=True)
