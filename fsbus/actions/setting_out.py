"""A passage as it happens: arriving, opening, closing, leaving, what was checked, what was called off."""

from collections.abc import Mapping
from datetime import date, datetime, time

from fsbus.actions import plain_records, stops
from fsbus.actions.session import Session
from fsbus.core.circuit import MOMENTS
from fsbus.core.clock import as_utc_text, parse_utc_text
from fsbus.core.entities import INCIDENT, PASSAGE
from fsbus.core.errors import InvalidInput
from fsbus.core.planning import Planned

NOT_YET = "Cette heure n’est pas encore venue."
_OPENED = "opened_at"


def record(session: Session, planned: Planned, changes: Mapping[str, object]) -> Mapping[str, object]:
    """Record something of a passage, which is made the first time; what stood before, to take it back.

    Opening it makes its commune today's stop (`fsbus.actions.stops`), which new visits bear. Raises InvalidInput with each problem, nothing written.
    """
    _refuse_future(session, changes)
    stands = plain_records.body(session, PASSAGE, planned.passage_id)
    before = {name: (stands or {}).get(name) for name in changes}
    if stands is None:
        plain_records.create(session, PASSAGE, {**_draft(session, planned), **changes}, planned.passage_id)
    else:
        plain_records.change(session, PASSAGE, planned.passage_id, changes)
    if changes.get(_OPENED) and not before[_OPENED] and planned.day == plain_records.today(session):
        stops.set_today(session, planned.commune)
    return before


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
