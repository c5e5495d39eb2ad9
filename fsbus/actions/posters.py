"""Reads what a commune's poster of a month tells from the circuit."""

from calendar import monthrange
from datetime import date

from fsbus.actions import plain_records
from fsbus.actions.circuit import passages_between
from fsbus.actions.session import Session
from fsbus.core import codes
from fsbus.core.circuit import Stop
from fsbus.core.poster import PosterTold
from fsbus.core.public_holidays import holiday
from fsbus.core.recurrence import ruled_days
from fsbus.store import day_queries


def posters_of(session: Session, month: str) -> dict[str, PosterTold]:
    """The posters of a month (``2026-11``) by commune, those where the bus comes, in the order of their names."""
    first = date.fromisoformat(f"{month}-01")
    last = first.replace(day=monthrange(first.year, first.month)[1])
    stops = day_queries.every(session.store.db, Stop)
    planned = passages_between(session, first.isoformat(), last.isoformat())
    found = {}
    for code in dict.fromkeys(one.commune for one in planned if one.is_held):
        here = [one for one in planned if one.commune == code]
        off = {
            one.day: codes.CANCELLATION[one.passage.cancelled].lower()
            for one in here
            if one.passage and one.passage.cancelled
        }
        for stop in stops:
            if stop.commune == code and not stop.on_holidays:
                named = ((day, holiday(code, day)) for day in ruled_days(stop, first, last))
                off |= {day.isoformat(): name for day, name in named if name}
        held = {one.day for one in here if one.is_held}
        commune = session.reference.commune(code)
        found[code] = PosterTold(
            commune=commune.name if commune else code,
            month=month,
            bus=session.bus,
            made_on=plain_records.today(session),
            passages=tuple(one for one in here if one.is_held),
            off=tuple(sorted((day, why) for day, why in off.items() if day not in held)),
        )
    return dict(sorted(found.items(), key=lambda one: one[1].commune))
