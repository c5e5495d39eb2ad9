"""Decides what the visit form shows, proposes and saves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from fsbus.actions import stops, visits
from fsbus.actions.session import Session
from fsbus.core.clock import local_day
from fsbus.core.errors import FsbusError, InvalidInput
from fsbus.core.french import NO_BREAK
from fsbus.desktop.visit_form.entry import VisitEntry, read_entry
from fsbus.desktop.visit_form.parts import parts_of
from fsbus.desktop.visit_form.typed import Typed
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.written_days import read_minutes, short_day, short_time
from fsbus.store import queries

MOST_SUGGESTIONS = 8


class VisitForm(Protocol):
    """What the presenter needs of the screen; cards are told by their place, from 0."""

    def entry(self) -> VisitEntry: ...
    def start(self, entry: VisitEntry, place: str) -> None: ...
    def add_card(self) -> None: ...
    def remove_card(self, number: int) -> None: ...
    def show_minutes(self, minutes: int) -> None: ...
    def show_procedure(self, number: int, partner: str, documents: list[str]) -> None: ...
    def show_parts(self, number: int, parts: frozenset[str]) -> None: ...
    def show_problems(self, problems: Mapping[str, str]) -> None: ...
    def suggest_procedures(self, number: int, found: list[Suggestion]) -> None: ...
    def suggest_communes(self, found: list[Suggestion]) -> None: ...
    def confirm_abandon(self) -> bool: ...
    def fill(self, typed: Typed) -> None: ...
    def minutes_typed(self) -> bool: ...
    def show_notice(self, text: str) -> None: ...


class VisitFormPresenter:
    """One form at a time: opened, typed in, saved or abandoned.

    ``on_saved`` is called with the French words to show once the visit is durable; ``on_closed`` when
    the agent abandons the form.
    """

    def __init__(
        self,
        view: VisitForm,
        session: Session,
        *,
        on_saved: Callable[[str], None],
        on_closed: Callable[[], None],
    ) -> None:
        self._view = view
        self._session = session
        self._on_saved = on_saved
        self._on_closed = on_closed
        self._opened_at: datetime | None = None
        self._started_with: VisitEntry | None = None
        self._wants_details: list[bool] = []
        self._visit_id = ""
        self._stop_of_draft: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether a visit is being typed."""
        return self._opened_at is not None

    def open(self) -> None:
        """An empty form that starts now."""
        if self.is_open:
            return
        now = self._session.clock.now()
        self._opened_at = now
        self._wants_details = [False]
        self._visit_id = self._session.ids.new()
        entry = VisitEntry(day=short_day(local_day(now)), time=short_time(now), minutes="1")
        self._view.start(entry, self._place())
        self._view.show_parts(0, frozenset())
        self._started_with = self._view.entry()

    def resume(self, visit_id: str, kept_at: datetime, typed: Typed) -> None:
        """The form as it stood when it was kept; its visit keeps its id, so it is recorded once at most.

        The minutes go on from what was shown: those of the laptop locked are not the visit's.
        """
        if self.is_open:
            return
        now, shown = self._session.clock.now(), read_minutes(typed.entry.minutes) or 1
        self._opened_at = now - timedelta(minutes=shown)
        self._started_with = None
        self._visit_id = visit_id
        if local_day(kept_at) != local_day(now):
            # Of another day: the visit was where the bus stood then, and lasts no longer.
            self._stop_of_draft = typed.stop_commune
            typed = replace(typed, minutes_typed=True)
        self._wants_details = list(typed.opened_cards)
        self._view.start(typed.entry, self._place())
        self._view.fill(typed)
        for number, item in enumerate(typed.entry.procedures):
            self._show_picked(number, item.procedure.code, item.missing_documents)
        self._view.show_notice(
            f"Saisie du {kept_at.astimezone():%d/%m} à {_o_clock(kept_at)} reprise : rien n’est encore enregistré."
        )

    def typed(self) -> tuple[str, Typed] | None:
        """(id that the visit will have, all that is typed), or None when there is nothing to keep."""
        if not self.is_open or not self.has_content:
            return None
        typed = Typed(
            self._view.entry(), self._view.minutes_typed(), tuple(self._wants_details), self._stop()
        )
        return self._visit_id, typed

    def tick(self) -> None:
        """Show the minutes gone since the form was opened."""
        if self._opened_at is not None:
            gone = (self._session.clock.now() - self._opened_at).total_seconds()
            self._view.show_minutes(min(1439, max(1, round(gone / 60))))

    def add_procedure(self) -> None:
        """One more procedure in the same visit."""
        self._wants_details.append(False)
        self._view.add_card()
        self._view.show_parts(len(self._wants_details) - 1, frozenset())

    def remove_procedure(self, number: int) -> None:
        """Take one away; a visit keeps at least one."""
        if len(self._wants_details) > 1:
            del self._wants_details[number]
            self._view.remove_card(number)

    def want_details(self, number: int, wanted: bool) -> None:
        """Show every part of a card, or only what is needed."""
        self._wants_details[number] = wanted
        self.refresh_parts(number)

    def refresh_parts(self, number: int) -> None:
        """Show what the outcome and the manner call for, and what was written already."""
        item = self._view.entry().procedures[number]
        self._view.show_parts(number, parts_of(item, self._wants_details[number]))

    def search_procedures(self, number: int, text: str) -> None:
        """Propose procedures: the most used first while nothing is typed."""
        reference = self._session.reference
        if text.strip():
            hits = reference.search_procedures(text, MOST_SUGGESTIONS)
            found = [Suggestion(hit.code, hit.title, hit.partner) for hit in hits]
        else:
            usual = queries.recent_procedures(self._session.store.db, MOST_SUGGESTIONS)
            known = [procedure for code in usual if (procedure := reference.procedure(code)) is not None]
            found = [
                Suggestion(each.code, each.title, reference.partner_label(each.partner)) for each in known
            ]
        self._view.suggest_procedures(number, found)

    def pick_procedure(self, number: int, code: str) -> None:
        """Show whose procedure it is, and the documents it usually asks for."""
        self._show_picked(number, code, ())

    def search_communes(self, text: str) -> None:
        """Propose communes."""
        reference = self._session.reference
        stop = reference.commune(code) if (code := self._stop()) else None
        near = stop.departement_code if stop else None
        found = reference.search_communes(text, MOST_SUGGESTIONS, near)
        self._view.suggest_communes([Suggestion(hit.insee_code, hit.label) for hit in found])

    def save(self) -> None:
        """Save the visit, or show everything that keeps it from being saved."""
        if not self.is_open:
            return
        self.tick()
        today = local_day(self._session.clock.now())
        draft, unread = read_entry(self._view.entry(), today=today, stop_commune=self._stop())
        try:
            visits.record_visit(self._session, draft, self._visit_id)
        except InvalidInput as refused:
            self._view.show_problems({**refused.problems, **unread})
            return
        except FsbusError as error:
            self._view.show_problems({"": str(error)})
            return
        self._end()
        count = len(draft["procedures"]) if isinstance(draft["procedures"], list) else 0
        self._on_saved(f"Enregistré : {count}{NO_BREAK}démarche{'s' if count > 1 else ''}.")

    def cancel(self) -> bool:
        """Close the form; asks first when something was typed. True when it is closed."""
        if not self.is_open:
            return True
        if self.has_content and not self._view.confirm_abandon():
            return False
        self._end()
        self._on_closed()
        return True

    @property
    def has_content(self) -> bool:
        """Whether anything stands in the form beside what it opened with."""
        entry, started = self._view.entry(), self._started_with
        return started is None or replace(entry, minutes=started.minutes) != started

    def _stop(self) -> str | None:
        return self._stop_of_draft or stops.today(self._session)

    def _place(self) -> str:
        code = self._stop()
        commune = self._session.reference.commune(code) if code else None
        place = f"{commune.label} · " if commune else ""
        return f"{place}{self._session.agent.name}"

    def _show_picked(self, number: int, code: str, ticked: Sequence[str]) -> None:
        procedure = self._session.reference.procedure(code) if code else None
        partner, usual = "", list[str]()
        if procedure is not None:
            partner = self._session.reference.partner_label(procedure.partner)
            usual = list(procedure.documents)
        self._view.show_procedure(number, partner, [*usual, *(text for text in ticked if text not in usual)])
        self.refresh_parts(number)

    def _end(self) -> None:
        self._stop_of_draft = None
        self._opened_at = None
        self._started_with = None


def _o_clock(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local.hour}{NO_BREAK}h{NO_BREAK}{local.minute:02d}"
