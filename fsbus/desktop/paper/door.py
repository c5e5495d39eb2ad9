"""Opens the « Imprimer » page on a visit or on a sheet of another page, and leads back there."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from fsbus.actions.session import Session
from fsbus.desktop.running import Runner
from fsbus.desktop.window import MainWindow

if TYPE_CHECKING:
    from fsbus.desktop.paper.page import PaperPage
    from fsbus.desktop.paper.papers import Papers

PAGE = "paper"
NONE_CHOSEN = "Choisissez d’abord une visite\u00a0: Ctrl+P en donne le reçu."


class PaperDoor(QObject):
    """``visit_here`` gives the id of the visit before the eyes; ``on_back`` is told the page it was opened from."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        *,
        runner: Runner,
        visit_here: Callable[[], str],
        on_back: Callable[[str], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._runner = window, session, runner
        self._visit_here, self._on_back, self._on_bug = visit_here, on_back, on_bug
        self._from = ""
        self.page: PaperPage | None = None
        """Built the first time: it brings the printers with it."""
        window.print_requested.connect(self.print_here)

    def print_here(self) -> None:
        """Print the sheet that is shown, or open the page on the visit before the eyes."""
        if self.page is not None and self._window.page() == PAGE:
            self.page.presenter.print()
        elif visit_id := self._visit_here():
            self.open(visit_id)
        else:
            self._window.say(NONE_CHOSEN)

    def open(self, visit_id: str) -> None:
        """Show what a visit gives on paper; nothing happens when it was erased meanwhile."""
        from fsbus.desktop.paper.papers import VisitPapers

        self.open_on(VisitPapers(self._session, visit_id))

    def open_on(self, papers: "Papers") -> None:
        """Show these sheets; nothing happens when there are none any more."""
        if self.page is None:
            from fsbus.desktop.paper.page import PaperPage

            self.page = PaperPage(
                self._window,
                runner=self._runner,
                on_back=lambda: self._on_back(self._from),
                on_bug=self._on_bug,
            )
            self._window.add_page(PAGE, self.page.view)
        self._from = self._window.page()
        if self.page.presenter.show(papers):
            self._window.show_page(PAGE)

    def refresh(self) -> None:
        """What is shown may have changed, or been erased."""
        if self.page is not None:
            self.page.presenter.refresh()
