"""The notices of the system before a sleep and at a locked session, from Windows and from logind."""

import ctypes
import os
import secrets
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtDBus import QDBusConnection
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fsbus.desktop.locking.logind import LogindNotices
from fsbus.desktop.locking.windows import POWER, SESSION_CHANGE, Message, WindowsNotices, means_leaving
from fsbus.training.processes import end, kill, pipe
from tests.desktop.driven import ROOT, application
from tests.devices import PASSPHRASE, MakeDevice

A_WHILE = 10_000


def test_of_all_windows_messages_only_sleep_and_session_lock_mean_leaving() -> None:
    leaving = [(m, w) for m in (POWER, SESSION_CHANGE, 0x0100) for w in range(20) if means_leaving(m, w)]
    assert leaving == [(POWER, 4), (SESSION_CHANGE, 7)]


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="MSG as 64-bit Windows lays it out")
def test_a_windows_message_is_read_where_qt_says_that_it_is(qapp: QApplication) -> None:
    left = list[str]()
    notices = WindowsNotices(lambda: left.append("now"))
    # HWND, message with its padding, WPARAM, LPARAM: 8 bytes each.
    raw = (7).to_bytes(8, "little") + POWER.to_bytes(8, "little") + (4).to_bytes(8, "little") + bytes(8)
    kept = ctypes.create_string_buffer(raw)
    assert ctypes.sizeof(Message) == len(raw)
    assert notices.nativeEventFilter(b"windows_generic_MSG", ctypes.addressof(kept)) == (False, 0)
    assert left == ["now"]
    notices.nativeEventFilter(b"xcb_generic_event_t", ctypes.addressof(kept))
    assert left == ["now"]


BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>custom</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""


@dataclass
class Logind:
    """A private bus with a service that speaks as logind does."""

    address: str
    process: "subprocess.Popen[bytes]"

    def order(self, word: str) -> None:
        pipe(self.process.stdin).write(f"{word}\n".encode())
        pipe(self.process.stdin).flush()

    def told(self) -> str:
        heard = pipe(self.process.stdout)
        assert select.select([heard], [], [], A_WHILE / 1_000)[0], "logind tells nothing"
        return heard.readline().decode().strip()


@pytest.fixture
def logind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logind]:
    program = shutil.which("dbus-daemon")
    if program is None or not sys.platform.startswith("linux"):
        pytest.skip("no dbus-daemon here")
    folder = tmp_path_factory.mktemp("bus")
    (folder / "conf").write_text(BUS.format(path=folder / "bus"))
    address = f"unix:path={folder / 'bus'}"
    daemon = subprocess.Popen(
        [program, f"--config-file={folder / 'conf'}", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert pipe(daemon.stdout).readline()
        service = subprocess.Popen(
            [sys.executable, "-m", "tests.desktop.logind_child", address],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            found = Logind(address, service)
            assert found.told() == "ready"
            yield found
        finally:
            kill(service)
            end(service)
    finally:
        kill(daemon)
        end(daemon)


def connected(address: str) -> QDBusConnection:
    return QDBusConnection.connectToBus(address, f"ours-{secrets.token_hex(4)}")


def test_logind_is_held_and_its_sleep_and_lock_are_heard(
    logind: Logind, qapp: QApplication, qtbot: QtBot
) -> None:
    notices = LogindNotices(connected(logind.address))
    assert notices.listen()
    assert logind.told() == "held sleep delay"
    assert notices.holds
    for order in ("lock", "sleep"):
        with qtbot.waitSignal(notices.leaving, timeout=A_WHILE):
            logind.order(order)
    heard = list[int]()
    notices.leaving.connect(lambda: heard.append(1))
    logind.order("wake")
    qtbot.wait(200)
    assert heard == []


def test_where_there_is_no_such_service_nothing_is_held_up(tmp_path: Path, qapp: QApplication) -> None:
    assert not LogindNotices(connected(f"unix:path={tmp_path / 'nothing'}")).listen()


def test_the_sleep_waits_until_the_process_with_the_key_is_gone(
    logind: Logind, make_device: MakeDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_device("asleep").store.close()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", logind.address)
    with application(tmp_path / "asleep", tmp_path / "events") as driven:
        driven.open(PASSPHRASE)
        assert logind.told() == "held sleep delay"
        logind.order("sleep")
        assert logind.told() == "released"
        released = time.monotonic()
        assert driven.ended() - released < 1
        driven.wait("painted", other=True)
