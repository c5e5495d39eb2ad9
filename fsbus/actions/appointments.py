"""Books, moves and settles appointments at the stops of the bus, and takes each of that back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from fsbus.actions import circuit, plain_records
from fsbus.actions.session import Session
from fsbus.core.appointments import Appointment
from fsbus.core.entities import APPOINTMENT, from_body
from fsbus.core.planning import Planned
from fsbus.core.redaction import redacted
from fsbus.core.slots import Hours, warnings
from fsbus.store import day_queries, queries

AHEAD = timedelta(days=60)
"""How far the next passages are shown."""
SEEN = "seen"


@redacted("key", "day", "stop_id")
@dataclass(frozen=True)
class Agenda:
    """One passage, or a day and commune where somebody is expected without one, with its appointments by hour."""

    key: str
    day: str
    commune: str
    place: str = ""
    hours: Hours | None = None
    stop_id: str | None = None
    appointments: tuple[Appointment, ...] = ()


@redacted("record_id")
@dataclass(frozen=True)
class Undo:
    """What stood before in fields of an appointment, and what was written there since; when it ``is_new``, all of it."""

    record_id: str
    before: Mapping[str, object]
    ours: Mapping[str, object]
    is_new: bool = False


def agendas(session: Session) -> list[Agenda]:
    """The passages of today and of the next weeks that are held, and any day somebody is expected all the same."""
    today = plain_records.today(session)
    last = (date.fromisoformat(today) + AHEAD).isoformat()
    booked = day_queries.between(session.store.db, Appointment, today, "9999-12-31")
    booked.sort(key=lambda one: (one.starts_at, one.id))
    found: list[Agenda] = []
    for planned in circuit.passages_between(session, today, last):
        if planned.is_held:
            mine = tuple(one for one in booked if _is_at(one, planned))
            booked = [one for one in booked if one not in mine]
            hours = (planned.opens_at, planned.closes_at) if planned.opens_at and planned.closes_at else None
            found.append(
                Agenda(
                    planned.passage_id,
                    planned.day,
                    planned.commune,
                    planned.place,
                    hours,
                    planned.stop_id,
                    mine,
                )
            )
    for day, commune in dict.fromkeys((one.day, one.commune) for one in booked):
        rest = tuple(one for one in booked if (one.day, one.commune) == (day, commune))
        found.append(Agenda(f"{day} {commune}", day, commune, rest[0].place, appointments=rest))
    return sorted(found, key=lambda one: (one.day, one.hours or ("", ""), one.key))


def unsettled(session: Session) -> list[Appointment]:
    """Those of past days of which nobody said what came of them, the oldest first."""
    return day_queries.unsettled_appointments(session.store.db, plain_records.today(session))


def begin(session: Session, record_id: str, visit_id: str) -> Undo | None:
    """A visit of this id begins for it; also when it was said that nobody would come. Raises as `book`."""
    return change(session, record_id, {"visit_id": visit_id, "status": "unknown"})


def begun_by(session: Session, visit_id: str) -> list[Appointment]:
    """Those that a visit of this id was begun for, not settled yet."""
    return day_queries.appointments_of_visit(session.store.db, visit_id)


def warnings_of(session: Session, draft: Mapping[str, object], record_id: str = "") -> Mapping[str, str]:
    """What is worth a word before this is booked, by field; ``record_id``: the appointment that is changed.

    Raises InvalidInput as `book` does.
    """
    clean = plain_records.read_all_of(APPOINTMENT, draft)
    wanted = from_body(APPOINTMENT, record_id, clean)
    if not isinstance(wanted, Appointment):
        raise TypeError("the body of an appointment makes an appointment")
    db = session.store.db
    held = [
        (one.opens_at, one.closes_at)
        for one in circuit.passages_of_day(session, wanted.day)
        if one.is_held and one.commune == wanted.commune and one.opens_at and one.closes_at
    ]

    def name_of(agent_id: str) -> str:
        agent = queries.agent(db, agent_id)
        return agent.name if agent else ""

    others = day_queries.of_day(db, Appointment, wanted.day)
    return warnings(wanted, others, held, plain_records.day_and_hour(session), name_of)


def book(session: Session, draft: Mapping[str, object]) -> Undo:
    """Record an appointment; what takes it out again. Raises InvalidInput with every problem, ReadOnly or StoreUnavailable."""
    made = plain_records.create(session, APPOINTMENT, draft)
    return Undo(made, {}, plain_records.body(session, APPOINTMENT, made) or {}, is_new=True)


def change(session: Session, record_id: str, changes: Mapping[str, object]) -> Undo | None:
    """Move it or change anything of it; what takes that back, None when nothing was different. Raises as `book`."""
    undoing = plain_records.change_undoably(session, APPOINTMENT, record_id, changes)
    return Undo(record_id, undoing[0].edit.fields, undoing[0].ours) if undoing else None


def settle(session: Session, record_id: str, status: str, visit_id: str | None = None) -> Undo | None:
    """Say what came of it; ``visit_id`` is the visit of whoever came. Raises as `book`."""
    return change(session, record_id, {"status": status, "visit_id": visit_id})


def take_back(session: Session, undo: Undo) -> bool:
    """Put back what stood before, but where somebody changed it since; whether all of it was. A new one goes, unless
    somebody changed it. Raises as `book`."""
    with session.store.batch():
        stands = plain_records.body(session, APPOINTMENT, undo.record_id) or {}
        if undo.is_new:
            if stands == undo.ours:
                plain_records.remove(session, APPOINTMENT, undo.record_id)
            return not stands or stands == undo.ours
        kept = {name: value for name, value in undo.before.items() if stands.get(name) == undo.ours[name]}
        if kept and stands:
            plain_records.change(session, APPOINTMENT, undo.record_id, kept)
    return len(kept) == len(undo.before)


def _is_at(one: Appointment, planned: Planned) -> bool:
    return (
        one.day == planned.day and one.commune == planned.commune and one.stop_id in (None, planned.stop_id)
    )
