"""The hash that says that replicas are equal sees every difference, and none where there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus.server.direct import DirectApi
from tests.sync.equal import (
    central_states,
    differences,
    replica_hash,
    replica_states,
    states_hash,
    whole_hash,
)
from tests.sync.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    one = World(tmp_path)
    yield one
    one.close()


def test_two_laptops_and_the_centre_are_equal_once_all_has_travelled(world: World) -> None:
    first, second = world.laptop("un"), world.laptop("deux")
    visit, erased = first.record("au départ"), first.record("à effacer")
    first.sync()
    second.sync()
    second.amend(visit, note="du second", minutes=31)
    first.amend(visit, note="du premier")
    first.erase(erased)
    assert replica_hash(first.store.db) != replica_hash(second.store.db)
    for laptop in (first, second, first, second):
        laptop.sync()
    here, there = replica_states(first.store.db), replica_states(second.store.db)
    central = central_states(DirectApi(world.centre, first.device, world.clock))
    assert differences(here, there) == differences(here, central) == {}
    assert replica_hash(first.store.db) == replica_hash(second.store.db) == states_hash(central)
    assert "erased" in here.values()
    first.close()
    second.close()


def test_one_changed_character_or_version_changes_the_hash(world: World) -> None:
    laptop = world.laptop("un")
    visit = laptop.record("au départ")
    before, whole = replica_hash(laptop.store.db), whole_hash(laptop.store.db)
    assert before == replica_hash(laptop.store.db)
    laptop.store.maintain(lambda db: db.conn.execute("UPDATE agents SET version = version + 1"))
    versioned = replica_hash(laptop.store.db)
    laptop.amend(visit, note="au départ.")
    amended = replica_hash(laptop.store.db)
    laptop.store.set_setting("only", "here")
    assert len({before, versioned, amended}) == 3
    assert amended == replica_hash(laptop.store.db)
    assert whole != whole_hash(laptop.store.db)
    laptop.close()
