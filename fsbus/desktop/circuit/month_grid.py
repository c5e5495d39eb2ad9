"""A month drawn as a calendar, stops and public holidays in it, with the same as a table."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from fsbus.core.french import WEEKDAYS
from fsbus.desktop.circuit.shown import MonthDay, MonthShown
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.tables import Column, RowsView

_HEAD = 26
_CELL = 54
_EMPTY = MonthShown("", 0, (), ())


class MonthGrid(QWidget):
    """Seven columns from Monday; what a day is stands in it as words, never as a colour alone."""

    def __init__(self) -> None:
        super().__init__()
        self._month = _EMPTY
        self.setAccessibleName("Calendrier du mois")

    def show_month(self, month: MonthShown) -> None:
        """Draw this month."""
        self._month = month
        self.setAccessibleDescription("\n".join(" ".join(row.cells) for row in month.rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As many weeks as the month has."""
        weeks = -(-(self._month.first_weekday + len(self._month.days)) // 7)
        return QSize(7 * 62, _HEAD + _CELL * max(weeks, 4))

    def minimumSizeHint(self) -> QSize:
        """The whole month stays readable."""
        return QSize(7 * 46, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the weekdays, then each day."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        wide = self.width() / 7
        for column, name in enumerate(WEEKDAYS):
            painter.drawText(QRectF(column * wide, 0, wide, _HEAD), Qt.AlignmentFlag.AlignCenter, name[:3])
        for day in self._month.days:
            place = self._month.first_weekday + day.number - 1
            cell = QRectF(place % 7 * wide + 1.5, _HEAD + place // 7 * _CELL + 1.5, wide - 3, _CELL - 3)
            self._draw(painter, day, cell)

    def _draw(self, painter: QPainter, day: MonthDay, cell: QRectF) -> None:
        role = QPalette.ColorRole
        colours = self.palette()
        text = colours.color(role.WindowText)
        if day.stops:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.color(role.Highlight))
            text = colours.color(role.HighlightedText)
        else:
            style = Qt.PenStyle.DashLine if day.holiday else Qt.PenStyle.SolidLine
            painter.setPen(QPen(colours.color(role.WindowText if day.holiday else role.Mid), 1, style))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cell, 5, 5)
        painter.setPen(text)
        inside = cell.adjusted(6, 3, -4, -3)
        painter.drawText(inside, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, str(day.number))
        said = (
            f"{day.stops} arrêt{'s' if day.stops > 1 else ''}"
            if day.stops
            else "férié"
            if day.holiday
            else ""
        )
        short = self.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, int(inside.width()))
        painter.drawText(inside, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, short)


class MonthWithTable(QWidget):
    """The drawn month, its figures as a table by one button, and the months around it."""

    def __init__(self) -> None:
        super().__init__()
        self.title = label("", "heading")
        self.before = button("Mois précédent", "quiet")
        self.after = button("Mois suivant", "quiet")
        self.switch = button("Voir en tableau", "quiet", hint="Le même mois, en tableau")
        self.switch.setCheckable(True)
        self.grid = MonthGrid()
        self.table = RowsView("Le mois en tableau", (Column("Jour"), Column("Arrêts", stretch=True)))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.table)
        self.switch.toggled.connect(self._turn)
        top, around = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.switch)
        around.addWidget(self.before)
        around.addStretch(1)
        around.addWidget(self.after)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.addLayout(top)
        down.addWidget(self._stack)
        down.addLayout(around)

    def show_month(self, month: MonthShown) -> None:
        """Show this month, both ways."""
        self.title.setText(month.title)
        self.grid.show_month(month)
        self.table.set_rows(month.rows)

    def _turn(self, as_table: bool) -> None:
        self._stack.setCurrentWidget(self.table if as_table else self.grid)
        self.switch.setText("Voir en calendrier" if as_table else "Voir en tableau")
