"""Choices by keyboard: one of a list, or several of a list, each a single stop of Tab."""

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QListView, QListWidget, QListWidgetItem, QWidget

from fsbus.core.catalog import normalise

CODE = Qt.ItemDataRole.UserRole
TYPING_SECONDS = 1.0
"""Letters typed with a longer pause between them begin a new word."""
MOST_ROWS = 5
BOX = 42
"""Logical pixels around a word of a flowing list: its box and its margins."""


class Choice(QComboBox):
    """One code of a closed list; typing its first letters, or those of one of its words, chooses it."""

    def __init__(self, labels: Mapping[str, str], *, nothing: str | None = None) -> None:
        super().__init__()
        self._typed, self._typed_at = "", 0.0
        if nothing is not None:
            self.addItem(nothing, "")
        for code, text in labels.items():
            self.addItem(text, code)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setMaxVisibleItems(14)
        # Otherwise the longest label decides the width of the whole form.
        self.view().setTextElideMode(Qt.TextElideMode.ElideNone)
        widest = max(
            (self.fontMetrics().horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=0
        )
        self.view().setMinimumWidth(widest + 40)

    def offer(self, labels: Mapping[str, str]) -> None:
        """Replace the entries without a word; the code chosen stays when it is still there."""
        if {self.itemData(i): self.itemText(i) for i in range(self.count())} == dict(labels):
            return
        chosen, were_blocked = self.code(), self.blockSignals(True)
        self.clear()
        for code, text in labels.items():
            self.addItem(text, code)
        self.set_code(chosen)
        self.blockSignals(were_blocked)

    def code(self) -> str:
        """The code chosen, empty when none is."""
        return str(self.currentData() or "")

    def set_code(self, code: str) -> None:
        """Choose a code; an unknown one chooses the first entry."""
        self.setCurrentIndex(max(0, self.findData(code)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by typing; every other key as usual. Space opens the list, or is part of what is typed."""
        text = event.text()
        commanding = event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        )
        fresh = monotonic() - self._typed_at > TYPING_SECONDS
        if commanding or not text.isprintable() or not text or (text == " " and (fresh or not self._typed)):
            super().keyPressEvent(event)
            return
        self._typed = text if fresh else self._typed + text
        self._typed_at = monotonic()
        found = matching(
            [self.itemText(row) for row in range(self.count())], self._typed, self.currentIndex()
        )
        if found is not None:
            self.setCurrentIndex(found)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the page: a wheel turned over a field would silently change what was recorded."""
        event.ignore()


def matching(labels: Sequence[str], typed: str, current: int) -> int | None:
    """The label that someone who typed this means, accents and case ignored; None when there is none.

    The beginning of a label wins over the beginning of one of its words; a letter typed again goes
    to the next label that begins with it.
    """
    folded = [normalise(label) for label in labels]
    wanted = normalise(typed) + (" " if typed.endswith(" ") else "")
    if not wanted.strip():
        return None
    # One letter looks further on; more letters may keep the label they have found already.
    first = current + 1 if len(wanted) == 1 else current
    order = [(first + step) % len(labels) for step in range(len(labels))]
    begins = [row for row in order if f"{folded[row]} ".startswith(wanted)]
    if not begins and len(set(wanted)) == 1:
        begins = [row for row in order if row != current and folded[row].startswith(wanted[0])]
    inside = [row for row in order if f" {wanted}" in f" {folded[row]} "]
    return next(iter(begins or inside), None)


class CheckList(QListWidget):
    """Several of a list: arrows move, Space ticks, and Tab leaves the whole list at once."""

    changed = Signal()

    def __init__(self, labels: Mapping[str, str] | None = None, *, flowing: bool = False) -> None:
        super().__init__()
        self.setObjectName("checks")
        self._flowing = flowing
        self._flowed = 0
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(not flowing)
        if flowing:
            self.setFlow(QListView.Flow.LeftToRight)
            self.setWrapping(True)
            self.setResizeMode(QListView.ResizeMode.Adjust)
        self.itemChanged.connect(lambda _item: self.changed.emit())
        self.set_choices(labels or {})

    def set_choices(self, labels: Mapping[str, str]) -> None:
        """Replace the list; what was ticked and is still there stays ticked."""
        ticked = set(self.codes())
        self.blockSignals(True)
        self.clear()
        for code, text in labels.items():
            item = QListWidgetItem(text, self)
            item.setData(CODE, code)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if code in ticked else Qt.CheckState.Unchecked)
            if self._flowing:
                # Qt's own hint forgets what the style sheet adds, and cuts the words.
                width = self.fontMetrics().horizontalAdvance(text) + BOX
                item.setSizeHint(QSize(width, self.fontMetrics().height() + 6))
        if self.count():
            self.setCurrentRow(0)
        self.blockSignals(False)
        self.updateGeometry()

    def codes(self) -> tuple[str, ...]:
        """The codes ticked, in the order of the list."""
        return tuple(
            str(item.data(CODE)) for item in self._items() if item.checkState() == Qt.CheckState.Checked
        )

    def set_codes(self, codes: Iterable[str]) -> None:
        """Tick these codes and no other."""
        wanted = set(codes)
        for item in self._items():
            ticked = str(item.data(CODE)) in wanted
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def sizeHint(self) -> QSize:
        """As high as its rows, up to five of them; a flowing list is as high as it needs."""
        row = self.sizeHintForRow(0) if self.count() else self.fontMetrics().height() + 6
        shown = 1 if self._flowing else min(MOST_ROWS, max(1, self.count()))
        return QSize(160, max(row * shown, self._flowed) + 10)

    def minimumSizeHint(self) -> QSize:
        """The size hint, so that a layout never squeezes the rows away."""
        return QSize(80, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A flowing list takes another line when it becomes narrower."""
        super().resizeEvent(event)
        if self._flowing and self.contentsSize().height() != self._flowed:
            self._flowed = self.contentsSize().height()
            self.updateGeometry()

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]


def chain(first: QWidget, *others: QWidget) -> None:
    """Make Tab visit these widgets in this order."""
    previous = first
    for widget in others:
        QWidget.setTabOrder(previous, widget)
        previous = widget
