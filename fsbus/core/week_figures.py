"""A week of the bus against the label: 24 hours, on 5 days, by 2 agents; incidents taken off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fsbus.core.circuit import Incident
from fsbus.core.clock import parse_utc_text
from fsbus.core.planning import Planned
from fsbus.core.public_holidays import holiday
from fsbus.core.redaction import redacted

WANTED_MINUTES, WANTED_DAYS, WANTED_AGENTS = 24 * 60, 5, 2
"""What the label asks of a week."""


@redacted("planned", "opened", "lost")
@dataclass(frozen=True)
class DayFigures:
    """One day, in minutes: what was planned, how long it was open, what closed incidents took of that."""

    day: str
    planned: int
    opened: int
    lost: int

    @property
    def held(self) -> int:
        """How long people could be received."""
        return self.opened - self.lost


@redacted("days", "too_few_agents")
@dataclass(frozen=True)
class Week:
    """Monday to Sunday. ``holidays`` are those of its working days, by name."""

    days: tuple[DayFigures, ...]
    too_few_agents: int
    """Passages held with less than two agents."""
    holidays: tuple[tuple[str, str], ...]

    @property
    def planned(self) -> int:
        """Minutes that were planned."""
        return sum(one.planned for one in self.days)

    @property
    def held(self) -> int:
        """Minutes in which people could be received."""
        return sum(one.held for one in self.days)

    @property
    def lost(self) -> int:
        """Minutes that incidents took."""
        return sum(one.lost for one in self.days)

    @property
    def days_held(self) -> int:
        """Days with at least one passage held."""
        return sum(one.opened > 0 for one in self.days)


def week_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


def week(monday: date, planned: Sequence[Planned], incidents: Iterable[Incident]) -> Week:
    """The figures of the week that begins on this Monday, of passages and incidents of these days."""
    days = [monday + timedelta(days=number) for number in range(7)]
    told = list(incidents)
    found = []
    for day in map(date.isoformat, days):
        of_day = [one for one in planned if one.day == day]
        opened = sum(_opened(one) for one in of_day)
        closed = sum(one.minutes for one in told if one.day == day and one.closed)
        found.append(
            DayFigures(day, sum(_planned(one) for one in of_day if one.is_held), opened, min(opened, closed))
        )
    communes = dict.fromkeys(one.commune for one in planned)
    named = {
        day.isoformat(): name for day in days[:5] for commune in communes if (name := holiday(commune, day))
    }
    held = [one.passage for one in planned if one.passage is not None and _opened(one)]
    return Week(
        tuple(found), sum(len(one.agents) < WANTED_AGENTS for one in held), tuple(sorted(named.items()))
    )


def _planned(one: Planned) -> int:
    if one.opens_at is None or one.closes_at is None:
        return 0
    return max(0, _minutes(one.closes_at) - _minutes(one.opens_at))


def _opened(one: Planned) -> int:
    passage = one.passage
    if passage is None or passage.opened_at is None or passage.closed_at is None:
        return 0
    length = parse_utc_text(passage.closed_at) - parse_utc_text(passage.opened_at)
    return max(0, round(length.total_seconds() / 60))


def _minutes(hour: str) -> int:
    return int(hour[:2]) * 60 + int(hour[3:])
