"""Stands in for logind on a private bus: gives inhibitors, tells of a sleep and of a lock.

`python -m tests.desktop.logind_child ADDRESS`. Orders by standard input: `sleep`, `wake`, `lock`; told on
standard output: `ready`, `held WHAT MODE`, `released` once nobody holds the inhibitor any more.
"""

import os
import select
import sys

from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, QSocketNotifier, QTimer, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusUnixFileDescriptor

from fsbus.desktop.locking.logind import MANAGER, PATH, SERVICE, SESSION


def tell(words: str) -> None:
    """One line, at once."""
    os.write(1, f"{words}\n".encode())


@ClassInfo(**{"D-Bus Interface": MANAGER})  # type: ignore[arg-type]  # its stubs are wrong
class Manager(QObject):  # type: ignore[operator]  # its stubs are wrong
    """The part of logind that we use."""

    def __init__(self, bus: QDBusConnection) -> None:
        super().__init__()
        self.bus, self.ours = bus, -1
        self.orders = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self.orders.activated.connect(self.obey)
        self.looking = QTimer(self, interval=20)
        self.looking.timeout.connect(self.look)

    @Slot(str, str, str, str, result=QDBusUnixFileDescriptor)
    def Inhibit(self, what: str, who: str, why: str, mode: str) -> QDBusUnixFileDescriptor:  # noqa: N802 -- logind's name
        """Give one end of a pipe: its release is seen at the other."""
        self.ours, given = os.pipe()
        held = QDBusUnixFileDescriptor(given)  # of which it makes a copy
        os.close(given)
        self.looking.start()
        tell(f"held {what} {mode}")
        return held

    def look(self) -> None:
        """Whether the inhibitor was let go of."""
        if select.select([self.ours], [], [], 0)[0]:
            self.looking.stop()
            tell("released")

    def obey(self) -> None:
        """Send the signal that was asked for."""
        for order in os.read(0, 1_000).decode().split():
            if order == "lock":
                signal = QDBusMessage.createSignal(f"{PATH}/session/_31", SESSION, "Lock")
            else:
                signal = QDBusMessage.createSignal(PATH, MANAGER, "PrepareForSleep")
                signal.setArguments([order == "sleep"])
            self.bus.send(signal)


def main(address: str) -> int:
    """Serve until killed."""
    application = QCoreApplication([])
    bus = QDBusConnection.connectToBus(address, "logind")
    manager = Manager(bus)
    if not bus.registerService(SERVICE):
        return 1
    bus.registerObject(PATH, manager, QDBusConnection.RegisterOption.ExportAllSlots)
    tell("ready")
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
