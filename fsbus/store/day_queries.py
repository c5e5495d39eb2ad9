"""Reads the plain kinds: circuit, queue figures, residents, appointments, workshops."""

from typing import TypeVar, cast

from fsbus.core.appointments import Appointment
from fsbus.core.attendance import Attendance
from fsbus.core.circuit import Incident, Passage, Stop
from fsbus.core.entities import (
    APPOINTMENT,
    ATTENDANCE,
    INCIDENT,
    PASSAGE,
    RESIDENT,
    STOP,
    WORKSHOP,
)  # fmt: skip
from fsbus.core.residents import Resident
from fsbus.core.workshops import Workshop
from fsbus.store.database import Database, rows
from fsbus.store.rows import SHAPES, value_from

Plain = Stop | Passage | Incident | Attendance | Resident | Appointment | Workshop
"""A record that hangs on nothing and has no list of its own beside it."""
_KINDS: dict[type, str] = {
    Stop: STOP,
    Passage: PASSAGE,
    Incident: INCIDENT,
    Attendance: ATTENDANCE,
    Resident: RESIDENT,
    Appointment: APPOINTMENT,
    Workshop: WORKSHOP,
}
T = TypeVar("T", Stop, Passage, Incident, Attendance, Resident, Appointment, Workshop)


def one(db: Database, kind: type[T], record_id: str) -> T | None:
    """One record of this class that is shown, or None."""
    name = _KINDS[kind]
    row = next(rows(db, SHAPES[name].select_one, (record_id,)), None)
    return None if row is None else cast(T, value_from(name, row))


def every(db: Database, kind: type[T]) -> list[T]:
    """All that are shown, in the order they were made."""
    name = _KINDS[kind]
    return [cast(T, value_from(name, row)) for row in rows(db, f"{SHAPES[name].select} ORDER BY id")]


def between(db: Database, kind: type[T], first: str, last: str) -> list[T]:
    """Those of these days, both included, by day; not for `Stop` and `Resident`, which have no day."""
    name = _KINDS[kind]
    found = rows(db, f"{SHAPES[name].select} WHERE day BETWEEN ? AND ? ORDER BY day, id", (first, last))
    return [cast(T, value_from(name, row)) for row in found]


def of_day(db: Database, kind: type[T], day: str) -> list[T]:
    """Those of one day."""
    return between(db, kind, day, day)


def postponed_to(db: Database, first: str, last: str) -> list[Passage]:
    """The passages, of whatever day, that were put off to one of these days, both included."""
    found = rows(
        db, f"{SHAPES[PASSAGE].select} WHERE postponed_to BETWEEN ? AND ? ORDER BY id", (first, last)
    )
    return [cast(Passage, value_from(PASSAGE, row)) for row in found]


def unsettled_appointments(db: Database, day: str) -> list[Appointment]:
    """Those of earlier days of which nothing was said, oldest first."""
    found = rows(
        db,
        f"{SHAPES[APPOINTMENT].select} WHERE day < ? AND status = 'unknown' ORDER BY day, starts_at, id",
        (day,),
    )
    return [cast(Appointment, value_from(APPOINTMENT, row)) for row in found]


def appointments_of_visit(db: Database, visit_id: str) -> list[Appointment]:
    """Those that this visit was begun for, nothing said of them yet."""
    found = rows(
        db, f"{SHAPES[APPOINTMENT].select} WHERE visit_id = ? AND status = 'unknown' ORDER BY id", (visit_id,)
    )
    return [cast(Appointment, value_from(APPOINTMENT, row)) for row in found]
