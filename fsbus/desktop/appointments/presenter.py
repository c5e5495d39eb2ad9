"""Decides what the page of appointments shows of a passage, and what is done with a line."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Protocol

from fsbus.actions import appointments, plain_records, stops
from fsbus.actions.appointments import Agenda, Undo
from fsbus.actions.session import Session
from fsbus.core import codes, french
from fsbus.core.appointments import Appointment
from fsbus.core.clock import local_day
from fsbus.core.errors import FsbusError, InvalidInput
from fsbus.core.follow_ups import ToFollow
from fsbus.core.residents import Resident
from fsbus.core.slots import ends_at, free_slots
from fsbus.desktop.appointments.typed import Typed, read
from fsbus.desktop.visit_form.entry import Picked
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.written_days import short_day
from fsbus.store import day_queries, queries

UNSETTLED, SLOT = "unsettled", "slot:"
MOST_SUGGESTIONS = 8
NO_PASSAGE = "Aucun passage n’est prévu\u00a0: la page « Tournée » dit où et quand le bus s’arrête. Un rendez-vous peut être noté quand même."
NOBODY = "Aucun rendez-vous ici."
BOOKED = "Rendez-vous noté."
CHANGED = "Rendez-vous changé."
SAME = "Rien n’a été changé."
BOOK, ANYWAY, CHANGE = "Noter le rendez-vous", "Noter quand même", "Changer"
TO_CHOOSE = "Choisissez d’abord un rendez-vous dans la liste."
SEEN_ALREADY = "Cette personne a déjà été reçue\u00a0: une autre visite se commence par Ctrl+N."


class AppointmentsScreen(Protocol):
    """What the presenter needs of the page."""

    def show_passages(self, labels: Mapping[str, str]) -> None: ...
    def passage(self) -> str: ...
    def choose_passage(self, key: str) -> None: ...
    def length(self) -> int: ...
    def show_rows(self, rows: Sequence[TableRow], empty: str) -> None: ...
    def chosen(self) -> str: ...
    def choose(self, key: str) -> None: ...
    def open_form(self, heading: str, submit: str, typed: Typed, agents: Mapping[str, str]) -> None: ...
    def typed(self) -> Typed: ...
    def show_problems(self, problems: Mapping[str, str], submit: str = "") -> None: ...
    def close_form(self) -> None: ...
    def suggest_communes(self, found: list[Suggestion]) -> None: ...
    def suggest_procedures(self, found: list[Suggestion]) -> None: ...
    def say(self, text: str) -> None: ...


class AppointmentsPresenter:
    """``on_changed`` is told what was done and what takes it back, None when nothing can; ``on_count`` what is unsettled."""

    def __init__(
        self,
        view: AppointmentsScreen,
        session: Session,
        *,
        on_count: Callable[[int], None],
        on_changed: Callable[[str, Undo | None], None],
        on_arrived: Callable[[Appointment], None],
    ) -> None:
        self._view, self._session = view, session
        self._on_count, self._on_changed, self._on_arrived = on_count, on_changed, on_arrived
        self._agendas: dict[str, Agenda] = {}
        self._shown: dict[str, Appointment] = {}
        self._editing = ""
        self._began: dict[str, object] = {}
        self._resident_id: str | None = None
        self._warned: dict[str, object] | None = None

    def count(self) -> None:
        """Tell how many of past days wait to be settled."""
        self._on_count(len(appointments.unsettled(self._session)))

    def refresh(self) -> None:
        """Show the passages and their appointments as the store holds them; a form that is open stays."""
        late = appointments.unsettled(self._session)
        self._on_count(len(late))
        found = {one.key: one for one in appointments.agendas(self._session)}
        if late:
            found = {UNSETTLED: Agenda(UNSETTLED, "", "", appointments=tuple(late))} | found
        self._agendas = found
        labels = {
            key: f"À régler, jours passés ({len(late)})" if key == UNSETTLED else self._label(one)
            for key, one in found.items()
        }
        self._view.show_passages(labels)
        self.show_passage()

    def show_passage(self) -> None:
        """The appointments of the passage chosen, and what is free between them."""
        agenda = self._agendas.get(self._view.passage())
        if agenda is None:
            self._shown = {}
            self._view.show_rows((), NO_PASSAGE)
            return
        self._shown = {one.id: one for one in agenda.appointments}
        lines = [((one.day, one.starts_at, 0), self._row(one, agenda)) for one in agenda.appointments]
        if agenda.hours:
            lines += [
                ((agenda.day, slot.starts_at, 1), _free(slot.starts_at, slot.free))
                for slot in free_slots(agenda.hours, self._view.length(), agenda.appointments)
                # An hour that is over is not free any more.
                if (agenda.day, slot.starts_at) >= plain_records.day_and_hour(self._session)
            ]
        self._view.show_rows([row for _, row in sorted(lines, key=lambda line: line[0])], NOBODY)

    def open(self) -> None:
        """What Enter does: book the free slot, or change the appointment of the line."""
        key = self._view.chosen()
        if key.startswith(SLOT):
            self._book(key.removeprefix(SLOT))
        elif one := self._chosen():
            self._editing, self._warned = one.id, None
            self._view.open_form("Changer le rendez-vous", CHANGE, self._as_typed(one), self._agents())
            self._began, _ = read(self._view.typed(), self._today())

    def book(self) -> None:
        """A new one, at the free slot chosen or at an hour to be typed."""
        key = self._view.chosen()
        self._book(key.removeprefix(SLOT) if key.startswith(SLOT) else "")

    def book_for(self, one: ToFollow) -> None:
        """A new one to take up a follow-up, with its person, at the next passage where it is taken up."""
        self.refresh()
        there = (key for key, each in self._agendas.items() if each.commune == one.commune)
        self._view.choose_passage(next(there, self._view.passage()))
        self.show_passage()
        self._book("", one.procedure, one.resident_id)

    def submit(self) -> None:
        """Book or change it; what is unwise is told first, and done when it is asked again."""
        draft, unread = read(self._view.typed(), self._today())
        if self._editing:
            stands = day_queries.one(self._session.store.db, Appointment, self._editing)
            draft["resident_id"] = stands.resident_id if stands else None
        else:
            draft["resident_id"] = self._resident_id
        try:
            warned = {} if unread else dict(appointments.warnings_of(self._session, draft, self._editing))
            if unread:
                raise InvalidInput(unread)
            if warned and draft != self._warned:
                self._warned = draft
                self._view.show_problems(warned, ANYWAY)
                return
            said, undo, key = self._save(draft)
        except InvalidInput as refused:
            self._view.show_problems({**refused.problems, **unread}, CHANGE if self._editing else BOOK)
        except FsbusError as error:
            self._view.show_problems({"": error.words})
        else:
            self._view.close_form()
            self.refresh()
            self._view.choose(key)
            self._on_changed(said, undo)

    def settle(self, status: str) -> None:
        """Say what came of the appointment chosen."""
        if one := self._chosen():
            self._do(
                one.id, lambda: appointments.settle(self._session, one.id, status), codes.APPOINTMENT[status]
            )

    def arrive(self) -> None:
        """The person is here: the visit begins."""
        if (one := self._chosen()) and one.status == appointments.SEEN:
            self._view.say(SEEN_ALREADY)
        elif one:
            self._on_arrived(one)

    def chosen(self) -> Appointment | None:
        """The appointment chosen; says so when none is."""
        return self._chosen()

    def search_communes(self, text: str) -> None:
        """Propose communes."""
        found = self._session.reference.search_communes(text, MOST_SUGGESTIONS, None)
        self._view.suggest_communes([Suggestion(hit.insee_code, hit.label) for hit in found])

    def search_procedures(self, text: str) -> None:
        """Propose procedures, the most used first while nothing is typed."""
        reference = self._session.reference
        if text.strip():
            hits = reference.search_procedures(text, MOST_SUGGESTIONS)
            found = [Suggestion(hit.code, hit.title, hit.partner) for hit in hits]
        else:
            usual = queries.recent_procedures(self._session.store.db, MOST_SUGGESTIONS)
            known = [procedure for code in usual if (procedure := reference.procedure(code)) is not None]
            found = [Suggestion(each.code, each.title) for each in known]
        self._view.suggest_procedures(found)

    def _save(self, draft: Mapping[str, object]) -> tuple[str, Undo | None, str]:
        if not self._editing:
            made = appointments.book(self._session, draft)
            return BOOKED, made, made.record_id
        # Against what the form began with: what a colleague changed elsewhere stays.
        changed = {name: value for name, value in draft.items() if value != self._began.get(name)}
        undo = appointments.change(self._session, self._editing, changed)
        return CHANGED if undo else SAME, undo, self._editing

    def _do(self, key: str, what: Callable[[], Undo | None], label: str) -> None:
        try:
            undo = what()
        except InvalidInput as refused:
            self._view.say(" ".join(refused.problems.values()))
        except FsbusError as error:
            self._view.say(error.words)
        else:
            self.refresh()
            self._view.choose(key)
            self._on_changed(f"Rendez-vous\u00a0: {label.lower()}." if undo else SAME, undo)

    def _book(self, clock: str, procedure: str = "", resident_id: str | None = None) -> None:
        agenda = self._agendas.get(self._view.passage())
        self._editing, self._resident_id, self._warned = "", resident_id, None
        commune = (agenda.commune if agenda else "") or stops.today(self._session) or ""
        typed = Typed(
            day=_short(agenda.day) if agenda and agenda.day else "",
            hour=clock,
            minutes=str(self._view.length()),
            commune=self._commune(commune),
            place=agenda.place if agenda else "",
            procedure=self._procedure(procedure),
        )
        who = self._name(resident_id)
        heading = f"Nouveau rendez-vous\u00a0: {who}" if who else "Nouveau rendez-vous"
        self._view.open_form(heading, BOOK, typed, self._agents())

    def _chosen(self) -> Appointment | None:
        one = self._shown.get(self._view.chosen())
        if one is None:
            self._view.say(TO_CHOOSE)
        return one

    def _as_typed(self, one: Appointment) -> Typed:
        return Typed(
            day=_short(one.day),
            hour=one.starts_at,
            minutes=str(one.minutes),
            commune=self._commune(one.commune),
            place=one.place,
            name=one.name,
            phone=one.phone,
            procedure=self._procedure(one.procedure),
            needed=str(one.needed),
            agents=one.agents,
            note=one.note,
        )

    def _row(self, one: Appointment, agenda: Agenda) -> TableRow:
        procedure = self._session.reference.procedure(one.procedure) if one.procedure else None
        hours = f"{french.hour(one.starts_at)} – {french.hour(ends_at(one))}"
        names = [
            agent.name if (agent := queries.agent(self._session.store.db, key)) else "" for key in one.agents
        ]
        needed = "2 agents" if one.needed == 2 else ""
        return TableRow(
            one.id,
            (
                hours if agenda.day else f"{_short(one.day)}, {french.hour(one.starts_at)}",
                self._who(one),
                procedure.title if procedure else one.note,
                codes.APPOINTMENT[one.status],
                ", ".join(filter(None, names)) or needed,
                one.phone,
            ),
        )

    def _who(self, one: Appointment) -> str:
        return self._name(one.resident_id) or one.name

    def _name(self, resident_id: str | None) -> str:
        found = day_queries.one(self._session.store.db, Resident, resident_id) if resident_id else None
        return " ".join(filter(None, (found.given_name, found.family_name))) if found else ""

    def _procedure(self, code: str) -> Picked:
        found = self._session.reference.procedure(code) if code else None
        return Picked(code, found.title if found else code)

    def _label(self, one: Agenda) -> str:
        commune = self._commune(one.commune).text
        day = french.weekday_and_day(date.fromisoformat(one.day)).capitalize()
        hours = f"{french.hour(one.hours[0])} – {french.hour(one.hours[1])}" if one.hours else "hors tournée"
        count = len(one.appointments)
        return ", ".join(filter(None, (day, commune, one.place, hours))) + (f" ({count})" if count else "")

    def _commune(self, code: str) -> Picked:
        commune = self._session.reference.commune(code) if code else None
        return Picked(code, commune.label if commune else code)

    def _agents(self) -> dict[str, str]:
        return {one.id: one.name for one in queries.agents(self._session.store.db)}

    def _today(self) -> date:
        return local_day(self._session.clock.now())


def _free(clock: str, free: int) -> TableRow:
    agents = f"1{french.NO_BREAK}agent" if free == 1 else f"{free}{french.NO_BREAK}agents"
    return TableRow(f"{SLOT}{clock}", (french.hour(clock), f"Libre, {agents}", "", "", "", ""))


def _short(day: str) -> str:
    return short_day(date.fromisoformat(day))
