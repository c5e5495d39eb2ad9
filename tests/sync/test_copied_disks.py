"""Laptops put back or cloned in the midst of work: what the simulation found, in plain steps."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from fsbus.core.entities import VISIT
from fsbus.store import applying, queries
from tests.simulation.invariants import all_is_well
from tests.simulation.laptop import SimulatedLaptop
from tests.simulation.memory import states_of_centre
from tests.simulation.world import World
from tests.sync.equal import replica_states


@pytest.fixture
def world(fast_folder: Path) -> Iterator[World]:
    one = World(fast_folder, Random("copied disks"))
    yield one
    one.close()


def settle(world: World) -> None:
    for _ in range(3):
        for laptop in world.at_work():
            world.settle(laptop)


def assert_all_show_the_same(world: World) -> None:
    for laptop in world.at_work():
        assert replica_states(laptop.store.db) == world.shown_to(laptop)


def notes(laptop: SimulatedLaptop) -> set[object]:
    return {laptop.shown(visit, VISIT, "note") for visit in laptop.records(VISIT)}


def note_down(laptop: SimulatedLaptop) -> None:
    laptop.record(0)


def test_what_is_recorded_while_a_clones_work_is_told_is_sent_all_the_same(world: World) -> None:
    anne = world.laptops["anne"]
    world.settle(anne)
    twin = world.laptops["twin"] = anne.clone("twin", world.folder / "twin")
    twin.record(0)
    world.settle(twin)
    # The answer acknowledges the twin's operation, under the number that this one has just taken.
    world.sync(anne, ["meanwhile"], 320_000, lambda: note_down(anne))
    settle(world)
    assert len(notes(anne)) == len(notes(twin)) == 2
    assert_all_show_the_same(world)


def test_a_backup_that_never_saw_a_colleagues_record_gets_it_with_the_change_made_to_it(world: World) -> None:
    anne, bela = world.laptops["anne"], world.laptops["bela"]
    settle(world)
    bela.back_up()
    visit = anne.record(0)
    settle(world)
    bela.amend(visit, VISIT, "note")
    bela.restore(0)
    settle(world)
    assert notes(bela) == notes(anne)
    assert_all_show_the_same(world)


@pytest.mark.parametrize("before", [lambda _: None, lambda laptop: laptop.restore(0)], ids=["once", "twice"])
def test_who_amends_between_a_restoring_and_the_next_exchange_is_in_no_conflict(
    world: World, before: Callable[[SimulatedLaptop], None]
) -> None:
    anne = world.laptops["anne"]
    anne.back_up()
    visit = anne.record(0)
    world.settle(anne)
    before(anne)
    anne.restore(0)
    anne.amend(visit, VISIT, "note")
    settle(world)
    assert queries.status_facts(anne.store.db).open_conflicts == 0
    assert_all_show_the_same(world)


def test_without_the_store_that_was_replaced_the_journal_alone_makes_no_conflict_either(world: World) -> None:
    anne = world.laptops["anne"]
    anne.back_up()
    visit = anne.record(0)
    world.settle(anne)
    anne.store.close()
    (anne.home / "fsbus.db").unlink()
    anne.restore(0)
    anne.amend(visit, VISIT, "note")
    settle(world)
    assert queries.status_facts(anne.store.db).open_conflicts == 0
    assert_all_show_the_same(world)
    assert len(states_of_centre(world)) >= 4


def test_a_lost_answer_and_then_a_smaller_request_still_tell_each_result(world: World) -> None:
    anne, bela = world.laptops["anne"], world.laptops["bela"]
    visit = anne.record(0)
    settle(world)
    bela.amend(visit, VISIT, "note")
    world.settle(bela)
    anne.record(0)
    anne.amend(visit, VISIT, "note")
    # Both go in one request, whose answer is lost; then the first of them alone is sent again.
    world.sync(anne, ["lost answer"], 1_000, lambda: None)
    settle(world)
    results = anne.store.db.conn.execute("SELECT result FROM operations ORDER BY seq DESC LIMIT 2").fetchall()
    assert results == [("conflict",), ("plain",)]
    assert_all_show_the_same(world)


def test_a_new_life_of_the_centre_hides_no_change_behind_a_version_of_the_old_one(world: World) -> None:
    anne, bela, dora = (world.laptops[name] for name in ("anne", "bela", "dora"))
    visit = anne.record(0)
    settle(world)
    world.copy_centre()
    dora.amend(visit, VISIT, "note")
    world.settle(dora)
    world.settle(bela)
    bela.amend(visit, VISIT, "note")
    anne.amend(visit, VISIT, "note")
    world.put_centre_back(world.copies[0])
    # What Bela had seen at version 2 is not what Anne makes version 2 of now.
    world.settle(anne)
    all_is_well(world)
    assert {conflict.field for conflict in queries.open_conflicts(anne.store.db)} == {"note"}
    assert_all_show_the_same(world)


@pytest.mark.parametrize("name", ["note", "minutes"])
def test_a_witness_of_the_old_life_gives_back_no_more_than_the_new_one_lacks(world: World, name: str) -> None:
    anne, bela, dora = (world.laptops[one] for one in ("anne", "bela", "dora"))
    visit = anne.record(0)
    settle(world)
    world.copy_centre()
    for _ in range(3):
        dora.amend(visit, VISIT, "note")
    world.settle(dora)
    world.settle(bela)
    # Nobody else has it now, and Anne says something else first.
    world.revoke(dora.device)
    world.put_centre_back(world.copies[0])
    anne.amend(visit, VISIT, name)
    world.settle(anne)
    all_is_well(world)
    assert_all_show_the_same(world)


def test_two_changes_after_somebody_removed_the_record_count_as_the_centre_counts(world: World) -> None:
    anne, bela = world.laptops["anne"], world.laptops["bela"]
    visit = anne.record(0)
    settle(world)
    bela.delete(visit, VISIT)
    world.settle(bela)
    # The first brings it back, which the second has seen, but not what it became.
    anne.amend(visit, VISIT, "minutes")
    anne.amend(visit, VISIT, "note")
    settle(world)
    assert_all_show_the_same(world)


def test_a_snapshot_counts_no_operation_that_a_clone_sent_a_second_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anne, bela = world.laptops["anne"], world.laptops["bela"]
    bela.record(1)
    world.settle(bela)
    anne.record(1)
    twin = world.laptops["twin"] = anne.clone("twin", world.folder / "twin")
    world.settle(twin)
    monkeypatch.setattr(applying, "LARGE_FEED", 3)
    settle(world)
    assert_all_show_the_same(world)
