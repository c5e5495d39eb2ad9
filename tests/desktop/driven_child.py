"""The real application in a process of its own, typed in from outside: keys come in by standard input.

`python -m tests.desktop.driven_child HOME EVENTS [deaf]`. One JSON array a line: `["write", "text"]`,
`["press", "F12"]`, `["control", "N"]`, `["minimise"]`, `["opened"]`, `["entry"]`. What happens is appended to the file
EVENTS: number of the process, monotonic seconds, words. The process that a lock starts is deaf.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer

from fsbus.desktop import main, start
from fsbus.logs import no_dumps
from tests.desktop.keyboard import Typist

Tell = Callable[[str], None]


class Listener(QObject):
    """Does what is read, with real key events."""

    def __init__(self, desktop: main.Desktop, tell: Tell) -> None:
        super().__init__()
        self.desktop, self.tell, self.keys, self.rest = desktop, tell, Typist(), b""
        self.heard = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self.heard.activated.connect(self.read)

    def read(self) -> None:
        """Lines of orders, one after another."""
        read = os.read(0, 65_536)
        if not read:
            self.heard.setEnabled(False)
        *lines, self.rest = (self.rest + read).split(b"\n")
        for line in lines:
            self.obey(*json.loads(line))

    def obey(self, order: str, text: str = "") -> None:
        """One order."""
        if order == "write":
            self.keys.write(text)
        elif order == "press":
            self.keys.press(Qt.Key[f"Key_{text}"])
        elif order == "control":
            self.keys.control(Qt.Key[f"Key_{text}"])
        elif order == "alt":
            self.keys.alt(Qt.Key[f"Key_{text}"])
        elif order == "minimise":
            self.desktop.window.showMinimized()
        elif order == "opened":
            self.wait_until_open()
            return
        elif order == "entry":
            screens = self.desktop.screens
            assert screens is not None
            seen = [self.desktop.window.page(), screens.visit.notice(), asdict(screens.visit.entry())]
            self.tell(f"entry {json.dumps(seen)}")
            return
        self.tell(f"done {order}")

    def wait_until_open(self) -> None:
        """Tell once the store is open."""
        if self.desktop.screens is not None:
            self.tell("opened")
        else:
            QTimer.singleShot(20, self, self.wait_until_open)


def drive(home: str, events: str, deaf: str = "") -> int:
    """Run the application as `fsbus open` does."""
    out = os.open(events, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def tell(words: str) -> None:
        os.write(out, f"{os.getpid()} {time.monotonic():.4f} {words}\n".encode())

    tell("started")
    begin, listeners = main.Desktop.start, list[Listener]()

    def start_and_listen(desktop: main.Desktop) -> None:
        desktop.window.first_painted.connect(lambda: tell("painted"))
        begin(desktop)
        come_forward = desktop.window.come_forward

        def forward() -> None:
            come_forward()
            tell("hidden" if desktop.window.isMinimized() else "forward")

        desktop.window.come_forward = forward  # type: ignore[method-assign]  # to be told of, and done
        if not deaf:
            desktop.window.activateWindow()
            listeners.append(Listener(desktop, tell))

    # The test looks into the memory on purpose, without being an administrator where it can.
    no_dumps.refuse_dumps = lambda: None
    main.Desktop.start = start_and_listen  # type: ignore[method-assign, assignment]  # the one seam
    again = [sys.executable, "-m", "tests.desktop.driven_child", home, events, "deaf"]
    return start.run(Path(home), restart=again)


if __name__ == "__main__":
    sys.exit(drive(*sys.argv[1:]))
