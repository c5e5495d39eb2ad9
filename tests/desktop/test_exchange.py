"""The sync panel against a real centre: enrolled, exchanged, and the window never waits for it."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from fsbus.actions.session import MOST_SAVES
from fsbus.actions.visits import record_visit
from fsbus.server import admin
from fsbus.server.serving import EmbeddedCentre
from tests.builders import draft
from tests.desktop.conftest import Opened
from tests.desktop.hearing import Heard
from tests.desktop.keyboard import Typist, focused
from tests.fakes import HeldTime

A_WHILE = 20_000


def test_a_laptop_is_enrolled_and_sends_its_day_from_the_panel(
    opened: Opened, tmp_path: Path, qtbot: QtBot, held_time: HeldTime, heard: Heard
) -> None:
    record_visit(opened.session, draft())
    view = opened.screens.sync
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}", clock=held_time.clock()) as served:
        code = admin.enroll_code(served.centre, "thierache", clock=held_time.clock()).code
        keys = Typist()
        keys.press(Qt.Key.Key_F5)
        assert opened.desktop.window.page() == "sync"
        # The advice has the keyboard first; the form follows it.
        assert focused() is view.advice
        keys.tab()
        keys.write(served.url)
        keys.tab()
        keys.write(code)
        keys.press(Qt.Key.Key_Return)
        qtbot.waitUntil(view.sync.isVisible, timeout=A_WHILE)
        qtbot.waitUntil(lambda: opened.session.store.pending_count() == 0, timeout=A_WHILE)
        qtbot.waitUntil(view.sync.isEnabled, timeout=A_WHILE)
        assert [line.device for line in admin.devices(served.centre)] == [opened.session.device]
        record_visit(opened.session, draft())
        keys.press(Qt.Key.Key_F5)
        qtbot.waitUntil(lambda: "3 saisies envoyées" in view.said(), timeout=A_WHILE)
    keys.press(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "hors d’atteinte" in view.said(), timeout=A_WHILE)
    assert opened.desktop.window.state_line().startswith("Hors ligne — aucune saisie en attente")
    announced = " | ".join(heard.texts())
    assert "3 saisies envoyées" in announced
    assert "hors d’atteinte" in announced


def test_a_backup_that_is_due_is_made_by_the_worker(opened: Opened, qtbot: QtBot) -> None:
    session = opened.session
    opened.desktop.back_up_when_due()
    before = len(session.backups.all())
    for _ in range(MOST_SAVES):
        record_visit(session, draft())
    assert session.is_backup_due()

    opened.desktop.back_up_when_due()

    qtbot.waitUntil(lambda: not session.is_backup_due(), timeout=A_WHILE)
    assert len(session.backups.all()) == before + 1
    assert session.backups.verify(session.backups.all()[0].path).visits == MOST_SAVES
