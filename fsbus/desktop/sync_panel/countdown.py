"""Rings once, some seconds later."""

from PySide6.QtCore import QObject, QTimer, Signal


class Countdown(QObject):
    """A `fsbus.desktop.sync_panel.automatic.Alarm` of Qt; hangs on ``parent``."""

    rang = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.rang)

    def start(self, seconds: float) -> None:
        """Ring in so many seconds; what was asked before is forgotten."""
        self._timer.start(int(seconds * 1000))

    def stop(self) -> None:
        """Do not ring."""
        self._timer.stop()
