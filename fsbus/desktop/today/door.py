"""Hangs the page of the day in the window."""

from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import DAY, Entry
from fsbus.desktop.today.presenter import TodayPresenter
from fsbus.desktop.today.view import TodayView


class TodayDoor(Door):
    """The day of the agent, its visits, and the search in all of them."""

    entry = Entry("today", "Aujourd’hui", DAY, "1")

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        view = self.view = TodayView()
        self.presenter = TodayPresenter(view, self.session)
        self.window.add_page(self.entry.name, view)
        view.new_visit_requested.connect(shell.new_visit)
        view.stop_searched.connect(self.presenter.search_stops)
        view.stop_picked.connect(self.presenter.pick_stop)
        view.visits_searched.connect(self.presenter.search_visits)
        view.visit_opened.connect(shell.read_visit)
        view.correct_requested.connect(shell.correct_visit)

    def enter(self) -> None:
        """Show the day, read anew."""
        self.presenter.refresh()
        self.window.show_page(self.entry.name)

    def refresh(self, kinds: frozenset[str]) -> None:
        """The visits of the day."""
        if kinds & {VISIT, PROCEDURE_RECORD}:
            self.presenter.refresh()

    def enter_on(self, visit_id: str) -> None:
        """Show the list on a visit just saved: seen, not hidden by a search of before. It was read anew by the save."""
        self.view.search.clear()
        self.window.show_page(self.entry.name)
        self.view.visits.choose(visit_id)

    def choose_list(self) -> None:
        """The keyboard on the line chosen in the list, if there is one."""
        if self.view.visits.chosen():
            self.view.visits.setFocus()
