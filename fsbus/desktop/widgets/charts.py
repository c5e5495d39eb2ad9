"""A small bar chart drawn by hand, with the same figures as a table one key away."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.tables import Column, RowsView

Bar = tuple[str, int]
"""A label and its figure."""
LINE = 30
BAR = 12


class BarChart(QWidget):
    """Horizontal bars, each with its label and its figure written as ``said``: colour says nothing alone."""

    def __init__(self, name: str, said: Callable[[int], str] = str) -> None:
        super().__init__()
        self._bars: tuple[Bar, ...] = ()
        self._said = said
        self.setAccessibleName(name)

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Draw these bars."""
        self._bars = tuple(bars)
        self.setAccessibleDescription(
            ", ".join(f"{text} : {self._said(figure)}" for text, figure in self._bars)
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """One line a bar."""
        return QSize(260, LINE * max(1, len(self._bars)))

    def minimumSizeHint(self) -> QSize:
        """All bars stay readable."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw label, bar and figure on each line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self.palette().color(QPalette.ColorRole.WindowText)
        fill = self.palette().color(QPalette.ColorRole.Highlight)
        track = self.palette().color(QPalette.ColorRole.Mid)
        metrics = self.fontMetrics()
        names = max((metrics.horizontalAdvance(name) for name, _ in self._bars), default=0) + 12
        names = min(names, self.width() // 2 + 20)
        figures = (
            max((metrics.horizontalAdvance(self._said(figure)) for _, figure in self._bars), default=0) + 14
        )
        room = max(20, self.width() - names - figures)
        most = max((figure for _, figure in self._bars), default=0) or 1
        for number, (name, figure) in enumerate(self._bars):
            top = number * LINE
            painter.setPen(text)
            short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names - 10)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, names, LINE), middle | Qt.AlignmentFlag.AlignLeft, short)
            painter.drawText(
                QRectF(self.width() - figures, top, figures, LINE),
                middle | Qt.AlignmentFlag.AlignRight,
                self._said(figure),
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(track)
            painter.drawRoundedRect(QRectF(names, top + LINE / 2 - 1, room, 2), 1, 1)
            if figure:
                painter.setBrush(fill)
                length = max(BAR / 2, room * figure / most)
                painter.drawRoundedRect(QRectF(names, top + (LINE - BAR) / 2, length, BAR), 3, 3)


class ChartWithTable(QWidget):
    """The chart, and its figures as a table by one button."""

    def __init__(
        self,
        name: str,
        heading: str,
        label_title: str,
        figure_title: str,
        *,
        said: Callable[[int], str] = str,
    ) -> None:
        super().__init__()
        self._said = said
        self.chart = BarChart(name, said)
        self.table = RowsView(
            f"{name} en tableau", [Column(label_title, True), Column(figure_title, figures=True)]
        )
        self.switch = button("Voir en &tableau", "quiet", hint="Les mêmes chiffres, en tableau")
        self.switch.setCheckable(True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.chart)
        self._stack.addWidget(self.table)
        self.switch.toggled.connect(self._show)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        top = QHBoxLayout()
        top.addWidget(label(heading, "heading"))
        top.addStretch(1)
        top.addWidget(self.switch)
        layout.addLayout(top)
        layout.addWidget(self._stack)

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show these figures, both ways."""
        self.chart.set_bars(bars)
        self.table.set_rows([TableRow(text, (text, self._said(figure))) for text, figure in bars])
        # A handful of figures is shown whole: nothing to scroll in so small a table.
        rows = self.table.verticalHeader().defaultSectionSize() * len(bars)
        self.table.setMinimumHeight(self.table.horizontalHeader().sizeHint().height() + rows + 6)

    def _show(self, as_table: bool) -> None:
        self._stack.setCurrentWidget(self.table if as_table else self.chart)
        self.switch.setText("Voir en g&raphique" if as_table else "Voir en &tableau")
