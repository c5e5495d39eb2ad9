"""Buttons are pressed by Enter as by Space, once; combinations stay those of the page."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from pytestqt.qtbot import QtBot

from fsbus.desktop.widgets.buttons import button

PLAIN, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


@pytest.mark.parametrize(
    ("key", "modifier", "times"),
    [
        (Qt.Key.Key_Return, PLAIN, 1),
        (Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier, 1),
        (Qt.Key.Key_Space, PLAIN, 1),
        (Qt.Key.Key_Return, CONTROL, 0),
        (Qt.Key.Key_A, PLAIN, 0),
    ],
)
@pytest.mark.parametrize("enabled", [True, False])
def test_a_key_presses_once_or_not_at_all(
    qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier, times: int, enabled: bool
) -> None:
    made, pressed = button("Garder"), list[int]()
    qtbot.addWidget(made)
    made.clicked.connect(lambda: pressed.append(1))
    made.setEnabled(enabled)
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QCoreApplication.sendEvent(made, QKeyEvent(kind, key, modifier))
    assert len(pressed) == (times if enabled else 0)
