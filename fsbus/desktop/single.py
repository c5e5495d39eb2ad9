"""One window for each folder: a second start has the first one come forward, and ends."""

import hashlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, Qt

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

WINDOW = ".fenetre"
"""The file that a window holds; the next one takes it over from a process that was killed."""
CALL = ".appel"
"""The socket at which it is called."""
LONGEST = 95
"""Bytes of the path of a socket; the systems take a few more, which Qt needs while it makes one."""
FIRST, CALLED, SILENT = "first", "called", "silent"
"""This process has the window; another one has it and came forward; another one has it and does not answer."""
PATIENCE = 8.0
"""Seconds for the other window to answer: it may be starting, or leaving."""
ANSWERS_IN = 1_000
"""Milliseconds of one call."""
HERE = b"1"
OPEN_ALREADY = "fsbus est déjà ouvert sur ce poste\u00a0: sa fenêtre passe devant les autres."
NO_ANSWER = (
    "fsbus est déjà ouvert sur ce poste, mais sa fenêtre ne répond pas. Attendez une minute et réessayez ; "
    "sinon, redémarrez ce poste\u00a0: ce qui est enregistré est gardé."
)


class SingleWindow:
    """The right to be the window of one folder; let go of before another process takes over."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = QLockFile(str(home / WINDOW))
        # However old: who was killed is known by its number and the start of the machine.
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None

    def claim(self, patience: float = PATIENCE) -> str:
        """`FIRST`, `CALLED` or `SILENT`. A folder that cannot be written is let through."""
        try:
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            return FIRST
        until = time.monotonic() + patience
        while not self._lock.tryLock(50):
            if self._lock.error() != QLockFile.LockError.LockFailedError:
                return FIRST
            if call(address(self._home)):
                return CALLED
            if time.monotonic() > until:
                return SILENT
        return FIRST

    def answer(self, come_forward: Callable[[], None], parent: QObject) -> None:
        """From now on, come forward when a second start asks. Once the window is there: it costs some milliseconds."""
        from PySide6.QtNetwork import QLocalServer

        if not self._lock.isLocked():
            return
        server = self._server = QLocalServer(parent)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)

        def called() -> None:
            while (asking := server.nextPendingConnection()) is not None:
                come_forward()
                asking.disconnected.connect(asking.deleteLater)
                asking.write(HERE)
                asking.disconnectFromServer()

        server.newConnection.connect(called)
        # Of a process that was killed: ours is the folder.
        QLocalServer.removeServer(address(self._home))
        server.listen(address(self._home))

    def let_go(self) -> None:
        """Another process may have the window; called again, nothing."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()


def address(home: Path) -> str:
    """Where the window of this folder is called, by this user alone.

    A socket in the folder itself, which is nobody else's: nothing of ours stands among the files that all share.
    Windows has names instead of files, and a path too long for a socket has one: it tells nothing of the path.
    """
    inside = home.resolve() / CALL
    if sys.platform != "win32" and len(os.fsencode(inside)) < LONGEST:
        return str(inside)
    path = os.path.normcase(home.resolve())
    return f"fsbus-{hashlib.sha256(os.fsencode(path)).hexdigest()[:24]}"


def call(name: str) -> bool:
    """Have the window of this address come forward; whether it answered."""
    from PySide6.QtNetwork import QLocalSocket

    if sys.platform == "win32":
        from fsbus.desktop.locking.windows import let_come_forward

        let_come_forward()
    socket = QLocalSocket()
    socket.connectToServer(name)
    return socket.waitForConnected(ANSWERS_IN) and (
        socket.bytesAvailable() > 0 or socket.waitForReadyRead(ANSWERS_IN)
    )


def tell_open_already(claimed: str) -> int:
    """Tell why no window opens here; the exit status."""
    if claimed == CALLED:
        # A program without a terminal has nowhere to write; the window that came forward says it.
        if sys.stdout is not None:
            sys.stdout.write(f"{OPEN_ALREADY}\n")
        return 0
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(QMessageBox.Icon.Information, "fsbus", "")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(NO_ANSWER)
    box.exec()
    return 1
