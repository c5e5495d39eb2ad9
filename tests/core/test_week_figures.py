"""A week is counted in minutes really open, incidents taken off, never below nothing."""

from dataclasses import replace
from datetime import date

from fsbus.core.circuit import Incident, Passage
from fsbus.core.planning import Planned
from fsbus.core.week_figures import week, week_of
from tests.builders import new_id

MONDAY = date(2026, 11, 9)  # its Wednesday is a public holiday


def passage(day: str, opened: str | None = None, closed: str | None = None, **changes: object) -> Planned:
    stop = new_id()
    planned = Planned(stop, day, "02361", "Halle", "09:00", "12:30", stop)
    if opened is None and not changes:
        return planned
    held = Passage(
        stop,
        day,
        "02361",
        opened_at=f"{day}T{opened}:00Z" if opened else None,
        closed_at=f"{day}T{closed}:00Z" if closed else None,
        agents=(new_id(), new_id()),
    )
    return replace(planned, passage=replace(held, **changes))  # type: ignore[arg-type]  # fields of a passage


def incident(day: str, minutes: int, closed: bool) -> Incident:
    return Incident(new_id(), day, "02361", "power", f"{day}T09:00:00Z", minutes, closed)


def test_a_week_counts_what_was_open_without_what_incidents_took() -> None:
    found = week(
        MONDAY,
        [
            passage("2026-11-09", "09:00", "12:00"),
            passage("2026-11-10", "09:00", "10:00", agents=(new_id(),)),
            passage("2026-11-12"),
            passage("2026-11-13", cancelled="weather"),
            passage("2026-11-14", "09:00"),
        ],
        [
            incident("2026-11-09", 30, closed=True),
            incident("2026-11-09", 500, closed=False),
            incident("2026-11-10", 500, closed=True),
        ],
    )
    assert [(one.planned, one.opened, one.lost) for one in found.days] == [
        (210, 180, 30), (210, 60, 60), (0, 0, 0), (210, 0, 0), (0, 0, 0), (210, 0, 0), (0, 0, 0),
    ]  # fmt: skip
    assert (found.planned, found.held, found.lost, found.days_held, found.too_few_agents) == (
        840,
        150,
        90,
        2,
        1,
    )
    assert found.holidays == (("2026-11-11", "Armistice"),)


def test_a_week_begins_on_monday() -> None:
    assert week_of(date(2026, 11, 15)) == MONDAY
    assert week_of(MONDAY) == MONDAY
    assert week(MONDAY, [], []).held == 0
