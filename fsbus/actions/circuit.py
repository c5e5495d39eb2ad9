"""The circuit of the bus: which passages are planned, on a day, between two days, next in a commune."""

from datetime import date, timedelta

from fsbus.actions.session import Session
from fsbus.core.circuit import Passage, Stop
from fsbus.core.icalendar import as_icalendar
from fsbus.core.planning import Planned, plan
from fsbus.store import day_queries

_FARTHEST = timedelta(days=400)
"""A stop made once a year is still found."""


def passages_of_day(session: Session, day: str) -> list[Planned]:
    """Today's stops, or another day's, by hour; cancelled and postponed ones too (`Planned.is_held` tells)."""
    return passages_between(session, day, day)


def passages_between(session: Session, first: str, last: str) -> list[Planned]:
    """Those of these days, both included, by day and hour; cancelled and postponed ones too."""
    return _planned(session, day_queries.every(session.store.db, Stop), first, last)


def next_passages(session: Session, commune: str, after: str, most: int = 3) -> list[Planned]:
    """The next times that the bus comes to this commune, after this day, soonest first."""
    stops = [stop for stop in day_queries.every(session.store.db, Stop) if stop.commune == commune]
    found = _planned(session, stops, *_ahead(after))
    return [one for one in found if one.commune == commune and one.is_held][:most]


def next_passages_of(session: Session, stop: Stop, after: str, most: int = 3) -> list[Planned]:
    """The next times that the bus comes to this stop, after this day, soonest first."""
    found = _planned(session, [stop], *_ahead(after))
    return [one for one in found if one.stop_id == stop.id and one.is_held][:most]


def calendar_of(session: Session, passages: list[Planned]) -> bytes:
    """These passages as an iCalendar file."""
    reference = session.reference
    named = {code: reference.commune(code) for code in {one.commune for one in passages}}
    communes = {code: commune.name for code, commune in named.items() if commune}
    return as_icalendar(passages, communes, session.bus, session.clock.now())


def _ahead(after: str) -> tuple[str, str]:
    first = date.fromisoformat(after) + timedelta(days=1)
    return first.isoformat(), (first + _FARTHEST).isoformat()


def _planned(session: Session, stops: list[Stop], first: str, last: str) -> list[Planned]:
    db = session.store.db
    recorded = {one.id: one for one in day_queries.between(db, Passage, first, last)}
    recorded |= {one.id: one for one in day_queries.postponed_to(db, first, last)}
    return plan(stops, recorded.values(), first, last)
