"""Catches what nobody caught, has it written down without a value, and shows it calmly.

Python's errors, those of threads and of Qt's slots, those in finalizers, Qt's own messages, and faults in
native code. A bug that comes back is shown once; two bugs are shown one after the other; a third run of them
is written down only: the agent must be able to finish the day.
"""

import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    QTimer,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
    qVersion,
)
from PySide6.QtWidgets import QWidget

from fsbus import __version__
from fsbus.core.errors import FsbusError
from fsbus.logs.crash_files import CrashFiles, CrashReport
from fsbus.logs.event_log import EventLog
from fsbus.logs.fault_file import FaultFile

if TYPE_CHECKING:
    from fsbus.desktop.crash_dialog import CrashDialog

MOST_DIALOGS = 3
"""In one run; a bug that nobody can work with is told well before."""
LEVELS = {
    QtMsgType.QtWarningMsg: "warning",
    QtMsgType.QtCriticalMsg: "critical",
    QtMsgType.QtFatalMsg: "fatal",
}


class CrashReports(QObject):
    """The reports of one run, in ``folder``, beside its log.

    ``window`` is what dialogs stand on, and ``tell`` how a known error is said, once there is a window.
    """

    _arrived = Signal(object)

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.folder = folder
        self.log = EventLog(folder, now)
        self.files = CrashFiles(self.log, now, f"Qt {qVersion()}")
        self.window: QWidget | None = None
        self.tell: Callable[[str], None] | None = None
        self.dialog: CrashDialog | None = None
        self.shown = 0
        self._waiting: list[CrashReport] = []
        self._of_last_run: CrashReport | None = None
        self._told: set[type] = set()
        self._qt_told: set[tuple[str, str]] = set()
        self._faults = FaultFile(folder)
        # From any thread; received here, in the one that has the windows.
        self._arrived.connect(self._receive)

    def install(self) -> None:
        """Catch everything from now on, and report the fault that ended an earlier run."""
        sys.excepthook = self._uncaught
        sys.unraisablehook = lambda what: self._uncaught(what.exc_type, what.exc_value, what.exc_traceback)
        threading.excepthook = lambda args: self._uncaught(args.exc_type, args.exc_value, args.exc_traceback)
        qInstallMessageHandler(self._qt_message)
        fault = self._faults.harvest(self.files)
        self._faults.watch()
        if fault is not None:
            self._of_last_run = fault
            self._arrived.emit(fault)

    def began(self) -> None:
        """Tell the log that the application runs; once the window is there, for it costs some milliseconds."""
        import platform

        from fsbus.core.events import Started

        python, system = platform.python_version(), platform.system()
        self.log(Started(part="desktop", version=__version__, python=python, system=system))

    def close(self) -> None:
        """Let go of the file of native faults, and of the dialog."""
        self._faults.close()
        self._waiting.clear()
        if self.dialog is not None:
            self.dialog.close()

    def report(self, error: BaseException) -> Path | None:
        """Write the report of an error and show it, once for each kind; None when it was written before
        or the disk refuses. From any thread."""
        report = self.files.report(error)
        if isinstance(error, FsbusError) and self.tell is not None:
            # It has its own words for the agent, and they say what to do.
            if type(error) not in self._told:
                self._told.add(type(error))
                self._arrived.emit(str(error))
        elif report.is_new:
            self._arrived.emit(report)
        return report.path

    def show_and_wait(self, error: BaseException) -> None:
        """Write the report and show it until it is closed: where nothing else runs, so at a start that failed."""
        from fsbus.desktop.crash_dialog import NOT_STARTED, CrashDialog

        CrashDialog(self.files.report(error).text, self.folder, None, NOT_STARTED).exec()

    @Slot(object)
    def _receive(self, what: object) -> None:
        # Not at once: it may come from the middle of a paint or of a slot.
        if isinstance(what, CrashReport):
            self._waiting.append(what)
            QTimer.singleShot(0, self, self._show_next)
        elif isinstance(what, str) and self.tell is not None:
            tell = self.tell
            QTimer.singleShot(0, self, lambda: tell(what))

    def _show_next(self) -> None:
        if self.dialog is not None or not self._waiting or self.shown >= MOST_DIALOGS:
            return
        from fsbus.desktop.crash_dialog import LAST_TIME, SAFE, CrashDialog

        self.shown += 1
        report = self._waiting.pop(0)
        said = LAST_TIME if report is self._of_last_run else SAFE
        self.dialog = CrashDialog(report.text, self.folder, self.window, said)
        self.dialog.finished.connect(self._closed)
        self.dialog.open()

    def _closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
        self._show_next()

    def _uncaught(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            # Asked for at the terminal: the application closes, and what is saved is saved.
            QCoreApplication.quit()
            return
        if error is None:
            error = kind()
        self.report(error.with_traceback(trace))

    def _qt_message(self, kind: QtMsgType, context: QMessageLogContext, _text: str) -> None:
        level = LEVELS.get(kind)
        told = (level or "", str(getattr(context, "category", "") or "default"))
        if level is not None and told not in self._qt_told:
            # Once a run: a warning at each paint would push everything else out.
            from fsbus.core.events import QtTold

            self._qt_told.add(told)
            self.log(QtTold(level=level, category=told[1]))
