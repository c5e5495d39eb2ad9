"""Reads one visit for the sheets that are given on paper, and writes them as a page for a browser."""

from datetime import date
from pathlib import Path

from fsbus.actions import circuit
from fsbus.actions.reports import replace_file
from fsbus.actions.session import Session
from fsbus.core.clock import local_day
from fsbus.core.fields import Text
from fsbus.core.french import full_day, weekday_and_day
from fsbus.core.passage_words import place_in_words
from fsbus.core.sheets import Sheet, as_html
from fsbus.core.visit_sheets import OnPaper
from fsbus.store import queries

RETURNS = 2
"""Next passages told on a receipt."""
NAME = Text(longest=120)
"""The person's name on a paper: guarded like every text, although it is kept nowhere."""


def on_paper(session: Session, visit_id: str, name: str = "") -> OnPaper | None:
    """What the sheets of a visit tell; None when it was erased or removed. ``name`` goes on the paper, nowhere else."""
    db = session.store.db
    visit = queries.visit(db, visit_id)
    if visit is None:
        return None
    agent, records = queries.agent(db, visit.agent_id), queries.records_of(db, visit.id)
    return OnPaper(
        visit=visit,
        records=records,
        bus=session.bus,
        agent=agent.name if agent else session.agent.name,
        lists_of=_in_words(session.reference.editions()["catalog"].edition),
        name=name.strip(),
        returns=_returns(session, visit.stop_commune),
        follow_ups_at={
            one.id: _place(session, one.follow_up.on, one.follow_up.commune or visit.stop_commune)
            for one in records
            if one.follow_up is not None and one.follow_up.on
        },
    )


def write_sheet_page(sheet: Sheet, path: Path) -> Path:
    """Write it as a page for a browser, whole or not at all. Raises InvalidInput, StoreUnavailable."""
    return replace_file(path, as_html(sheet))


def _returns(session: Session, commune: str | None) -> str:
    """The next passages in this commune, from tomorrow on; days of the same hours and place stand together."""
    if commune is None:
        return ""
    today = local_day(session.clock.now()).isoformat()
    days: dict[str, list[str]] = {}
    for one in circuit.next_passages(session, commune, today, RETURNS):
        days.setdefault(place_in_words(one), []).append(weekday_and_day(date.fromisoformat(one.day)))
    told = (f"{', '.join(on)}\u00a0: {place}" if place else ", ".join(on) for place, on in days.items())
    return _sentence("\u00a0; ".join(told))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _place(session: Session, day: str, commune: str | None) -> str:
    """Where and at which hours a follow-up is taken up on this day; the commune alone when no passage is planned."""
    known = session.reference.commune(commune) if commune else None
    if known is None:
        return ""
    found = [
        one
        for one in circuit.passages_of_day(session, day)
        if one.is_held and one.commune == known.insee_code
    ]
    return "\u00a0; ".join(place_in_words(one, known.label) for one in found) or known.label


def _in_words(edition: str) -> str:
    """The day of an edition; as it is when an imported file names no real day."""
    try:
        return full_day(date.fromisoformat(edition))
    except ValueError:
        return edition
