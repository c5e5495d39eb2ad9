"""Opens the help on the article of the page one came from."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from fsbus.desktop.answers.view import AnswersView, AnswersWords
from fsbus.desktop.help.presenter import HelpPresenter
from fsbus.desktop.window import MainWindow

PAGE = "help"
WORDS = AnswersWords(
    title="Aide",
    hint="Un mot\u00a0: ticket, annuler, clé USB…",
    search="Chercher dans l’aide",
    found="Articles trouvés",
)


class HelpDoor(QObject):
    """The same view and the same reader as « Réponses »: nothing is read as HTML, nothing is fetched."""

    left = Signal()

    def __init__(self, window: MainWindow, pages: Iterable[str], *, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self.view = AnswersView(WORDS)
        self.presenter = HelpPresenter(self.view, pages)
        window.add_page(PAGE, self.view)
        self.view.searched.connect(self.presenter.search)
        self.view.taken.connect(self.presenter.take)
        self.view.back_requested.connect(self.left)

    def title_of(self, page: str) -> str:
        """The title of the article of a page."""
        return self.presenter.article_of(page).shown.title

    def enter(self, page: str) -> None:
        """Show every article, and read that of this page."""
        self._window.show_page(PAGE)
        self.view.search.clear()
        self.presenter.search("")
        self.presenter.read(self.presenter.article_of(page).code)
