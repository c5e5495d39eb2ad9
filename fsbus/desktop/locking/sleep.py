"""Asks the system at hand to tell before it sleeps or locks; where none can, the clocks tell after."""

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget


def listen(
    application: QApplication, parent: QObject, window: QWidget, leave: Callable[[], None]
) -> object | None:
    """Call ``leave`` at each notice of the system; what must be kept alive for it, or None.

    macOS gives its notices only to what is written for it: `fsbus/desktop/locking/watch.py` sees the gap.
    """
    if sys.platform == "win32":
        from fsbus.desktop.locking.windows import WindowsNotices, ask_for_session_changes

        heard = WindowsNotices(leave)
        application.installNativeEventFilter(heard)
        ask_for_session_changes(int(window.winId()))
        return heard
    return None if sys.platform == "darwin" else _of_logind(parent, leave)


def _of_logind(parent: QObject, leave: Callable[[], None]) -> QObject | None:
    from PySide6.QtDBus import QDBusConnection

    from fsbus.desktop.locking.logind import LogindNotices

    notices = LogindNotices(QDBusConnection.systemBus(), parent)
    if not notices.listen():
        return None
    notices.leaving.connect(leave)
    return notices
