"""A coordinator's value is told with its author on the bus too, where the coordinator's record is not."""

import pytest

from fsbus.actions.wording import told_author
from fsbus.core.changes import SET
from fsbus.core.entities import AGENT, Conflict
from fsbus.server.granting import COORDINATOR
from fsbus.server.regions import set_region
from fsbus.store import queries
from tests.sync.world import LaptopUnderTest, World


def conflict_of(laptop: LaptopUnderTest) -> Conflict:
    (only,) = queries.open_conflicts(laptop.store.db)
    return only


@pytest.mark.parametrize("bus_is_first", [True, False])
def test_both_sides_name_the_coordinator_and_the_agent(world: World, bus_is_first: bool) -> None:
    bus, office = world.laptop("Ana"), world.laptop("Camille", "nord", COORDINATOR)
    # As a person types it; an author's mark holds no such space.
    office.edit(AGENT, office.agent, SET, {"name": "Camille\u00a0Roux"})
    set_region(world.centre, "bus-3", "nord")
    visit = bus.record("au départ")
    for one in (bus, office):
        one.sync()
    bus.amend(visit, note="du bus")
    # The coordinator's own record leaves with the value, in one chunk, or before it.
    office.amend(visit, note="du bureau")
    for one in (bus, office, bus) if bus_is_first else (office, bus, office):
        one.sync()
    for one in (bus, office):
        told = conflict_of(one)
        ours, theirs = (told.central_actor, told.actor) if bus_is_first else (told.actor, told.central_actor)
        assert (ours, theirs) == (bus.agent, "Camille Roux")
        assert told_author(one.store.db, ours) == "Ana"
        assert told_author(one.store.db, theirs) == "Camille Roux (coordination)"


def test_nobody_is_named_by_what_is_no_id(world: World) -> None:
    first, second = world.laptop("a"), world.laptop("b")
    visit = first.record("au départ")
    for one in (first, second):
        one.sync()
    first.amend(visit, note="du premier")
    second.agent = "Le directeur"
    second.amend(visit, note="du second")
    for one in (first, second):
        one.sync()
    told = conflict_of(second)
    assert (told.actor, told.central_actor) == ("", first.agent)
    assert told_author(second.store.db, told.actor) == ""
