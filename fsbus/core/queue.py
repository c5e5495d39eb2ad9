"""The queue at the door: its tickets, how long one waits, and the figures that are kept of a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from fsbus.core.attendance import HOURS
from fsbus.core.clock import parse_utc_text
from fsbus.core.redaction import redacted

RECEIVED, GAVE_UP, BOOKED = "received", "gave_up", "booked"
HOW: Mapping[str, str] = {RECEIVED: "Reçue", GAVE_UP: "Repartie", BOOKED: "Rendez-vous pris"}
"""How a person left the queue."""
START = 20
"""Minutes that one person is thought to take as long as nothing was measured here."""
ENOUGH = 3
"""From so many people received today, their own durations tell the pace alone."""
LONGEST = 1_439
COUNTED = ("arrived", "received", "gave_up", "booked", "waited_minutes")


@redacted("number")
@dataclass(frozen=True)
class Ticket:
    """One person at the door, of whom nothing is known but a number and moments (UTC). ``how``: see `HOW`."""

    number: int
    day: str
    arrived_at: str
    called_at: str | None = None
    left_at: str | None = None
    how: str | None = None
    agent_id: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the person was neither called nor left."""
        return self.called_at is None and self.left_at is None

    @property
    def is_called(self) -> bool:
        """Whether the person was called, and is still with an agent."""
        return self.called_at is not None and self.left_at is None

    @property
    def was_received(self) -> bool:
        """Whether an agent saw the person; one who was called and is not said to have left, too."""
        return self.how == RECEIVED or self.is_called


def pace(today: Sequence[int], past: Sequence[int]) -> int:
    """Minutes that one person takes: the median of today, of the past with it while today says little, or `START`."""
    told = list(today) if len(today) >= ENOUGH else [*today, *past]
    return max(1, round(median(told))) if told else START


def expected_wait(before: int, agents: int, minutes: int) -> int:
    """Minutes until an agent is free, with ``before`` people called or waiting already, each taking ``minutes``."""
    agents = max(1, agents)
    return max(0, -(-minutes * (before - agents + 1) // agents))


def is_too_late(now: int, wait: int, minutes: int, closes: int) -> bool:
    """Whether who comes now could not be received whole before closing; all in minutes of the day."""
    return now + wait + minutes > closes


def served(tickets: Iterable[Ticket]) -> list[int]:
    """Minutes that those took who were called, received and have left."""
    took = (_minutes(one.called_at, one.left_at) for one in tickets if one.how == RECEIVED and one.called_at)
    return [minutes for minutes in took if minutes > 0]


def arrivals(tickets: Iterable[Ticket]) -> dict[str, int]:
    """How many came in each hour of the local day, by the names of `HOURS`."""
    counts = dict.fromkeys(HOURS, 0)
    for one in tickets:
        counts[HOURS[parse_utc_text(one.arrived_at).astimezone().hour]] += 1
    return counts


def figures(tickets: Sequence[Ticket]) -> dict[str, object]:
    """What is kept of these tickets: the fields of an `Attendance`, without its day and its commune."""
    waits = [_minutes(one.arrived_at, one.called_at or one.left_at) for one in tickets if one.was_received]
    return {
        "arrived": len(tickets),
        "received": len(waits),
        "gave_up": sum(one.how == GAVE_UP for one in tickets),
        "booked": sum(one.how == BOOKED for one in tickets),
        "waited_minutes": sum(waits),
        "longest_wait": max(waits, default=0),
        "by_hour": arrivals(tickets),
    }


def together(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """The figures of one day at one stop whose queue was closed twice."""
    return {
        **{name: _whole(before, name) + _whole(after, name) for name in COUNTED},
        "longest_wait": max(_whole(before, "longest_wait"), _whole(after, "longest_wait")),
        "by_hour": {hour: _of_hour(before, hour) + _of_hour(after, hour) for hour in HOURS},
    }


def _minutes(first: str, last: str | None) -> int:
    if last is None:
        return 0
    # A clock that was set back must not make anybody wait less than nothing.
    return min(LONGEST, max(0, (parse_utc_text(last) - parse_utc_text(first)) // timedelta(minutes=1)))


def _whole(told: Mapping[str, object], name: str) -> int:
    value = told.get(name)
    return value if isinstance(value, int) else 0


def _of_hour(told: Mapping[str, object], hour: str) -> int:
    hours = told.get("by_hour")
    return _whole(hours, hour) if isinstance(hours, Mapping) else 0
