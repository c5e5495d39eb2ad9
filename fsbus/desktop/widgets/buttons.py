"""Buttons that never become the default by themselves."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton

from fsbus.desktop.widgets.labels import plain_name

CORRECT_KEY = "F4"
"""Opens the form on a recorded visit, from wherever one is shown."""


class Button(QPushButton):
    """A button that Enter presses too, as Space does: who comes by Tab tries both."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it; Ctrl+Enter and the like stay those of the page."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)


def button(text: str, role: str = "", *, keys: tuple[str, ...] = (), hint: str = "") -> QPushButton:
    """A push button; « & » in the text gives its Alt key, ``keys`` its other shortcuts (``Ctrl+N``).

    The shortcuts are told in the tooltip and to the screen reader.
    """
    made = Button(text)
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
