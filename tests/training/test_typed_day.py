"""A day is typed in the real window while it exchanges: all is recorded, and comes to the centre."""

from pathlib import Path
from time import sleep

from PySide6.QtWidgets import QApplication, QWidget

from fsbus.actions.session import Session
from fsbus.server import admin
from fsbus.server.serving import EmbeddedCentre
from fsbus.store import queries
from fsbus.sync import http_api
from fsbus.training.typed_day import WARMING, Heartbeat, resident_bytes, typed_day
from tests.fakes import HeldTime

DAY = "2026-11-24"


def test_the_day_is_recorded_while_it_is_exchanged(
    qapp: QApplication, device: Session, tmp_path: Path, held_time: HeldTime
) -> None:
    clock = held_time.clock()
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}", clock=clock) as served:
        code = admin.enroll_code(served.centre, "bus-3", clock=clock).code
        device.store.set_enrolment(
            http_api.enroll(served.url, code, "Poste", device.signing_key, clock=clock)
        )
        told = typed_day(device, 2)
        http_api.sync_by_http(device.store, clock=clock)
        assert len(list(admin.visits(served.centre))) == 2 + WARMING
    assert len(queries.visits_of_day(device.store.db, DAY)) == 2 + WARMING
    assert told.stall > 0
    assert 0 < told.before <= 4 * told.after
    assert resident_bytes() > 1_000_000


def test_a_silence_is_noticed(qapp: QApplication) -> None:
    widget = QWidget()
    beat = Heartbeat(widget)
    qapp.processEvents()
    beat.begin()
    sleep(0.05)
    qapp.processEvents()
    assert beat.longest >= 0.05
    widget.deleteLater()
