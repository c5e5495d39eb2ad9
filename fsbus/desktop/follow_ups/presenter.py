"""Decides what the lists of what is left to do show, and what is done with a line."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Protocol

from fsbus.actions import circuit, follow_ups, stops
from fsbus.actions.correcting import Undoing
from fsbus.actions.people import full_name
from fsbus.actions.session import Session
from fsbus.core import codes, french
from fsbus.core.clock import local_day
from fsbus.core.errors import FsbusError, InvalidInput
from fsbus.core.follow_ups import ToFollow
from fsbus.core.passage_words import passage_in_words
from fsbus.core.planning import Planned
from fsbus.core.residents import Resident
from fsbus.desktop.follow_ups.listed import COMING, DONE, HERE, LATE, NETWORK, OTHER_DAY, DayChoice, ListShown
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.written_days import read_day, short_day
from fsbus.store import day_queries, people
from fsbus.store.follow_ups import Listed

DONE_DAYS = 7
PROPOSED = 3
NO_STOP = "Choisissez l’arrêt du jour sur la page « Aujourd’hui »\u00a0: ce qui y est à reprendre se lit ici."
EMPTY = {
    HERE: "Rien n’est à reprendre ici aujourd’hui.",
    NETWORK: "Rien n’attend le réseau.",
    LATE: "Rien n’est en retard.",
    COMING: "Rien n’est prévu les jours suivants.",
    DONE: "Rien n’a été fait ces sept derniers jours.",
}
NOTED = "Suite notée comme faite."
OPENED = "Suite rouverte."
PUT_OFF = "Suite reportée au {}."
UNREADABLE = "Jour illisible\u00a0: écrivez par exemple 03/12, 03/12/2026 ou +14."
TO_CHOOSE = "Choisissez d’abord une ligne."


class FollowUpsScreen(Protocol):
    """What the presenter needs of the page."""

    def show_lists(self, labels: Mapping[str, str]) -> None: ...
    def chosen_list(self) -> str: ...
    def show_rows(self, shown: ListShown, *, done: bool) -> None: ...
    def chosen(self) -> str: ...
    def ask_answer(self, about: str) -> None: ...
    def ask_day(self, about: str, passages: Mapping[str, str]) -> None: ...
    def answer(self) -> str: ...
    def day(self) -> DayChoice: ...
    def show_problems(self, problems: Mapping[str, str]) -> None: ...
    def close_forms(self) -> None: ...
    def say(self, text: str) -> None: ...


class FollowUpsPresenter:
    """``on_changed`` is told what was done in words, and what takes it back; ``on_count`` how much is to be done here."""

    def __init__(
        self,
        view: FollowUpsScreen,
        session: Session,
        *,
        on_count: Callable[[int], None],
        on_changed: Callable[[str, tuple[Undoing, ...]], None],
        read_visit: Callable[[str], None],
        book: Callable[[ToFollow], None],
    ) -> None:
        self._view, self._session = view, session
        self._on_count, self._on_changed, self._read_visit = on_count, on_changed, read_visit
        self._book = book
        self._listed: dict[str, ToFollow] = {}
        self._passages: dict[str, Planned] = {}
        self._asked = ""
        self._people: Mapping[str, str] = {}

    def count(self) -> None:
        """Tell how much is to be done here today."""
        self._on_count(follow_ups.count_here(self._session))

    def refresh(self) -> None:
        """Read every list anew; a form that is open stays."""
        self.count()
        found = {code: self._read(code) for code in (HERE, NETWORK, LATE, COMING, DONE)}
        code = stops.today(self._session)
        here = f"Aujourd’hui à {self._commune(code)}" if code else "Aujourd’hui, à l’arrêt du jour"
        words = {
            HERE: here,
            NETWORK: "À faire quand le réseau revient",
            LATE: "En retard",
            COMING: "Les jours suivants",
            DONE: "Faites depuis sept jours",
        }
        self._view.show_lists(
            {name: f"{words[name]} ({french.number(one.total)})" for name, one in found.items()}
        )
        shown = self._view.chosen_list()
        listed, self._people = found[shown], people.root_of_each(self._session.store.db)
        self._listed = {one.record_id: one for one in listed.found}
        empty = NO_STOP if shown == HERE and not code else EMPTY[shown]
        rows = tuple(self._row(one, shown) for one in listed.found)
        self._view.show_rows(ListShown(rows, listed.total, empty), done=shown == DONE)

    def open_visit(self) -> None:
        """Read the visit of the line chosen."""
        if one := self._chosen():
            self._read_visit(one.visit_id)

    def book(self) -> None:
        """Take an appointment for the line chosen."""
        if one := self._chosen():
            self._book(one)

    def ask_done(self) -> None:
        """Ask what was answered."""
        if one := self._chosen():
            self._asked = one.record_id
            self._view.ask_answer(self._about(one))

    def do_done(self) -> None:
        """Note it as done."""
        self._do(lambda: follow_ups.done(self._session, self._asked, self._view.answer()), NOTED)

    def ask_day(self) -> None:
        """Ask for another day: the next passages in that commune, or any day."""
        if one := self._chosen():
            self._asked = one.record_id
            today = self._today().isoformat()
            found = circuit.next_passages(self._session, one.commune, today, PROPOSED) if one.commune else []
            self._passages = {each.passage_id: each for each in found}
            words = {key: passage_in_words(each) for key, each in self._passages.items()}
            labels = {key: f"{text[0].upper()}{text[1:]}" for key, text in words.items()}
            self._view.ask_day(self._about(one), {**labels, OTHER_DAY: "Un autre jour"})

    def do_day(self) -> None:
        """Put it off."""
        asked = self._view.day()
        passage = self._passages.get(asked.passage)
        day = date.fromisoformat(passage.day) if passage else read_day(asked.day, self._today(), ahead=True)
        if day is None:
            self._view.show_problems({"on": UNREADABLE})
            return
        where = passage.commune if passage else None
        self._do(
            lambda: follow_ups.put_off(self._session, self._asked, day.isoformat(), where),
            PUT_OFF.format(french.weekday_and_day(day)),
        )

    def reopen(self) -> None:
        """Open again what was noted as done."""
        if one := self._chosen():
            self._do(lambda: follow_ups.reopen(self._session, one.record_id), OPENED)

    def _do(self, what: Callable[[], tuple[Undoing, ...]], said: str) -> None:
        try:
            undoing = what()
        except InvalidInput as refused:
            self._view.show_problems(refused.problems)
        except FsbusError as error:
            self._view.show_problems({"": error.words})
        else:
            self._view.close_forms()
            self.refresh()
            self._on_changed(said, undoing)

    def _chosen(self) -> ToFollow | None:
        found = self._listed.get(self._view.chosen())
        if found is None:
            self._view.say(TO_CHOOSE)
        return found

    def _read(self, code: str) -> Listed:
        session = self._session
        if code == DONE:
            return follow_ups.done_since(session, self._today() - timedelta(days=DONE_DAYS))
        read: Mapping[str, Callable[[Session], Listed]] = {
            HERE: follow_ups.here,
            NETWORK: follow_ups.for_network,
            LATE: follow_ups.late,
            COMING: follow_ups.coming,
        }
        return read[code](session)

    def _row(self, one: ToFollow, shown: str) -> TableRow:
        late = 0 if shown == DONE else follow_ups.days_late(self._session, one)
        day = one.follow_up.done_on if shown == DONE else one.follow_up.on
        return TableRow(
            one.record_id,
            (
                short_day(date.fromisoformat(day)) if day else "Dès que possible",
                f"{late}{french.NO_BREAK}j" if late else "",
                self._title(one),
                one.follow_up.note or codes.OUTCOME[one.outcome],
                self._to_call(one.resident_id),
                short_day(date.fromisoformat(one.visited_on)),
                self._commune(one.commune) if one.commune else "",
            ),
        )

    def _about(self, one: ToFollow) -> str:
        visited = french.full_day(date.fromisoformat(one.visited_on))
        asked = f"{self._title(one)}, visite du {visited}."
        return f"{asked} {one.follow_up.note}".strip()

    def _to_call(self, resident_id: str | None) -> str:
        """Who is called back, by name and telephone; of two residents found to be one, the one that stays."""
        root = self._people.get(resident_id or "")
        found = day_queries.one(self._session.store.db, Resident, root) if root else None
        return ", ".join(filter(None, (full_name(found), found.phone))) if found else ""

    def _title(self, one: ToFollow) -> str:
        procedure = self._session.reference.procedure(one.procedure)
        return procedure.title if procedure else one.procedure

    def _commune(self, code: str) -> str:
        commune = self._session.reference.commune(code)
        return commune.name if commune else code

    def _today(self) -> date:
        return local_day(self._session.clock.now())
