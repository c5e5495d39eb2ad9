"""Types as a person does: key events to whatever has the keyboard, accents included."""

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget


def focused() -> QWidget:
    """The widget with the keyboard."""
    widget = QApplication.focusWidget()
    assert widget is not None, "nothing has the keyboard"
    return widget


def settle() -> None:
    """Let what was asked for happen."""
    for _ in range(5):
        QCoreApplication.processEvents()


class Typist:
    """Counts its key strokes: one for each character and for each key or combination."""

    def __init__(self) -> None:
        self.strokes = 0

    def write(self, text: str) -> None:
        """Type characters. QTest.keyClicks aborts the process on accented letters, so events are made here."""
        for character in text:
            self.strokes += 1
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, character)
                QCoreApplication.sendEvent(focused(), event)
        settle()

    def press(
        self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, times: int = 1
    ) -> None:
        """Press a key, as the window system gives it: shortcuts and Tab work."""
        for _ in range(times):
            self.strokes += 1
            QTest.keyClick(focused(), key, modifiers)
            settle()

    def tab(self, times: int = 1) -> None:
        """Go to the next field."""
        self.press(Qt.Key.Key_Tab, times=times)

    def control(self, key: Qt.Key) -> None:
        """Ctrl and a key."""
        self.press(key, Qt.KeyboardModifier.ControlModifier)

    def alt(self, key: Qt.Key) -> None:
        """Alt and a key."""
        self.press(key, Qt.KeyboardModifier.AltModifier)


def never(value: object) -> None:
    """A callback that must not be called."""
    raise AssertionError(f"called with {value!r}")
