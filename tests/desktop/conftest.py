"""The real application on a real store, without its long jobs unless a test asks for them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from fsbus.actions.session import Session
from fsbus.assets import resources
from fsbus.desktop.main import Desktop
from fsbus.desktop.palettes import LIGHT
from fsbus.desktop.screens import Screens
from fsbus.desktop.style import dress
from tests.desktop.hearing import Heard
from tests.desktop.keyboard import settle


@dataclass
class Opened:
    """The application past its lock, and the bugs that its slots reported."""

    desktop: Desktop
    screens: Screens
    session: Session
    bugs: list[Exception] = field(default_factory=list)


@pytest.fixture
def dressed(qapp: QApplication) -> QApplication:
    """Qt with the light theme."""
    dress(qapp, LIGHT, resources())
    return qapp


@pytest.fixture
def opened(dressed: QApplication, device: Session) -> Iterator[Opened]:
    """The window on the day of an unlocked laptop; nothing exchanges by itself."""
    bugs: list[Exception] = []
    desktop = Desktop(device.home, clock=device.clock, ids=device.ids, on_bug=bugs.append)
    desktop.window.resize(1366, 740)
    desktop.window.show()
    desktop.open(device, by_itself=False)
    desktop.window.activateWindow()
    settle()
    assert desktop.screens is not None
    yield Opened(desktop, desktop.screens, device, bugs)
    desktop.stop_timers()
    desktop.background.close(desktop.device.close)
    desktop.window.may_close = lambda: True
    desktop.window.close()
    desktop.window.deleteLater()
    # Without this the windows of all tests would stay, and each one be slower than the one before.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    settle()
    assert bugs == []


@pytest.fixture
def heard() -> Iterator[Heard]:
    """A screen reader that listens; what it is told to say at once is kept."""
    with Heard.listening() as listening:
        yield listening
