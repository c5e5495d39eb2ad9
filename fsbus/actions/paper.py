"""Reads one visit for the sheets that are given on paper, and writes them as a page for a browser."""

from datetime import date
from pathlib import Path

from fsbus.actions.people import ticket_code
from fsbus.actions.reports import replace_file
from fsbus.actions.session import Session
from fsbus.core.fields import Text
from fsbus.core.french import full_day
from fsbus.core.sheets import Sheet, as_html
from fsbus.core.visit_sheets import OnPaper
from fsbus.store import queries

NAME = Text(longest=120)
"""The person's name on a paper: guarded like every text, although it is kept nowhere."""


def on_paper(session: Session, visit_id: str, name: str = "") -> OnPaper | None:
    """What the sheets of a visit tell; None when it was erased or removed. ``name`` goes on the paper, nowhere else."""
    db = session.store.db
    visit = queries.visit(db, visit_id)
    if visit is None:
        return None
    agent = queries.agent(db, visit.agent_id)
    return OnPaper(
        visit=visit,
        records=queries.records_of(db, visit.id),
        bus=session.bus,
        agent=agent.name if agent else session.agent.name,
        lists_of=_in_words(session.reference.editions()["catalog"].edition),
        name=name.strip(),
        code=ticket_code(session, visit.resident_id),
    )


def write_sheet_page(sheet: Sheet, path: Path) -> Path:
    """Write it as a page for a browser, whole or not at all. Raises InvalidInput, StoreUnavailable."""
    return replace_file(path, as_html(sheet))


def _in_words(edition: str) -> str:
    """The day of an edition; as it is when an imported file names no real day."""
    try:
        return full_day(date.fromisoformat(edition))
    except ValueError:
        return edition
