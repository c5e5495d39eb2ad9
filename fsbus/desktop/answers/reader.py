"""Shows one answer to be read by keyboard: its title, its date, its headings, its text."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QTextEdit, QVBoxLayout

from fsbus.desktop.answers.document import SealedDocument, headings, write
from fsbus.desktop.answers.pages import AnswerPage, Part
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import Choice
from fsbus.desktop.widgets.labels import label, yielding

DEEPEST_LISTED = 3
"""Levels of headings in the list; Ctrl with an arrow reaches all of them."""
_INDENT = "\u2003"


class AnswerText(QTextEdit):
    """The text of an answer: a caret walks in it, nothing is written, nothing is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("answer")
        self.setDocument(SealedDocument(self))
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.setAccessibleName("Réponse")
        self.setAccessibleDescription("Flèches pour lire, Ctrl+Bas et Ctrl+Haut d’un titre à l’autre")
        self._parts: tuple[Part, ...] = ()

    def show_parts(self, parts: tuple[Part, ...]) -> None:
        """Show an answer from its beginning."""
        self._parts = parts
        write(self.document(), parts, self.font(), self.palette())
        self.go_to(0)

    def go_to(self, position: int) -> None:
        """Put the caret there, at the top of what is shown."""
        caret = self.textCursor()
        caret.setPosition(position)
        self.setTextCursor(caret)
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect(caret).top() - 8)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl and an arrow go from heading to heading, Space goes on reading; everything else as usual."""
        key, control = event.key(), event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._walk(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Space:
            step = self.verticalScrollBar().pageStep() - self.fontMetrics().lineSpacing()
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + (-step if back else step))
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Draw again when the colours change: the edges of tables are of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._parts:
            position, shown = self.textCursor().position(), self.verticalScrollBar().value()
            write(self.document(), self._parts, self.font(), self.palette())
            self.go_to(position)
            self.verticalScrollBar().setValue(shown)

    def _walk(self, step: int) -> None:
        here = self.textCursor().position()
        found = headings(self.document())
        if step > 0:
            wanted = next((one for one in found if one[0] > here), None)
        else:
            wanted = next((one for one in reversed(found) if one[0] < here), None)
        if wanted is not None:
            self.go_to(wanted[0])
            announce(self, wanted[2])


CHAPTERS = "Aller à un titre"


class Reader(QFrame):
    """One answer, or the words that stand there before the first."""

    door_taken = Signal(str)
    reused = Signal(str)
    """The text that is selected, wanted as the precise answer of the visit one came from."""

    def __init__(self) -> None:
        super().__init__()
        self.text = AnswerText()
        self.chapters = Choice({})
        self.chapters.setAccessibleName(CHAPTERS)
        # Never shown: on Linux a list to choose from gets its name from a label beside it alone.
        self._chapters_name = label(CHAPTERS, buddy=self.chapters)
        self._chapters_name.setParent(self)
        self._chapters_name.hide()
        self.doors = button("Voir &aussi ▾", "quiet", hint="Fiche officielle, démarches et fiches liées")
        self.copy = button("&Copier l’adresse", "quiet", hint="Rien n’est ouvert\u00a0: l’adresse est copiée")
        self.reuse = button(
            "Reprendre la &sélection", "quiet", hint="L’ajoute à la réponse précise de la visite, à relire"
        )
        self._title, self._dated = label("", "heading"), label("", "muted")
        self._title.setWordWrap(True)
        for words in (self._title, self._dated):
            yielding(words)
        self._page: AnswerPage | None = None
        self._positions: list[int] = []
        self._menu: QMenu | None = None
        self._is_for_visit = False
        self._lay_out()
        self.chapters.currentIndexChanged.connect(self._go)
        self.copy.clicked.connect(self._copy)
        self.reuse.clicked.connect(lambda: self.reused.emit(self.selection()))
        self.text.selectionChanged.connect(self._selected)
        self.setFocusProxy(self.text)

    def page(self) -> AnswerPage | None:
        """The answer shown."""
        return self._page

    def show_page(self, page: AnswerPage) -> None:
        """Show an answer from its beginning."""
        self._page = page
        self._title.setText(page.title)
        self._dated.setText(page.dated)
        self.text.setAccessibleName(f"{page.title}. {page.dated}")
        self.text.show_parts(page.parts)
        self._list_chapters()
        self._list_doors(page)
        self.copy.setVisible(bool(page.address))
        self.copy.setAccessibleDescription(page.address)

    def allow_reuse(self, allowed: bool) -> None:
        """Whether one came from a visit, which what is selected may be written in."""
        self._is_for_visit = allowed
        self._selected()

    def selection(self) -> str:
        """The text that is selected."""
        return self.text.textCursor().selection().toPlainText().strip()

    def _selected(self) -> None:
        self.reuse.setVisible(self._is_for_visit and self.text.textCursor().hasSelection())

    def title(self) -> str:
        """The title as shown."""
        return self._title.text()

    def dated(self) -> str:
        """The date as shown."""
        return self._dated.text()

    def _list_chapters(self) -> None:
        found = [one for one in headings(self.text.document()) if one[1] <= DEEPEST_LISTED]
        self._positions = [position for position, _, _ in found]
        self.chapters.blockSignals(True)
        self.chapters.clear()
        self.chapters.addItem(f"Aller à un titre ({len(found)})")
        for _, level, words in found:
            self.chapters.addItem(_INDENT * (level - 1) + words)
        self.chapters.blockSignals(False)
        self.chapters.setVisible(len(found) > 1)

    def _list_doors(self, page: AnswerPage) -> None:
        self.doors.setVisible(bool(page.doors))
        if not page.doors:
            return
        if self._menu is None:
            self._menu = QMenu(self.doors)
            self._menu.setAccessibleName("Voir aussi")
            self.doors.setMenu(self._menu)
        menu = self._menu
        menu.clear()
        for door in page.doors:
            # A title may hold « & », which a menu would take for the mark of a key.
            action = menu.addAction(door.title.replace("&", "&&"))
            action.triggered.connect(lambda _on=False, code=door.code: self.door_taken.emit(code))

    def _go(self, row: int) -> None:
        if row > 0:
            self.text.go_to(self._positions[row - 1])

    def _copy(self) -> None:
        if self._page is not None:
            QGuiApplication.clipboard().setText(self._page.address)
            announce(self, "Adresse copiée.")

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(6)
        tools.addWidget(self.chapters, 1)
        tools.addWidget(self.doors)
        tools.addWidget(self.copy)
        tools.addWidget(self.reuse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addWidget(self._dated)
        layout.addLayout(tools)
        layout.addWidget(self.text, 1)
        for tool in (self.chapters, self.doors, self.copy, self.reuse):
            tool.hide()
