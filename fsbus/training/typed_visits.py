"""Types visits in the real form by key events, counts the keys, and times letters until painted."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fsbus.actions.session import Session

if TYPE_CHECKING:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QWidget

    from fsbus.desktop.visit_form.view import VisitFormView

ANSWER = "Pièces à rapporter à l’agence jeudi."


class VisitTypist:
    """Types in a form that is shown; ``strokes`` counts each character, key or combination.

    ``begin`` opens an empty form, ``saved`` tells how many visits were saved.
    """

    def __init__(self, view: "VisitFormView", begin: Callable[[], object], saved: Callable[[], int]) -> None:
        self.view, self._begin, self._saved = view, begin, saved
        self.strokes = 0

    def visit(self) -> float:
        """A visit with two procedures, from the form opened to the visit recorded; the seconds it took."""
        from PySide6.QtCore import Qt

        control, alt = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
        started, saved = time.perf_counter(), self._saved()
        self._begin()
        self._settle()
        self._tab(2)
        self._fill("guise", "6")
        self._write("f")
        self._press(Qt.Key.Key_D, alt)
        self._fill("cni", "aa", "f")
        self._write("t")
        self._press(Qt.Key.Key_D, control)
        self._fill("retraite", "i", "a", "o", ANSWER, "CNAV", "agence de Laon")
        self._tab()
        self._write("+9")
        self._press(Qt.Key.Key_Return, control)
        if self._saved() != saved + 1:
            raise RuntimeError(self.view.alert() or "the visit was not recorded")
        return time.perf_counter() - started

    def letter(self, before: str, letter: str) -> float:
        """One letter typed after others in the field of the procedure; the seconds until its list is painted."""
        field = self.view.cards[0].procedure
        field.setFocus()
        field.setText(before)
        self._settle()
        started = time.perf_counter()
        self._write(letter)
        self.view.repaint(field.list_geometry())
        return time.perf_counter() - started

    def _fill(self, *texts: str) -> None:
        for text in texts:
            self._write(text)
            self._tab()

    def _write(self, text: str) -> None:
        from PySide6.QtCore import QCoreApplication, QEvent, Qt
        from PySide6.QtGui import QKeyEvent

        # QTest's own typing ends the process at an accent.
        for character in text:
            self.strokes += 1
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, character)
                QCoreApplication.sendEvent(self._focused(), event)
            # A person is never so fast that two keys wait together.
            self._settle()

    def _tab(self, times: int = 1) -> None:
        from PySide6.QtCore import Qt

        for _ in range(times):
            self._press(Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)

    def _press(self, key: "Qt.Key", modifiers: "Qt.KeyboardModifier") -> None:
        from PySide6.QtTest import QTest

        self.strokes += 1
        QTest.keyClick(self._focused(), key, modifiers)
        self._settle()

    def _focused(self) -> "QWidget":
        from PySide6.QtWidgets import QApplication

        return QApplication.focusWidget() or self.view

    def _settle(self) -> None:
        from PySide6.QtCore import QCoreApplication

        for _ in range(3):
            QCoreApplication.processEvents()


@contextmanager
def typing_visits(session: Session) -> Iterator[VisitTypist]:
    """A form of this session, shown (off screen where there is none); nothing of it stays but the visits."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from fsbus.assets import resources
    from fsbus.desktop.palettes import LIGHT
    from fsbus.desktop.style import application, dress
    from fsbus.desktop.visit_form.presenter import VisitFormPresenter
    from fsbus.desktop.visit_form.tying import tie
    from fsbus.desktop.visit_form.view import VisitFormView

    dress(application(), LIGHT, resources())
    view = VisitFormView()

    told = list[str]()
    presenter = VisitFormPresenter(view, session, on_saved=told.append, on_closed=lambda: None)
    typist = VisitTypist(view, presenter.open, lambda: len(told))
    tie(view, presenter)
    view.setFixedSize(1366, 740)
    view.show()
    view.activateWindow()
    try:
        yield typist
    finally:
        view.close()
        view.deleteLater()
