"""What went wrong between a laptop and its centre is healed by the next exchange, and costs no entry."""

import pytest

from fsbus.core.errors import Interrupted
from fsbus.server import tables
from fsbus.server.database import update
from fsbus.server.direct import DirectApi
from fsbus.store import queries
from fsbus.sync.engine import MOST_FAILURES, Engine
from fsbus.wire.api import Problem, Refused
from tests.sync.accidents import begin_new_life, put_back, set_aside, settle
from tests.sync.world import LaptopUnderTest, World


@pytest.fixture
def laptop(world: World) -> LaptopUnderTest:
    return world.laptop("un")


def lose_the_last_operations(world: World, laptop: LaptopUnderTest, kept: int) -> None:
    """As a centre whose file was put back by hand: the same life, with fewer operations and no records."""
    with world.centre.database.write() as connection:
        for table in (tables.records, *tables.TYPED.values(), tables.log):
            connection.execute(table.delete())
        connection.execute(update(tables.replicas).values(last_seq=kept))
        connection.execute(update(tables.feeds).values(seq=0))


def test_a_conflict_over_a_record_already_pulled_ends_with_the_same_rows_everywhere(world: World) -> None:
    first, second = world.laptop("a"), world.laptop("b")
    visit = first.record("au départ")
    settle(first, second)
    second.amend(visit, note="du second")
    second.sync()
    first.record("une autre")
    first.amend(visit, note="du premier")
    # One operation at a time: the other's change comes down before this laptop's own goes up.
    first.sync(chunk=1)
    settle(first, second)
    assert first.lines() == second.lines() == world.central_lines()
    assert [line["note"] for line in first.lines() if line["visit_id"] == visit] == ["du second"]
    first.close()
    second.close()


def test_a_restored_copy_gets_back_what_it_had_sent_since(world: World, laptop: LaptopUnderTest) -> None:
    laptop.record("avant la copie")
    laptop.sync()
    kept = set_aside(laptop)
    laptop.record("depuis la copie")
    laptop.sync()
    put_back(laptop, kept)
    assert laptop.sync().finished
    assert len(laptop.lines()) == 2
    assert laptop.lines() == world.central_lines()


def test_a_restored_copy_is_in_no_conflict_with_what_it_had_said_itself(
    world: World, laptop: LaptopUnderTest
) -> None:
    visit = laptop.record("avant la copie")
    laptop.amend(visit, minutes=31)
    laptop.amend(visit, minutes=32)
    kept = set_aside(laptop)
    laptop.sync()
    laptop.amend(visit, minutes=40)
    laptop.sync()
    # It does not know that the centre has it all, as after a restoring from a backup.
    put_back(laptop, kept)
    laptop.store.rotate_replica()
    assert laptop.sync().conflicts == 0
    assert queries.status_facts(laptop.store.db).open_conflicts == 0
    assert [line["minutes"] for line in laptop.lines()] == [40]
    assert laptop.lines() == world.central_lines()


def test_a_restored_copy_that_meets_a_new_life_of_the_centre_loses_nothing(
    world: World, laptop: LaptopUnderTest
) -> None:
    laptop.record("avant la copie")
    laptop.sync()
    kept = set_aside(laptop)
    laptop.record("depuis la copie")
    laptop.sync()
    put_back(laptop, kept)
    laptop.record("après le retour")
    laptop.record("après aussi")
    begin_new_life(world)
    laptop.sync()
    assert len(laptop.lines()) == 4
    assert laptop.lines() == world.central_lines()


def test_a_lost_answer_followed_by_a_new_life_still_tells_its_results(
    world: World, laptop: LaptopUnderTest
) -> None:
    laptop.record("une")
    with pytest.raises(Interrupted):
        laptop.sync(["good", *["lost answer"] * MOST_FAILURES])
    begin_new_life(world)
    laptop.sync()
    found = laptop.store.db.conn.execute("SELECT DISTINCT result FROM operations").fetchall()
    assert found == [("plain",)]


def test_a_centre_that_lost_operations_gets_them_again_from_a_laptop_with_nothing_to_send(
    world: World, laptop: LaptopUnderTest
) -> None:
    laptop.record("une")
    laptop.record("deux")
    laptop.sync()
    lose_the_last_operations(world, laptop, kept=0)
    laptop.sync()
    assert len(laptop.lines()) == 2
    assert laptop.lines() == world.central_lines()


def busy(
    world: World, laptop: LaptopUnderTest, monkeypatch: pytest.MonkeyPatch, *, greets: bool
) -> DirectApi:
    """A centre that is always busy, to be greeted too or only afterwards."""

    def refuse(*_: object, **__: object) -> None:
        raise Refused(Problem("busy"))

    door = DirectApi(world.centre, laptop.device, world.clock)
    monkeypatch.setattr(DirectApi, "exchange", refuse)
    if not greets:
        monkeypatch.setattr(DirectApi, "hello", refuse)
    return door


@pytest.mark.parametrize("greets", [True, False])
def test_a_busy_centre_is_tried_again_and_then_told_as_off_line(
    world: World, laptop: LaptopUnderTest, monkeypatch: pytest.MonkeyPatch, greets: bool
) -> None:
    waits: list[float] = []
    door = busy(world, laptop, monkeypatch, greets=greets)
    engine = Engine(laptop.store, door, laptop.world.clock, sleep=waits.append)
    with pytest.raises(Interrupted, match="occupé"):
        engine.run()
    assert len(waits) == MOST_FAILURES - 1
