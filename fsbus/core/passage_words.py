"""Says a passage of the bus in words: its day, its hours, its place."""

from collections.abc import Iterable
from datetime import date

from fsbus.core.french import hour, weekday_and_day
from fsbus.core.planning import Planned


def hours_of(planned: Planned) -> str:
    """``9 h 30 – 12 h 30``; empty when they are not known."""
    return (
        f"{hour(planned.opens_at)} – {hour(planned.closes_at)}"
        if planned.opens_at and planned.closes_at
        else ""
    )


def passage_in_words(planned: Planned, commune: str = "") -> str:
    """``mardi 1er décembre, 9 h 30 – 12 h 30, Place du marché``; ``commune`` is its name, where it must be told."""
    return _told(
        (weekday_and_day(date.fromisoformat(planned.day)), hours_of(planned), planned.place, commune)
    )


def _told(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)
