"""Several small numbers by code, and their sum told as one types."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.texts import Line

ACROSS = 2
"""Counts side by side."""


class CountGroup(QWidget):
    """One line for each code; ``what`` they count by is part of their names for a screen reader."""

    edited = Signal()

    def __init__(self, what: str, labels: Mapping[str, str]) -> None:
        super().__init__()
        self.lines = {code: Line("", 7) for code in labels}
        self._sum = label("", "muted")
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(4)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        for place, (code, words) in enumerate(labels.items()):
            line = self.lines[code]
            line.setAccessibleName(f"{what}\u00a0: {words}")
            line.setMaximumWidth(64)
            line.textChanged.connect(lambda _text: self.edited.emit())
            row, column = place // ACROSS, place % ACROSS * 2
            grid.addWidget(line, row, column)
            grid.addWidget(label(words), row, column + 1)
            grid.setColumnStretch(column + 1, 1)
        down.addLayout(grid)
        down.addWidget(self._sum)
        self.setFocusProxy(next(iter(self.lines.values())))

    def texts(self) -> dict[str, str]:
        """What is typed, by code."""
        return {code: line.text() for code, line in self.lines.items()}

    def fill(self, texts: Mapping[str, str]) -> None:
        """Show these."""
        for code, line in self.lines.items():
            line.setText(texts.get(code, ""))

    def show_sum(self, text: str) -> None:
        """The sum, in words."""
        self._sum.setText(text)
        for line in self.lines.values():
            line.setAccessibleDescription(text)

    def sum_told(self) -> str:
        """The sum as shown."""
        return self._sum.text()
