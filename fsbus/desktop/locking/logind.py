"""Hears from Linux (logind, on the system bus) that the laptop goes to sleep or its session is locked."""

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage, QDBusUnixFileDescriptor

SERVICE, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
MANAGER, SESSION = "org.freedesktop.login1.Manager", "org.freedesktop.login1.Session"
_MILLISECONDS = 500


class LogindNotices(QObject):
    """Emits ``leaving`` before a sleep and at a lock of a session; asks logind to wait for us before it sleeps.

    The wait ends when this process does: the sleep begins once no key is in memory.
    """

    leaving = Signal()

    def __init__(self, bus: QDBusConnection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = bus
        self._held: QDBusUnixFileDescriptor | None = None

    def listen(self) -> bool:
        """Begin; False when there is no such service here."""
        if not self._bus.isConnected():
            return False
        # Locks of any session, whatever its path: another person at the same laptop is a reason, too.
        heard = self._connect(PATH, MANAGER, "PrepareForSleep", SLOT("sleep(bool)"))
        heard &= self._connect("", SESSION, "Lock", SLOT("lock()"))
        self._hold()
        return heard

    @property
    def holds(self) -> bool:
        """Whether logind waits for us."""
        return self._held is not None

    def _connect(self, path: str, interface: str, name: str, slot: str) -> bool:
        connect = self._bus.connect
        return connect(SERVICE, path, interface, name, self, slot)  # type: ignore[call-overload,no-any-return]  # stubs say bytes

    def _hold(self) -> None:
        call = QDBusMessage.createMethodCall(SERVICE, PATH, MANAGER, "Inhibit")
        call.setArguments(["sleep", "fsbus", "Verrouiller avant la veille", "delay"])
        answer = self._bus.call(call, QDBus.CallMode.Block, _MILLISECONDS)
        given = answer.arguments()
        if answer.type() == QDBusMessage.MessageType.ReplyMessage and given:
            held = given[0]
            self._held = held if isinstance(held, QDBusUnixFileDescriptor) and held.isValid() else None

    @Slot(bool)
    def sleep(self, begins: bool) -> None:
        """Called by the bus before a sleep, and after it."""
        if begins:
            self.leaving.emit()

    @Slot()
    def lock(self) -> None:
        """Called by the bus when a session is locked."""
        self.leaving.emit()
