"""What the screen of the day shows, as values."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted
from fsbus.desktop.widgets.rows import TableRow


@redacted("visits", "procedures")
@dataclass(frozen=True)
class DayFigures:
    """The counters of the day; ``outcomes`` are (label, count), the same order every day."""

    visits: int = 0
    procedures: int = 0
    minutes: int = 0
    to_follow_up: int = 0
    outcomes: tuple[tuple[str, int], ...] = ()


@redacted()
@dataclass(frozen=True)
class DayShown:
    """The whole screen: the day in words, the stop, the figures and the visits, newest first; what is to be taken up here."""

    day: str
    stop_code: str
    stop_name: str
    figures: DayFigures
    visits: tuple[TableRow, ...]
    to_take_up: str = ""
