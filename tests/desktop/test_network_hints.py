"""The system's notices of the network are heard as hints, and the window exchanges by itself."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QNetworkInformation
from pytestqt.qtbot import QtBot

from fsbus.actions.visits import record_visit
from fsbus.desktop.network_hints import NetworkHints
from fsbus.server import admin
from fsbus.server.serving import EmbeddedCentre
from fsbus.sync import http_api
from tests.builders import draft
from tests.desktop.conftest import Opened
from tests.fakes import HeldTime

Reachability = QNetworkInformation.Reachability


def test_a_network_that_comes_or_a_portal_that_opens_is_a_hint(qtbot: QtBot) -> None:
    heard: list[None] = []
    owner = QObject()
    hints = NetworkHints(owner, lambda: heard.append(None))
    known = QNetworkInformation.instance()
    assert known is not None, "this Qt has no backend at all"
    known.reachabilityChanged.emit(Reachability.Disconnected)
    assert not heard
    known.reachabilityChanged.emit(Reachability.Online)
    known.isBehindCaptivePortalChanged.emit(True)
    assert len(heard) == 1
    known.isBehindCaptivePortalChanged.emit(False)
    assert len(heard) == 2
    assert hints.parent() is owner


def test_the_window_exchanges_by_itself_and_plans_the_next_time(
    opened: Opened, tmp_path: Path, qtbot: QtBot, held_time: HeldTime
) -> None:
    clock = held_time.clock()
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}", clock=clock) as served:
        code = admin.enroll_code(served.centre, "bus-3", clock=clock).code
        session = opened.session
        session.store.set_enrolment(
            http_api.enroll(served.url, code, "Poste", session.signing_key, clock=clock)
        )
        opened.screens.sync_presenter.refresh()
        record_visit(session, draft())
        opened.screens.sync_door.automatic.start()
        opened.screens.sync_door.automatic.ring()
        qtbot.waitUntil(lambda: session.store.pending_count() == 0, timeout=20_000)
        qtbot.waitUntil(opened.screens.sync.sync.isEnabled, timeout=20_000)
        seen = list[bool]()
        device, worker = opened.desktop.device, opened.desktop.background
        worker.run(lambda _tell: device.reachable(), seen.append, opened.bugs.append)
        qtbot.waitUntil(lambda: seen == [True], timeout=20_000)
    # The centre is gone: on the worker, as a look does it.
    worker.run(lambda _tell: device.reachable(), seen.append, opened.bugs.append)
    qtbot.waitUntil(lambda: seen == [True, False], timeout=20_000)
