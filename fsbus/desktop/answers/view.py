"""The page of official answers on the screen: what is searched, what is found, what is read."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from fsbus.core.redaction import redacted
from fsbus.desktop.answers.pages import AnswerPage
from fsbus.desktop.answers.reader import Reader
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import CODE, chain
from fsbus.desktop.widgets.labels import label, yielding
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.texts import Line
from fsbus.desktop.widgets.widths import NARROW

MARGINS, NARROW_MARGINS = (24, 10, 24, 10), (24, 6, 24, 6)


@redacted()
@dataclass(frozen=True)
class AnswersWords:
    """The words of the page: of official answers, or of the help, which is read in the same way."""

    title: str = "Réponses officielles"
    hint: str = "Démarche, mot, sigle ou ancien nom"
    search: str = "Chercher une réponse officielle"
    found: str = "Réponses trouvées"


class SearchLine(Line):
    """What is searched. Arrows move in what was found, Enter opens it; the keyboard stays here."""

    moved = Signal(int)
    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, open; everything else is typing."""
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.moved.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class FoundList(QListWidget):
    """What was found; Enter, or a click, opens it."""

    entered = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("answers")
        self.setAccessibleName(name)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.itemClicked.connect(lambda _item: self.entered.emit())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; everything else as usual."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class AnswersView(QWidget):
    """The page: a search above, what was found on the left, what is read on the right.

    On a narrow screen one of the two is shown: what was found while one types, then what is read.
    """

    searched = Signal(str)
    """The text typed, at each key; answer with `show_found`."""
    taken = Signal()
    """Enter: open what is marked."""
    opened = Signal(str)
    """Another answer, by its code."""
    back_requested = Signal()

    def __init__(self, words: AnswersWords | None = None) -> None:
        super().__init__()
        words = words or AnswersWords()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = SearchLine(words.hint, 120)
        self.search.setAccessibleName(words.search)
        self.found = FoundList(words.found)
        self.reader = Reader()
        self.back = button(
            "&Retour", keys=("Esc",), hint="Revenir où l’on était\u00a0; la saisie n’a pas bougé"
        )
        self._title, self._data = label(words.title, "title"), label("", "muted")
        self._told, self._advice = label("", "field"), label("", "muted")
        self._left, self._whole = QWidget(), QVBoxLayout(self)
        self._is_reading = False
        self._lay_out()
        self.search.textEdited.connect(self._edited)
        self.search.moved.connect(self._move)
        self.search.entered.connect(self.taken)
        self.found.entered.connect(self.taken)
        self.reader.door_taken.connect(self.opened)
        self.back.clicked.connect(self.back_requested)
        self.setFocusProxy(self.search)

    def text(self) -> str:
        """What is typed in the search."""
        return self.search.text()

    def marked(self) -> str:
        """The code of the answer that Enter would open; empty when there is none."""
        row = self.found.currentRow()
        return str(self.found.item(row).data(CODE)) if row >= 0 else ""

    def mark(self, code: str) -> None:
        """Mark the answer that is read; none when it is not among what was found."""
        rows = (row for row in range(self.found.count()) if self.found.item(row).data(CODE) == code)
        self.found.setCurrentRow(next(rows, -1))

    def begin(self) -> None:
        """Ready to type: the keyboard in the search, what was typed before is replaced by the next key."""
        self._show_side(reading=False)
        self.search.setFocus()
        self.search.selectAll()

    def show_data(self, line: str) -> None:
        """Of which day the official data are."""
        self._data.setText(line)

    def data_line(self) -> str:
        """The days of the data, as shown."""
        return self._data.text()

    def show_found(self, found: tuple[Suggestion, ...], told: str, advice: str) -> None:
        """What was found, the best marked; ``told`` counts it, ``advice`` says what to do next."""
        self.found.clear()
        for entry in found:
            item = QListWidgetItem(
                f"{entry.title}\n{entry.detail}" if entry.detail else entry.title, self.found
            )
            item.setData(CODE, entry.code)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.title}, {entry.detail}")
        if found:
            self.found.setCurrentRow(0)
        self.found.setVisible(bool(found))
        self._told.setText(told)
        self._told.setVisible(bool(told))
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self._show_side(reading=False)
        if told:
            announce(self, f"{told} {found[0].title}" if found else f"{told} {advice}")

    def told(self) -> str:
        """What is said of what was found."""
        return " ".join(one.text() for one in (self._told, self._advice) if not one.isHidden())

    def show_page(self, page: AnswerPage) -> None:
        """Read this answer, the keyboard in it."""
        self.reader.show_page(page)
        self._show_side(reading=True)
        self.reader.text.setFocus()
        announce(self, f"{page.title}. {page.dated}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One side at a time when there is no room for two."""
        super().resizeEvent(event)
        self._show_side(reading=self._is_reading)

    def _edited(self, text: str) -> None:
        self.searched.emit(text)

    def _move(self, step: int) -> None:
        if count := self.found.count():
            self._show_side(reading=False)
            self.found.setCurrentRow((self.found.currentRow() + step) % count)
            announce(self.search, self.found.currentItem().text())

    def _show_side(self, *, reading: bool) -> None:
        self._is_reading = reading
        narrow = self.width() < NARROW
        self._title.setVisible(not narrow)
        # What is read has its own date just above it.
        self._data.setVisible(not (narrow and reading))
        self._whole.setContentsMargins(*(NARROW_MARGINS if narrow else MARGINS))
        self._left.setVisible(not (narrow and reading))
        self.reader.setVisible(self.reader.page() is not None and (reading or not narrow))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addSpacing(12)
        head.addWidget(self._data, 1, Qt.AlignmentFlag.AlignBottom)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.search, 1)
        line.addWidget(self.back)
        self._told.setWordWrap(True)
        for words in (self._told, self._advice, self._data):
            yielding(words)
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(6)
        left.addWidget(self._told)
        left.addWidget(self._advice)
        left.addWidget(self.found, 1)
        left.addStretch(0)
        sides = QHBoxLayout()
        sides.setSpacing(16)
        sides.addWidget(self._left, 2)
        sides.addWidget(self.reader, 3)
        self._whole.setSpacing(8)
        self._whole.addLayout(head)
        self._whole.addLayout(line)
        self._whole.addLayout(sides, 1)
        chain(
            self.search, self.found, self.reader.chapters, self.reader.doors, self.reader.copy,
            self.reader.reuse, self.reader.text, self.back,
        )  # fmt: skip
