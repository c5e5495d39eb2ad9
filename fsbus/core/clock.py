"""The only place that reads the time; tests hold it still."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Lock


def system_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def local_day(moment: datetime) -> date:
    """The calendar day of a moment in this computer's own time zone (a bus may be overseas)."""
    return moment.astimezone().date()


def as_utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC to the second, ``2026-11-24T08:20:00Z``: the form of every ``_at``.

    Raises ValueError for a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_utc_text(text: str) -> datetime:
    """The moment written by `as_utc_text`; ValueError for anything else."""
    if not text.endswith("Z"):
        raise ValueError(f"not a UTC moment: {text!r}")
    return datetime.fromisoformat(text)


@dataclass
class Clock:
    """Wall time, and hybrid logical stamps that never go backwards within a process.

    A stamp is ``<milliseconds since 1970, 13 digits>.<counter, 4 digits>``. It orders changes
    for display only: nothing is ever decided by it.
    """

    now: Callable[[], datetime] = system_now
    _last: tuple[int, int] = (0, 0)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def stamp(self) -> str:
        """The next hybrid logical stamp."""
        with self._lock:
            wall = int(self.now().timestamp() * 1000)
            last, counter = self._last
            self._last = (wall, 0) if wall > last else (last, counter + 1)
            return f"{self._last[0]:013d}.{self._last[1]:04d}"
