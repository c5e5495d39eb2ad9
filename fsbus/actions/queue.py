"""The queue at the door: one more, call the next, gone; at the day's end its figures alone are kept."""

from dataclasses import dataclass, replace
from datetime import datetime

from fsbus.actions import plain_records, stops
from fsbus.actions.session import Session
from fsbus.actions.telling import saving
from fsbus.core import queue
from fsbus.core.attendance import Attendance
from fsbus.core.circuit import Passage
from fsbus.core.clock import as_utc_text
from fsbus.core.entities import ATTENDANCE
from fsbus.core.errors import InvalidInput
from fsbus.core.ids import derived_id
from fsbus.core.queue import HOW, RECEIVED, Ticket
from fsbus.core.redaction import redacted
from fsbus.store import day_queries
from fsbus.store import queue as kept
from fsbus.store.ballast import retried
from fsbus.store.erasing import is_erased

RECENT = 60
"""So many past visits tell how long one takes."""
_WHERE = "queue_stop"
"""The setting that says where the tickets of today were given: the day, then the commune if it is known."""
_GONE = "Ce ticket n’est plus dans la file\u00a0: elle a été fermée."
_LATER = "D’autres personnes sont arrivées depuis\u00a0: notez plutôt celle-ci comme repartie."
_NOT_THERE = "Cette personne n’attend plus."


@redacted("agents")
@dataclass(frozen=True)
class Standing:
    """The queue as it is now. ``wait``: minutes that one more person would wait; ``closes_at``: local, if it is known."""

    day: str
    tickets: tuple[Ticket, ...]
    pace: int
    agents: int
    wait: int
    closes_at: str | None
    too_late: bool

    @property
    def waiting(self) -> tuple[Ticket, ...]:
        """Who waits, in their order."""
        return tuple(one for one in self.tickets if one.is_waiting)

    @property
    def called(self) -> tuple[Ticket, ...]:
        """Who is with an agent."""
        return tuple(one for one in self.tickets if one.is_called)

    def wait_of(self, ticket: Ticket) -> int:
        """Minutes that this person still waits, as it seems."""
        before = sum(one.number < ticket.number for one in self.waiting)
        return queue.expected_wait(before + len(self.called), self.agents, self.pace)


@retried
def add(session: Session) -> Ticket:
    """One more person at the door; durable on return. Closes the queue of a day before, or of a stop that was left."""
    now, day = session.clock.now(), plain_records.today(session)
    session.require_writable()
    with saving(session.log, ATTENDANCE), session.store.batch():
        _close_others(session, day)
        tickets = _tickets(session, day)
        commune = stops.today(session) or ""
        where = _where(session, day)
        if commune and where and commune != where and not any(_is_here(one) for one in tickets):
            _close(session, day)
            tickets, where = [], ""
        if commune != where and (commune or not tickets):
            session.store.set_setting(_WHERE, f"{day} {commune}")
        newest = max((one.number for one in tickets), default=0)
        made = Ticket(max(newest, _counted(session, day)) + 1, day, as_utc_text(now))
        kept.write_ticket(session.store.db, made)
    return made


@retried
def take_away(session: Session, number: int) -> None:
    """The person just added was one too many: the number is free again. Raises InvalidInput when others came since."""
    session.require_writable()
    with session.store.batch():
        one = _present(session, number)
        if not one.is_waiting:
            raise InvalidInput({"number": _NOT_THERE})
        if any(other.number > number for other in _tickets(session, one.day)):
            raise InvalidInput({"number": _LATER})
        kept.drop_ticket(session.store.db, one.day, number)


@retried
def call_next(session: Session) -> Ticket | None:
    """Call who came first of those who wait, for the agent who works here; None when nobody waits."""
    session.require_writable()
    with session.store.batch():
        tickets = _tickets(session, plain_records.today(session))
        first = next((one for one in tickets if one.is_waiting), None)
        return None if first is None else _call(session, first)


@retried
def call(session: Session, number: int) -> Ticket:
    """Call this person before the others. Raises InvalidInput when they do not wait any more."""
    session.require_writable()
    with session.store.batch():
        one = _present(session, number)
        if not one.is_waiting:
            raise InvalidInput({"number": _NOT_THERE})
        return _call(session, one)


@retried
def leave(session: Session, number: int, how: str) -> Ticket:
    """Note how a person left the queue, a code of `HOW`; the ticket as it was, for `put_back`."""
    if how not in HOW:
        raise ValueError(f"no way to leave the queue: {how}")
    session.require_writable()
    with session.store.batch():
        was = _present(session, number)
        if was.left_at is not None:
            raise InvalidInput({"number": _NOT_THERE})
        at = as_utc_text(session.clock.now())
        gone = replace(was, left_at=at, how=how)
        if was.is_waiting and how == RECEIVED:
            gone = replace(gone, called_at=at, agent_id=session.agent.id)
        kept.write_ticket(session.store.db, gone)
    return was


@retried
def put_back(session: Session, was: Ticket) -> None:
    """Take back a call or a leaving: the ticket is again as it was. Raises InvalidInput when the queue was closed."""
    session.require_writable()
    with session.store.batch():
        _present(session, was.number, was.day)
        kept.write_ticket(session.store.db, was)


@retried
def close(session: Session) -> bool:
    """The bus closes here: destroy the tickets of today, keep their figures; whether there were any."""
    session.require_writable()
    with saving(session.log, ATTENDANCE), session.store.batch():
        day = plain_records.today(session)
        _close_others(session, day)
        return _close(session, day)


@retried
def close_past(session: Session) -> bool:
    """Destroy the tickets of every other day, and of a stop that the bus left, keep their figures; whether there were
    any. Does nothing when nothing can be recorded."""
    today = plain_records.today(session)
    past = bool(set(kept.days_with_tickets(session.store.db)) - {today})
    if session.read_only is not None or not (past or _was_left(session, today)):
        return False
    with saving(session.log, ATTENDANCE), session.store.batch():
        _close_others(session, today)
        return (_was_left(session, today) and _close(session, today)) or past


def standing(session: Session) -> Standing:
    """The queue as it is now, and what one more person may expect."""
    db, now, day = session.store.db, session.clock.now(), plain_records.today(session)
    tickets = tuple(_tickets(session, day))
    passage = _passage(session, day)
    agents = max(1, len(passage.agents)) if passage else 1
    minutes = queue.pace(queue.served(tickets), kept.recent_minutes(db, RECENT))
    wait = queue.expected_wait(sum(map(_is_here, tickets)), agents, minutes)
    closes = passage.closes_at if passage else None
    too_late = closes is not None and queue.is_too_late(_of_day(now), wait, minutes, _read(closes))
    return Standing(day, tickets, minutes, agents, wait, closes, too_late)


def _call(session: Session, one: Ticket) -> Ticket:
    called = replace(one, called_at=as_utc_text(session.clock.now()), agent_id=session.agent.id)
    kept.write_ticket(session.store.db, called)
    return called


def _present(session: Session, number: int, day: str | None = None) -> Ticket:
    tickets = _tickets(session, day or plain_records.today(session))
    found = next((one for one in tickets if one.number == number), None)
    if found is None:
        raise InvalidInput({"number": _GONE})
    return found


def _tickets(session: Session, day: str) -> list[Ticket]:
    """Those that are in no figures yet. A cut between journal and commit, or an old copy, leaves others."""
    counted = _counted(session, day)
    return [one for one in kept.tickets_of(session.store.db, day) if one.number > counted]


def _was_left(session: Session, day: str) -> bool:
    """Whether the stop where the tickets were given is over: the bus left it, or closed and nobody is here any more."""
    tickets, commune = _tickets(session, day), _where(session, day)
    passages = [
        one
        for one in day_queries.of_day(session.store.db, Passage, day)
        if not one.cancelled and one.commune == commune
    ]
    if not tickets or not passages:
        return False
    someone = any(map(_is_here, tickets))
    over = [one.left_at or (None if someone else one.closed_at) for one in passages]
    # Who came after the bus was said to be gone is here all the same.
    return all(moment and moment >= tickets[-1].arrived_at for moment in over)


def _is_here(one: Ticket) -> bool:
    return one.left_at is None


def _close_others(session: Session, today: str) -> None:
    for day in kept.days_with_tickets(session.store.db):
        if day != today:
            _close(session, day)


def _close(session: Session, day: str) -> bool:
    """Inside a transaction: figures and tickets go together, or nothing does."""
    db, commune, tickets = session.store.db, _where(session, day), _tickets(session, day)
    kept.drop_tickets(db, day)
    if not tickets:
        return False
    known = commune if commune and session.reference.is_commune(commune) else ""
    record_id = _record_id(session, day, known)
    found, stands = queue.figures(tickets), plain_records.body(session, ATTENDANCE, record_id)
    if stands is not None:
        plain_records.change(session, ATTENDANCE, record_id, queue.together(stands, found))
    elif not is_erased(db, record_id):
        plain_records.create(session, ATTENDANCE, {"day": day, "commune": known, **found}, record_id)
    return True


def _counted(session: Session, day: str) -> int:
    """How many people of this day, on this laptop, are in figures already: numbers begin after them."""
    found = day_queries.of_day(session.store.db, Attendance, day)
    return sum(one.arrived for one in found if one.id == _record_id(session, day, one.commune or ""))


def _record_id(session: Session, day: str, commune: str) -> str:
    return derived_id(f"attendance:{session.device}:{day}:{commune}")


def _where(session: Session, day: str) -> str:
    written, _, commune = (session.store.setting(_WHERE) or "").partition(" ")
    return commune if written == day else ""


def _passage(session: Session, day: str) -> Passage | None:
    """The passage under way, or else the next one of the day, if the circuit says so."""
    found = [one for one in day_queries.of_day(session.store.db, Passage, day) if not one.cancelled]
    left = [one for one in found if one.closed_at is None and one.left_at is None]
    left.sort(key=lambda one: (one.arrived_at is None, one.opens_at or ""))
    return left[0] if left else None


def _of_day(now: datetime) -> int:
    local = now.astimezone()
    return local.hour * 60 + local.minute


def _read(hour: str) -> int:
    return int(hour[:2]) * 60 + int(hour[3:5])
