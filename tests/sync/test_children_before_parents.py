"""What hangs on a record lands in its feed, whichever of the two a restored centre hears of first."""

from datetime import timedelta

import pytest

from fsbus.core.changes import CREATE
from fsbus.core.entities import PROCEDURE_RECORD
from fsbus.server import admin, tables
from fsbus.server.checking import check
from fsbus.server.database import select
from fsbus.server.enrolling import enroll
from fsbus.server.granting import COORDINATOR
from fsbus.server.regions import set_region
from fsbus.store.pruning import is_emptied
from fsbus.store.store import Enrolment
from fsbus.wire.enrolment import build_enroll_request, read_enroll_answer
from fsbus.wire.signing import new_private_key
from tests.sync.accidents import put_centre_back, set_centre_aside, settle
from tests.sync.test_former import make_durable
from tests.sync.world import LaptopUnderTest, World, record_body

BUS, REGION = "bus-3", "nord"


def office_of(world: World) -> LaptopUnderTest:
    """A coordinator's laptop of the region."""
    key = new_private_key()
    code = admin.enroll_code(world.centre, REGION, clock=world.clock, role=COORDINATOR).code
    request, pending = build_enroll_request(code, "coordinateur", key)
    found = read_enroll_answer(pending, enroll(world.centre, request, world.clock.now()))
    office = LaptopUnderTest(world, "coordinateur", found.device, key)
    enrolment = Enrolment(
        "http://127.0.0.1:1", found.device, found.audience, found.server_key, key, found.feeds, REGION
    )
    office.store.set_enrolment(enrolment)
    return office


def feeds_of(world: World) -> dict[str, list[str]]:
    """Where each record is at the centre: in one feed, when all is well."""
    found: dict[str, list[str]] = {}
    with world.centre.database.read() as connection:
        for row in connection.execute(select(tables.records)):
            found.setdefault(row.id, []).append(row.feed)
    return found


@pytest.mark.parametrize("is_old", [False, True], ids=["told lately", "told long ago, lines emptied"])
@pytest.mark.parametrize("is_bus_first", [False, True], ids=["child first", "parent first"])
def test_a_child_lands_with_its_parent_after_a_restore(
    world: World, is_bus_first: bool, is_old: bool
) -> None:
    bus = world.laptop("bus")
    bus.sync()
    set_region(world.centre, BUS, REGION)
    office = office_of(world)
    settle(office)
    kept = set_centre_aside(world)
    visit, child = bus.record("perdue au centre", procedures=0), world.ids.new()
    settle(bus, office)
    office.edit(PROCEDURE_RECORD, child, CREATE, record_body(visit))
    settle(office, bus)
    before = bus.lines()
    if is_old:
        make_durable(world)
        settle(office)
        world.time.at += timedelta(days=31)
        settle(office)
        assert any(
            is_emptied(bytes(line)) for (line,) in office.store.db.conn.execute("SELECT line FROM operations")
        )

    put_centre_back(world, kept)
    settle(*((bus, office) if is_bus_first else (office, bus)))
    assert feeds_of(world)[child] == feeds_of(world)[visit] == [BUS]
    assert bus.lines() == office.lines() == world.central_lines() == before
    assert check(world.centre).problems == ()
    bus.close()
    office.close()
