"""A name that another copy of the disk went on with keeps no gap, and is asked about no more."""

from datetime import timedelta

import pytest

from fsbus.core.changes import DELETE
from fsbus.core.entities import VISIT
from fsbus.core.merge import UNKNOWN_RECORD
from fsbus.server import tables
from fsbus.server.checking import check
from fsbus.server.database import select, update
from fsbus.store import queries
from fsbus.store.checking import log_problems
from fsbus.store.former import former_to_ask
from fsbus.store.pruning import is_emptied
from tests.sync.accidents import cloned, put_centre_back, set_centre_aside, settle
from tests.sync.test_former import LATER, forget, lines_in, make_durable
from tests.sync.world import LaptopUnderTest, World


def names_with_operations(laptop: LaptopUnderTest) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for replica, seq in laptop.store.db.conn.execute("SELECT replica, seq FROM operations ORDER BY seq"):
        found.setdefault(replica, []).append(seq)
    return found


def days_of_work(laptop: LaptopUnderTest) -> None:
    """Visits, some of them removed: what removes them keeps its line, the others are emptied."""
    for note in ("une", "deux"):
        laptop.edit(VISIT, laptop.record(note), DELETE)
    laptop.record("trois")


@pytest.mark.parametrize("theirs", [1, 2, 4], ids=["went a little on", "half as far", "further"])
def test_after_a_clone_took_the_name_nothing_is_lost_nor_sent_under_a_wrong_number(
    world: World, theirs: int
) -> None:
    laptop = world.laptop("un")
    laptop.record("au début")
    laptop.sync()
    clone = cloned(laptop, "clone")
    kept = set_centre_aside(world)
    days_of_work(laptop)
    laptop.sync()
    make_durable(world)
    world.time.at += LATER
    laptop.sync()
    assert sum(map(is_emptied, lines_in(laptop))) > 8
    forget(laptop)
    laptop.sync()
    put_centre_back(world, kept)
    for number in range(theirs):
        clone.record(f"du clone {number}")
    clone.sync()
    settle(laptop, clone)

    assert check(world.centre).problems == ()
    with world.centre.database.read() as connection:
        reasons = {row.why for row in connection.execute(select(tables.log)) if row.result == "quarantined"}
    assert reasons <= {UNKNOWN_RECORD}, "but for what it had lost the centre understood all"
    notes = {str(line["note"]) for line in laptop.lines()}
    assert notes == {"au début", "trois", *(f"du clone {number}" for number in range(theirs))}
    assert laptop.lines() == clone.lines() == world.central_lines()
    for one in (laptop, clone):
        assert one.store.pending_count() == 0
        assert queries.quarantined(one.store.db) == []
        assert log_problems(one.store.db) == []
        for numbers in names_with_operations(one).values():
            assert numbers == list(range(1, len(numbers) + 1))
    make_durable(world)
    world.time.at += timedelta(days=1)
    laptop.sync()
    tomorrow = world.time.at.date() + timedelta(days=1)
    assert former_to_ask(laptop.store.db, tomorrow.isoformat()) is None
    clone.close()
    laptop.close()


def test_a_name_that_another_laptop_owns_is_given_up_once(world: World) -> None:
    laptop = world.laptop("un")
    days_of_work(laptop)
    laptop.sync()
    make_durable(world)
    world.time.at += LATER
    laptop.sync()
    name = laptop.store.replica
    forget(laptop)
    laptop.sync()
    other = world.enrol("autre", bytes(range(32)))
    with world.centre.database.write() as connection:
        mine = tables.replicas.c.id == name
        connection.execute(update(tables.replicas).where(mine).values(device_id=other, durable_seq=0))
        connection.execute(update(tables.centre).values(epoch="another life"))
    world.restart_centre()
    settle(laptop)
    renewed = laptop.store.replica
    for _ in range(3):
        world.time.at += timedelta(days=1)
        laptop.sync()
    assert laptop.store.replica == renewed, "it takes a new name each day"
    assert name not in names_with_operations(laptop)
    assert laptop.lines() == world.central_lines()
    laptop.close()
