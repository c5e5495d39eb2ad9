"""What a restored centre has lost comes back from any laptop that holds it, author or not."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from msgspec import structs

from fsbus.core.changes import DELETE, SET
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.errors import Interrupted
from fsbus.server import admin
from fsbus.server.direct import DirectApi
from fsbus.store import queries, sums
from fsbus.store.deleting import is_deleted
from fsbus.store.rows import SHAPES
from fsbus.store.store import Edit, Store
from fsbus.store.sums import COMPARE, want_comparison
from fsbus.sync import repair
from fsbus.sync.engine import Engine
from fsbus.sync.repair import Repair
from fsbus.wire.api import Problem, Refused, State, StatesHeader, SumsAnswer
from tests.sync.accidents import put_centre_back, set_centre_aside, settle
from tests.sync.equal import central_states, differences, replica_states
from tests.sync.world import LaptopUnderTest, World


@pytest.fixture
def author(world: World) -> LaptopUnderTest:
    return world.laptop("auteur")


@pytest.fixture
def witness(world: World) -> LaptopUnderTest:
    return world.laptop("témoin")


def contradict(world: World, author: LaptopUnderTest, witness: LaptopUnderTest) -> None:
    """A conflict that came after the centre's backup."""
    visit = author.record("au départ")
    settle(author, witness)
    set_centre_aside(world)
    author.amend(visit, note="de l’auteur")
    witness.amend(visit, note="du témoin")
    settle(author, witness)


def agree(*laptops: LaptopUnderTest) -> None:
    for one in laptops:
        centre = central_states(DirectApi(one.world.centre, one.device, one.world.clock))
        assert differences(replica_states(one.store.db), centre) == {}
    assert admin.check(laptops[0].world.centre).problems == ()


def test_a_witness_gives_back_what_a_lost_laptop_had_sent(
    world: World, author: LaptopUnderTest, witness: LaptopUnderTest
) -> None:
    old = author.record("d’avant la sauvegarde")
    settle(author, witness)
    set_centre_aside(world)
    lost = author.record("d’après la sauvegarde")
    author.amend(old, note="corrigée après la sauvegarde", minutes=44)
    settle(author, witness)
    put_centre_back(world)
    # The author's laptop was stolen: only the witness is left.
    settle(witness)
    assert {line["visit_id"] for line in world.central_lines()} == {old, lost}
    notes = {line["visit_id"]: line["note"] for line in world.central_lines()}
    assert notes[old] == "corrigée après la sauvegarde"
    assert witness.lines() == world.central_lines()
    agree(witness)
    assert witness.store.setting(COMPARE) is None


def test_the_author_who_comes_after_a_witness_is_in_no_conflict(
    world: World, author: LaptopUnderTest, witness: LaptopUnderTest
) -> None:
    author.record("la première")
    settle(author, witness)
    set_centre_aside(world)
    visit = author.record("comme elle fut dite d’abord")
    author.sync()
    author.amend(visit, note="puis corrigée")
    settle(author, witness)
    put_centre_back(world)
    settle(witness)
    settle(author, witness)
    notes = {line["visit_id"]: line["note"] for line in world.central_lines()}
    assert notes[visit] == "puis corrigée"
    assert queries.status_facts(author.store.db).open_conflicts == 0
    agree(author, witness)


def test_two_witnesses_give_back_once(
    world: World, author: LaptopUnderTest, witness: LaptopUnderTest
) -> None:
    other = world.laptop("second témoin")
    settle(author)
    set_centre_aside(world)
    visit = author.record("vue de tous")
    settle(author, witness, other)
    put_centre_back(world)
    settle(witness, other)
    assert [line["visit_id"] for line in world.central_lines()] == [visit]
    agree(witness, other)
    other.close()


def test_an_erasure_that_the_centre_forgot_is_said_again(
    world: World, author: LaptopUnderTest, witness: LaptopUnderTest
) -> None:
    visit = author.record("effacée ensuite")
    settle(author, witness)
    set_centre_aside(world)
    author.erase(visit)
    settle(author, witness)
    put_centre_back(world)
    settle(witness)
    assert world.central_lines() == []
    agree(witness)


def test_bit_rot_on_a_laptop_is_put_right_from_the_centre(
    world: World, author: LaptopUnderTest, witness: LaptopUnderTest
) -> None:
    rotten, gone = author.record("juste"), author.record("présente")
    settle(author, witness)

    def rot(db: object) -> None:
        execute = witness.store.db.conn.execute
        execute("UPDATE visits SET note = 'faux' WHERE id = ?", (rotten,))
        execute(SHAPES[VISIT].delete, (gone,))
        want_comparison(witness.store.db)

    witness.store.maintain(rot)
    report = witness.sync()
    assert report.kinds == {VISIT}
    agree(author, witness)


def test_a_change_of_what_the_centre_lost_does_not_keep_it_from_being_given_back(
    world: World, author: LaptopUnderTest, witness: LaptopUnderTest
) -> None:
    settle(author, witness)
    set_centre_aside(world)
    visit = author.record("perdue")
    settle(author, witness)
    put_centre_back(world)
    witness.amend(visit, minutes=55)
    settle(witness)
    settle(author, witness)
    assert [(line["visit_id"], line["minutes"]) for line in world.central_lines()] == [(visit, 55)]
    assert queries.status_facts(witness.store.db).quarantined == 0
    agree(author, witness)


def test_nothing_is_asked_twice_when_both_are_equal(author: LaptopUnderTest) -> None:
    author.record("une")
    author.sync()
    asked: list[int] = []
    door = DirectApi(author.world.centre, author.device, author.world.clock)
    put_right = Repair(author.store, door, "bus-3", lambda: asked.append(1)).run()
    assert (put_right.taken, put_right.given_back, put_right.erased_again, len(asked)) == (0, 0, 0, 1)


def test_a_conflict_that_the_centre_lost_is_given_back_by_who_saw_it(
    world: World, author: LaptopUnderTest, witness: LaptopUnderTest
) -> None:
    contradict(world, author, witness)
    (lost,) = queries.open_conflicts(witness.store.db)
    # Its author is gone with the value that was not taken: only the witness has it.
    author.close()
    put_centre_back(world)
    settle(witness)
    agree(witness)
    assert lost in queries.open_conflicts(witness.store.db)
    assert queries.quarantined(witness.store.db) == []
    author.store = Store.open(author.path, author.key, clock=world.clock)
    settle(author, witness)
    agree(author, witness)


def test_what_was_put_aside_is_left_to_people(world: World, author: LaptopUnderTest) -> None:
    settle(author)
    set_centre_aside(world)
    visit = author.record("mal dite ensuite")
    author.sync()
    author.store.maintain(
        lambda db: db.conn.execute(
            "UPDATE operations SET result = 'quarantined' WHERE record_id = ? AND verb = 'create'", (visit,)
        )
    )
    before = author.store.last_seq
    Repair(author.store, DirectApi(world.centre, author.device, world.clock), "bus-3").run()
    assert author.store.last_seq == before


def test_what_was_removed_and_what_came_back_is_given_back_so(
    world: World, author: LaptopUnderTest, witness: LaptopUnderTest
) -> None:
    removed, back, partly = author.record("retirée"), author.record("remise"), author.record("une de moins")
    author.edit(VISIT, back, DELETE)
    settle(author, witness)
    set_centre_aside(world)
    lost = author.record("perdue et retirée")
    (first, _) = queries.records_of(author.store.db, partly)
    author.amend(removed, note="retirée après correction")
    for visit in (lost, removed):
        author.edit(VISIT, visit, DELETE)
    author.edit(VISIT, back, SET)
    author.edit(PROCEDURE_RECORD, first.id, DELETE)
    settle(author, witness)
    author.close()
    put_centre_back(world)
    settle(witness)
    agree(witness)
    assert [line["visit_id"] for line in world.central_lines()] == sorted([back, partly])
    assert [is_deleted(witness.store.db, visit) for visit in (lost, removed, back)] == [True, True, False]
    assert queries.open_conflicts(witness.store.db) == []
    author.store = Store.open(author.path, author.key, clock=world.clock)
    settle(author, witness)
    agree(author, witness)
    assert queries.open_conflicts(author.store.db) == []
    assert len(world.central_lines()) == 2


def test_a_conflict_that_the_centre_lost_is_given_back(
    world: World, author: LaptopUnderTest, witness: LaptopUnderTest
) -> None:
    contradict(world, author, witness)
    assert queries.status_facts(witness.store.db).open_conflicts == 1
    put_centre_back(world)
    third = world.laptop("venu après")
    # Whoever proposed is gone: only the one whose value stood is left.
    settle(author, third)
    assert queries.status_facts(third.store.db).open_conflicts == 1
    agree(author, third)
    third.close()


@dataclass(frozen=True)
class WhileComparing(DirectApi):
    """An agent types on the laptop, through the window's own connection, while its bucket is asked for."""

    laptop: LaptopUnderTest
    visit: str
    typed: list[str] = field(default_factory=list)

    def bucket(self, feed: str, number: int) -> SumsAnswer:
        found = super().bucket(feed, number)
        if not self.typed:
            self.typed.append("tapée pendant la comparaison")
            with self.laptop.reader() as window:
                window.save([Edit(VISIT, self.visit, SET, {"note": self.typed[0]})], actor=self.laptop.agent)
        return found


@pytest.mark.parametrize("lost_all", [False, True])
def test_what_is_typed_while_a_laptop_compares_is_not_taken_back(
    world: World, author: LaptopUnderTest, witness: LaptopUnderTest, lost_all: bool
) -> None:
    if lost_all:
        settle(author, witness)
        set_centre_aside(world)
    visit = author.record("la première")
    if not lost_all:
        settle(author, witness)
        set_centre_aside(world)
    settle(author, witness)
    author.amend(visit, minutes=44, note="la deuxième")
    settle(author, witness)
    put_centre_back(world)
    door = WhileComparing(world.centre, witness.device, world.clock, witness, visit)
    Engine(witness.store, door, world.clock, sleep=lambda _: None).run()
    said = [(line["note"], line["minutes"]) for line in world.central_lines()]
    assert said == [("tapée pendant la comparaison", 44)]
    assert witness.lines() == world.central_lines()
    assert queries.status_facts(witness.store.db).quarantined == 0
    assert witness.store.setting(COMPARE) is None
    agree(witness)


@dataclass(frozen=True)
class Busy(DirectApi):
    """A centre that has no time for comparisons."""

    def sums(self, feed: str) -> SumsAnswer:
        raise Refused(Problem("busy"))


def test_a_centre_too_busy_to_compare_is_asked_again_later(author: LaptopUnderTest) -> None:
    author.record("une")
    author.sync()
    author.store.maintain(want_comparison)
    door = Busy(author.world.centre, author.device, author.world.clock)
    with pytest.raises(Interrupted):
        Engine(author.store, door, author.world.clock, sleep=lambda _: None).run()
    assert author.store.setting(COMPARE) is not None
    author.sync()
    assert author.store.setting(COMPARE) is None


class Living:
    """How many bodies of records are in memory at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    def count(self, body: object) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        weakref.finalize(body, self._gone)

    def _gone(self) -> None:
        self.now -= 1


@pytest.mark.parametrize("is_lost", [True, False], ids=["lost at the centre", "behind at the centre"])
def test_of_a_feed_of_any_size_only_a_slice_is_held(
    world: World, author: LaptopUnderTest, monkeypatch: pytest.MonkeyPatch, is_lost: bool
) -> None:
    living, slice_ = Living(), 5

    class Watched(sums.Held):
        def __post_init__(self) -> None:
            living.count(self)

    class WatchedState(State, weakref=True, kw_only=True):
        def __post_init__(self) -> None:
            living.count(self)

    @dataclass(frozen=True)
    class Door(DirectApi):
        def states(self, feed: str, ids: Sequence[str]) -> tuple[StatesHeader, list[State]]:
            assert len(ids) <= slice_
            header, found = super().states(feed, ids)
            return header, [WatchedState(**structs.asdict(one)) for one in found]

    if is_lost:
        settle(author)
        set_centre_aside(world)
    visits = [author.record(f"visite {number}", procedures=1) for number in range(20)]
    if not is_lost:
        settle(author)
        set_centre_aside(world)
        for visit in visits:
            author.amend(visit, note="corrigée depuis")
    settle(author)
    author.store.maintain(
        lambda db: db.conn.execute("UPDATE link SET acked = (SELECT max(seq) FROM operations)")
    )
    put_centre_back(world)
    author.store.maintain(lambda db: db.conn.execute("UPDATE link SET epoch = ?", (world.centre.epoch,)))
    monkeypatch.setattr(sums, "Held", Watched)
    monkeypatch.setattr(repair, "AT_ONCE", slice_)
    before = author.store.last_seq
    done = Repair(author.store, Door(world.centre, author.device, world.clock), "bus-3").run()
    assert done.given_back == (40 if is_lost else 20)
    assert author.store.last_seq == before + done.given_back
    assert 0 < living.most <= 2 * slice_ + 1
    assert living.now == 0
