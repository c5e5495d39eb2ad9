"""A feed that leaves amid a first copy or a comparison stops neither, and leaves nothing readable."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fsbus.server.direct import DirectApi
from fsbus.server.granting import COORDINATOR
from fsbus.server.regions import set_region
from fsbus.store.incoming import choose_snapshot, keep_part, read_incoming, want_snapshot
from fsbus.store.sums import COMPARE, want_comparison
from fsbus.sync.engine import Engine
from fsbus.wire.api import SnapshotAnswer, SumsAnswer
from tests.sync.world import LaptopUnderTest, World

BUS, REGION = "bus-3", "nord"


@pytest.fixture
def coordinator(world: World) -> Iterator[LaptopUnderTest]:
    """A coordinator's laptop that shows a visit of a bus of the region."""
    bus = world.laptop("bus")
    bus.record("du bus")
    bus.sync()
    bus.close()
    set_region(world.centre, BUS, REGION)
    one = world.laptop("coordinateur", REGION, COORDINATOR)
    one.sync()
    assert len(one.lines()) == 1
    yield one
    one.close()


def test_one_that_leaves_amid_its_first_copy_leaves_nothing(
    world: World, coordinator: LaptopUnderTest
) -> None:
    chosen = SnapshotAnswer("0" * 32, coordinator.store.link().epoch, 3, 8, "0" * 64, 3)
    coordinator.store.maintain(lambda db: want_snapshot(db, BUS))
    coordinator.store.maintain(lambda db: choose_snapshot(db, BUS, chosen))
    on_its_way = read_incoming(coordinator.store.db)
    assert on_its_way is not None
    coordinator.store.maintain(lambda db: keep_part(db, on_its_way, b"part"))
    set_region(world.centre, BUS, None)
    coordinator.record("de la région")
    coordinator.sync()
    assert read_incoming(coordinator.store.db) is None
    assert coordinator.store.db.conn.execute("SELECT count(*) FROM incoming_parts").fetchone() == (0,)
    assert [line["note"] for line in coordinator.lines()] == ["de la région"]
    assert coordinator.store.pending_count() == 0


@dataclass(frozen=True)
class Leaving(DirectApi):
    """The feed leaves its region when its sums are asked for."""

    def sums(self, feed: str) -> SumsAnswer:
        if feed == BUS:
            set_region(self.centre, BUS, None)
        return super().sums(feed)


def test_one_that_leaves_while_it_is_compared_is_forgotten(
    world: World, coordinator: LaptopUnderTest
) -> None:
    coordinator.store.maintain(want_comparison)
    door = Leaving(world.centre, coordinator.device, world.clock)
    Engine(coordinator.store, door, world.clock, sleep=lambda _: None).run()
    assert coordinator.lines() == []
    assert coordinator.store.setting(COMPARE) is None
