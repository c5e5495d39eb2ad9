"""A screen reader in the place of the system's: hears every announcement that is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from PySide6 import QtGui
from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent


@dataclass
class Heard:
    """What was announced, in its order."""

    said: list[str] = field(default_factory=list)

    def texts(self) -> list[str]:
        """All of it so far."""
        return list(self.said)

    def take(self) -> list[str]:
        """All of it since the last time."""
        taken, self.said = self.said, []
        return taken

    @classmethod
    @contextmanager
    def listening(cls) -> "Iterator[Heard]":
        """Qt takes a screen reader to be there, as it does in real life."""
        heard = cls()

        class Event(QAccessibleAnnouncementEvent):
            def __init__(self, thing: QObject, text: str) -> None:
                super().__init__(thing, text)
                heard.said.append(self.message())

        QAccessible.setActive(True)
        try:
            with pytest.MonkeyPatch.context() as patch:
                # PySide has no way to listen to the events of Qt; the only place that makes them asks for this name.
                patch.setattr(QtGui, "QAccessibleAnnouncementEvent", Event)
                yield heard
        finally:
            QAccessible.setActive(False)
