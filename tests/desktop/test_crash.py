"""A bug is written down without a word of what was typed, and shown calmly, once."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, Signal, qInstallMessageHandler, qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from fsbus.actions.session import Session
from fsbus.core.errors import StoreUnavailable
from fsbus.desktop import main, start
from fsbus.desktop.crash import MOST_DIALOGS, CrashReports
from fsbus.desktop.crash_dialog import COPIED, SAFE, CrashDialog
from tests.desktop.keyboard import settle
from tests.fakes import HeldTime

# The offscreen platform says so of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

SECRET = "Mme Exemple, 2 rue du Lavoir"


@pytest.fixture
def reports(dressed: QApplication, tmp_path: Path, held_time: HeldTime) -> Iterator[CrashReports]:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    made = CrashReports(tmp_path / "poste" / "logs", held_time.now)
    yield made
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    qInstallMessageHandler(None)
    made.close()
    settle()


def failing(name: str, error: type[Exception] = ValueError) -> Exception:
    try:
        raise error(f"unreadable: {name}")
    except Exception as caught:  # noqa: BLE001 -- the test makes it
        return caught


def written(reports: CrashReports) -> str:
    """Every word of every file."""
    return "\n".join(path.read_text(encoding="utf-8") for path in reports.folder.iterdir())


def test_a_report_says_where_and_what_kind_but_no_value(reports: CrashReports) -> None:
    path = reports.report(failing(SECRET))
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert "ValueError\n  tests/desktop/test_crash.py:" in text
    assert "failing" in text
    assert "Exemple" not in text
    assert "unreadable" not in text
    assert str(path.parent.parent) not in text


def test_the_dialog_shows_exactly_the_file_and_closing_it_goes_on(reports: CrashReports) -> None:
    path = reports.report(failing(SECRET))
    settle()
    assert path is not None
    dialog = reports.dialog
    assert dialog is not None
    assert dialog.report.toPlainText() == path.read_text(encoding="utf-8")
    assert "Enregistré" in dialog.safe.text()
    assert "rien n’est envoyé" in dialog.what.text()
    dialog.leave.click()
    settle()
    assert reports.dialog is None


def test_a_bug_in_a_loop_is_one_file_and_one_dialog(reports: CrashReports) -> None:
    for _ in range(1000):
        reports.report(failing(SECRET))
    settle()
    assert reports.shown == 1
    assert len(list(reports.folder.glob("crash-*.txt"))) == 1
    told = [line for line in reports.log.recent if '"crashed"' in line]
    assert [line.partition('"times":')[2] for line in told] == ["1}", "10}", "100}", "1000}"]


def test_two_bugs_are_shown_one_after_the_other_and_many_do_not_bury_the_agent(reports: CrashReports) -> None:
    kinds = (ValueError, KeyError, TypeError, OSError, RuntimeError, LookupError)
    for kind in kinds:
        reports.report(failing(SECRET, kind))
    settle()
    seen = []
    while reports.dialog is not None:
        assert (
            sum(isinstance(one, CrashDialog) for one in QApplication.topLevelWidgets() if one.isVisible())
            == 1
        )
        seen.append(reports.dialog.report.toPlainText())
        reports.dialog.leave.click()
        settle()
    assert len(seen) == MOST_DIALOGS
    assert len(set(seen)) == MOST_DIALOGS
    assert len(list(reports.folder.glob("crash-*.txt"))) == len(kinds)


def test_a_known_error_is_told_in_its_own_words_once(reports: CrashReports) -> None:
    told: list[str] = []
    reports.tell = told.append
    for _ in range(3):
        reports.report(StoreUnavailable("Le disque est plein : libérez de la place."))
        settle()
    assert told == ["Le disque est plein : libérez de la place."]
    assert reports.dialog is None


class Broken(QWidget):
    """A widget whose slot, timer and paint fail."""

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self.answer)

    def answer(self) -> None:
        raise LookupError(SECRET)

    def paintEvent(self, event: object) -> None:  # noqa: N802 -- Qt names it so
        raise OverflowError(SECRET)


@pytest.mark.qt_no_exception_capture
def test_what_nobody_caught_is_caught_in_slots_paints_timers_threads_and_finalizers(
    reports: CrashReports, capsys: pytest.CaptureFixture[str]
) -> None:
    reports.install()
    broken = Broken()
    broken.asked.emit()
    broken.show()
    settle()
    broken.close()
    QTimer.singleShot(0, lambda: 1 // 0)
    settle()

    def in_thread() -> None:
        raise BufferError(SECRET)

    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()

    class Finalized:
        def __del__(self) -> None:
            raise AttributeError(SECRET)

    Finalized()
    sys.excepthook(ValueError, ValueError(SECRET), None)
    settle()
    text = written(reports)
    for kind in (
        "LookupError",
        "OverflowError",
        "ZeroDivisionError",
        "BufferError",
        "AttributeError",
        "ValueError",
    ):
        assert kind in text, kind
    assert "Exemple" not in text
    assert "Exemple" not in "".join(capsys.readouterr())
    assert reports.shown == 1


def test_a_report_from_a_thread_is_shown_by_the_thread_of_the_windows(reports: CrashReports) -> None:
    thread = threading.Thread(target=lambda: reports.report(failing(SECRET)))
    thread.start()
    thread.join()
    assert reports.shown == 0
    settle()
    assert reports.shown == 1
    shown = [one for one in QApplication.topLevelWidgets() if isinstance(one, CrashDialog)]
    assert {one.thread() for one in shown if one.isVisible()} == {reports.thread()}


@pytest.mark.qt_log_ignore("unreadable", extend=True)
def test_what_qt_says_is_told_by_level_and_category_once(reports: CrashReports) -> None:
    reports.install()
    for _ in range(5):
        qWarning(f"unreadable {SECRET}")
    assert '"event":"qt","level":"warning","category":"default"' in written(reports)
    assert written(reports).count('"event":"qt"') == 1
    assert "Exemple" not in written(reports)


def test_ctrl_c_closes_the_application_and_is_no_bug(
    reports: CrashReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    quits: list[bool] = []
    monkeypatch.setattr("fsbus.desktop.crash.QCoreApplication.quit", lambda: quits.append(True))
    reports.install()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    settle()
    assert quits == [True]
    assert reports.dialog is None


def test_a_disk_that_refuses_the_report_is_no_second_crash(
    dressed: QApplication, tmp_path: Path, held_time: HeldTime
) -> None:
    (tmp_path / "file").write_text("in the way")
    reports = CrashReports(tmp_path / "file" / "logs", held_time.now)
    assert reports.report(failing(SECRET)) is None
    settle()
    assert reports.dialog is not None
    assert "ValueError" in reports.dialog.report.toPlainText()
    reports.close()


def test_a_bug_before_the_first_window_is_shown_too(
    dressed: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object) -> None:
        raise ValueError(SECRET)

    shown: list[str] = []

    def close_dialog() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, CrashDialog)
        shown.extend([dialog.safe.text(), dialog.report.toPlainText()])
        dialog.leave.click()

    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    monkeypatch.setattr(main.Desktop, "start", fail)
    QTimer.singleShot(0, close_dialog)
    try:
        assert start.run(tmp_path) == start.FAILED
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
        qInstallMessageHandler(None)
    assert "n’a pas pu s’ouvrir" in shown[0]
    assert "ValueError" in shown[1]
    assert "Exemple" not in "".join(shown)


def test_a_fault_that_ended_the_last_run_is_told_at_the_next_start(reports: CrashReports) -> None:
    reports.folder.mkdir(parents=True)
    (reports.folder / "faults.log").write_text(
        f'Fatal Python error: Aborted\n\n  File "/home/{SECRET}/x.py", line 3 in go\n', encoding="utf-8"
    )
    reports.install()
    settle()
    assert reports.dialog is not None
    assert "La dernière fois" in reports.dialog.safe.text()
    assert "Défaut du code natif : Aborted" in reports.dialog.report.toPlainText()
    assert "Exemple" not in written(reports)


def test_a_bug_while_unlocking_is_shown_and_the_passphrase_is_nowhere(
    dressed: QApplication, device: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def fail(home: Path, passphrase: str, **others: object) -> Session:
        raise RuntimeError(passphrase)

    monkeypatch.setattr("fsbus.actions.session.open_session", fail)
    desktop = main.Desktop(device.home, clock=device.clock, ids=device.ids)
    desktop.start()
    try:
        desktop.unlock_with(SECRET)
        qtbot.waitUntil(lambda: desktop.reports.dialog is not None)
        assert desktop.reports.dialog is not None
        assert "RuntimeError" in desktop.reports.dialog.report.toPlainText()
        assert "Exemple" not in written(desktop.reports)
    finally:
        desktop.reports.close()
        desktop.background.close(desktop.device.close)
        desktop.window.close()
        desktop.window.deleteLater()
        settle()


# --- the dialog -------------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(dressed: QApplication, tmp_path: Path) -> Iterator[CrashDialog]:
    made = CrashDialog("ValueError\n  fsbus/desktop/main.py:12 Desktop.open\n", tmp_path, None, SAFE)
    made.show()
    settle()
    yield made
    made.close()
    made.deleteLater()


def test_the_report_can_be_read_and_copied_but_not_changed(dialog: CrashDialog) -> None:
    assert dialog.report.isReadOnly()
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == dialog.report.toPlainText()
    assert dialog.copied.text() == COPIED


def test_the_folder_is_opened_on_demand_only(dialog: CrashDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "fsbus.desktop.crash_dialog.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile())
    )
    assert opened == []
    dialog.open_folder.click()
    assert opened == [str(dialog._folder)]


def test_the_keyboard_goes_everywhere_and_every_part_has_its_name(dialog: CrashDialog) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    assert dialog.focusWidget() is dialog.leave
    met = []
    for _ in range(4):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        met.append(dialog.focusWidget().accessibleName())
    assert set(met) == {"Compte rendu du défaut", "Copier", "Ouvrir le dossier", "Fermer"}
    assert dialog.accessibleName()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_nothing_is_cut_at_200_percent_of_a_small_laptop(dialog: CrashDialog) -> None:
    dialog.resize(640, 320)
    settle()
    assert dialog.width() == 640
    assert dialog.height() == 320
    for one in (dialog.heading, dialog.safe, dialog.what):
        assert one.height() >= one.heightForWidth(one.width())
    for push in dialog.findChildren(QPushButton):
        assert push.width() >= push.sizeHint().width()
    assert dialog.report.height() > 40
