"""Hangs the page of the day in the window."""

from fsbus.core.entities import PASSAGE, PROCEDURE_RECORD, STOP, VISIT
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
        view.stop_picked.connect(self._pick_stop)
        view.visits_searched.connect(self.presenter.search_visits)
        view.visit_opened.connect(shell.read_visit)
        view.correct_requested.connect(shell.correct_visit)
        view.follow_ups_requested.connect(lambda: shell.show_page("follow_ups"))

    def enter(self) -> None:
        """Show the day, read anew."""
        self.presenter.refresh()
        self.window.show_page(self.entry.name)

    def refresh(self, kinds: frozenset[str]) -> None:
        """The visits of the day, and what is to be taken up where the bus stands."""
        if kinds & {VISIT, PROCEDURE_RECORD, PASSAGE, STOP}:
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

    def _pick_stop(self, code: str) -> None:
        self.presenter.pick_stop(code)
        # Where the bus stands decides what is to be taken up here, on this page and on others.
        self.shell.changed(frozenset({PASSAGE}))
