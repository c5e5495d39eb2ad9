"""Types a day of visits in the real window while it exchanges, and tells its longest silence."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fsbus.actions.session import Session
from fsbus.training.typed_visits import VisitTypist

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

BEAT = 5
"""Milliseconds between two turns of the event loop that are waited for."""
WARMING = 3
"""Visits that are typed before anything is measured: what is loaded once is not the day's."""


@dataclass(frozen=True)
class TypedDay:
    """``stall``: seconds of the longest silence of the window; ``exchanges``: how many ended meanwhile; ``before`` and
    ``after``: bytes of memory once the day had begun and at its end, 0 where the system does not tell."""

    stall: float
    exchanges: int
    before: int
    after: int


class Heartbeat:
    """How late the event loop comes to a timer that should ring every 5 ms; hung on a widget."""

    def __init__(self, parent: "QWidget") -> None:
        from PySide6.QtCore import QTimer

        self.longest, self._last = 0.0, time.perf_counter()
        self._timer: QTimer = QTimer(parent)
        self._timer.setInterval(BEAT)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def begin(self) -> None:
        """Forget what was before."""
        self.longest, self._last = 0.0, time.perf_counter()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now


def typed_day(session: Session, visits: int) -> TypedDay:
    """Type so many visits with two procedures in the window of this laptop, which is enrolled; an exchange is
    under way all the time: a new one begins when the one before has ended."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from fsbus.assets import resources
    from fsbus.desktop.main import Desktop
    from fsbus.desktop.palettes import LIGHT
    from fsbus.desktop.screenshots import SIZE
    from fsbus.desktop.style import application, dress
    from fsbus.store.exchanges import past_exchanges

    dress(application(), LIGHT, resources())
    desktop = Desktop(session.home, clock=session.clock, ids=session.ids)
    window = desktop.window
    window.resize(*SIZE)
    window.show()
    desktop.open(session, by_itself=False)
    window.activateWindow()
    screens = desktop.screens
    if screens is None:
        raise RuntimeError("the window is not open")
    try:
        typist = VisitTypist(screens.visit, screens.new_visit, lambda: session.store.saved)
        beat = Heartbeat(window)
        for _ in range(WARMING):
            screens.sync_presenter.sync_quietly()
            typist.visit()
        before, ended = resident_bytes(), 0
        known = past_exchanges(session.store)[:1]
        beat.begin()
        for _ in range(visits):
            # Nothing happens while one is under way.
            screens.sync_presenter.sync_quietly()
            typist.visit()
            newest = past_exchanges(session.store)[:1]
            ended += newest != known
            known = newest
        return TypedDay(beat.longest, ended, before, resident_bytes())
    finally:
        desktop.stop_timers()
        desktop.background.close(desktop.device.close)
        window.may_close = lambda: True
        window.close()
        window.deleteLater()


def resident_bytes() -> int:
    """The memory that this process holds now; 0 where the system does not tell (Linux does)."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
