"""Watches keys, mouse and clocks, and asks for the lock: nothing touched, asleep, or the panic key."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from fsbus.core.clock import system_now
from fsbus.desktop.locking.idleness import Idleness, Verdict

EVERY = 1_000
"""Milliseconds between two looks at the clocks."""
_TOUCHED = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.ShortcutOverride,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
        QEvent.Type.InputMethod,
    }
)
_SHOWN = frozenset(
    {QEvent.Type.Expose, QEvent.Type.UpdateRequest, QEvent.Type.Paint, QEvent.Type.WindowActivate}
)
_KEYS = frozenset({QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride})
_CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class LockWatch(QObject):
    """From its making until `stop`: emits ``leave_requested`` once, with « idle », « sleep » or « panic ».

    ``minutes`` without a key before it does.

    An event filter of the whole application: it sees the keys of dialogs and lists too, and whatever
    would be painted after a sleep, before it is.
    """

    leave_requested = Signal(str)
    warned = Signal(bool)
    """The lock is near; False: a key was pressed, it is not any more."""

    def __init__(
        self,
        application: QApplication,
        minutes: int,
        parent: QObject | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = lambda: system_now().timestamp(),
    ) -> None:
        super().__init__(parent)
        self._application = application
        self._monotonic, self._wall = monotonic, wall
        self._idleness = Idleness(minutes * 60.0, monotonic(), wall())
        self._is_warned = self._is_over = False
        self._ticking = QTimer(self, interval=EVERY)
        self._ticking.timeout.connect(self.look)
        self._ticking.start()
        application.installEventFilter(self)

    @property
    def minutes(self) -> float:
        """Minutes without a key before the lock."""
        return self._idleness.limit / 60

    def set_minutes(self, minutes: int) -> None:
        """Another time without a key, from now on."""
        self._idleness.limit = minutes * 60.0

    def stop(self) -> None:
        """Watch no more."""
        self._is_over = True
        self._ticking.stop()
        self._application.removeEventFilter(self)

    def look(self) -> None:
        """Look at the clocks: lock, warn, or go on."""
        verdict = self._idleness.look(self._monotonic(), self._wall())
        if verdict in (Verdict.LOCK, Verdict.SLEPT):
            self._leave("idle" if verdict is Verdict.LOCK else "sleep")
        else:
            self._warn(verdict is Verdict.WARN)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Swallow the panic key, and whatever comes after a sleep."""
        kind = event.type()
        touched = kind in _TOUCHED
        if self._is_over or not (touched or kind in _SHOWN):
            return False
        now = self._monotonic()
        if self._idleness.has_slept(now, self._wall()):
            self._leave("sleep")
            return True
        if kind in _KEYS and _is_panic(event):
            self._leave("panic")
            return True
        if touched:
            self._idleness.touch(now)
            self._warn(False)
        return False

    def _warn(self, near: bool) -> None:
        if near is not self._is_warned:
            self._is_warned = near
            self.warned.emit(near)

    def _leave(self, reason: str) -> None:
        if not self._is_over:
            self.stop()
            self.leave_requested.emit(reason)


def _is_panic(event: QEvent) -> bool:
    """F12 or Ctrl+Shift+L, which `fsbus/desktop/locking/words.py` names to the agent."""
    if not isinstance(event, QKeyEvent):
        return False
    if event.key() == Qt.Key.Key_F12:
        return True
    return event.key() == Qt.Key.Key_L and event.modifiers() == _CTRL_SHIFT
