"""The hours of appointments at a stop: free slots, who is taken when, what is worth a warning."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from fsbus.core.appointments import Appointment
from fsbus.core.french import hour
from fsbus.core.redaction import redacted

LENGTHS = (15, 30, 45, 60)
"""Minutes that are offered; what another laptop set otherwise is kept."""
CREW = 2
"""Agents who receive in a bus."""
COUNTED = frozenset({"unknown", "seen"})
"""Statuses of an appointment that takes an agent's time; the others leave the slot free."""
Hours = tuple[str, str]
"""From and to, as « 09:30 »."""


@redacted("starts_at", "minutes", "free")
@dataclass(frozen=True)
class Slot:
    """A moment of a passage at which this many agents are free for all of it."""

    starts_at: str
    minutes: int
    free: int


def free_slots(hours: Hours, minutes: int, taken: Iterable[Appointment]) -> list[Slot]:
    """Every slot of this length from the opening to the closing at which somebody is free."""
    opens, closes = map(_minute, hours)
    booked = [one for one in taken if one.status in COUNTED]
    found = (
        Slot(_clock(start), minutes, CREW - busy(booked, start, start + minutes))
        for start in range(opens, closes - minutes + 1, minutes)
    )
    return [slot for slot in found if slot.free > 0]


def busy(booked: Iterable[Appointment], start: int, end: int) -> int:
    """The most agents who are taken at once between two minutes of the day."""
    during = [one for one in booked if _minute(one.starts_at) < end and start < _end(one)]
    moments = {start, *(_minute(one.starts_at) for one in during)}
    return max(
        sum(one.needed for one in during if _minute(one.starts_at) <= moment < _end(one))
        for moment in moments
    )


def warnings(
    wanted: Appointment,
    others: Iterable[Appointment],
    hours: Iterable[Hours],
    now: tuple[str, str],
    name_of: Callable[[str], str],
) -> Mapping[str, str]:
    """What the agent must know before it is booked, by field; nothing of it forbids.

    ``others`` are the appointments of that day, ``hours`` those of the bus in that commune then; ``now`` is the
    day and the hour it is; ``name_of`` gives the name of an agent.
    """
    found: dict[str, str] = {}
    start, end, hours = _minute(wanted.starts_at), _end(wanted), list(hours)
    if wanted.day < now[0]:
        found["day"] = "Ce jour est passé."
    elif (wanted.day, wanted.starts_at) < now:
        found["starts_at"] = "Cette heure est passée."
    elif not hours:
        found["day"] = "Aucun passage n’est prévu ce jour-là dans cette commune."
    elif not any(_minute(opens) <= start and end <= _minute(closes) for opens, closes in hours):
        told = ", ".join(f"{hour(opens)} – {hour(closes)}" for opens, closes in hours)
        found["starts_at"] = f"En dehors des heures du bus\u00a0: {told}."
    during = [
        one
        for one in others
        if one.id != wanted.id
        and one.status in COUNTED
        and _minute(one.starts_at) < end
        and start < _end(one)
    ]
    taken = {agent: one for one in during for agent in one.agents if agent in wanted.agents}
    if taken:
        found["agents"] = " ".join(
            f"{name_of(agent) or 'Cet agent'} a déjà un rendez-vous à {hour(one.starts_at)}."
            for agent, one in taken.items()
        )
    elif busy(during, start, end) + wanted.needed > CREW:
        found["needed"] = "Les agents du bus ont déjà d’autres rendez-vous à cette heure."
    return found


def ends_at(one: Appointment) -> str:
    """The hour when it ends, « 11:00 »; midnight at most."""
    return _clock(min(_end(one), 24 * 60 - 1))


def _end(one: Appointment) -> int:
    return _minute(one.starts_at) + one.minutes


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:5])


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
