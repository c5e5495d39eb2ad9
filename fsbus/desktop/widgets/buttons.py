"""Buttons that never become the default by themselves."""

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton

from fsbus.desktop.widgets.labels import plain_name

CORRECT_KEY = "F4"
"""Opens the form on a recorded visit, from wherever one is shown."""


def button(text: str, role: str = "", *, keys: tuple[str, ...] = (), hint: str = "") -> QPushButton:
    """A push button; « & » in the text gives its Alt key, ``keys`` its other shortcuts (``Ctrl+N``).

    The shortcuts are told in the tooltip and to the screen reader.
    """
    made = QPushButton(text)
    made.setProperty("role", role)
    made.setAutoDefault(False)
    made.setAccessibleName(plain_name(text))
    for key in keys:
        # Not setShortcut: it would take the place of the Alt key of the text.
        shortcut = QShortcut(QKeySequence(key), made)
        shortcut.activated.connect(made.click)
    told = " — ".join(part for part in (hint, ", ".join(_french(key) for key in keys)) if part)
    made.setToolTip(told)
    made.setAccessibleDescription(told)
    return made


def _french(key: str) -> str:
    return key.replace("Return", "Entrée").replace("Esc", "Échap").replace("Shift", "Maj")


def for_touch(*doors: QPushButton) -> None:
    """Make these large enough for a finger: 44 logical pixels."""
    for door in doors:
        door.setProperty("touch", True)
