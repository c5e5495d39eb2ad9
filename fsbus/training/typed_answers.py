"""Types in the real page of official answers, and times each letter until what was found is shown."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fsbus.actions.session import Session

LONGEST = 30.0
"""Seconds after which an answer is no longer waited for."""


@contextmanager
def typing(session: Session) -> Iterator[Callable[[str, str], float]]:
    """A page of this session, shown (off screen where there is none); nothing of it stays.

    What is given types ``letter`` after ``before`` and returns the seconds until the list was painted.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
    from PySide6.QtGui import QKeyEvent

    from fsbus.assets import resources
    from fsbus.desktop.answers.presenter import AnswersPresenter
    from fsbus.desktop.answers.searching import Searching
    from fsbus.desktop.answers.view import AnswersView
    from fsbus.desktop.palettes import LIGHT
    from fsbus.desktop.style import application, dress

    dress(application(), LIGHT, resources())
    errors: list[Exception] = []
    owner, view = QObject(), AnswersView()
    searching = Searching(session.own_reference, on_bug=errors.append, parent=owner)
    presenter = AnswersPresenter(view, session, searching)
    view.searched.connect(presenter.search)
    view.setFixedSize(1366, 740)
    view.show()

    def one(before: str, letter: str) -> float:
        view.search.setText(before)
        started = time.perf_counter()
        key = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
        QCoreApplication.sendEvent(view.search, key)
        if not searching.wait(LONGEST):
            raise TimeoutError("no answer")
        QCoreApplication.processEvents()
        if errors:
            raise errors.pop()
        view.repaint()
        return time.perf_counter() - started

    try:
        yield one
    finally:
        searching.close()
        view.close()
        view.deleteLater()
        owner.deleteLater()
