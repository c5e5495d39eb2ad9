"""A second start on the same folder: the first window comes forward, and nothing else opens."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from fsbus.desktop import start
from fsbus.desktop.single import FIRST, NO_ANSWER, OPEN_ALREADY, SILENT, WINDOW, SingleWindow, address
from tests.desktop.driven import A_WHILE, ROOT, application
from tests.devices import PASSPHRASE, MakeDevice

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the driven window reads a pipe as Unix does")


@pytest.fixture
def home(make_device: MakeDevice, tmp_path: Path) -> Path:
    make_device("locked").store.close()
    return tmp_path / "locked"


def start_again(home: Path) -> "subprocess.CompletedProcess[bytes]":
    """`fsbus open` on this folder, until it ends."""
    return subprocess.run(
        [sys.executable, "-m", "fsbus", "--home", str(home), "open"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        timeout=A_WHILE,
        check=False,
    )


def test_a_second_start_raises_the_first_window_and_ends_with_a_word(home: Path, tmp_path: Path) -> None:
    with application(home, tmp_path / "events") as first:
        first.wait("painted")
        first.do("minimise")
        second = start_again(home)
        first.wait("forward")
        assert (second.returncode, second.stdout.decode(), second.stderr) == (0, f"{OPEN_ALREADY}\n", b"")


def test_a_window_that_was_killed_stands_in_nobodys_way(home: Path, tmp_path: Path) -> None:
    with application(home, tmp_path / "events") as first:
        first.wait("painted")
        first.process.send_signal(signal.SIGKILL)
        first.ended()
        assert (home / WINDOW).exists()
    with application(home, tmp_path / "again") as again:
        again.wait("painted")
        assert start_again(home).stdout.decode() == f"{OPEN_ALREADY}\n"
        again.wait("forward")


def test_the_window_that_a_lock_starts_has_the_place_of_the_one_that_leaves(
    home: Path, tmp_path: Path
) -> None:
    with application(home, tmp_path / "events") as first:
        first.open(PASSPHRASE)
        first.send("press", "F12")
        first.wait("painted", other=True)
        assert start_again(home).returncode == 0
        first.wait("forward", other=True)
        first.ended()
        assert [one.process for one in first.happened() if one.words == "started"][1:] != []


@pytest.mark.qt_log_ignore("does not support propagateSizeHints")
def test_a_window_that_does_not_answer_is_told_of(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, told = SingleWindow(tmp_path), list[str]()
    assert first.claim() == FIRST
    assert SingleWindow(tmp_path).claim(0.1) == SILENT

    def close() -> None:
        box = qapp.activeModalWidget()
        assert isinstance(box, QMessageBox)
        told.append(box.text())
        box.accept()

    monkeypatch.setattr(SingleWindow, "claim", lambda _self: SILENT)
    QTimer.singleShot(0, qapp, close)
    assert start.run(tmp_path) == start.FAILED
    assert told == [NO_ANSWER]
    monkeypatch.undo()
    first.let_go()
    next_one = SingleWindow(tmp_path)
    assert next_one.claim(0.1) == FIRST
    next_one.let_go()


def test_another_folder_has_a_window_of_its_own(qapp: QApplication, tmp_path: Path) -> None:
    both = [SingleWindow(tmp_path / name) for name in ("one", "other")]
    assert [each.claim(0.1) for each in both] == [FIRST, FIRST]
    for each in both:
        each.let_go()


def test_the_window_is_called_in_its_folder_or_by_a_name_that_tells_nothing_of_it(tmp_path: Path) -> None:
    short, long = Path("/agent"), tmp_path / ("zoe-exemple" * 10)
    assert Path(address(short)).parent == short
    assert address(long).startswith("fsbus-")
    assert "zoe" not in address(long)
    assert address(long) == address(long.parent / "other" / ".." / long.name)
    assert address(long) != address(long / "other")


def test_a_folder_that_cannot_be_written_is_let_through(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert SingleWindow(tmp_path / "file" / "home").claim(0.1) == FIRST
