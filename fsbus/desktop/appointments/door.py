"""Hangs the page of appointments in the window, and ties an appointment to the visit that comes of it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal

from fsbus.actions import appointments
from fsbus.actions.appointments import Undo
from fsbus.core.appointments import Appointment
from fsbus.core.entities import APPOINTMENT, PASSAGE, RESIDENT, STOP
from fsbus.core.errors import FsbusError
from fsbus.core.follow_ups import ToFollow
from fsbus.desktop.appointments.presenter import AppointmentsPresenter
from fsbus.desktop.appointments.view import AppointmentsView
from fsbus.desktop.corrections import TAKEN_BACK, TAKEN_BACK_IN_PART
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import PEOPLE, Entry

_SHOWN = frozenset({APPOINTMENT, PASSAGE, STOP, RESIDENT})


class AppointmentsDoor(Door):
    """Appointments by passage; in the sidebar, how many of past days wait to be settled."""

    entry = Entry("appointments", "Rendez-vous", PEOPLE, "6")
    arrived = Signal(object)
    """Somebody with this appointment is here: the visit begins."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        view = self.view = AppointmentsView()
        presenter = self.presenter = AppointmentsPresenter(
            view,
            self.session,
            on_count=lambda count: self.window.show_count(self.entry.name, count),
            on_changed=self._changed,
            on_arrived=self.arrived.emit,
        )
        self.window.add_page(self.entry.name, view)
        for signal, slot in (
            (view.passage_chosen, presenter.show_passage),
            (view.opened, presenter.open),
            (view.booking_wanted, presenter.book),
            (view.submitted, presenter.submit),
            (view.arrived, presenter.arrive),
            (view.settled, presenter.settle),
            (view.slip_wanted, self._print),
            (view.commune_searched, presenter.search_communes),
            (view.procedure_searched, presenter.search_procedures),
        ):
            signal.connect(slot)

    def enter(self) -> None:
        """Show the passages and their appointments, read anew."""
        self.presenter.refresh()
        self.window.show_page(self.entry.name)

    def refresh(self, kinds: frozenset[str]) -> None:
        """Appointments, passages and people; only the count is read while the page is out of sight."""
        if not kinds & _SHOWN:
            return
        if self.window.page() == self.entry.name:
            self.presenter.refresh()
        else:
            self.presenter.count()

    def book_for(self, one: ToFollow) -> None:
        """Open the form of a new one that takes up a follow-up."""
        self.enter()
        self.presenter.book_for(one)

    def begun(self, appointment: Appointment, visit_id: str) -> None:
        """A visit was begun for it: its id is noted at once, so that it is known again after a cut."""
        self._note(partial(appointments.begin, self.session, appointment.id, visit_id))

    def visit_saved(self, visit_id: str) -> None:
        """A visit was recorded: the appointment that it was begun for is settled."""
        for one in appointments.begun_by(self.session, visit_id):
            self._note(partial(appointments.settle, self.session, one.id, appointments.SEEN, visit_id))

    def visit_given_up(self, visit_id: str) -> None:
        """The visit was given up: the appointment is as before."""
        for one in appointments.begun_by(self.session, visit_id):
            self._note(partial(appointments.settle, self.session, one.id, one.status))

    def _note(self, what: Callable[[], Undo | None]) -> None:
        try:
            what()
        except FsbusError as error:
            self.window.say(error.words)
        self.shell.changed(frozenset({APPOINTMENT}))

    def _changed(self, said: str, undo: Undo | None) -> None:
        self.shell.changed(frozenset({APPOINTMENT}), self)
        if undo is None:
            self.window.say(said)
        else:
            self.window.offer(said, lambda: self._take_back(undo))

    def _take_back(self, undo: Undo) -> None:
        try:
            told = TAKEN_BACK if appointments.take_back(self.session, undo) else TAKEN_BACK_IN_PART
        except FsbusError as error:
            told = error.words
        self.shell.changed(frozenset({APPOINTMENT}))
        self.window.say(told)

    def _print(self) -> None:
        from fsbus.desktop.appointments.papers import SlipPapers

        if (one := self.presenter.chosen()) is not None:
            self.shell.open_on_paper(SlipPapers(self.session, one))
