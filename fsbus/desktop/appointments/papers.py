"""The slip of one appointment, as the « Imprimer » page asks for it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from fsbus.actions import circuit
from fsbus.actions.session import Session
from fsbus.core import appointment_slip, french
from fsbus.core.appointment_slip import OnSlip
from fsbus.core.appointments import Appointment
from fsbus.core.papers import Paper
from fsbus.core.passage_words import passage_in_words
from fsbus.core.sheets import Sheet
from fsbus.store import day_queries

AFTER = 2
"""Passages told after that of the appointment."""


class SlipPapers:
    """Read anew each time it is shown: the hour may have been changed since."""

    gone = "Ce rendez-vous n’est plus sur ce poste."
    takes_name = True

    def __init__(self, session: Session, appointment: Appointment) -> None:
        self._session = session
        self._told = OnSlip(appointment, session.bus)

    def read(self) -> bool:
        """The appointment, and the passages after it."""
        found = self._found()
        self._told = found or self._told
        return found is not None

    def differs(self) -> bool:
        """Whether the appointment or the circuit was changed."""
        return self._found() != self._told

    def title(self) -> str:
        """When it is."""
        one = self._told.appointment
        return f"Rendez-vous du {french.full_day(date.fromisoformat(one.day))} à {french.hour(one.starts_at)}"

    def kinds(self) -> Mapping[str, str]:
        """The slip."""
        return {"slip": "Papier du rendez-vous"}

    def papers_of(self, kind: str) -> tuple[Paper, ...]:  # noqa: ARG002  # the shape of every Papers
        """Its papers."""
        return appointment_slip.PAPERS

    def sheet(self, kind: str, paper: Paper, name: str) -> Sheet:  # noqa: ARG002  # the shape of every Papers
        """The slip, with the name that was typed for it."""
        return appointment_slip.slip_of(replace(self._told, name=name), self._session.reference, paper)

    def file_name(self, kind: str) -> str:  # noqa: ARG002  # the shape of every Papers
        """What it is and the day, nothing of the person."""
        return f"rendez-vous-{self._told.appointment.day}"

    def _found(self) -> OnSlip | None:
        one = day_queries.one(self._session.store.db, Appointment, self._told.appointment.id)
        if one is None:
            return None
        later = circuit.next_passages(self._session, one.commune, one.day, AFTER)
        return OnSlip(one, self._session.bus, tuple(map(passage_in_words, later)))
