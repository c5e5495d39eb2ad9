"""Lists what is left to do after visits, notes it as done, opens it again, puts it off.

The first visit keeps its outcome: what a month counted stays what happened then. What was answered later is written
below its precise answer with its day, and the follow-up bears the day when it was done.
"""

from dataclasses import replace
from datetime import date

from fsbus.actions import correcting, stops
from fsbus.actions.correcting import Correction, ProcedureChange, Undoing
from fsbus.actions.session import Session
from fsbus.core import follow_ups
from fsbus.core.clock import local_day
from fsbus.core.entities import body_of
from fsbus.core.errors import InvalidInput
from fsbus.core.follow_ups import ToFollow
from fsbus.core.public_holidays import holiday
from fsbus.core.records import SHORTEST_ANSWER, FollowUp, ProcedureRecord
from fsbus.core.working_days import IsHoliday
from fsbus.store import follow_ups as reading
from fsbus.store import queries
from fsbus.store.follow_ups import Listed

MOST_LISTED = 200
MOST_TOLD = 1_000_000
"""For a program, which reads them all."""
GONE = "Cette démarche n’est plus ici\u00a0: elle a été retirée ou effacée."
ALREADY_DONE = "Cette suite a déjà été faite, sur un autre poste peut-être."
NOT_DONE = "Cette suite est déjà ouverte."
TOO_SHORT = f"Ce qui a été répondu à la personne, en {SHORTEST_ANSWER} caractères au moins."
IN_THE_PAST = "Un jour à venir est attendu."


def here(session: Session) -> Listed:
    """What is to be done today, or was before, where the bus stands; nothing until that is known."""
    commune = stops.today(session)
    return (
        reading.here(session.store.db, commune, _today(session).isoformat(), MOST_LISTED)
        if commune
        else Listed()
    )


def count_here(session: Session, commune: str | None = None) -> int:
    """How many `here` lists, or would if the bus stood in this commune today."""
    commune = commune or stops.today(session)
    return reading.count_here(session.store.db, commune, _today(session).isoformat()) if commune else 0


def for_network(session: Session) -> Listed:
    """What waits for a network, oldest first."""
    return reading.for_network(session.store.db, MOST_LISTED)


def late(session: Session) -> Listed:
    """What is late, in working days of the département where the bus stands."""
    since = follow_ups.late_on(_today(session), holidays_here(session))
    return reading.late(session.store.db, since, MOST_LISTED)


def coming(session: Session) -> Listed:
    """What is set for later days."""
    return reading.coming(session.store.db, _today(session).isoformat(), MOST_LISTED)


def every_open(session: Session, commune: str | None = None) -> Listed:
    """All that is left to do, in one commune or anywhere."""
    return reading.every_open(session.store.db, commune, MOST_TOLD)


def done_since(session: Session, day: date) -> Listed:
    """What was done since this day."""
    return reading.done_since(session.store.db, day.isoformat(), MOST_LISTED)


def days_late(session: Session, one: ToFollow) -> int:
    """For how many working days it has been late today; 0 when it is not."""
    return follow_ups.days_late(one, _today(session), holidays_here(session))


def holidays_here(session: Session) -> IsHoliday:
    """The public holidays where the bus stands, or stood last."""
    commune = stops.today(session) or stops.last(session) or ""
    return lambda day: holiday(commune, day) is not None


def done(session: Session, record_id: str, answer: str) -> tuple[Undoing, ...]:
    """Note that it was done today and what was answered; what takes that back.

    Raises InvalidInput (``answer``, or "" when it is not open any more), ReadOnly or StoreUnavailable.
    """
    record = _record(session, record_id)
    if record.follow_up is not None and record.follow_up.done_on is not None:
        raise InvalidInput({"": ALREADY_DONE})
    if len(answer.strip()) < SHORTEST_ANSWER:
        raise InvalidInput({"answer": TOO_SHORT})
    day = _today(session).isoformat()
    return _changed(
        session,
        record,
        follow_ups.done(record.follow_up, day),
        precise_answer=follow_ups.answered(record.precise_answer, day, answer),
    )


def reopen(session: Session, record_id: str) -> tuple[Undoing, ...]:
    """Open again what was noted as done; what was answered stays. Raises as `done`."""
    record = _record(session, record_id)
    if record.follow_up is None or record.follow_up.done_on is None:
        raise InvalidInput({"": NOT_DONE})
    return _changed(session, record, replace(record.follow_up, done_on=None))


def put_off(session: Session, record_id: str, day: str, commune: str | None) -> tuple[Undoing, ...]:
    """Take it up on another day, in this commune (None: where it was). Raises as `done`, ``on`` for the day."""
    record = _record(session, record_id)
    if day < _today(session).isoformat():
        raise InvalidInput({"on": IN_THE_PAST})
    before = record.follow_up or FollowUp()
    if before.done_on is not None:
        raise InvalidInput({"": ALREADY_DONE})
    return _changed(session, record, replace(before, on=day, commune=commune or before.commune))


def _changed(
    session: Session, record: ProcedureRecord, follow_up: FollowUp, **others: object
) -> tuple[Undoing, ...]:
    changed = body_of(replace(record, follow_up=follow_up))
    correction = Correction(
        record.visit_id,
        visit={},
        procedures=(ProcedureChange(record.id, {"follow_up": changed["follow_up"], **others}),),
        removed=(),
        seen={record.id: body_of(record)},
    )
    try:
        return correcting.correct(session, correction)
    except InvalidInput as refused:
        raise InvalidInput({_field(path): text for path, text in refused.problems.items()}) from refused


def _field(path: str) -> str:
    """The field of the panel that a problem of the record is told beside."""
    name = path.rpartition("procedures[0].")[2]
    return {"precise_answer": "answer", "follow_up.on": "on"}.get(name, "")


def _record(session: Session, record_id: str) -> ProcedureRecord:
    session.require_writable()
    record = queries.record(session.store.db, record_id)
    if record is None:
        raise InvalidInput({"": GONE})
    return record


def _today(session: Session) -> date:
    return local_day(session.clock.now())
