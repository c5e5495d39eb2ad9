"""The lock by itself: left alone, asleep, the panic key, the words of the system; and what it leaves."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from fsbus.actions.locking import idle_minutes
from fsbus.core.errors import StoreUnavailable
from fsbus.desktop.locking.idleness import SLEEP, Idleness, Verdict
from fsbus.desktop.locking.leaving import NextProcess, own_command
from fsbus.desktop.locking.watch import LockWatch
from fsbus.desktop.locking.words import WARNED_FOR, WARNING
from fsbus.store.home_lock import home_lock
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, settle

A_WHILE = 10_000


class TwoClocks:
    """Seconds that only the test moves."""

    def __init__(self) -> None:
        self.monotonic, self.wall = 1_000.0, 1_700_000_000.0

    def pass_by(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds


class Watched:
    """A watch over a window of its own, and what it said."""

    def __init__(self, application: QApplication, minutes: int = 5) -> None:
        self.clocks, self.locks, self.warnings = TwoClocks(), list[str](), list[bool]()
        self.watch = LockWatch(
            application, minutes, monotonic=lambda: self.clocks.monotonic, wall=lambda: self.clocks.wall
        )
        self.watch.leave_requested.connect(self.locks.append)
        self.watch.warned.connect(self.warnings.append)

    def wait(self, seconds: int) -> None:
        """Time passes, and the watch looks each second."""
        for _ in range(seconds):
            self.clocks.pass_by(1)
            self.watch.look()


class Paper(QWidget):
    """Counts its paintings."""

    painted = 0

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 -- the name of Qt
        self.painted += 1


@pytest.fixture
def watched(qapp: QApplication) -> Iterator[Watched]:
    made = Watched(qapp)
    yield made
    made.watch.stop()


@pytest.fixture
def paper(qapp: QApplication, qtbot: QtBot) -> Paper:
    window = Paper()
    qtbot.addWidget(window)
    window.resize(200, 100)
    window.show()
    window.activateWindow()
    window.setFocus()
    settle()
    return window


# --- two clocks ----------------------------------------------------------------------------------------------------


def test_five_minutes_without_a_key_warn_then_lock_once(watched: Watched) -> None:
    watched.wait(300 - WARNED_FOR - 1)
    assert (watched.warnings, watched.locks) == ([], [])
    watched.wait(1)
    assert (watched.warnings, watched.locks) == ([True], [])
    watched.wait(WARNED_FOR - 1)
    assert watched.locks == []
    watched.wait(60)
    assert watched.locks == ["idle"]


def test_a_key_after_the_warning_takes_it_back_and_begins_anew(watched: Watched, paper: Paper) -> None:
    watched.wait(290)
    assert watched.warnings == [True]
    QTest.keyClick(paper, Qt.Key.Key_Shift)
    assert watched.warnings == [True, False]
    watched.wait(269)
    assert (watched.warnings, watched.locks) == ([True, False], [])


def test_the_mouse_counts_as_a_key(watched: Watched, paper: Paper) -> None:
    watched.wait(250)
    QTest.mouseClick(paper, Qt.MouseButton.LeftButton)
    watched.wait(250)
    assert watched.locks == []


def test_what_paints_by_itself_does_not_keep_it_awake(watched: Watched, paper: Paper) -> None:
    for _ in range(300):
        watched.wait(1)
        paper.update()
        QCoreApplication.sendPostedEvents()
    assert watched.locks == ["idle"]


@pytest.mark.parametrize(
    ("ran", "passed"),
    [(0.5, 400.0), (400.0, 400.0), (0.5, -4_000.0)],
    ids=["monotonic stood still", "both went on", "the wall clock went back"],
)
def test_after_a_sleep_it_locks_before_anything_is_painted_or_typed(
    watched: Watched, paper: Paper, ran: float, passed: float
) -> None:
    before = paper.painted
    watched.clocks.monotonic += ran
    watched.clocks.wall += passed
    paper.repaint()
    QTest.keyClick(paper, Qt.Key.Key_A)
    assert watched.locks == ["sleep"]
    assert paper.painted == before


@given(st.lists(st.floats(0.1, SLEEP - 1), max_size=40), st.floats(-SLEEP + 2, SLEEP - 2))
def test_small_steps_of_the_clocks_are_no_sleep(steps: list[float], drift: float) -> None:
    idle, now, wall = Idleness(10_000, 0, 50), 0.0, 50.0
    for number, step in enumerate(steps):
        now, wall = now + step, wall + step + (drift if number == 1 else 0)
        assert idle.look(now, wall) is Verdict.STAY


@given(st.floats(0, 50), st.floats(SLEEP + 51, 1e9), st.booleans())
def test_a_leap_of_the_wall_clock_always_locks(ran: float, leap: float, back: bool) -> None:
    idle = Idleness(10_000, 0, 2e9)
    assert idle.look(ran, 2e9 + (-leap if back else leap)) is Verdict.SLEPT


# --- the panic key -------------------------------------------------------------------------------------------------


@pytest.mark.qt_log_ignore("propagateSizeHints")  # of the screen of tests, about any dialog
@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        (Qt.Key.Key_F12, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier),
    ],
)
def test_the_panic_key_hides_the_window_from_a_dialog_too(
    opened: Opened, key: Qt.Key, modifiers: Qt.KeyboardModifier
) -> None:
    window, seen = opened.desktop.window, list[bool]()

    def panic() -> None:
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        QTest.keyClick(dialog, key, modifiers)
        seen.append(window.isVisible() or dialog.isVisible())

    QTimer.singleShot(50, panic)
    window.tell("Un message qui attend")  # returns once the dialog is gone
    assert seen == [False]
    assert opened.desktop.wants_restart


def test_the_panic_key_keeps_what_is_typed_and_asks_nothing(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    keys.alt(Qt.Key.Key_D)
    keys.write("retrai")
    began = time.monotonic()
    keys.press(Qt.Key.Key_F12)
    assert time.monotonic() - began < 1
    assert not opened.desktop.window.isVisible()
    typed = opened.screens.visit_presenter.typed()
    assert typed is not None
    assert typed[1].entry.procedures[0].procedure.text == "retrai"


def test_the_letter_of_the_panic_key_alone_is_typed(opened: Opened) -> None:
    keys = Typist()
    keys.control(Qt.Key.Key_N)
    opened.screens.visit.person.note.setFocus()
    keys.write("lL")
    assert opened.screens.visit.person.note.text() == "lL"
    assert not opened.desktop.wants_restart


# --- in the window -------------------------------------------------------------------------------------------------


def test_the_warning_is_in_the_state_line_and_goes_with_a_key(opened: Opened) -> None:
    opened.desktop.window.warn_of_lock(True)
    assert opened.desktop.window.said() == WARNING
    opened.desktop.window.warn_of_lock(False)
    assert opened.desktop.window.said() == ""
    opened.desktop.window.say("Enregistré")
    opened.desktop.window.warn_of_lock(False)
    assert opened.desktop.window.said() == "Enregistré"


def test_the_minutes_of_the_laptop_are_those_of_the_watch(opened: Opened, qapp: QApplication) -> None:
    locker, choices = opened.desktop.locker, opened.desktop.window.agent.minutes
    assert locker is not None
    assert locker.watch.minutes == 5
    choices.actions()[1].trigger()
    assert locker.watch.minutes == idle_minutes(opened.session) == 2
    assert [action.text() for action in choices.actions() if action.isChecked()] == ["2\u00a0minutes"]
    assert "2\u00a0minutes" in opened.desktop.window.said()


def test_while_it_leaves_nobody_opens_and_afterwards_anybody(opened: Opened) -> None:
    home = opened.session.home
    opened.desktop.lock()
    with pytest.raises(StoreUnavailable), home_lock(home, seconds=0.1):
        pass
    opened.desktop.finish()
    with home_lock(home, seconds=0.1):
        pass


# --- the next process ----------------------------------------------------------------------------------------------


def test_no_secret_is_in_the_words_of_the_next_process(tmp_path: Path) -> None:
    assert own_command(tmp_path)[1:] == ["-m", "fsbus", "--home", str(tmp_path), "open"]


BECOME = """
import sys, time
from fsbus.desktop.locking.leaving import NextProcess
next_one = NextProcess([sys.executable, "-c", "print('opened again')"] if sys.argv[1] == "dies" else ["no such program"])
next_one.start()
while next_one.is_there():
    time.sleep(0.01)
next_one.make_sure()
print("closed")
"""


@pytest.mark.parametrize(("how", "said"), [("dies", {"opened again"}), ("is missing", {"closed"})])
def test_when_the_next_process_dies_at_once_ours_becomes_it(how: str, said: set[str]) -> None:
    ran = subprocess.run([sys.executable, "-c", BECOME, how], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert set(ran.stdout.split("\n")) - {""} == said


def test_a_process_that_runs_is_there_and_not_doubled(tmp_path: Path) -> None:
    one = NextProcess([sys.executable, "-c", "import time; time.sleep(3)"])
    assert not one.is_there()
    one.start()
    assert one.is_there()
    one.make_sure()  # else this test would be another program now


HANGS = """
import faulthandler, time
from fsbus.desktop.locking.leaving import end_within
end_within(0.3)
began = time.monotonic()
sum(range(10**12))  # holds the interpreter: no Python code could end it
"""


def test_a_process_that_hangs_ends_all_the_same() -> None:
    began = time.monotonic()
    ran = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=60)
    assert time.monotonic() - began < 30
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", "")
