"""Pictures of the real windows, for the demonstration, the documents and whoever looks at the design."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

SETTLING = 6
"""Rounds of events that a layout needs to come to rest."""


def settle() -> None:
    """Let layouts, timers of zero length and painting finish."""
    for _ in range(SETTLING):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def take(widget: QWidget, path: Path) -> Path:
    """Write what this widget shows as a PNG; OSError when it cannot be written."""
    settle()
    picture: QPixmap = widget.grab()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not picture.save(str(path), "PNG"):
        raise OSError(f"screenshot not written: {path}")
    return path


def take_each(window: QWidget, folder: Path, steps: dict[str, Callable[[], object]]) -> list[Path]:
    """For each name: do what leads to the screen, then write ``name.png``."""
    paths = []
    for name, lead_to in steps.items():
        lead_to()
        paths.append(take(window, folder / f"{name}.png"))
    return paths
