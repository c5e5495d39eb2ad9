"""One figure in large, with its word."""

from PySide6.QtWidgets import QFrame, QVBoxLayout

from fsbus.desktop.widgets.labels import label


class Tile(QFrame):
    """One figure of the day, with its word."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.setObjectName("tile")
        self._figure, self._word = label("0", "figure"), label(word, "muted")
        self._word.setWordWrap(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 10)
        layout.setSpacing(0)
        layout.addWidget(self._figure)
        layout.addWidget(self._word)

    def show_figure(self, text: str, word: str) -> None:
        """Show the figure."""
        self._figure.setText(text)
        self._word.setText(word)
