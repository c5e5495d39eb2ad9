"""Two laptops that merge or forget the same people without knowing of each other come to the same."""

from fsbus.core.changes import CREATE, ERASE, SET
from fsbus.core.entities import RESIDENT, VISIT
from fsbus.core.ids import derived_id
from fsbus.store import people, queries
from tests.builders import plain_draft
from tests.sync.world import LaptopUnderTest, World, visit_body


def _both_have(world: World, *names: str) -> tuple[LaptopUnderTest, LaptopUnderTest, list[str]]:
    one, other = world.laptop("one"), world.laptop("other")
    made = [world.ids.new() for _ in names]
    for key, name in zip(made, names, strict=True):
        one.edit(RESIDENT, key, CREATE, plain_draft(RESIDENT, family_name=name))
    _meet(one, other)
    return one, other, made


def _meet(one: LaptopUnderTest, other: LaptopUnderTest) -> None:
    for laptop in (one, other, one, other):
        laptop.sync()


def test_people_merged_in_opposite_directions_are_one_on_both_with_all_their_visits(world: World) -> None:
    one, other, [first, second] = _both_have(world, "Lefèvre", "Lefebvre")
    visit, later = one.record(), other.record()
    one.edit(RESIDENT, first, SET, {"merged_into": second})
    one.edit(VISIT, visit, SET, {"resident_id": second})
    other.edit(RESIDENT, second, SET, {"merged_into": first})
    other.edit(VISIT, later, SET, {"resident_id": first})
    _meet(one, other)
    for laptop in (one, other):
        db = laptop.store.db
        assert people.root_of_each(db) == {first: first, second: first}
        same = people.same_person(db, second)
        assert same == {first, second}
        assert set(people.of_people(db, same).visits) == {visit, later}
        assert queries.open_conflicts(db) == []


def test_a_person_merged_into_one_who_was_erased_elsewhere_stays_in_sight(world: World) -> None:
    one, other, [first, second] = _both_have(world, "Lefèvre", "Lefebvre")
    one.edit(RESIDENT, first, SET, {"merged_into": second})
    other.store.erase({second: RESIDENT}, actor=other.agent)
    _meet(one, other)
    for laptop in (one, other):
        assert people.root_of_each(laptop.store.db) == {first: first}


def test_a_person_forgotten_on_both_laptops_leaves_one_copy_of_a_visit(world: World) -> None:
    one, other, [person] = _both_have(world, "Lefèvre")
    visit = one.record("Zoé viendra.", procedures=0)
    one.amend(visit, resident_id=person)
    _meet(one, other)
    copy = derived_id(f"nameless copy of {visit}")
    for laptop in (one, other):
        laptop.edit(VISIT, copy, CREATE, visit_body(one.agent))
        laptop.edit(VISIT, visit, ERASE)
        laptop.edit(RESIDENT, person, ERASE)
    _meet(one, other)
    for laptop in (one, other):
        assert [line["visit_id"] for line in laptop.lines()] == [copy]
        assert queries.open_conflicts(laptop.store.db) == []
    assert [line["visit_id"] for line in world.central_lines()] == [copy]
