"""The plain kinds travel as visits do: made, changed on both sides, removed, erased; all sides agree."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus.core.changes import CREATE, DELETE, SET
from fsbus.core.entities import ATTENDANCE, DELETABLE, STOP, WORKSHOP
from fsbus.server.admin import check
from fsbus.server.direct import DirectApi
from fsbus.server.facts import month_facts
from fsbus.store import queries
from fsbus.store.checking import log_problems
from fsbus.store.rows import SHAPES
from tests.actions.test_plain_records import CLASSES
from tests.builders import body, new_id
from tests.sync.equal import central_states, differences, replica_states
from tests.sync.world import LaptopUnderTest, World


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[World, LaptopUnderTest, LaptopUnderTest]]:
    world = World(tmp_path)
    first, second = world.laptop("a"), world.laptop("b")
    yield world, first, second
    first.close()
    second.close()
    world.close()


def agree(world: World, *laptops: LaptopUnderTest) -> None:
    for _ in range(3):
        for one in laptops:
            one.sync()
    for one in laptops:
        centre = central_states(DirectApi(world.centre, one.device, world.clock))
        assert differences(replica_states(one.store.db), centre) == {}
        assert queries.quarantined(one.store.db) == []
        assert log_problems(one.store.db) == []
    assert check(world.centre).problems == ()


def held(laptop: LaptopUnderTest, kind: str, record: str) -> dict[str, object] | None:
    row = laptop.store.db.conn.execute(SHAPES[kind].select_one, (record,)).fetchone()
    return None if row is None else SHAPES[kind].body_of(row)


def test_every_plain_kind_comes_to_the_other_laptop(
    both: tuple[World, LaptopUnderTest, LaptopUnderTest],
) -> None:
    world, first, second = both
    made = {kind: new_id() for kind in CLASSES}
    for kind, record in made.items():
        first.edit(kind, record, CREATE, dict(body(kind)))
    agree(world, first, second)
    for kind, record in made.items():
        assert held(second, kind, record) == body(kind)
        # Different fields of one record, changed apart, both stand.
        names = [name for name, value in body(kind).items() if isinstance(value, str) and name != "day"]
        first.edit(kind, record, SET, {"note": "d’ici"} if "note" in body(kind) else {"arrived": 14})
        if names:
            second.edit(kind, record, SET, {names[0]: body(kind)[names[0]]})
    agree(world, first, second)
    for kind, record in made.items():
        assert held(second, kind, record) == held(first, kind, record)
        if kind in DELETABLE:
            second.edit(kind, record, DELETE)
    agree(world, first, second)
    for kind, record in made.items():
        assert (held(first, kind, record) is None) == (kind in DELETABLE)
        first.store.erase({record: kind}, actor=first.agent)
    agree(world, first, second)
    assert all(held(second, kind, record) is None for kind, record in made.items())


def test_two_who_change_one_field_of_a_stop_must_choose(
    both: tuple[World, LaptopUnderTest, LaptopUnderTest],
) -> None:
    world, first, second = both
    record = new_id()
    first.edit(STOP, record, CREATE, dict(body(STOP)))
    agree(world, first, second)
    first.edit(STOP, record, SET, {"place": "Mairie"})
    second.edit(STOP, record, SET, {"place": "École"})
    agree(world, first, second)
    (conflict,) = queries.open_conflicts(second.store.db)
    assert (conflict.record_id, conflict.field, conflict.local, conflict.central) == (
        record,
        "place",
        "École",
        "Mairie",
    )


def test_the_centre_counts_workshops_and_queues_as_the_laptop_does(
    both: tuple[World, LaptopUnderTest, LaptopUnderTest],
) -> None:
    world, first, second = both
    removed = new_id()
    for kind, record in ((WORKSHOP, new_id()), (WORKSHOP, removed), (ATTENDANCE, new_id())):
        first.edit(kind, record, CREATE, dict(body(kind)))
    first.edit(WORKSHOP, removed, DELETE)
    agree(world, first, second)
    with month_facts(world.centre, "2026-11") as facts:
        (workshop,) = list(facts.workshops)
        (queue,) = list(facts.attendances)
    told, day = body(WORKSHOP), body(ATTENDANCE)
    assert (workshop.participants, workshop.topics) == (told["participants"], tuple(told["topics"]))
    assert (workshop.genders, workshop.statuses) == (told["genders"], told["statuses"])
    assert (queue.arrived, queue.waited_minutes) == (day["arrived"], day["waited_minutes"])
    assert queue.by_hour == day["by_hour"]
    with month_facts(world.centre, "2026-12") as facts:
        assert (list(facts.workshops), list(facts.attendances)) == ([], [])
