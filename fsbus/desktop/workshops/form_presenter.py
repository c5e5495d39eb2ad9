"""Decides how a workshop is typed: begun, counted as one types, recorded, changed."""

from collections.abc import Callable, Mapping
from typing import Protocol

from fsbus.actions import plain_records, stops
from fsbus.actions.correcting import take_back
from fsbus.actions.session import Session
from fsbus.core.clock import local_day
from fsbus.core.entities import WORKSHOP, body_of
from fsbus.core.errors import FsbusError, InvalidInput
from fsbus.core.workshops import Workshop
from fsbus.desktop.visit_form.entry import Picked
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.workshops.entry import (
    WorkshopEntry,
    entry_of,
    like,
    live_problems,
    read_workshop,
    sums,
)  # fmt: skip
from fsbus.desktop.written_days import short_day
from fsbus.store import queries

MOST_SUGGESTIONS = 8
NEW, CHANGE = "Nouvel atelier", "Changer l’atelier"
UNHEARD = "Un collègue inconnu ici"
RECORDED, CHANGED, UNCHANGED = "Atelier enregistré.", "Atelier changé.", "Rien n’a été changé."
Undo = Callable[[], bool]


class WorkshopForm(Protocol):
    """What the presenter needs of the form."""

    def entry(self) -> WorkshopEntry: ...
    def start(self, entry: WorkshopEntry, title: str, agents: Mapping[str, str]) -> None: ...
    def show_sums(self, told: Mapping[str, str]) -> None: ...
    def show_live(self, problems: Mapping[str, str]) -> None: ...
    def show_problems(self, problems: Mapping[str, str]) -> None: ...
    def suggest_communes(self, found: list[Suggestion]) -> None: ...
    def confirm_abandon(self) -> bool: ...


class WorkshopFormPresenter:
    """One workshop at a time. ``on_saved`` is told the words, the day and what takes it back, if anything does."""

    def __init__(
        self,
        view: WorkshopForm,
        session: Session,
        *,
        on_saved: Callable[[str, str, Undo | None], None],
        on_closed: Callable[[], None],
    ) -> None:
        self._view, self._session = view, session
        self._on_saved, self._on_closed = on_saved, on_closed
        self._record_id = ""
        self._began: WorkshopEntry | None = None
        self._body: dict[str, object] = {}

    @property
    def is_open(self) -> bool:
        """Whether a workshop is being typed."""
        return self._began is not None

    @property
    def has_content(self) -> bool:
        """Whether anything stands in the form beside what it opened with."""
        return self._began is not None and self._view.entry() != self._began

    def open(self, last: Workshop | None = None) -> None:
        """A new one, of today at today's stop; as the ``last`` one when it is given."""
        day = short_day(local_day(self._session.clock.now()))
        code = stops.today(self._session) or ""
        if last is None:
            entry = WorkshopEntry(
                day=day, commune=Picked(code, self._name(code)), agents=(self._session.agent.id,)
            )
        else:
            entry = like(entry_of(last, self._name(last.commune or "")), day)
        self._start("", entry, {}, NEW)

    def change(self, one: Workshop) -> None:
        """The one that is recorded."""
        self._start(one.id, entry_of(one, self._name(one.commune or "")), body_of(one), CHANGE)

    def edited(self) -> None:
        """Count what is typed so far."""
        if self.is_open:
            entry = self._view.entry()
            self._view.show_sums(sums(entry))
            self._view.show_live(live_problems(entry))

    def search_communes(self, text: str) -> None:
        """Propose communes."""
        reference, near = self._session.reference, stops.last(self._session)
        before = reference.commune(near) if near else None
        found = reference.search_communes(text, MOST_SUGGESTIONS, before.departement_code if before else None)
        self._view.suggest_communes(
            [Suggestion(one.insee_code, one.label) for one in found] if text.strip() else []
        )

    def save(self) -> None:
        """Record it, or show everything that keeps it from being recorded."""
        if not self.is_open:
            return
        draft, unread = read_workshop(self._view.entry(), local_day(self._session.clock.now()))
        try:
            undo = self._change(draft) if self._record_id else self._create(draft)
        except InvalidInput as refused:
            known = {name.partition(".")[0]: text for name, text in refused.problems.items()}
            self._view.show_problems({**known, **unread})
            return
        except FsbusError as error:
            self._view.show_problems({"": error.words})
            return
        words = RECORDED if not self._record_id else CHANGED if undo else UNCHANGED
        self._began = None
        self._on_saved(words, str(draft["day"]), undo)

    def typed(self) -> Workshop | None:
        """What its signing-in sheet needs of what is typed; None, with what is wrong shown, without a day."""
        draft, unread = read_workshop(self._view.entry(), local_day(self._session.clock.now()))
        if "day" in unread or not draft["day"]:
            self._view.show_problems({"day": unread.get("day", "Jour à remplir.")})
            return None
        people, at = draft["participants"], draft["starts_at"]
        return Workshop(
            id=self._record_id,
            agent_id=self._session.agent.id,
            day=str(draft["day"]),
            minutes=0,
            participants=people if isinstance(people, int) else 0,
            commune=self._view.entry().commune.code or None,
            starts_at=None if at is None else str(at),
            place=str(draft["place"]),
            title=str(draft["title"]),
            topics=self._view.entry().topics,
        )

    def cancel(self) -> None:
        """Leave the form; asked first when something was typed."""
        if self.is_open and (not self.has_content or self._view.confirm_abandon()):
            self._began = None
            self._on_closed()

    def _create(self, draft: dict[str, object]) -> Undo:
        made = plain_records.create(self._session, WORKSHOP, {**draft, "agent_id": self._session.agent.id})

        def undo() -> bool:
            plain_records.remove(self._session, WORKSHOP, made)
            return True

        return undo

    def _change(self, draft: dict[str, object]) -> Undo | None:
        """Against what the form began with: what a colleague changed elsewhere stays."""
        changed = {name: value for name, value in draft.items() if value != self._body[name]}
        undoing = plain_records.change_undoably(self._session, WORKSHOP, self._record_id, changed)
        return (lambda: take_back(self._session, undoing)) if undoing else None

    def _start(self, record_id: str, entry: WorkshopEntry, body: dict[str, object], title: str) -> None:
        self._record_id, self._body = record_id, body
        names = {one.id: one.name for one in queries.agents(self._session.store.db)}
        # A colleague whom this laptop has not heard of stays ticked, and in the record.
        unheard = {one: UNHEARD for one in entry.agents if one not in names}
        self._view.start(entry, title, names | unheard)
        self._began = self._view.entry()
        self.edited()

    def _name(self, code: str) -> str:
        found = self._session.reference.commune(code) if code else None
        return found.label if found else ""
