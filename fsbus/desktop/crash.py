"""Writes a report of what should never happen, without personal data, and says it plainly.

A report holds types, files, lines and function names: never a value, an argument or the text of an
error, which could repeat what an agent typed.
"""

import faulthandler
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from fsbus.core.errors import FsbusError

MESSAGE = (
    "Une erreur que fsbus ne connaît pas s’est produite.\n\n"
    "Tout ce qui était « Enregistré » est en sécurité sur ce poste. Vérifiez la dernière saisie, puis continuez.\n\n"
    "Un rapport sans donnée personnelle a été écrit :\n{path}"
)
TOLD_BY_QT = frozenset({QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg, QtMsgType.QtWarningMsg})


@dataclass
class CrashReports:
    """The reports of one run, in ``folder``; ``tell`` shows a French text to the agent."""

    folder: Path
    now: Callable[[], datetime]
    tell: Callable[[str], None]
    told: int = 0
    _faults: IO[str] | None = field(default=None, repr=False)

    def install(self) -> None:
        """Catch everything that nobody caught: Python, threads, Qt's messages, and faults in native code."""
        sys.excepthook = self._uncaught
        threading.excepthook = lambda args: self._uncaught(args.exc_type, args.exc_value, args.exc_traceback)
        qInstallMessageHandler(self._qt_message)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._faults = (self.folder / "faults.log").open("a", encoding="utf-8")
        except OSError:
            return
        faulthandler.enable(self._faults)

    def close(self) -> None:
        """Let go of the file of native faults."""
        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()
            self._faults = None

    def report(self, error: BaseException) -> Path | None:
        """Write the report of an error and tell the agent once a run; the path, or None when the disk refuses."""
        lines = [f"{self.now().isoformat()} {type(error).__module__}.{type(error).__qualname__}"]
        lines += [
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        path = self._write("\n".join(lines))
        if self.told == 0:
            self.told += 1
            known = isinstance(error, FsbusError)
            self.tell(
                str(error) if known else MESSAGE.format(path=path or "(disque plein : rapport non écrit)")
            )
        return path

    def _uncaught(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            error = kind()
        self.report(error.with_traceback(trace))

    def _qt_message(self, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind in TOLD_BY_QT:
            self._write(f"{self.now().isoformat()} Qt {kind.name}: {text}")

    def _write(self, text: str) -> Path | None:
        path = self.folder / "errors.log"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("a", encoding="utf-8") as out:
                out.write(text + "\n")
        except OSError:
            return None
        return path
