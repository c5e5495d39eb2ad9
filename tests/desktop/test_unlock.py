"""The first screen: the right passphrase opens, a wrong one says so, and the window never freezes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fsbus.actions.drafts import kept_draft
from fsbus.actions.session import STORE, Session, open_session
from fsbus.core.errors import StoreDamaged, TooSoon, WrongPassphrase
from fsbus.desktop.device import RESTORING
from fsbus.desktop.main import Desktop
from fsbus.desktop.unlock.presenter import NOT_SHOWN, WRONG, UnlockPresenter
from fsbus.desktop.unlock.view import UnlockView
from fsbus.desktop.visit_form.typed import from_plain
from tests.desktop.keyboard import Typist, focused, never, settle
from tests.devices import PASSPHRASE, MakeDevice, Template, drop
from tests.fakes import HeldTime

LONG_ENOUGH = 20_000


@pytest.fixture
def start(dressed: QApplication, held_time: HeldTime) -> Iterator[Callable[[Path], Desktop]]:
    """Starts the application on a folder; closes it at the end."""
    started: list[Desktop] = []
    bugs: list[Exception] = []

    def start(home: Path) -> Desktop:
        desktop = Desktop(home, clock=held_time.clock(), ids=held_time.ids(), on_bug=bugs.append)
        desktop.start()
        desktop.window.activateWindow()
        settle()
        started.append(desktop)
        return desktop

    yield start
    for desktop in started:
        desktop.window.may_close = lambda: True
        desktop.window.close()
        assert desktop.finish()
        desktop.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert bugs == []


@pytest.fixture
def home(make_device: MakeDevice, tmp_path: Path) -> Path:
    """The folder of a laptop that is locked."""
    make_device("locked").store.close()
    return tmp_path / "locked"


def test_the_passphrase_typed_by_keyboard_opens_the_day(
    start: Callable[[Path], Desktop], home: Path, qtbot: QtBot
) -> None:
    desktop = start(home)
    keys = Typist()
    assert desktop.unlock is not None
    assert focused() is desktop.unlock.passphrase
    keys.write(PASSPHRASE)
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desktop.screens is not None, timeout=LONG_ENOUGH)
    assert desktop.window.page() == "today"
    assert desktop.unlock.typed() == ""


def test_a_damaged_store_is_restored_while_the_unlock_screen_says_so(
    start: Callable[[Path], Desktop], make_device: MakeDevice, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    show = UnlockView.show_progress

    def watch(view: UnlockView, text: str) -> None:
        show(view, text)
        told.append(view.progress())

    monkeypatch.setattr(UnlockView, "show_progress", watch)
    session = make_device("damaged")
    session.back_up()
    drop(session)
    (session.home / STORE).write_bytes(b"nothing")
    desktop = start(session.home)
    Typist().write(PASSPHRASE)
    Typist().press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desktop.screens is not None, timeout=LONG_ENOUGH)
    assert told == [RESTORING]


def test_a_wrong_passphrase_is_told_and_can_be_typed_again(
    start: Callable[[Path], Desktop], home: Path, qtbot: QtBot
) -> None:
    desktop = start(home)
    keys = Typist()
    view = desktop.unlock
    assert view is not None
    keys.write("ce n’est pas la bonne")
    keys.press(Qt.Key.Key_Return)
    assert not view.open.isEnabled()
    qtbot.waitUntil(view.open.isEnabled, timeout=LONG_ENOUGH)
    assert desktop.screens is None
    assert view.error() == WRONG
    assert focused() is view.passphrase
    keys.write(PASSPHRASE)  # what was wrong is selected, so typing replaces it
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desktop.screens is not None, timeout=LONG_ENOUGH)


def test_a_new_laptop_is_prepared_by_keyboard(
    start: Callable[[Path], Desktop], tmp_path: Path, qtbot: QtBot, held_time: HeldTime
) -> None:
    home = tmp_path / "neuf"
    desktop = start(home)
    view = desktop.first_run
    assert view is not None
    keys = Typist()
    keys.press(Qt.Key.Key_Return)
    assert {name for name, row in view.rows.items() if row.problem} == {"bus", "agent", "again", "noted"}
    assert focused() is view.bus
    keys.write("Bus du canton")
    keys.tab()
    keys.write("Zoé Exemple")
    phrase = view.phrase()
    assert len(phrase.split()) == 6
    keys.press(Qt.Key.Key_Return)
    assert focused() is view.again
    keys.write(phrase)
    keys.tab()
    keys.press(Qt.Key.Key_Space)
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desktop.screens is not None, timeout=LONG_ENOUGH)
    with open_session(home, phrase, clock=held_time.clock(), ids=held_time.ids()) as session:
        assert (session.bus, session.agent.name) == ("Bus du canton", "Zoé Exemple")


def test_a_weak_passphrase_of_ones_own_is_refused(start: Callable[[Path], Desktop], tmp_path: Path) -> None:
    view = start(tmp_path / "neuf").first_run
    assert view is not None
    view.bus.setText("Bus")
    view.agent.setText("Zoé Exemple")
    view.own.setChecked(True)
    view.chosen.setText("azerty")
    view.again.setText("azerty")
    view.create_requested.emit()
    assert view.rows["passphrase"].problem
    assert not view.rows["noted"].isVisible()
    assert not (tmp_path / "neuf" / "keys.fsk").exists()


def test_a_capital_typed_without_shift_warns_of_caps_lock(
    start: Callable[[Path], Desktop], home: Path
) -> None:
    view = start(home).unlock
    assert view is not None
    QTest.keyClick(view.passphrase, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert not view.warns_of_caps_lock()
    Typist().write("A")
    assert view.warns_of_caps_lock()
    Typist().write("b")
    assert not view.warns_of_caps_lock()


class ScreenOfWords:
    """The unlock screen as a presenter sees it."""

    def __init__(self, typed: str) -> None:
        self.text, self.errors, self.busy = typed, list[str](), list[bool]()
        self.waits = list[str]()

    def typed(self) -> str:
        return self.text

    def forget(self) -> None:
        self.text = ""

    def set_busy(self, busy: bool) -> None:
        self.busy.append(busy)

    def show_error(self, text: str) -> None:
        self.errors.append(text)

    def show_wait(self, text: str) -> None:
        self.waits.append(text)

    def show_progress(self, text: str) -> None:
        self.waits.append(text)


class HeldDoor:
    """A door that opens when the test says so."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.done: Callable[[str], None]
        self.failed: Callable[[Exception], None]

    def __call__(
        self,
        passphrase: str,
        done: Callable[[str], None],
        failed: Callable[[Exception], None],
        progress: Callable[[str], None],
    ) -> None:
        self.tried.append(passphrase)
        self.progress = progress
        self.done, self.failed = done, failed


def test_a_second_press_while_the_key_is_made_tries_nothing_more() -> None:
    screen, door, opened = ScreenOfWords("abc"), HeldDoor(), list[str]()
    presenter = UnlockPresenter(screen, door, opened.append, never)
    presenter.open()
    presenter.open()
    assert door.tried == ["abc"]
    door.done("session")
    assert opened == ["session"]
    assert screen.text == ""
    assert screen.busy == [True, False]


def test_a_day_that_cannot_be_shown_is_told_each_time_on_the_unlock_screen() -> None:
    screen, door = ScreenOfWords("abc"), HeldDoor()

    def broken(_opened: str) -> None:
        raise ZeroDivisionError

    presenter = UnlockPresenter(screen, door, broken, never)
    for _ in range(2):
        screen.text = "abc"
        presenter.open()
        with pytest.raises(ZeroDivisionError):
            door.done("session")
    assert (screen.errors, screen.busy[-1]) == ([NOT_SHOWN, NOT_SHOWN], False)


@pytest.mark.parametrize(
    ("error", "said", "is_bug"),
    [
        (WrongPassphrase("…"), WRONG, False),
        (
            StoreDamaged("Un fichier est abîmé : lancez fsbus check."),
            "Un fichier est abîmé : lancez fsbus check.",
            False,
        ),
        (ZeroDivisionError(), "Le registre n’a pas pu être ouvert. Un rapport a été écrit.", True),
    ],
)
def test_each_failure_is_told_for_what_it_is(error: Exception, said: str, is_bug: bool) -> None:
    screen, door, bugs = ScreenOfWords("abc"), HeldDoor(), list[Exception]()
    presenter = UnlockPresenter(screen, door, never, bugs.append)
    presenter.open()
    door.failed(error)
    assert screen.errors == [said]
    assert bugs == ([error] if is_bug else [])
    assert screen.text == "abc"


def test_after_too_many_failures_the_screen_says_how_long_and_then_tries_again() -> None:
    screen, door, now = ScreenOfWords("abc"), HeldDoor(), [100.0]
    presenter = UnlockPresenter(screen, door, never, never, lambda: now[0])
    presenter.open()
    door.failed(WrongPassphrase("…", 15))
    assert screen.errors == [f"{WRONG} Trop d’essais : attendez encore 15\u00a0secondes. Rien n’est effacé."]
    presenter.open()
    assert door.tried == ["abc"]
    assert "15\u00a0secondes" in screen.errors[-1]
    now[0] += 14.2
    presenter.tick()
    assert screen.waits == ["Trop d’essais : attendez encore 1\u00a0seconde. Rien n’est effacé."]
    now[0] += 0.8
    presenter.tick()
    presenter.tick()
    assert screen.waits[1:] == ["Vous pouvez réessayer."]
    assert screen.busy[-1] is False
    presenter.open()
    assert door.tried == ["abc", "abc"]


def test_a_try_that_came_too_soon_is_not_called_wrong() -> None:
    screen, door = ScreenOfWords("abc"), HeldDoor()
    presenter = UnlockPresenter(screen, door, never, never, lambda: 0.0)
    presenter.open()
    door.failed(TooSoon("…", 3600))
    assert screen.errors == ["Trop d’essais : attendez encore 1\u00a0heure. Rien n’est effacé."]


def test_nothing_typed_is_not_tried() -> None:
    screen, door = ScreenOfWords("  "), HeldDoor()
    UnlockPresenter(screen, door, never, never).open()
    assert door.tried == []
    assert screen.errors == ["Écrivez la phrase secrète de ce poste."]


LOCK_AT_ONCE = """
import sys
from pathlib import Path
from fsbus.desktop import main, start
begin = main.Desktop.start
def start_and_lock(self):
    begin(self)
    self.device.open(sys.argv[2], lambda session: (self.open(session), self.lock()), lambda error: sys.exit(str(error)), print)
main.Desktop.start = start_and_lock
sys.exit(start.run(Path(sys.argv[1]), restart=[sys.executable, "-c", "open(%r, 'w').close()" % sys.argv[3]]))
"""


def test_locking_ends_the_process_that_holds_the_key_and_starts_another(
    home: Path, tmp_path: Path, template: Template, qtbot: QtBot
) -> None:
    started_again = tmp_path / "started-again"
    ran = subprocess.run(
        [sys.executable, "-c", LOCK_AT_ONCE, str(home), PASSPHRASE, str(started_again)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    qtbot.waitUntil(started_again.exists, timeout=LONG_ENOUGH)
    errors = home / "logs" / "errors.log"
    assert not errors.exists(), errors.read_text()


def test_a_day_that_cannot_be_shown_leaves_no_session_open(
    start: Callable[[Path], Desktop], device: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_all: object) -> None:
        raise ZeroDivisionError

    desktop = start(device.home)
    monkeypatch.setattr(Desktop, "_build_screens", broken)
    session, closed = device.reopen(), list[bool]()
    close = session.close

    def close_and_tell() -> None:
        close()
        closed.append(True)

    monkeypatch.setattr(session, "close", close_and_tell)
    with pytest.raises(ZeroDivisionError):
        desktop.open(session, by_itself=False)
    assert (closed, desktop.session, desktop.locker) == ([True], None, None)


def test_locking_asks_nothing_and_keeps_what_is_being_typed(
    start: Callable[[Path], Desktop], device: Session
) -> None:
    desktop = start(device.home)
    desktop.open(device.reopen(), by_itself=False)
    assert desktop.screens is not None
    desktop.screens.new_visit()
    desktop.screens.visit.person.note.setText("Revient jeudi.")
    Typist().control(Qt.Key.Key_L)
    assert (desktop.wants_restart, desktop.window.isVisible()) == (True, False)
    assert desktop.finish()
    kept = kept_draft(device)
    assert kept is not None
    assert from_plain(kept.form).entry.note == "Revient jeudi."


def test_the_demonstration_opens_by_itself_through_the_same_screen(
    start: Callable[[Path], Desktop], home: Path, qtbot: QtBot
) -> None:
    desktop = start(home)
    desktop.unlock_with(PASSPHRASE)
    qtbot.waitUntil(lambda: desktop.screens is not None, timeout=LONG_ENOUGH)
    assert desktop.window.page() == "today"
