"""What was recorded of a passage or an incident, as the « Tournée » page shows it."""

from fsbus.core import codes
from fsbus.core.circuit import Incident, Passage
from fsbus.core.clock import parse_utc_text
from fsbus.core.french import duration
from fsbus.core.planning import Planned
from fsbus.desktop.circuit.shown import Details
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.written_days import short_time

STATES = ("Prévu", "Arrivé", "Ouvert", "Fermé", "Parti")


def details(passage: Passage | None) -> Details:
    """What was noted of a passage, as it is shown to be corrected."""
    if passage is None:
        return Details()
    moments = (passage.arrived_at, passage.opened_at, passage.closed_at, passage.left_at)
    return Details(
        tuple(short_time(parse_utc_text(one)) if one else "" for one in moments),
        passage.agents,
        passage.equipment_ready,
        passage.equipment_faulty,
        passage.network or "",
        "" if passage.kilometres is None else str(passage.kilometres),
        passage.note,
    )


def state(one: Planned) -> int:
    """How many of its moments, in their order, are behind."""
    passage = one.passage
    if passage is None:
        return 0
    moments = (passage.arrived_at, passage.opened_at, passage.closed_at, passage.left_at)
    return max((number + 1 for number, told in enumerate(moments) if told), default=0)


def said_state(one: Planned) -> str:
    """Where a passage stands, in a word."""
    passage = one.passage
    if passage is not None and passage.cancelled:
        return f"Annulé\u00a0: {codes.CANCELLATION[passage.cancelled].lower()}"
    if passage is not None and passage.postponed_to:
        return f"Reporté au {'/'.join(reversed(passage.postponed_to.split('-')))}"
    return STATES[state(one)]


def incident_row(one: Incident) -> TableRow:
    """An incident as a line of the table."""
    closed = "Interrompu" if one.closed else "Maintenu"
    cells = (
        short_time(parse_utc_text(one.started_at)),
        codes.INCIDENT[one.what],
        duration(one.minutes),
        closed,
    )
    return TableRow(one.id, cells)
