"""The figures of a queue at the door, kept when its tickets are destroyed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fsbus.core.fields import Day, Field, Group, Insee, Problems, Whole
from fsbus.core.redaction import redacted

MOST = 9_999
HOURS = tuple(f"h{hour:02}" for hour in range(24))
"""The names of the hours of the day in `Attendance.by_hour`."""
FIELDS: Mapping[str, Field] = {
    "day": Day(required=True),
    "commune": Insee(),
    "arrived": Whole(0, MOST, required=True),
    "received": Whole(0, MOST, required=True),
    "gave_up": Whole(0, MOST, required=True),
    "booked": Whole(0, MOST, required=True),
    "waited_minutes": Whole(0, 10_000_000, required=True),
    "longest_wait": Whole(0, 1_439, required=True),
    "by_hour": Group({name: Whole(0, MOST) for name in HOURS}),
}


@redacted("id")
@dataclass(frozen=True)
class Attendance:
    """A day's queue at one stop, in figures: nobody can be known by them.

    ``booked``: sent home with an appointment; ``waited_minutes``: of all who were received together;
    ``by_hour``: arrivals by hour of the day, `HOURS` to a count.
    """

    id: str
    day: str
    arrived: int
    received: int
    gave_up: int
    booked: int
    waited_minutes: int
    longest_wait: int
    commune: str | None = None
    by_hour: Mapping[str, int] | None = field(default=None)


def check_rules(fields: Mapping[str, object], path: str, problems: Problems) -> None:
    """Nobody leaves the queue who did not come."""
    gone = sum(_count(fields.get(name)) for name in ("received", "gave_up", "booked"))
    if gone > _count(fields.get("arrived")):
        problems.setdefault(f"{path}arrived", "Plus de personnes sorties de la file qu’entrées.")


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
