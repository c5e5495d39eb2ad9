"""Hangs the page of people who are followed up in the window."""

from PySide6.QtCore import Signal

from fsbus.core.entities import APPOINTMENT, PROCEDURE_RECORD, RESIDENT, VISIT
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import PEOPLE, Entry
from fsbus.desktop.people.presenter import PeoplePresenter
from fsbus.desktop.people.view import PeopleView

_WRITTEN = frozenset({RESIDENT, VISIT, PROCEDURE_RECORD, APPOINTMENT})


class PeopleDoor(Door):
    """Whom the service follows up; how many are to be erased is told in the sidebar."""

    entry = Entry("people", "Personnes", PEOPLE, "4")
    settled = Signal(str, object)
    """What was done in words, and what takes it back: see `Corrections.offer_to_take_back`."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        view = self.view = PeopleView()
        presenter = self.presenter = PeoplePresenter(
            view,
            self.session,
            on_count=lambda count: self.window.show_count(self.entry.name, count),
            on_changed=lambda: shell.changed(_WRITTEN, self),
            on_merged=self.settled.emit,
            read_visit=shell.read_visit,
        )
        self.window.add_page(self.entry.name, view)
        view.searched.connect(presenter.refresh)
        view.opened.connect(presenter.open)
        view.new_wanted.connect(presenter.ask_new)
        view.change_wanted.connect(presenter.ask_change)
        view.submitted.connect(presenter.submit)
        view.edited.connect(presenter.warn)
        view.commune_searched.connect(presenter.suggest_communes)
        view.merge_wanted.connect(presenter.ask_merge)
        view.merge_searched.connect(presenter.suggest_people)
        view.merge_submitted.connect(presenter.do_merge)
        view.forget_wanted.connect(presenter.forget)
        view.forget_due_wanted.connect(presenter.forget_due)
        view.attach_wanted.connect(presenter.attach)
        view.visit_wanted.connect(presenter.read_last_visit)

    def enter(self) -> None:
        """Show the people, read anew."""
        self.presenter.refresh()
        self.window.show_page(self.entry.name)

    def refresh(self, kinds: frozenset[str]) -> None:
        """People and their visits are shown; only the count is read while the page is out of sight."""
        if not kinds & _WRITTEN:
            return
        if self.window.page() == self.entry.name:
            self.presenter.refresh()
        else:
            self.presenter.count()
