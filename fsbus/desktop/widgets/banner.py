"""A line that stays under the bar of the window while something about this laptop is to be known."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.labels import label


class Banner(QFrame):
    """Hidden until it is told something."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._text = label("")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(24, 8, 24, 8)
        inside.addWidget(self._text)
        self.hide()

    def tell(self, text: str) -> None:
        """Show this until something else is told; nothing, and it goes."""
        if text == self.text():
            return
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if text else Qt.FocusPolicy.NoFocus)
        self.setVisible(bool(text))
        if text:
            announce(self, text)

    def text(self) -> str:
        """What is told; empty while it is hidden."""
        return self._text.text()
