"""Narrows and sorts the real page of all visits, and times each list until it is painted."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fsbus.actions.session import Session
from fsbus.desktop.visits.narrowing import Typed


@contextmanager
def narrowing(session: Session) -> Iterator[Callable[[Typed], float]]:
    """A page of this session, shown (off screen where there is none); nothing of it stays.

    What is given asks for a list and returns the seconds until it was painted.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QCoreApplication

    from fsbus.assets import resources
    from fsbus.desktop.palettes import LIGHT
    from fsbus.desktop.style import application, dress
    from fsbus.desktop.visits.presenter import VisitsPresenter
    from fsbus.desktop.visits.view import VisitsView

    dress(application(), LIGHT, resources())
    view = VisitsView()
    presenter = VisitsPresenter(view, session)
    view.setFixedSize(1366, 740)
    view.show()

    def one(typed: Typed) -> float:
        started = time.perf_counter()
        presenter.narrow(typed)
        QCoreApplication.processEvents()
        view.repaint()
        return time.perf_counter() - started

    try:
        yield one
    finally:
        view.close()
        view.deleteLater()
