"""What the screen of the day shows, as values."""

from dataclasses import dataclass

from fsbus.desktop.widgets.rows import TableRow


@dataclass(frozen=True)
class DayFigures:
    """The counters of the day; ``outcomes`` are (label, count), the same order every day."""

    visits: int = 0
    procedures: int = 0
    minutes: int = 0
    to_follow_up: int = 0
    outcomes: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, repr=False)
class DayShown:
    """The whole screen: the day in words, the stop, the figures and the visits, newest first."""

    day: str
    stop_code: str
    stop_name: str
    figures: DayFigures
    visits: tuple[TableRow, ...]

    def __repr__(self) -> str:
        return f"DayShown({self.day})"
