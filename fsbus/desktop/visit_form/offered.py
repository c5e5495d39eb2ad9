"""The precise answer of a procedure, with the last ones given for it offered while it is empty."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from fsbus.core.french import NO_BREAK
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.choices import CODE
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.texts import Paragraph

MOST_ROWS = 3


class _Rows(QListWidget):
    """The answers, each on one line; the keyboard stays in the field above."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("found")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Dernières réponses données pour cette démarche")

    def sizeHint(self) -> QSize:
        """As high as its rows, up to three."""
        return QSize(160, self.sizeHintForRow(0) * min(MOST_ROWS, self.count()) + 10)

    def minimumSizeHint(self) -> QSize:
        """The size hint, so that a layout never squeezes a row away."""
        return QSize(80, self.sizeHint().height())


class AnswerField(Paragraph):
    """What is answered. While it is empty, Down and Up mark one of the answers offered below, Enter takes it, Escape
    leaves them. ``offered`` is to be laid out below."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder, 2)
        self.offered = QWidget()
        self._rows = _Rows()
        self._rows.itemClicked.connect(self._take)
        layout = QVBoxLayout(self.offered)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(label("Déjà répondu pour cette démarche (flèche bas, puis Entrée)", "muted"))
        layout.addWidget(self._rows)
        self.textChanged.connect(self._show)
        self._show()

    def offer(self, answers: Sequence[str]) -> None:
        """Offer these, newest first; they are seen while nothing is written."""
        self._rows.clear()
        for answer in answers:
            line = " ".join(answer.split())
            item = QListWidgetItem(line, self._rows)
            item.setData(CODE, answer)
            item.setToolTip(answer)
        self._rows.updateGeometry()
        self._show()

    def answers(self) -> list[str]:
        """What is offered now; empty once something is written."""
        if self.text():
            return []
        return [str(self._rows.item(row).data(CODE)) for row in range(self._rows.count())]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose among the answers offered; everything else is writing."""
        key, is_marked = event.key(), self._rows.currentRow() >= 0
        if not self.answers():
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._move(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and is_marked and not event.modifiers():
            self._take(self._rows.currentItem())
        elif key == Qt.Key.Key_Escape and is_marked:
            self._rows.setCurrentRow(-1)
        else:
            super().keyPressEvent(event)

    def _move(self, step: int) -> None:
        count, row = self._rows.count(), self._rows.currentRow()
        self._rows.setCurrentRow((row + step) % count if row >= 0 else (0 if step > 0 else count - 1))
        place = f"{self._rows.currentRow() + 1} sur {count}"
        announce(self, f"{place}{NO_BREAK}: {self._rows.currentItem().data(CODE)}")

    def _take(self, item: QListWidgetItem) -> None:
        self.setText(str(item.data(CODE)))
        self.setFocus()
        self.moveCursor(self.textCursor().MoveOperation.End)

    def _show(self) -> None:
        if self.text():
            self._rows.setCurrentRow(-1)
        self.offered.setVisible(bool(self.answers()))
