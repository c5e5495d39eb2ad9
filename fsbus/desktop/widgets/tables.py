"""One read-only table over frozen rows; rows come sorted and filtered from whoever gives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from fsbus.core.redaction import redacted
from fsbus.desktop.widgets.rows import TableRow

Index = QModelIndex | QPersistentModelIndex
ROLE = Qt.ItemDataRole
ROOMY = 640
"""Logical pixels below which a table leaves its spare columns out, for the others to be read."""
KEYPAD = Qt.KeyboardModifier.KeypadModifier
_NO_PARENT = QModelIndex()


@redacted()
@dataclass(frozen=True)
class Column:
    """A column: its title, whether it takes the room left, holds figures, gives way in a narrow table."""

    title: str
    stretch: bool = False
    figures: bool = False
    spare: bool = False


class RowsModel(QAbstractTableModel):
    """Frozen rows seen by Qt."""

    more_wanted = Signal()
    """The end is in sight, and there are more: answer with `add_rows`."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: tuple[TableRow, ...] = ()
        self._total = 0

    def set_rows(self, rows: Sequence[TableRow], total: int = 0) -> None:
        """Replace all rows: all there are, or the first of so many."""
        self.beginResetModel()
        self._rows, self._total = tuple(rows), total
        self.endResetModel()

    def add_rows(self, rows: Sequence[TableRow]) -> None:
        """Add the rows that come next; with none, these are all."""
        if not rows:
            self._total = len(self._rows)
            return
        start = len(self._rows)
        self.beginInsertRows(_NO_PARENT, start, start + len(rows) - 1)
        self._rows += tuple(rows)
        self.endInsertRows()

    def canFetchMore(self, parent: Index) -> bool:
        """Whether there are rows that were not given yet."""
        return not parent.isValid() and len(self._rows) < self._total

    def fetchMore(self, parent: Index) -> None:
        """Ask for the rows that come next."""
        if self.canFetchMore(parent):
            self.more_wanted.emit()

    def row(self, number: int) -> TableRow:
        """The row at this place."""
        return self._rows[number]

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """The number of rows; a table has no children."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """The number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> object:
        """The text of a cell, whole for a screen reader and in its tooltip."""
        if not index.isValid():
            return None
        if role == ROLE.ToolTipRole:
            # Rich so that it wraps; escaped, because a text from data must never be read as HTML.
            return f"<qt>{escape(self._rows[index.row()].cells[index.column()])}</qt>"
        if role in (ROLE.DisplayRole, ROLE.AccessibleTextRole):
            return self._rows[index.row()].cells[index.column()]
        if role == ROLE.TextAlignmentRole and self._columns[index.column()].figures:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole) -> object:
        """The title of a column."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == ROLE.DisplayRole:
            return self._columns[section].title
        if role == ROLE.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight if self._columns[section].figures else Qt.AlignmentFlag.AlignLeft
            )
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class RowsView(QTableView):
    """The table on the screen: whole rows, Tab leaves it at once."""

    opened = Signal(str)
    """The id of a row, on Enter or a double click."""

    def __init__(self, name: str, columns: Sequence[Column]) -> None:
        super().__init__()
        self.rows = RowsModel(columns, self)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 14)
        self._spare = [number for number, column in enumerate(columns) if column.spare]
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        for number, column in enumerate(columns):
            mode = (
                QHeaderView.ResizeMode.Stretch if column.stretch else QHeaderView.ResizeMode.ResizeToContents
            )
            header.setSectionResizeMode(number, mode)
        self.doubleClicked.connect(lambda index: self.opened.emit(self.rows.row(index.row()).key))

    def set_rows(self, rows: Sequence[TableRow]) -> None:
        """Replace all rows; the selection stays on the same id when it is still there."""
        self.set_first_rows(rows, len(rows))

    def set_first_rows(self, rows: Sequence[TableRow], total: int) -> None:
        """The same with the first rows of ``total``: the others are asked for as they come in sight."""
        chosen = self.chosen()
        self.rows.set_rows(rows, total)
        self.choose(chosen)

    def chosen(self) -> str:
        """The id of the row chosen, empty when none is."""
        index = self.currentIndex()
        return self.rows.row(index.row()).key if index.isValid() else ""

    def choose(self, key: str) -> None:
        """Choose the row of this id, if it is shown."""
        for number in range(self.rows.rowCount()):
            if self.rows.row(number).key == key:
                self.selectRow(number)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the spare columns out of a narrow table."""
        super().resizeEvent(event)
        for number in self._spare:
            self.setColumnHidden(number, self.width() < ROOMY)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the row; not by `activated`, which some systems tie to a single click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~KEYPAD:
            if self.chosen():
                self.opened.emit(self.chosen())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which row the keyboard is on: the first one when none was chosen."""
        super().focusInEvent(event)
        if self.rows.rowCount() and not self.selectionModel().hasSelection():
            self.selectRow(max(0, self.currentIndex().row()))
