"""Hangs the list of all visits in the window."""

from fsbus.core.entities import AGENT, PROCEDURE_RECORD, VISIT
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import DAY, Entry
from fsbus.desktop.visits.presenter import VisitsPresenter
from fsbus.desktop.visits.view import VisitsView

_SHOWN = frozenset({AGENT, VISIT, PROCEDURE_RECORD})


class VisitsDoor(Door):
    """Every visit of any day, narrowed and sorted."""

    entry = Entry("visits", "Visites", DAY, also="Ctrl+F")

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        view = self.view = VisitsView()
        self.presenter = VisitsPresenter(view, self.session)
        self._is_old = True
        self.window.add_page(self.entry.name, view)
        self.window.show_entry(self.entry.name, True)
        view.narrowed.connect(self.presenter.narrow)
        view.more_wanted.connect(self.presenter.more)
        view.commune_searched.connect(self.presenter.search_communes)
        view.procedure_searched.connect(self.presenter.search_procedures)
        view.visit_opened.connect(shell.read_visit)
        view.correct_requested.connect(shell.correct_visit)

    def enter(self) -> None:
        """Show the list as it was left, read anew when something changed since."""
        if self._is_old:
            self._is_old = False
            self.presenter.refresh()
        self.window.show_page(self.entry.name)

    def refresh(self, kinds: frozenset[str]) -> None:
        """Read anew what is in sight, the rest when it is entered."""
        if not kinds & _SHOWN:
            return
        self._is_old = self.window.page() != self.entry.name
        if not self._is_old:
            self.presenter.refresh()

    def choose_list(self) -> None:
        """The keyboard on the line chosen in the list, if there is one."""
        if self.view.visits.chosen():
            self.view.visits.setFocus()
