"""A new laptop fills a large feed from a snapshot, cut anywhere; nobody erased comes back by one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus.core.errors import Interrupted
from fsbus.server import tables
from fsbus.server.database import func, select
from fsbus.server.direct import DirectApi
from fsbus.store.incoming import LARGE_FEED, read_incoming
from fsbus.sync.engine import Engine
from fsbus.wire.api import Problem, Refused, SnapshotAnswer
from tests.sync.doors import LOST_ANSWER, LOST_REQUEST, UncertainDoor
from tests.sync.equal import central_states, differences, replica_states
from tests.sync.world import LaptopUnderTest, World

VISITS = LARGE_FEED // 4 + 10


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a centre with more records than a laptop reads page by page."""
    folder = tmp_path_factory.mktemp("large")
    world = World(folder)
    author = world.laptop("auteur")
    with author.store.batch():
        for number in range(VISITS):
            author.record(note=f"visite {number}", procedures=3)
    author.sync()
    author.close()
    world.close()
    return folder


@pytest.fixture
def world(large: Path, tmp_path: Path) -> Iterator[World]:
    for name in ("centre.db", "centre.key"):
        shutil.copy(large / name, tmp_path / name)
    one = World(tmp_path)
    yield one
    one.close()


@pytest.fixture
def laptop(world: World) -> Iterator[LaptopUnderTest]:
    one = world.laptop("neuf")
    yield one
    one.close()


class CountingDoor(DirectApi):
    """What was asked of the centre."""

    asked: list[tuple[int, int]]

    def snapshot_part(self, feed: str, snapshot: str, start: int, length: int) -> bytes:
        part = super().snapshot_part(feed, snapshot, start, length)
        self.asked.append((start, len(part)))
        return part


def door_of(laptop: LaptopUnderTest) -> CountingDoor:
    door = CountingDoor(laptop.world.centre, laptop.device, laptop.world.clock)
    object.__setattr__(door, "asked", [])
    return door


def engine(laptop: LaptopUnderTest, door: object) -> Engine:
    made = Engine(laptop.store, door, laptop.world.clock, sleep=lambda _: None)  # type: ignore[arg-type]  # any door
    made.first_copy.part = 3_000
    return made


def agree(laptop: LaptopUnderTest) -> None:
    centre = central_states(DirectApi(laptop.world.centre, laptop.device, laptop.world.clock))
    assert differences(replica_states(laptop.store.db), centre) == {}


def test_a_new_laptop_fills_a_large_feed_from_a_snapshot(laptop: LaptopUnderTest) -> None:
    waiting = laptop.record("avant le premier échange")
    door = door_of(laptop)
    report = engine(laptop, door).run()
    assert report.pulled >= VISITS * 4
    assert sum(length for _, length in door.asked) == door.asked[-1][0] + door.asked[-1][1]
    assert read_incoming(laptop.store.db) is None
    assert waiting in {line["visit_id"] for line in laptop.lines()}
    agree(laptop)


def test_a_cut_costs_one_part_at_most(laptop: LaptopUnderTest) -> None:
    door = door_of(laptop)
    fates = ["good"] * 4 + [LOST_ANSWER, LOST_REQUEST, "good", LOST_ANSWER, LOST_ANSWER]
    engine(laptop, UncertainDoor(door, fates)).run()
    starts = [start for start, _ in door.asked]
    assert len(starts) - len(set(starts)) == fates.count(LOST_ANSWER)
    agree(laptop)


def test_a_laptop_that_is_closed_amid_it_goes_on_from_there(laptop: LaptopUnderTest) -> None:
    door = door_of(laptop)
    with pytest.raises(Interrupted):
        engine(laptop, UncertainDoor(door, ["good"] * 5 + [LOST_REQUEST] * 50)).run()
    on_its_way = read_incoming(laptop.store.db)
    assert on_its_way is not None
    assert on_its_way.received > 0
    laptop.restart()
    again = door_of(laptop)
    engine(laptop, again).run()
    assert again.asked[0][0] == on_its_way.received
    agree(laptop)


def test_an_erasure_takes_every_snapshot_of_the_feed_away(world: World, laptop: LaptopUnderTest) -> None:
    door = door_of(laptop)
    made = door.snapshot("bus-3")
    other = world.laptop("autre")
    other.sync()
    gone = str(other.lines()[0]["visit_id"])
    other.erase(gone)
    other.sync()
    other.close()
    with world.centre.database.read() as connection:
        for table in (tables.snapshots, tables.snapshot_parts):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
    with pytest.raises(Refused) as refused:
        door.snapshot_part("bus-3", made.id, 0, 10)
    assert refused.value.problem == Problem("gone")
    engine(laptop, door).run()
    assert gone not in {line["visit_id"] for line in laptop.lines()}
    agree(laptop)


def test_a_snapshot_that_went_away_meanwhile_is_chosen_anew(world: World, laptop: LaptopUnderTest) -> None:
    other = world.laptop("autre")
    other.sync()
    victim = str(other.lines()[0]["visit_id"])

    class Erasing(CountingDoor):
        """Somebody is erased once the second part was asked for."""

        def snapshot_part(self, feed: str, snapshot: str, start: int, length: int) -> bytes:
            if len(self.asked) == 2:
                other.erase(victim)
                other.sync()
            return super().snapshot_part(feed, snapshot, start, length)

    door = Erasing(world.centre, laptop.device, world.clock)
    object.__setattr__(door, "asked", [])
    engine(laptop, door).run()
    other.close()
    assert [start for start, _ in door.asked].count(0) == 2
    agree(laptop)


def test_a_damaged_part_is_found_before_anything_is_taken_in(laptop: LaptopUnderTest) -> None:
    class Damaging(CountingDoor):
        """The first snapshot comes with one wrong byte, of the right length: a `Range` is not signed."""

        def snapshot_part(self, feed: str, snapshot: str, start: int, length: int) -> bytes:
            part = super().snapshot_part(feed, snapshot, start, length)
            return b"\0" * len(part) if len(self.asked) == 2 else part

    door = Damaging(laptop.world.centre, laptop.device, laptop.world.clock)
    object.__setattr__(door, "asked", [])
    engine(laptop, door).run()
    assert [start for start, _ in door.asked].count(0) == 2
    agree(laptop)


def test_what_came_later_is_read_after_a_snapshot_that_is_recent_enough(
    world: World, laptop: LaptopUnderTest
) -> None:
    first: SnapshotAnswer = door_of(laptop).snapshot("bus-3")
    other = world.laptop("autre")
    other.sync()
    other.amend(str(other.lines()[3]["visit_id"]), note="plus récente que la copie")
    other.record("nouvelle")
    other.sync()
    other.close()
    assert door_of(laptop).snapshot("bus-3").id == first.id
    laptop.sync()
    agree(laptop)


def test_a_feed_that_is_not_granted_gives_no_snapshot(world: World) -> None:
    stranger = world.laptop("ailleurs", feed="bus-9")
    door = DirectApi(world.centre, stranger.device, world.clock)
    for ask in (door.snapshot, door.sums):
        with pytest.raises(Refused) as refused:
            ask("bus-3")
        assert refused.value.problem.problem == "not_granted"
    stranger.close()
