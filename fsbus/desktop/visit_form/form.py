"""What recording and correcting share of the form: what it proposes and shows, how it is left."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from fsbus.actions import stops
from fsbus.actions.session import Session
from fsbus.core.french import NO_BREAK
from fsbus.core.privacy import forbidden_kinds
from fsbus.core.visits import THIRD_PARTY
from fsbus.desktop.visit_form.entry import VisitEntry
from fsbus.desktop.visit_form.next_days import days_for
from fsbus.desktop.visit_form.parts import FOLLOW_UP, MANDATE, parts_of
from fsbus.desktop.visit_form.typed import Typed
from fsbus.desktop.visit_form.usual import most_used_first
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.store import queries

MOST_SUGGESTIONS = 8
MOST_RANKED = 20
"""Procedures among which the most used come first."""
MOST_ANSWERS = 5
"""Answers given before that are offered."""


class VisitForm(Protocol):
    """What the presenter needs of the screen; cards are told by their place, from 0."""

    def entry(self) -> VisitEntry: ...
    def start(self, entry: VisitEntry, place: str) -> None: ...
    def add_card(self) -> None: ...
    def remove_card(self, number: int) -> None: ...
    def show_minutes(self, minutes: int) -> None: ...
    def show_procedure(self, number: int, partner: str, documents: list[str]) -> None: ...
    def propose_days(self, number: int, labels: Mapping[str, str]) -> None: ...
    def show_parts(self, number: int, parts: frozenset[str]) -> None: ...
    def offer_answers(self, number: int, answers: list[str]) -> None: ...
    def show_problems(self, problems: Mapping[str, str]) -> None: ...
    def suggest_procedures(self, number: int, found: list[Suggestion]) -> None: ...
    def suggest_communes(self, found: list[Suggestion]) -> None: ...
    def suggest_stops(self, found: list[Suggestion]) -> None: ...
    def confirm_abandon(self) -> bool: ...
    def fill(self, typed: Typed) -> None: ...
    def minutes_typed(self) -> bool: ...
    def show_notice(self, text: str) -> None: ...
    def focus_person(self) -> None: ...


class FormPresenter(ABC):
    """One form at a time, whatever it is opened for. ``on_closed`` is called when the agent abandons it."""

    def __init__(self, view: VisitForm, session: Session, *, on_closed: Callable[[], None]) -> None:
        self._view = view
        self._session = session
        self._on_closed = on_closed
        self._opened_at: datetime | None = None
        self._wants_details: list[bool] = []
        self._visit_id = ""
        self._stop_of_draft: str | None = None
        self._days: dict[tuple[str, str | None, str], dict[str, str]] = {}

    @property
    def is_open(self) -> bool:
        """Whether a visit is being typed."""
        return self._opened_at is not None

    @property
    @abstractmethod
    def has_content(self) -> bool:
        """Whether anything stands in the form beside what it opened with."""

    @abstractmethod
    def typed(self) -> tuple[str, Typed] | None:
        """(id of the visit, all that is typed), or None when there is nothing to keep."""

    @abstractmethod
    def resume(self, visit_id: str, kept_at: datetime, typed: Typed) -> None:
        """The form as it stood when it was kept."""

    @abstractmethod
    def save(self) -> None:
        """Save what is typed, or show everything that keeps it from being saved."""

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
        entry = self._view.entry()
        item = entry.procedures[number]
        parts = parts_of(item, self._wants_details[number])
        if FOLLOW_UP in parts:
            asked = (item.outcome, entry.stop_commune.code or self._stop(), entry.resident_commune.code)
            if asked not in self._days:
                self._days[asked] = days_for(self._session, *asked)
            self._view.propose_days(number, self._days[asked])
        # The person is not there: what was agreed comes into sight.
        away = frozenset({MANDATE}) if entry.channel == THIRD_PARTY else frozenset[str]()
        self._view.show_parts(number, parts | away)

    def refresh_every_part(self) -> None:
        """How the person came has changed: so may what each card asks for."""
        # While the form is filled, its cards come after it.
        for number in range(min(len(self._view.entry().procedures), len(self._wants_details))):
            self.refresh_parts(number)

    def search_procedures(self, number: int, text: str) -> None:
        """Propose procedures: the most used first while nothing is typed."""
        reference = self._session.reference
        usual = queries.recent_procedures(self._session.store.db, MOST_RANKED)
        if text.strip():
            hits = most_used_first(reference.search_procedures(text, MOST_RANKED), text, usual)
            found = [Suggestion(hit.code, hit.title, hit.partner) for hit in hits]
        else:
            known = [procedure for code in usual if (procedure := reference.procedure(code)) is not None]
            found = [
                Suggestion(each.code, each.title, reference.partner_label(each.partner)) for each in known
            ]
        self._view.suggest_procedures(number, found[:MOST_SUGGESTIONS])

    def pick_procedure(self, number: int, code: str) -> None:
        """Show whose procedure it is, and the documents it usually asks for."""
        self._show_picked(number, code, ())

    def search_communes(self, text: str) -> None:
        """Propose communes where the person lives."""
        self._view.suggest_communes(self._communes(text))

    def search_stops(self, text: str) -> None:
        """Propose communes where the bus may have stood."""
        self._view.suggest_stops(self._communes(text))

    def cancel(self) -> bool:
        """Close the form; asks first when something was typed. True when it is closed."""
        if not self.is_open:
            return True
        if self.has_content and not self._view.confirm_abandon():
            return False
        self._end()
        self._on_closed()
        return True

    def _communes(self, text: str) -> list[Suggestion]:
        reference = self._session.reference
        if not text.strip():
            return self._usual_communes()
        stop = reference.commune(code) if (code := self._stop()) else None
        near = stop.departement_code if stop else None
        found = reference.search_communes(text, MOST_SUGGESTIONS, near)
        return [Suggestion(hit.insee_code, hit.label) for hit in found]

    def _usual_communes(self) -> list[Suggestion]:
        """Where the bus stands first, then where most people of late live."""
        usual = queries.recent_communes(self._session.store.db, MOST_SUGGESTIONS)
        codes = dict.fromkeys(code for code in (self._stop(), *usual) if code)
        found = (self._session.reference.commune(code) for code in codes)
        return [Suggestion(each.insee_code, each.label) for each in found if each][:MOST_SUGGESTIONS]

    def _answers(self, code: str) -> list[str]:
        """The last answers given for a procedure, of visits that name nobody; none that may no longer be stored."""
        found = queries.recent_answers(self._session.store.db, code, MOST_ANSWERS) if code else []
        return [answer for answer in found if not forbidden_kinds(answer)]

    def _stop(self) -> str | None:
        return self._stop_of_draft or stops.today(self._session)

    def _show_all(self, typed: Typed, place: str) -> None:
        """Put all that was typed, or recorded, into the form."""
        self._wants_details = list(typed.opened_cards)
        self._view.start(typed.entry, place)
        self._view.fill(typed)
        for number, item in enumerate(typed.entry.procedures):
            self._show_picked(number, item.procedure.code, item.missing_documents)

    def _show_picked(self, number: int, code: str, ticked: Sequence[str]) -> None:
        procedure = self._session.reference.procedure(code) if code else None
        partner, usual = "", list[str]()
        if procedure is not None:
            partner = self._session.reference.partner_label(procedure.partner)
            usual = list(procedure.documents)
        self._view.show_procedure(number, partner, [*usual, *(text for text in ticked if text not in usual)])
        self._view.offer_answers(number, self._answers(code))
        self.refresh_parts(number)

    def _end(self) -> None:
        self._stop_of_draft = None
        self._opened_at = None
        self._days = {}


def o_clock(moment: datetime) -> str:
    """An hour of this computer's clock, as one says it."""
    local = moment.astimezone()
    return f"{local.hour}{NO_BREAK}h{NO_BREAK}{local.minute:02d}"
