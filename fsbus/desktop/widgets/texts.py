"""Free text by keyboard: one line, several lines, a day."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit


class Line(QLineEdit):
    """One line of text."""

    def __init__(self, placeholder: str = "", longest: int = 200) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setMaxLength(longest)


class Paragraph(QPlainTextEdit):
    """Several lines of text; Tab leaves the field instead of writing a tabulation."""

    def __init__(self, placeholder: str = "", lines: int = 2) -> None:
        super().__init__()
        self._lines = lines
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFixedHeight(self.sizeHint().height())

    def text(self) -> str:
        """What is written."""
        return self.toPlainText()

    def setText(self, text: str) -> None:
        """Replace what is written."""
        self.setPlainText(text)

    def sizeHint(self) -> QSize:
        """High enough for its lines, which the editor makes a pixel higher than the font asks."""
        return QSize(200, (self.fontMetrics().lineSpacing() + 1) * self._lines + 18)


class DayLine(Line):
    """A day as people write it: 3/12, 03122026, +14. A date picker would take three Tabs."""

    def __init__(self, placeholder: str = "jj/mm ou +14") -> None:
        super().__init__(placeholder, 20)
