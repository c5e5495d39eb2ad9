"""Keeps the log of a laptop: one JSON line per event, small files, nothing older than 30 days.

`logs/fsbus.log` is readable without the key; `fsbus.core.events` says what may be in it. Several processes
and threads may write at once: a line is one write at the end of the file, and a full file is renamed to a name
of its own, so none can overwrite another. A disk that refuses loses the line, never the agent's work.
"""

import contextlib
import os
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fsbus.core.clock import as_utc_text, parse_utc_text

if TYPE_CHECKING:
    from fsbus.core.events import Event

LOGS, LOG = "logs", "fsbus.log"
LARGEST = 1024 * 1024
MOST_FILES = 5
"""The one being written included."""
KEPT_FOR = timedelta(days=30)
SPAN = timedelta(days=7)
"""Of one file. A file is dropped whole when its first line is too old: lines live 23 to 30 days."""
LAST_EVENTS = 20
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class EventLog:
    """The log in ``folder``; call it with an event. ``recent`` holds the last lines of this process."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self.folder, self._now = folder, now
        self.recent: deque[str] = deque(maxlen=LAST_EVENTS)
        self._tidied: datetime | None = None

    def __call__(self, event: "Event") -> None:
        """Write one event; never raises for a disk that refuses."""
        import json

        now = self._now()
        line = json.dumps(
            {"at": as_utc_text(now), "event": event.name, **event.told()}, separators=(",", ":")
        )
        self.recent.append(line)
        with contextlib.suppress(OSError):
            # Not with its parents: where there is no laptop, none is begun by a command that went wrong.
            self.folder.mkdir(exist_ok=True, mode=0o700)
            if self._tidied is None or abs(now - self._tidied) > timedelta(days=1):
                self.tidy()
                self._tidied = now
            self._append(line.encode() + b"\n")

    def tidy(self) -> None:
        """Begin a new file when this one is a week old, and drop what is too old or too many."""
        with contextlib.suppress(OSError):
            begun = _begun(self.folder / LOG)
            if begun is not None and self._now() - begun > SPAN:
                self._turn_over()
        self._drop()

    def _append(self, line: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _NO_LINK
        descriptor = os.open(self.folder / LOG, flags, 0o600)
        try:
            os.write(descriptor, line)
            full = os.fstat(descriptor).st_size >= LARGEST
        finally:
            os.close(descriptor)
        if full:
            self._turn_over()
            self._drop()

    def _turn_over(self) -> None:
        stamp = as_utc_text(self._now()).replace("-", "").replace(":", "")
        (self.folder / LOG).replace(self.folder / f"fsbus-{stamp}-{os.urandom(3).hex()}.log")

    def _drop(self) -> None:
        kept: list[tuple[datetime, Path]] = []
        for path in self.folder.glob("fsbus-*.log"):
            begun = _begun(path)
            if begun is not None and self._now() - begun > KEPT_FOR:
                path.unlink(missing_ok=True)
            elif begun is not None:
                kept.append((begun, path))
        for _, path in sorted(kept, reverse=True)[MOST_FILES - 1 :]:
            path.unlink(missing_ok=True)


def _begun(path: Path) -> datetime | None:
    """The moment of the first line; when none can be read (yet), that of the file; None without a file."""
    import json

    try:
        with path.open("rb") as opened:
            first = json.loads(opened.readline(4096))
        return parse_utc_text(first["at"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OverflowError):
        with contextlib.suppress(OSError):
            return datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return None
