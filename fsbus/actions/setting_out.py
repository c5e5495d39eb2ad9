"""A passage as it happens: arriving, opening, closing, leaving, what was checked, what was called off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from fsbus.actions import correcting, plain_records, stops
from fsbus.actions.correcting import Undoing
from fsbus.actions.session import Session
from fsbus.core.circuit import MOMENTS
from fsbus.core.clock import as_utc_text, parse_utc_text
from fsbus.core.entities import INCIDENT, PASSAGE
from fsbus.core.errors import InvalidInput
from fsbus.core.planning import Planned
from fsbus.core.redaction import redacted

NOT_YET = "Cette heure n’est pas encore venue."
_OPENED = "opened_at"


@redacted()
@dataclass(frozen=True)
class Undo:
    """What takes back something recorded of a passage; ``stop``: what stood as today's stop, when opening changed it."""

    undoing: tuple[Undoing, ...]
    opened: str = ""
    stop: str | None = None


def record(session: Session, planned: Planned, changes: Mapping[str, object]) -> Undo:
    """Record something of a passage, which is made the first time; what takes it back, for `take_back`.

    Opening it makes its commune today's stop (`fsbus.actions.stops`), which new visits bear. Raises InvalidInput with each problem, nothing written.
    """
    _refuse_future(session, changes)
    key = planned.passage_id
    with session.store.batch():
        stands = plain_records.body(session, PASSAGE, key)
        if stands is None:
            draft = _draft(session, planned)
            plain_records.create(session, PASSAGE, {**draft, **changes}, key)
            blank = plain_records.read_all_of(PASSAGE, draft)
            before = {name: blank[name] for name in changes}
            undoing: tuple[Undoing, ...] = (plain_records.undoing_of(session, PASSAGE, key, before),)
        else:
            undoing = plain_records.change_undoably(session, PASSAGE, key, changes)
        opens = changes.get(_OPENED) and not (stands or {}).get(_OPENED)
        if opens and planned.day == plain_records.today(session):
            return Undo(undoing, planned.commune, stops.set_today(session, planned.commune))
    return Undo(undoing)


def take_back(session: Session, undo: Undo) -> bool:
    """Put back what stood before, today's stop too; what others changed since stays, then it is False."""
    with session.store.batch():
        whole = correcting.take_back(session, undo.undoing)
        if undo.opened and stops.today(session) == undo.opened:
            stops.put_back(session, undo.stop)
    return whole


def add_unplanned(session: Session, draft: Mapping[str, object]) -> str:
    """A stop of today that the circuit does not have; its id. Raises InvalidInput with each problem."""
    day = plain_records.today(session)
    return plain_records.create(session, PASSAGE, {"agents": [session.agent.id], **draft, "day": day})


def end_incident(session: Session, incident_id: str) -> int:
    """The incident is over now: how many minutes it lasted. Raises InvalidInput when it is no longer here."""
    stands = plain_records.body(session, INCIDENT, incident_id)
    minutes = 1
    if stands is not None:
        minutes = minutes_since(session, str(stands["started_at"]))
    plain_records.change(session, INCIDENT, incident_id, {"minutes": minutes})
    return minutes


def minutes_since(session: Session, started_at: str) -> int:
    """Whole minutes from a moment to now, within what an incident may last."""
    return max(1, min(1439, round((session.clock.now() - parse_utc_text(started_at)).total_seconds() / 60)))


def moment_on(day: str, hours: int, minutes: int) -> str:
    """The moment of an hour read on this computer's clock, on this day."""
    return as_utc_text(datetime.combine(date.fromisoformat(day), time(hours, minutes)).astimezone())


def _draft(session: Session, planned: Planned) -> dict[str, object]:
    return {
        "stop_id": planned.stop_id,
        "day": planned.day,
        "commune": planned.commune,
        "place": planned.place,
        "opens_at": planned.opens_at,
        "closes_at": planned.closes_at,
        "agents": [session.agent.id],
    }


def _refuse_future(session: Session, changes: Mapping[str, object]) -> None:
    now = as_utc_text(session.clock.now())
    problems = {name: NOT_YET for name in MOMENTS if (told := changes.get(name)) and str(told) > now}
    if problems:
        raise InvalidInput(problems)
