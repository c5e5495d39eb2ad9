"""What the « Tournée » page shows and gives back, as values; no Qt."""

from dataclasses import dataclass, field

from fsbus.core.redaction import redacted
from fsbus.desktop.widgets.rows import TableRow


@redacted()
@dataclass(frozen=True)
class Details:
    """What is noted of a passage, as typed: hours are those of its four moments, each empty while it is not told."""

    hours: tuple[str, ...] = ("", "", "", "")
    agents: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()
    faulty: tuple[str, ...] = ()
    network: str = ""
    kilometres: str = ""
    note: str = ""


@redacted()
@dataclass(frozen=True)
class PassageShown:
    """One stop of today: what is told of it, what was noted, which moment comes next (its place, None after the last)."""

    heading: str
    words: str
    details: Details
    next_moment: int | None
    held: bool
    """False when it was called off."""


@redacted()
@dataclass(frozen=True)
class MonthDay:
    """One day of the drawn month: how many stops, the public holiday it is."""

    number: int
    stops: int = 0
    holiday: str = ""


@redacted()
@dataclass(frozen=True)
class MonthShown:
    """A month: its name, the weekday of its first day from 0, its days, and the same as lines of a table."""

    title: str
    first_weekday: int
    days: tuple[MonthDay, ...]
    rows: tuple[TableRow, ...]


@redacted()
@dataclass(frozen=True)
class StopTyped:
    """A stop of the circuit as it stands in its form."""

    commune: str = ""
    commune_name: str = ""
    place: str = ""
    opens_at: str = ""
    closes_at: str = ""
    starts_on: str = ""
    ends_on: str = ""
    kind: str = "weekly"
    weekdays: tuple[str, ...] = ()
    which: tuple[str, ...] = ()
    kept: str = ""
    """The rule, when it is none of those that are offered."""
    except_on: str = ""
    on_holidays: bool = False
    contact: str = ""
    note: str = ""


@redacted()
@dataclass(frozen=True)
class WeekShown:
    """A week: its title, its figures with their words, the lines to read, the minutes of each day."""

    title: str
    figures: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = field(default=())
    bars: tuple[tuple[str, int], ...] = ()
