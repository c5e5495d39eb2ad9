"""A laptop too long without its centre: its screen, by keyboard, with a real centre at the other end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fsbus.actions.lease import LeaseWatch
from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.desktop.lease_page.view import LeaseView
from fsbus.desktop.main import Desktop
from fsbus.desktop.widgets.pages import Following
from fsbus.server import admin, tables
from fsbus.server.bundles import answer_bundle
from fsbus.server.database import update
from fsbus.server.serving import EmbeddedCentre
from fsbus.sync import http_api
from tests.builders import draft
from tests.desktop.audit import unnamed
from tests.desktop.keyboard import Typist, focused, settle
from tests.desktop.test_accessible_names import alt_keys
from tests.devices import PASSPHRASE
from tests.fakes import HeldTime

A_WHILE = 20_000


@pytest.fixture
def served(tmp_path: Path, held_time: HeldTime) -> Iterator[EmbeddedCentre]:
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}", clock=held_time.clock()) as centre:
        yield centre


@pytest.fixture
def attached(device: Session, served: EmbeddedCentre) -> Session:
    code = admin.enroll_code(served.centre, "bus-3", clock=device.clock).code
    device.store.set_enrolment(http_api.enroll(served.url, code, "Poste 1", device.signing_key))
    record_visit(device, draft())
    return device


@pytest.fixture
def start(dressed: QApplication, attached: Session) -> Iterator[Callable[..., Desktop]]:
    """Opens the application on the attached laptop; nothing exchanges by itself."""
    started: list[Desktop] = []
    bugs: list[Exception] = []

    def start(*, open_it: bool = True) -> Desktop:
        desktop = Desktop(attached.home, clock=attached.clock, ids=attached.ids, on_bug=bugs.append)
        started.append(desktop)
        desktop.window.resize(1366, 740)
        desktop.window.show()
        if open_it:
            desktop.open(attached, by_itself=False)
        desktop.window.activateWindow()
        settle()
        return desktop

    yield start
    for desktop in started:
        desktop.stop_timers()
        desktop.background.close(desktop.device.close)
        desktop.window.may_close = lambda: True
        desktop.window.close()
        desktop.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert bugs == []


def lease_view(desktop: Desktop) -> LeaseView:
    assert desktop.lease is not None
    assert desktop.lease.view is not None
    return desktop.lease.view


def test_an_exchange_brings_it_back_and_sends_what_waited(
    start: Callable[[], Desktop], attached: Session, held_time: HeldTime, served: EmbeddedCentre, qtbot: QtBot
) -> None:
    held_time.advance(days=15)
    desktop = start()
    view = lease_view(desktop)
    assert (desktop.window.page(), desktop.screens) == ("lease", None)
    assert "depuis 15 jours" in view.why.text()
    assert "4\u00a0saisies partiront" in view.kept.text()
    assert focused() is view.sync
    Typist().press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: desktop.screens is not None, timeout=A_WHILE)
    assert desktop.window.page() == "today"
    assert "lease" not in desktop.window.pages
    assert attached.store.pending_count() == 0
    assert len(list(admin.visits(served.centre))) == 1


def test_a_code_by_telephone_opens_it_by_keyboard_alone(
    start: Callable[[], Desktop], attached: Session, held_time: HeldTime, served: EmbeddedCentre
) -> None:
    held_time.advance(days=15)
    LeaseWatch(attached).stop()  # as the opening with a passphrase does first: a fresh challenge
    desktop = start()
    view, keys = lease_view(desktop), Typist()
    made = admin.lease_code(served.centre, view.device.text(), view.challenge.text(), 3)
    keys.alt(Qt.Key.Key_D)
    assert focused() is view.code
    keys.write("3000 0000 0000")
    keys.press(Qt.Key.Key_Return)
    assert "ne répond pas" in view.row.problem
    assert focused() is view.code
    keys.write(made.code)  # what was wrong is selected, so typing replaces it
    keys.press(Qt.Key.Key_Return)
    assert desktop.window.page() == "today"
    assert desktop.screens is not None
    assert desktop.window.state_line().startswith("Ce poste n’a pas joint le centre depuis 15 jours — ")


def test_out_of_reach_it_says_what_to_do_and_loses_nothing(
    start: Callable[[], Desktop],
    attached: Session,
    held_time: HeldTime,
    served: EmbeddedCentre,
    qtbot: QtBot,
) -> None:
    held_time.advance(days=15)
    with served.centre.database.write() as connection:
        connection.execute(update(tables.devices).values(revoked_at="2026-11-24T08:00:00Z"))
    desktop = start()
    view, keys = lease_view(desktop), Typist()
    keys.press(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "plus accepté" in view.said(), timeout=A_WHILE)
    assert desktop.window.page() == "lease"
    served.__exit__(None, None, None)
    keys.press(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "hors d’atteinte" in view.said(), timeout=A_WHILE)
    assert attached.store.pending_count() == 4


def test_a_stick_brings_it_back_without_a_network(
    start: Callable[[], Desktop],
    attached: Session,
    held_time: HeldTime,
    served: EmbeddedCentre,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    http_api.sync_by_http(attached.store, clock=attached.clock)
    record_visit(attached, draft())
    held_time.advance(days=15)
    desktop = start()
    card, path, back = lease_view(desktop).stick, tmp_path / "bus.fsb", tmp_path / "retour.fsb"
    monkeypatch.setattr(card, "ask_where_to_write", lambda _proposed: path)
    monkeypatch.setattr(card, "ask_what_to_read", lambda: back)
    Typist().alt(Qt.Key.Key_U)
    qtbot.waitUntil(lambda: "3 saisies sur la clé USB" in card.said(), timeout=A_WHILE)
    assert desktop.window.page() == "lease"
    back.write_bytes(answer_bundle(served.centre, path.read_bytes(), clock=attached.clock).sealed)
    Typist().alt(Qt.Key.Key_L)
    qtbot.waitUntil(lambda: desktop.screens is not None, timeout=A_WHILE)
    assert attached.store.pending_count() == 0


def test_when_no_code_can_be_used_it_says_so_and_offers_the_exchange_only(
    start: Callable[[], Desktop], attached: Session, held_time: HeldTime, served: EmbeddedCentre
) -> None:
    held_time.advance(days=15)
    spent = attached.store.lease()
    assert spent is not None
    attached.store.change_lease(lambda _: type(spent)(**{**vars(spent), "codes": 3}))
    view = lease_view(start())
    assert not view.code.isVisible()
    assert view.sync.isVisible()


@pytest.mark.parametrize("size", [(1366, 700), (683, 350)])
def test_the_screen_is_named_and_never_scrolls_sideways(
    start: Callable[[], Desktop], held_time: HeldTime, size: tuple[int, int]
) -> None:
    held_time.advance(days=15)
    desktop = start()
    desktop.window.resize(*size)
    view = lease_view(desktop)
    view.say("Le centre est hors d’atteinte pour l’instant.")
    settle()
    assert isinstance(view, Following)
    assert view.horizontalScrollBar().maximum() == 0
    assert unnamed(view) == []
    assert {key for key, count in alt_keys(view).items() if count > 1} == set()
    if size[1] == 700:
        assert view.verticalScrollBar().maximum() == 0
    view.code.setFocus()
    settle()
    assert view.code.visibleRegion().boundingRect().height() == view.code.height()


def test_from_the_seventh_day_the_state_line_and_the_panel_say_so_calmly(
    start: Callable[[], Desktop], held_time: HeldTime, qtbot: QtBot
) -> None:
    desktop = start()
    assert desktop.screens is not None
    assert not desktop.window.state_line().startswith("Ce poste n’a pas")
    held_time.advance(days=8)
    assert desktop.lease is not None
    desktop.lease.keep()
    qtbot.waitUntil(
        lambda: desktop.window.state_line().startswith("Ce poste n’a pas joint le centre depuis 8 jours — "),
        timeout=A_WHILE,
    )
    assert desktop.window.page() == "today"
    Typist().press(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: not desktop.window.state_line().startswith("Ce poste n’a pas"), timeout=A_WHILE)


def test_a_lease_that_ends_while_it_is_open_lets_the_visit_be_ended_then_locks(
    start: Callable[[], Desktop], held_time: HeldTime, qtbot: QtBot
) -> None:
    desktop = start()
    assert desktop.screens is not None
    assert desktop.lease is not None
    desktop.screens.new_visit()
    held_time.advance(days=15)
    with qtbot.waitSignal(desktop.lease.ended, timeout=A_WHILE):
        desktop.lease.keep()
    settle()
    assert desktop.window.isVisible()
    assert not desktop.wants_restart
    desktop.screens.visit_presenter.cancel()
    with qtbot.waitSignal(desktop.lease.ended, timeout=A_WHILE):
        desktop.lease.keep()
    qtbot.waitUntil(lambda: desktop.wants_restart, timeout=A_WHILE)


def test_the_right_passphrase_leads_to_it_when_the_lease_has_ended(
    start: Callable[..., Desktop],
    attached: Session,
    held_time: HeldTime,
    served: EmbeddedCentre,
    qtbot: QtBot,
) -> None:
    attached.store.close()
    held_time.advance(days=15)
    desktop = start(open_it=False)
    desktop.start()
    desktop.unlock_with(PASSPHRASE)
    qtbot.waitUntil(lambda: "lease" in desktop.window.pages, timeout=A_WHILE)
    view, keys = lease_view(desktop), Typist()
    assert desktop.window.page() == "lease"
    made = admin.lease_code(served.centre, view.device.text()[:5], view.challenge.text(), 1)
    keys.alt(Qt.Key.Key_D)
    keys.write(made.code)
    keys.press(Qt.Key.Key_Return)
    assert desktop.window.page() == "today"
    assert desktop.session is not None
    desktop.session.store.close()
