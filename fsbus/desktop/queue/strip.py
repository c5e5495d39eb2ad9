"""The queue in one calm line, on the page of the day."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout

from fsbus.desktop.queue.shown import ADD_KEY, NEXT_KEY, QueueShown
from fsbus.desktop.widgets.buttons import button, for_touch
from fsbus.desktop.widgets.labels import label


class QueueStrip(QFrame):
    """Who waits and how long, and the two buttons that are wanted at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("tile")
        self.line, self.warning = label("", "body"), label("", "error")
        self.more = button(f"&Une personne de plus ({ADD_KEY})")
        self.next = button(f"Appeler le &suivant ({NEXT_KEY})")
        for_touch(self.more, self.next)
        across = QHBoxLayout(self)
        across.setContentsMargins(16, 4, 10, 4)
        across.addWidget(self.line, 2)
        across.addWidget(self.warning, 3)
        for one in (self.more, self.next):
            across.addWidget(one, 0, Qt.AlignmentFlag.AlignVCenter)
        self.warning.hide()

    def show_queue(self, shown: QueueShown) -> None:
        """Show the line."""
        self.line.setText(shown.line)
        self.warning.setText(shown.warning)
        self.warning.setVisible(bool(shown.warning))
