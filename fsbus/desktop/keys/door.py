"""Opens the keys and the help from any page, and leads back to the very field."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from fsbus.desktop.entry import Entry
from fsbus.desktop.help.door import PAGE as HELP
from fsbus.desktop.help.door import HelpDoor
from fsbus.desktop.keys.listed import keys_told
from fsbus.desktop.keys.view import KeysView
from fsbus.desktop.window import MainWindow

PAGE = "keys"


class KeysDoor(QObject):
    """F1 opens it, and closes it again as Esc does; what is being typed is never touched."""

    def __init__(self, window: MainWindow, entries: Sequence[Entry], *, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._from = window, "today"
        self.view = KeysView(keys_told(entries))
        window.add_page(PAGE, self.view)
        window.keys_requested.connect(self._turn)
        self.view.back.clicked.connect(self.leave)
        self.help = HelpDoor(window, [entry.name for entry in entries], parent=self)
        self.help.left.connect(self.leave)
        self.view.help.clicked.connect(lambda: self.help.enter(self._from))

    def leave(self) -> None:
        """Back to the page that one came from, the keyboard where it was."""
        self._window.come_back_to(self._from if self._from in self._window.pages else "today")

    def _turn(self) -> None:
        if self._window.page() == PAGE:
            self.leave()
        else:
            if self._window.page() != HELP:
                self._from = self._window.page()
            self.view.show_article(self.help.title_of(self._from))
            self._window.show_page(PAGE)
