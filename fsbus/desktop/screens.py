"""Builds the pages behind the lock, and leads from one to another.

Imported once the store is open: it brings the store and the exchange with it, which the unlock
screen must not wait for. A page of the sidebar is one line of `fsbus.desktop.registry`; what stands here is what
goes between pages. Whoever makes `Screens` keeps it: Qt holds slots weakly, so presenters that
nobody owns would be collected and their buttons would silently do nothing.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

from PySide6.QtCore import QObject

from fsbus.actions.session import Session
from fsbus.core.entities import ENTITIES
from fsbus.desktop.answers.door import AnswersDoor
from fsbus.desktop.appointments.door import AppointmentsDoor
from fsbus.desktop.corrections import Corrections
from fsbus.desktop.door import Door
from fsbus.desktop.follow_ups.door import FollowUpsDoor
from fsbus.desktop.keys.door import KeysDoor
from fsbus.desktop.paper.door import PaperDoor
from fsbus.desktop.people.door import PeopleDoor
from fsbus.desktop.queue.door import QueueDoor
from fsbus.desktop.registry import DOORS
from fsbus.desktop.running import Runner
from fsbus.desktop.stick.presenter import Stick
from fsbus.desktop.sync_panel.door import SyncDoor
from fsbus.desktop.sync_panel.presenter import Exchange
from fsbus.desktop.to_check.door import ToCheckDoor
from fsbus.desktop.today.door import TodayDoor
from fsbus.desktop.visit_details.door import PAGE as DETAILS
from fsbus.desktop.visit_details.door import DetailsDoor
from fsbus.desktop.visit_form.door import VisitDoor
from fsbus.desktop.visit_form.view import VisitFormView
from fsbus.desktop.visits.door import VisitsDoor
from fsbus.desktop.widgets import roles
from fsbus.desktop.window import MainWindow

if TYPE_CHECKING:
    from fsbus.desktop.paper.papers import Papers

D = TypeVar("D", bound=Door)


class Refreshed(Protocol):
    """A page that is read anew before it is shown."""

    def refresh(self) -> None: ...


def _no_page() -> Refreshed:
    raise RuntimeError("this application has no such page")


class Screens(QObject):
    """Every page of one open session.

    ``by_itself``: exchange with the centre from time to time without being asked.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        *,
        runner: Runner,
        exchange: Exchange,
        stick: Stick,
        on_bug: Callable[[Exception], None],
        by_itself: bool = True,
        security: "Callable[[], Refreshed] | None" = None,
    ) -> None:
        super().__init__(window)
        self.window, self.session, self.runner = window, session, runner
        self.exchange, self.stick, self.on_bug = exchange, stick, on_bug
        roles.install()
        self._read_from = TodayDoor.entry.name
        entries = tuple(door.entry for door in DOORS)
        window.show_opened(session.bus, session.agent.name, entries)
        self.doors = [make(self) for make in DOORS]
        self.details_door = DetailsDoor(self)
        self.day, self.visit_door = self.door(TodayDoor), self.door(VisitDoor)
        self.sync_door, self.corrections = self.door(SyncDoor), self.door(Corrections)
        self.answers, self.to_check_door = self.door(AnswersDoor), self.door(ToCheckDoor)
        self.today, self.visit, self.details = self.day.view, self.visit_door.view, self.details_door.view
        self.sync, self.to_check = self.sync_door.view, self.to_check_door.view
        self.visit_presenter, self.sync_presenter = self.visit_door.presenter, self.sync_door.presenter
        self.paper = PaperDoor(
            window,
            session,
            runner=runner,
            visit_here=self._visit_here,
            on_back=self._leave_paper,
            on_bug=on_bug,
        )
        self.keys = KeysDoor(window, entries, parent=self)
        self._make_security = security or _no_page
        self.security: Refreshed | None = None
        self._connect()
        self.changed(frozenset(ENTITIES))
        window.show_page(TodayDoor.entry.name)
        window.say(f"Bonjour {session.agent.name.split()[0]}.")
        self.corrections.resume()
        self.visit_door.resume()
        if by_itself:
            self.sync_door.start()

    def door(self, kind: type[D]) -> D:
        """The door of one page."""
        return next(door for door in self.doors if isinstance(door, kind))

    def new_visit(self) -> None:
        """Open the form, or come back to the one under way."""
        self.visit_door.enter()

    def show_page(self, name: str) -> None:
        """Go to a page of the sidebar, read anew."""
        next(door for door in self.doors if door.entry.name == name).enter()

    def correct_visit(self, visit_id: str) -> None:
        """Open the form on a recorded visit, to come back to the page shown now."""
        self.corrections.correct(visit_id, self.window.page())

    def read_visit(self, visit_id: str) -> None:
        """Show everything that was recorded of a visit; nothing happens when it was erased meanwhile."""
        self._read_from = self.window.page()
        self.details_door.show(visit_id)

    def open_on_paper(self, papers: "Papers") -> None:
        """Open « Imprimer » on a sheet, to come back to the page shown now."""
        self.paper.open_on(papers)

    def show_security(self) -> None:
        """Open the « Sécurité » page, built the first time."""
        if self.security is None:
            self.security = self._make_security()
        self.security.refresh()
        self.window.show_page("security")

    def is_typing(self) -> bool:
        """Whether a visit is being typed, or corrected."""
        return self.visit_door.presenter.is_open or self.corrections.is_open

    def changed(self, kinds: frozenset[str], by: Door | None = None) -> None:
        """Records of these kinds were saved here: it shows everywhere, and waits to be sent."""
        for door in (*self.doors, self.details_door):
            if door is not by:
                door.refresh(kinds)

    def arrived(self, kinds: frozenset[str]) -> None:
        """Records of these kinds came from elsewhere."""
        self.changed(kinds, self.sync_door)
        self.corrections.drop_if_erased()
        self.paper.refresh()

    def may_close(self) -> bool:
        """Whether the window may close; whoever has something under way is asked, and it is kept."""
        return all(door.may_close() for door in self.doors)

    def stop(self) -> None:
        """No more timers and threads; what is typed is kept."""
        for door in self.doors:
            door.stop()

    def _to_list(self) -> None:
        """Back to the list, the keyboard on the line it came from."""
        lists = self.door(VisitsDoor) if self._read_from == VisitsDoor.entry.name else self.day
        lists.enter()
        lists.choose_list()

    def _corrected(self, page: str, visit_id: str) -> None:
        """Where the correction came from: the line of the list, the visit read, or another page."""
        if page == DETAILS and self.details_door.show(visit_id):
            return
        names = {door.entry.name for door in self.doors}
        if page in names and page != TodayDoor.entry.name:
            self.show_page(page)
        else:
            self._read_from = TodayDoor.entry.name
            self._to_list()

    def _correct_refused(self, visit_id: str, refused: Mapping[str, tuple[str, ...]], why: str) -> None:
        self.corrections.correct(visit_id, ToCheckDoor.entry.name, refused, why)

    def _visit_here(self) -> str:
        """The visit before the eyes: the one that is read, or chosen in the list; empty when there is none."""
        page = self.window.page()
        if page == DETAILS:
            return self.details_door.presenter.visit_id
        if page == VisitsDoor.entry.name:
            return self.door(VisitsDoor).view.visits.chosen()
        return self.day.view.visits.chosen() if page == TodayDoor.entry.name else ""

    def _leave_paper(self, page: str) -> None:
        if page == DETAILS:
            self.details_door.enter()
        elif page == TodayDoor.entry.name:
            self._read_from = page
            self._to_list()
        else:
            self.window.come_back_to(page)

    def _connect(self) -> None:
        window, details = self.window, self.details_door
        window.page_requested.connect(self.show_page)
        window.new_visit_requested.connect(self.new_visit)
        window.security_requested.connect(self.show_security)
        queue = self.door(QueueDoor)
        self.day.view.add_strip(queue.strip)
        self.visit_door.saved.connect(queue.visit_saved)
        self.visit_door.saved.connect(self.day.enter_on)
        self.visit_door.given_up.connect(self.day.enter)
        booked = self.door(AppointmentsDoor)
        self.door(FollowUpsDoor).booking_wanted.connect(booked.book_for)
        booked.arrived.connect(self.visit_door.enter_for)
        self.visit_door.begun_for.connect(booked.begun)
        self.visit_door.saved.connect(booked.visit_saved)
        self.visit_door.given_up.connect(lambda: booked.visit_given_up(self.visit_presenter.visit_id))
        self.corrections.closed.connect(self._corrected)
        self.corrections.form_made.connect(self._serve)
        self.door(FollowUpsDoor).settled.connect(self.corrections.offer_to_take_back)
        self.door(PeopleDoor).settled.connect(self.corrections.offer_to_take_back)
        details.left.connect(self._to_list)
        details.removed.connect(self.corrections.offer_to_put_back)
        details.print_requested.connect(self.paper.print_here)
        self.to_check_door.correct_wanted.connect(self._correct_refused)
        self._serve(self.visit)

    def _serve(self, form: VisitFormView) -> None:
        self.answers.serve(form)
