"""Hears from Windows that the laptop sleeps or its session is locked; lets another window forward."""

import ctypes
import sys
from collections.abc import Callable

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray

POWER, SUSPEND = 0x0218, 4
"""WM_POWERBROADCAST with PBT_APMSUSPEND."""
SESSION_CHANGE, SESSION_LOCK = 0x02B1, 7
"""WM_WTSSESSION_CHANGE with WTS_SESSION_LOCK."""
_OURS = 0
"""NOTIFY_FOR_THIS_SESSION."""
_ANYBODY = -1
"""ASFW_ANY."""


class Message(ctypes.Structure):
    """The beginning of MSG as Windows lays it out."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("message", ctypes.c_uint32),
        ("word", ctypes.c_size_t),
        ("long", ctypes.c_ssize_t),
    )


def means_leaving(message: int, word: int) -> bool:
    """Whether this message announces a sleep or a locked session."""
    return (message, word) in {(POWER, SUSPEND), (SESSION_CHANGE, SESSION_LOCK)}


class WindowsNotices(QAbstractNativeEventFilter):
    """Calls ``leave`` at such a message; the message goes on to whoever else reads it."""

    def __init__(self, leave: Callable[[], None]) -> None:
        super().__init__()
        self._leave = leave

    def nativeEventFilter(
        self, event_type: "QByteArray | bytes | bytearray | memoryview[int]", message: int
    ) -> tuple[bool, int]:
        """Read the message where Qt says that it is."""
        name = event_type.data() if isinstance(event_type, QByteArray) else bytes(event_type)
        if name == b"windows_generic_MSG":
            read = Message.from_address(int(message))
            if means_leaving(read.message, read.word):
                self._leave()
        return False, 0


if sys.platform == "win32":

    def ask_for_session_changes(window: int) -> None:
        """Have Windows tell the window of this handle when its session is locked."""
        ctypes.windll.wtsapi32.WTSRegisterSessionNotification(ctypes.c_void_p(window), _OURS)

    def let_come_forward() -> None:
        """Windows lets only the process that was just started have a window come forward: let any other do so."""
        ctypes.windll.user32.AllowSetForegroundWindow(_ANYBODY)
