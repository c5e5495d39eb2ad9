"""A laptop remembers that it waits or was turned away, hands over what waits once, and comes back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.errors import DevicePending, DeviceRevoked
from fsbus.server import admin, aside
from fsbus.server.enrolling import make_code
from fsbus.server.lost_device import revoke
from fsbus.server.regions import set_region
from fsbus.server.serving import EmbeddedCentre
from fsbus.server.taking_aside import take
from fsbus.server.trusting import fingerprint_of, judge, take_trust
from fsbus.store.standing import PENDING, REVOKED, key_to_enrol, read_standing
from fsbus.store.store import Edit, Store
from fsbus.store.sums import want_comparison
from fsbus.sync import engine, http_api
from fsbus.sync import standing as sync_standing
from fsbus.wire.statements import APPROVE
from tests.server.laptop import FEED, NOW, numbered_id, record_body, still_clock, visit_body
from tests.server.test_granting import REGION
from tests.server.test_trusting import file_of
from tests.wire.trusted import COORDINATOR

KEY = bytes([7]) * 32


@pytest.fixture
def served(tmp_path: Path) -> Iterator[EmbeddedCentre]:
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}", clock=still_clock()) as running:
        yield running


def laptop(
    served: EmbeddedCentre, folder: Path, feed: str = FEED, role: str = "agent", key: bytes = KEY
) -> Store:
    folder.mkdir()
    store = Store.create(folder / "fsbus.db", bytes(32), clock=still_clock())
    enrol(served, store, feed, role, key)
    return store


def enrol(
    served: EmbeddedCentre, store: Store, feed: str = FEED, role: str = "agent", key: bytes = KEY
) -> None:
    code = make_code(served.centre, feed, role, NOW).code
    fresh = key_to_enrol(store, key)
    store.set_enrolment(http_api.enroll(served.url, code, "Portable", fresh))


def record(store: Store, first: int, many: int) -> None:
    edits = [Edit(VISIT, numbered_id(first + one), "create", visit_body()) for one in range(many)]
    store.save(edits, actor=numbered_id(9))


def sync(store: Store) -> engine.SyncReport:
    return http_api.sync_by_http(store, clock=still_clock())


def test_a_laptop_waits_for_approval_keeps_all_and_exchanges_by_itself_afterwards(
    served: EmbeddedCentre, tmp_path: Path
) -> None:
    raw = file_of(served.centre)
    take_trust(served.centre, raw, fingerprint_of(raw))
    store = laptop(served, tmp_path / "one")
    record(store, 100, 3)
    http_api.meet(store, clock=still_clock())
    noted = read_standing(store)
    assert noted is not None
    assert (noted.problem, noted.is_due(NOW)) == (PENDING, True)
    with pytest.raises(DevicePending, match="nom du poste"):
        sync(store)
    assert (store.pending_count(), admin.check(served.centre).operations) == (3, 0)

    set_region(served.centre, FEED, "nord")
    device = store.link().enrolment
    assert device is not None
    judge(served.centre, device.device, APPROVE, COORDINATOR, NOW)
    assert sync(store).pushed == 3
    assert read_standing(store) is None
    store.close()


def test_turned_away_it_hands_over_all_that_waits_once_and_tries_rarely(
    served: EmbeddedCentre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (engine, sync_standing):
        monkeypatch.setattr(module, "FIRST_CHUNK", 2_000)
    store = laptop(served, tmp_path / "one")
    record(store, 100, 2)
    sync(store)
    device = store.link().enrolment
    assert device is not None
    revoke(served.centre, device.device)
    record(store, 200, 30)
    for _ in range(2):
        with pytest.raises(DeviceRevoked):
            sync(store)
    (kept,) = aside.listed(served.centre.database)
    assert (kept.operations, admin.check(served.centre).operations) == (30, 2)
    noted = read_standing(store)
    assert noted is not None
    assert (noted.problem, noted.handed, store.pending_count()) == (REVOKED, True, 30)
    assert not noted.is_due(NOW + timedelta(hours=5))
    assert noted.is_due(NOW + timedelta(hours=6))
    assert noted.is_due(NOW - timedelta(days=400)), "a clock set back must not make wait for years"

    enrol(served, store)
    back = store.link().enrolment
    assert back is not None
    assert back.device != device.device
    assert read_standing(store) is None
    # Its old name is another laptop’s now: what was said under it may be said again, and changes nothing.
    assert sync(store).pushed >= 30
    # The same work taken in twice, under two names, is the same work.
    taken = take(served.centre, device.device, NOW)
    assert (taken.taken, set(taken.results)) == (30, {"merged"})
    assert len(list(admin.visits(served.centre))) == 32
    assert sync(store).conflicts == 0
    assert admin.check(served.centre).problems == ()
    store.close()


def test_a_lost_enrolment_is_tried_again_with_the_same_new_key(
    served: EmbeddedCentre, tmp_path: Path
) -> None:
    store = laptop(served, tmp_path / "one")
    device = store.link().enrolment
    assert device is not None
    assert key_to_enrol(store, KEY) == KEY
    revoke(served.centre, device.device)
    with pytest.raises(DeviceRevoked):
        sync(store)
    fresh = key_to_enrol(store, KEY)
    assert fresh != KEY
    assert store.setting("signing_key") == fresh.hex()
    assert key_to_enrol(store, fresh) == fresh
    store.close()


def test_a_coordinators_laptop_follows_its_region(served: EmbeddedCentre, tmp_path: Path) -> None:
    bus = laptop(served, tmp_path / "bus")
    record(bus, 100, 3)
    sync(bus)
    office = laptop(served, tmp_path / "office", REGION, "coordinator", bytes([8]) * 32)
    assert sync(office).pulled == 0

    set_region(served.centre, FEED, REGION)
    assert sync(office).pulled == 3
    office.save([Edit(VISIT, numbered_id(100), "set", {"minutes": 45})], actor=numbered_id(9))
    office.save(
        [Edit(PROCEDURE_RECORD, numbered_id(300), "create", record_body(numbered_id(100)))],
        actor=numbered_id(9),
    )
    record(office, 400, 1)
    assert (sync(office).pushed, sync(bus).pulled) == (3, 2)

    before = admin.check(served.centre)
    office.maintain(want_comparison)
    assert (sync(office).pushed, admin.check(served.centre)) == (0, before), (
        "each feed is compared with its own"
    )

    set_region(served.centre, FEED, None)
    record(bus, 200, 1)
    sync(bus)
    report = sync(office)
    assert (report.pulled, report.requests) == (0, 3)
    held = office.db.conn.execute(
        "SELECT id FROM visits UNION ALL SELECT id FROM procedure_records"
    ).fetchall()
    assert held == [(numbered_id(400),)]
    assert sync(office).requests == 1
    for store in (bus, office):
        store.close()
