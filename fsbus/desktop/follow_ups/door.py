"""Hangs the page of what is left to do in the window."""

from PySide6.QtCore import Signal

from fsbus.actions.correcting import Undoing
from fsbus.core.entities import PASSAGE, PROCEDURE_RECORD, RESIDENT, VISIT
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import PEOPLE, Entry
from fsbus.desktop.follow_ups.presenter import FollowUpsPresenter
from fsbus.desktop.follow_ups.view import FollowUpsView

_SHOWN = frozenset({VISIT, PROCEDURE_RECORD, RESIDENT, PASSAGE})


class FollowUpsDoor(Door):
    """What is to be done here today, when the network is back, and what is late; how much is told in the sidebar."""

    entry = Entry("follow_ups", "Suites", PEOPLE, "5")
    settled = Signal(str, object)
    """What was done in words, and what takes it back: see `Corrections.offer_to_take_back`."""

    booking_wanted = Signal(object)
    """An appointment is to be taken for this follow-up."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        view = self.view = FollowUpsView()
        self.presenter = FollowUpsPresenter(
            view,
            self.session,
            on_count=lambda count: self.window.show_count(self.entry.name, count),
            on_changed=self._changed,
            read_visit=shell.read_visit,
            book=self.booking_wanted.emit,
        )
        self.window.add_page(self.entry.name, view)
        presenter = self.presenter
        for signal, slot in (
            (view.list_chosen, presenter.refresh),
            (view.visit_wanted, presenter.open_visit),
            (view.done_wanted, presenter.ask_done),
            (view.done_submitted, presenter.do_done),
            (view.day_wanted, presenter.ask_day),
            (view.day_submitted, presenter.do_day),
            (view.reopen_wanted, presenter.reopen),
            (view.booking_wanted, presenter.book),
        ):
            signal.connect(slot)

    def enter(self) -> None:
        """Show the lists, read anew."""
        self.presenter.refresh()
        self.window.show_page(self.entry.name)

    def refresh(self, kinds: frozenset[str]) -> None:
        """Visits and people are shown, and where the bus stands; only the count is read while the page is out of sight."""
        if not kinds & _SHOWN:
            return
        if self.window.page() == self.entry.name:
            self.presenter.refresh()
        else:
            self.presenter.count()

    def _changed(self, said: str, undoing: tuple[Undoing, ...]) -> None:
        self.shell.changed(frozenset({VISIT, PROCEDURE_RECORD}), self)
        self.settled.emit(said, undoing)
