"""Two laptops that disagree: both sides see the same, the first choice stands, and no edit is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fsbus.actions.choosing import choice_edits
from fsbus.core.changes import CREATE, DELETE, SET
from fsbus.core.clock import Clock
from fsbus.core.entities import CENTRAL, CONFLICT, DELETED, LOCAL, PROCEDURE_RECORD, VISIT, Conflict
from fsbus.core.errors import Interrupted
from fsbus.server.admin import check
from fsbus.server.direct import DirectApi
from fsbus.store import queries
from fsbus.store.checking import fulltext_problems, log_problems
from fsbus.store.deleting import deleted_record, is_deleted
from fsbus.store.rows import SHAPES, conflict_from
from tests.sync.accidents import put_back as file_put_back
from tests.sync.accidents import set_aside
from tests.sync.equal import central_states, differences, replica_states
from tests.sync.world import LaptopUnderTest, World, record_body

Three = tuple[World, LaptopUnderTest, LaptopUnderTest]


class BackwardClock:
    """A wall clock that goes back an hour each time it is read."""

    def __init__(self) -> None:
        self.at = datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at -= timedelta(hours=1)
        return self.at


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Three]:
    world = World(tmp_path)
    first, second = world.laptop("a"), world.laptop("b")
    # The second's clock runs backwards, from 2038: nothing may depend on it.
    second.store._clock = Clock(BackwardClock())
    yield world, first, second
    first.close()
    second.close()
    world.close()


def settle(*laptops: LaptopUnderTest) -> None:
    for _ in range(3):
        for one in laptops:
            one.sync()


def agree(world: World, *laptops: LaptopUnderTest) -> None:
    """Both laptops and the centre hold the same, shown or not, and contradict themselves nowhere."""
    settle(*laptops)
    assert all(one.lines() == world.central_lines() for one in laptops)
    for one in laptops:
        centre = central_states(DirectApi(world.centre, one.device, world.clock))
        assert differences(replica_states(one.store.db), centre) == {}
        assert log_problems(one.store.db) + one.store.maintain(fulltext_problems) == []
    assert check(world.centre).problems == ()


def all_conflicts(laptop: LaptopUnderTest) -> list[str]:
    return [str(row[0]) for row in laptop.store.db.conn.execute("SELECT id FROM conflicts").fetchall()]


def opened(laptop: LaptopUnderTest) -> Conflict:
    (only,) = queries.open_conflicts(laptop.store.db)
    return only


def choose(laptop: LaptopUnderTest, side: str) -> None:
    laptop.store.save(choice_edits(laptop.store.db, opened(laptop), side), actor=laptop.agent)


def remove(laptop: LaptopUnderTest, record: str, kind: str = VISIT) -> None:
    laptop.edit(kind, record, DELETE)


def put_back(laptop: LaptopUnderTest, record: str, kind: str = VISIT) -> None:
    laptop.edit(kind, record, SET)


def records_of(laptop: LaptopUnderTest, visit: str) -> list[str]:
    return [record.id for record in queries.records_of(laptop.store.db, visit)]


def note_of(laptop: LaptopUnderTest, visit: str) -> str:
    found = queries.visit(laptop.store.db, visit)
    assert found is not None
    return found.note


def rivals(both: Three) -> str:
    """A visit whose note both changed; the first laptop's came first."""
    _, first, second = both
    visit = first.record("au départ")
    settle(first, second)
    first.amend(visit, note="du premier")
    second.amend(visit, note="du second")
    settle(first, second)
    return visit


def test_a_conflict_tells_both_sides_both_values_with_their_authors(both: Three) -> None:
    world, first, second = both
    visit = rivals(both)
    assert opened(first) == opened(second)
    told = opened(first)
    assert (told.record_id, told.field, told.local, told.central) == (
        visit,
        "note",
        "du second",
        "du premier",
    )
    assert (told.actor, told.central_actor) == (second.agent, first.agent)
    assert told.hlc
    assert told.central_hlc
    agree(world, first, second)


@pytest.mark.parametrize(("side", "note"), [(LOCAL, "du second"), (CENTRAL, "du premier")])
def test_a_choice_stands_on_all_sides(both: Three, side: str, note: str) -> None:
    world, first, second = both
    visit = rivals(both)
    choose(first, side)
    agree(world, first, second)
    assert [queries.open_conflicts(one.store.db) for one in (first, second)] == [[], []]
    assert [note_of(one, visit) for one in (first, second)] == [note, note]


@pytest.mark.parametrize("sides", [(LOCAL, CENTRAL), (CENTRAL, LOCAL), (LOCAL, LOCAL), (CENTRAL, CENTRAL)])
@pytest.mark.parametrize("chunk", [1, 320_000])
def test_the_first_choice_that_comes_stands(both: Three, sides: tuple[str, str], chunk: int) -> None:
    world, first, second = both
    visit = rivals(both)
    choose(first, sides[0])
    choose(second, sides[1])
    first.restart()
    first.sync(chunk=chunk)
    second.sync(chunk=chunk)
    world.restart_centre()
    agree(world, first, second)
    assert note_of(first, visit) == ("du second" if sides[0] == LOCAL else "du premier")
    assert all(queries.open_conflicts(one.store.db) == [] for one in (first, second))


def test_a_choice_that_is_cut_between_its_two_operations_is_made_whole(both: Three) -> None:
    world, first, second = both
    visit = rivals(both)
    choose(first, LOCAL)
    choose(second, CENTRAL)
    # The value alone has come when the other laptop's choice does.
    with pytest.raises(Interrupted):
        first.sync(["good", *["lost request"] * 20], chunk=1)
    second.sync()
    agree(world, first, second)
    assert note_of(first, visit) == "du second"


def test_a_value_edited_after_the_conflict_is_not_overwritten_unseen(both: Three) -> None:
    world, first, second = both
    visit = rivals(both)
    first.amend(visit, note="encore du premier")
    first.sync()
    choose(second, LOCAL)
    agree(world, first, second)
    # Chosen without having seen it: both values are told again.
    told = opened(second)
    assert (told.local, told.central) == ("du second", "encore du premier")


def test_a_visit_removed_is_gone_everywhere_and_comes_back_whole(both: Three) -> None:
    world, first, second = both
    visit = first.record("une erreur", procedures=2)
    settle(first, second)
    inside = records_of(first, visit)
    remove(second, visit)
    agree(world, first, second)
    assert world.central_lines() == []
    assert queries.status_facts(first.store.db).procedure_records == 0
    assert queries.search_visits(first.store.db, "erreur", 9) == []
    put_back(first, visit)
    assert records_of(first, visit) == inside
    agree(world, first, second)
    assert records_of(second, visit) == inside
    assert [one.id for one in queries.search_visits(second.store.db, "erreur", 9)] == [visit]
    assert queries.open_conflicts(first.store.db) == []


def test_a_procedure_removed_before_its_visit_stays_removed_when_the_visit_comes_back(both: Three) -> None:
    world, first, second = both
    visit = first.record("deux démarches", procedures=2)
    settle(first, second)
    one, other = records_of(first, visit)
    remove(first, one, PROCEDURE_RECORD)
    remove(first, visit)
    agree(world, first, second)
    put_back(second, visit)
    agree(world, first, second)
    assert records_of(first, visit) == [other]
    put_back(first, one, PROCEDURE_RECORD)
    agree(world, first, second)
    assert sorted(records_of(second, visit)) == sorted([one, other])


@pytest.mark.parametrize("edit_first", [True, False])
def test_delete_against_edit_keeps_the_edit_and_says_so(both: Three, edit_first: bool) -> None:
    world, first, second = both
    visit = first.record("au départ", procedures=2)
    settle(first, second)
    first.amend(visit, note="corrigée")
    remove(second, visit)
    for one in (first, second) if edit_first else (second, first):
        one.sync()
    agree(world, first, second)
    assert (note_of(first, visit), note_of(second, visit)) == ("corrigée", "corrigée")
    assert len(records_of(second, visit)) == 2
    told = opened(first)
    assert (told.field, {told.local, told.central}) == (DELETED, {True, False})
    assert {told.actor, told.central_actor} == {first.agent, second.agent}
    choose(second, LOCAL if told.local is True else CENTRAL)
    agree(world, first, second)
    assert world.central_lines() == []


@pytest.mark.parametrize("edit_first", [True, False])
@pytest.mark.parametrize("new", [True, False])
def test_a_visit_whose_procedure_was_changed_or_added_unseen_stays(
    both: Three, edit_first: bool, new: bool
) -> None:
    world, first, second = both
    visit = first.record("au départ", procedures=1)
    settle(first, second)
    if new:
        added = world.ids.new()
        first.edit(PROCEDURE_RECORD, added, CREATE, record_body(visit))
    else:
        (only,) = records_of(first, visit)
        first.edit(PROCEDURE_RECORD, only, SET, {"mode": "taught"})
    remove(second, visit)
    for one in (first, second) if edit_first else (second, first):
        one.sync()
    agree(world, first, second)
    assert len(records_of(second, visit)) == 1 + new
    assert opened(second).record_id == visit
    choose(second, CENTRAL if opened(second).central is False else LOCAL)
    agree(world, first, second)
    assert len(world.central_lines()) == 1
    assert queries.open_conflicts(first.store.db) == []


@pytest.mark.parametrize("erased_first", [True, False])
def test_erasing_wins_over_removing_and_choosing(both: Three, erased_first: bool) -> None:
    world, first, second = both
    visit = rivals(both)
    remove(second, visit)
    first.erase(visit)
    for one in (first, second) if erased_first else (second, first):
        one.sync()
    agree(world, first, second)
    assert not is_deleted(second.store.db, visit)
    assert all(all_conflicts(one) == [] for one in (first, second))


def test_a_removed_visit_is_erased_with_its_content(both: Three) -> None:
    world, first, second = both
    visit = first.record("secret", procedures=2)
    settle(first, second)
    inside = records_of(first, visit)
    remove(first, visit)
    settle(first, second)
    assert first.erase(visit) == 3
    agree(world, first, second)
    for one in (first, second):
        assert [deleted_record(one.store.db, key) for key in (visit, *inside)] == [None] * 3


def test_removing_what_is_not_yet_sent_needs_no_centre(both: Three) -> None:
    world, first, second = both
    visit = first.record("jamais envoyée")
    remove(first, visit)
    first.restart()
    assert first.lines() == []
    put_back(first, visit)
    remove(first, visit)
    agree(world, first, second)
    assert world.central_lines() == []


def test_an_edit_that_waits_keeps_its_visit_shown_until_the_centre_has_it(both: Three) -> None:
    world, first, second = both
    visit = first.record("au départ", procedures=1)
    settle(first, second)
    (only,) = records_of(first, visit)
    remove(second, visit)
    second.sync()
    for _ in range(3):
        first.record("une autre", procedures=0)
    first.edit(PROCEDURE_RECORD, only, SET, {"mode": "taught"})
    # One operation at a time: the deletion comes down before the edit goes up.
    with pytest.raises(Interrupted):
        first.sync(["good", *["lost request"] * 20], chunk=1)
    assert records_of(first, visit) == [only]
    agree(world, first, second)
    assert opened(first).field == DELETED


def test_a_restored_laptop_that_says_its_removal_again_is_in_no_conflict_with_itself(both: Three) -> None:
    world, first, second = both
    visit = first.record("une erreur")
    settle(first, second)
    remove(first, visit)
    kept = set_aside(first)
    first.sync()
    second.sync()
    put_back(second, visit)
    second.sync()
    file_put_back(first, kept)
    # It goes on as a new replica, as every restored store does.
    first.store.rotate_replica()
    agree(world, first, second)
    assert len(world.central_lines()) == 1
    assert queries.open_conflicts(first.store.db) == []


def test_who_says_otherwise_has_withdrawn_what_they_proposed(both: Three) -> None:
    world, one, other = both
    visit = one.record("au départ")
    for laptop in (one, other, one):
        laptop.sync()
    other.amend(visit, note="de l’autre")
    other.sync()
    one.amend(visit, note="premier mot")
    one.amend(visit, note="dernier mot")
    one.sync()
    other.sync()
    proposed = [(c.local, c.status) for c in conflicts_in(other)]
    assert sorted(proposed) == [("dernier mot", "open"), ("premier mot", "central")]
    one.amend(visit, note="vu les deux")
    for laptop in (one, other, one):
        laptop.sync()
    assert {c.status for c in conflicts_in(one)} == {"central"}
    assert [line["note"] for line in world.central_lines()] == ["vu les deux"]
    agree(world, one, other)


def conflicts_in(laptop: LaptopUnderTest) -> list[Conflict]:
    """Every conflict, settled or not."""
    shape = SHAPES[CONFLICT]
    return [conflict_from(row) for row in laptop.store.db.conn.execute(shape.select).fetchall()]
