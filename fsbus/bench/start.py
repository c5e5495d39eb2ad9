"""Cold start to the unlock window, beside an empty PySide6 window."""

import os
import subprocess
import sys
from collections.abc import Iterator

from fsbus.bench import places
from fsbus.bench.measure import Figure, in_turn, seconds

RUNS = 15
_EMPTY = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

class Window(QWidget):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, QApplication.quit)

app = QApplication(["empty"])
window = Window()
window.resize(1180, 720)
window.show()
sys.exit(app.exec())
"""
LEAVE_AFTER_PAINT = "FSBUS_LEAVE_AFTER_PAINT"
"""Environment variable: the application ends once its first window was painted."""


def bench(runs: int | None) -> Iterator[Figure]:
    """One figure, ``start``: whole processes, from their start to their end after the first paint."""
    with places.folder() as folder:
        with places.laptop(folder / "home"):
            pass
        environment = {**os.environ, LEAVE_AFTER_PAINT: "1"}
        if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
            environment["QT_QPA_PLATFORM"] = "offscreen"

        def run(words: list[str]) -> float:
            return seconds(lambda: subprocess.run(words, env=environment, check=True))

        def ours(_: int) -> float:
            return run([sys.executable, "-m", "fsbus", "--home", str(folder / "home"), "open"])

        def limit(_: int) -> float:
            return run([sys.executable, "-c", _EMPTY])

        yield in_turn("start", ours, limit, runs or RUNS)
