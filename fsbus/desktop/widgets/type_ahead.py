"""A field that proposes entries while one types; the keyboard stays in the field.

The list is a child of the window, not a popup window: nothing grabs the keyboard, and it is the same
on each system. Up and Down move, Enter or Tab takes the marked entry, Escape closes the list.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QScrollArea, QVBoxLayout, QWidget

from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.choices import CODE
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.texts import Line

MOST_SHOWN = 8
GAP = 4
"""Logical pixels between the field, its list and the edge of the window."""
DETAIL = Qt.ItemDataRole.UserRole + 1


class TypeAhead(Line):
    """The code of one entry among many, found by typing."""

    searched = Signal(str)
    """The text typed, at each key; answer with `set_suggestions`."""
    chosen = Signal(str)
    """A code was taken from the list, or an empty text when it was unmade."""

    def __init__(self, placeholder: str = "", *, on_empty: bool = False) -> None:
        super().__init__(placeholder, 120)
        self._code = ""
        self._on_empty = on_empty
        self._box: QFrame | None = None
        self._list = QListWidget()
        self._list.setObjectName("found")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName("Propositions")
        self._list.itemClicked.connect(self._take)
        self.textEdited.connect(self._edited)

    def code(self) -> str:
        """The code taken, empty while the text is not an entry."""
        return self._code

    def set_value(self, code: str, title: str) -> None:
        """Show an entry as taken."""
        self._code = code
        self.setText(title)
        self.setCursorPosition(0)
        self.close_list()

    def set_suggestions(self, found: Sequence[Suggestion]) -> None:
        """Show what was found; the first entry is marked, Enter or Tab takes it."""
        self._list.clear()
        for entry in found[:MOST_SHOWN]:
            text = f"{entry.title}  —  {entry.detail}" if entry.detail else entry.title
            item = QListWidgetItem(text, self._list)
            item.setData(CODE, entry.code)
            item.setData(DETAIL, entry.title)
        if not found or not self.hasFocus():
            self.close_list()
            return
        self._list.setCurrentRow(0)
        self._open_list()
        announce(self, f"{self._list.count()} propositions. {self._list.item(0).text()}")

    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self._box is not None and self._box.isVisible()

    def list_geometry(self) -> QRect:
        """Where the list is in the window; null before it was ever shown."""
        return self._box.geometry() if self._box is not None else QRect()

    def close_list(self) -> None:
        """Hide the list."""
        if self._box is not None:
            self._box.hide()

    def take_first(self) -> None:
        """Take the marked entry of the open list, if there is one."""
        if self.is_open():
            self._take(self._list.currentItem())

    def event(self, event: QEvent) -> bool:
        """Take the marked entry on Tab, before Qt moves the focus to the next field."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Tab
            and self.is_open()
            and self.text().strip()
        ):
            self._take(self._list.currentItem())
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move in the list, take or close; everything else is typing."""
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._move(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.is_open() and not event.modifiers():
            self._take(self._list.currentItem())
        elif key == Qt.Key.Key_Escape and self.is_open():
            self.close_list()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Propose the usual entries of an empty field at once."""
        super().focusInEvent(event)
        if self._on_empty and not self.text():
            # The field has the focus only once this event has been handled.
            QTimer.singleShot(0, self, self._propose)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the list when the keyboard goes elsewhere."""
        super().focusOutEvent(event)
        self.close_list()

    def hideEvent(self, event: QHideEvent) -> None:
        """Hide the list with its field."""
        super().hideEvent(event)
        self.close_list()

    def _propose(self) -> None:
        if self.hasFocus() and not self.text():
            self.searched.emit("")

    def _edited(self, text: str) -> None:
        if self._code:
            self._code = ""
            self.chosen.emit("")
        if text.strip() or self._on_empty:
            self.searched.emit(text)
        else:
            self.close_list()

    def _move(self, step: int) -> None:
        if not self.is_open():
            self.searched.emit(self.text())
            return
        row = (self._list.currentRow() + step) % self._list.count()
        self._list.setCurrentRow(row)
        announce(self, self._list.item(row).text())

    def _take(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        self.set_value(str(item.data(CODE)), str(item.data(DETAIL)))
        self.chosen.emit(self._code)

    def _open_list(self) -> None:
        box = self._framed(self.window())
        self._place()
        box.show()
        box.raise_()

    def _place(self, _scrolled_to: int = 0) -> None:
        """Under the field, or over it when there is no room below."""
        window, box = self.window(), self._box
        if box is None:
            return
        wanted = self._list.sizeHintForRow(0) * self._list.count() + 12
        top = self.mapTo(window, QPoint(0, 0))
        room_below, room_above = window.height() - top.y() - self.height() - GAP, top.y() - GAP
        under = wanted <= room_below or room_below >= room_above
        # When it does not fit on the better side either, it is shorter and scrolls.
        height = max(0, min(wanted, room_below if under else room_above))
        y = top.y() + self.height() + GAP // 2 if under else top.y() - GAP // 2 - height
        width = min(max(self.width(), self._list.sizeHintForColumn(0) + 34), window.width() - 2 * GAP)
        box.setGeometry(min(top.x(), window.width() - width - GAP), y, width, height)

    def _framed(self, window: QWidget) -> QFrame:
        if self._box is None:
            self._box = QFrame()
            self._box.setObjectName("suggestions")
            layout = QVBoxLayout(self._box)
            layout.setContentsMargins(4, 4, 4, 4)
            layout.addWidget(self._list)
            # The list belongs to the window, and must not outlive its field.
            self.destroyed.connect(self._box.deleteLater)
            area = self.parentWidget()
            while area is not None and not isinstance(area, QScrollArea):
                area = area.parentWidget()
            if area is not None:
                # A method of this object: Qt forgets it with the field, as it would not a function.
                area.verticalScrollBar().valueChanged.connect(self._place)
        if self._box.parentWidget() is not window:
            self._box.setParent(window)
        return self._box
