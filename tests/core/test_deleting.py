"""A record recorded by mistake: no edit goes with it, it says who disagrees, and it can come back."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.changes import CREATE, DELETE, ERASE, SET, Change
from fsbus.core.choosing import choice_why, chosen_conflict, is_open, side_taken
from fsbus.core.entities import CONFLICT, DELETED
from fsbus.core.merge import (
    CONFLICTED,
    ERASED,
    MERGED,
    PLAIN,
    QUARANTINED,
    UNCHANGED,
    Copy,
    Merge,
    bring_back,
    delete,
    merge,
)
from tests.core.test_merge import BODY as VISIT_BODY
from tests.core.test_merge import RECORD, change, histories, run, start

CHILD = "01a20000-0000-7000-8000-0000000000c1"


def child(replica: str = "A", version: int = 1) -> Copy:
    return Copy(
        CHILD,
        "procedure_record",
        version,
        replica,
        {"visit_id": RECORD, "outcome": "resolved"},
        {"outcome": (version, replica)},
    )


def said(done: Merge) -> list[tuple[str, object, object]]:
    return [(one.field, one.local, one.central) for one in done.proposals]


def test_a_record_deleted_by_one_who_saw_everything_keeps_its_content() -> None:
    done = merge(start(), change(DELETE, 1, "B", base=1))
    assert done.copy is not None
    assert (done.result, done.copy.deleted, done.copy.version) == (PLAIN, True, 2)
    assert done.copy.body == start().body
    assert done.proposals == ()


def test_a_deletion_that_had_not_seen_an_edit_deletes_nothing_and_says_so() -> None:
    copy, done = run(start(), [change(SET, 1, "B", base=1, note="b"), change(DELETE, 1, "C", base=1)])
    assert copy is not None
    assert (done[1].result, copy.deleted, done[1].changed) == (MERGED, False, False)
    assert said(done[1]) == [(DELETED, True, False)]


def test_an_edit_that_had_not_seen_the_deletion_brings_the_record_back_and_says_so() -> None:
    copy, done = run(start(), [change(DELETE, 1, "C", base=1), change(SET, 1, "B", base=1, note="b")])
    assert copy is not None
    assert (done[1].result, copy.deleted, copy.body["note"]) == (MERGED, False, "b")
    assert said(done[1]) == [(DELETED, False, True)]


def test_an_edit_that_sets_what_stands_already_brings_the_record_back_too() -> None:
    copy, done = run(start(), [change(DELETE, 1, "C", base=1), change(SET, 1, "B", base=1, note="start")])
    assert copy is not None
    assert (copy.deleted, done[1].result, done[1].changed) == (False, MERGED, True)


def test_one_who_saw_the_deletion_brings_the_record_back_without_a_word() -> None:
    copy, done = run(start(), [change(DELETE, 1, "C", base=1), change(SET, 1, "B", base=2)])
    assert copy is not None
    assert (copy.deleted, copy.version, done[1].result, done[1].proposals) == (False, 3, PLAIN, ())


def test_the_same_laptop_deletes_and_brings_back_without_a_word() -> None:
    copy, done = run(
        start(), [change(DELETE, 2), change(SET, 3), change(DELETE, 4), change(SET, 5, note="b")]
    )
    assert copy is not None
    assert ([one.result for one in done], copy.deleted, copy.body["note"]) == ([PLAIN] * 4, False, "b")


def test_a_deletion_that_had_not_seen_it_come_back_deletes_nothing() -> None:
    copy, done = run(
        start(),
        [change(DELETE, 1, "B", base=1), change(SET, 1, "C", base=2), change(DELETE, 1, "D", base=1)],
    )
    assert copy is not None
    assert (copy.deleted, said(done[2])) == (False, [(DELETED, True, False)])


def test_deleting_twice_counts_once() -> None:
    copy, done = run(start(), [change(DELETE, 1, "B", base=1), change(DELETE, 1, "C", base=1)])
    assert copy is not None
    assert (done[1].result, done[1].changed, copy.version) == (MERGED, False, 2)
    _, again = run(copy, [change(DELETE, 2, "B", base=1)])
    assert (again[0].result, again[0].changed) == (UNCHANGED, False)


def test_a_rival_value_and_a_deletion_are_both_told() -> None:
    copy, done = run(
        start(),
        [
            change(SET, 1, "B", base=1, note="b"),
            change(DELETE, 2, "B", base=1),
            change(SET, 1, "C", base=1, note="c"),
        ],
    )
    assert copy is not None
    assert (done[2].result, copy.deleted, copy.body["note"]) == (CONFLICTED, False, "b")
    assert said(done[2]) == [("note", "c", "b"), (DELETED, False, True)]


def test_a_record_of_which_something_hanging_was_changed_unseen_is_not_deleted() -> None:
    seen, not_seen = (
        replace(change(DELETE, 2), fields={CHILD: 3}),
        replace(change(DELETE, 2), fields={CHILD: 2}),
    )
    assert delete(start(), seen, [child("B", 3)]).result == PLAIN
    assert delete(start(), not_seen, [child("B", 3)]).result == MERGED
    assert delete(start(), change(DELETE, 2), [child("B", 1)]).result == MERGED
    # One's own need not be named, and one that is gone stands in nobody's way.
    assert delete(start(), change(DELETE, 2), [child("A", 3)]).result == PLAIN
    assert delete(start(), change(DELETE, 2), [replace(child("B", 3), deleted=True)]).result == PLAIN
    assert delete(start(), replace(change(DELETE, 2), fields={CHILD: True}), [child("B", 1)]).result == MERGED


def test_what_changes_on_a_deleted_record_brings_it_back() -> None:
    gone = merge(start(), change(DELETE, 2)).copy
    assert gone is not None
    by_another = bring_back(gone, change(CREATE, 1, "B"))
    assert by_another.copy is not None
    assert (by_another.copy.deleted, by_another.copy.version) == (False, 3)
    assert said(by_another) == [(DELETED, False, True)]
    assert bring_back(gone, change(CREATE, 3)).proposals == ()


@pytest.mark.parametrize("verb", [SET, DELETE])
def test_what_is_not_there_can_neither_be_changed_nor_deleted(verb: str) -> None:
    assert merge(None, change(verb)).result == QUARANTINED


def test_what_was_said_before_a_loss_does_not_bring_back_what_a_witness_gave_back_as_deleted() -> None:
    given_back = replace(change(DELETE, 1, "W", base=1), why="witness")
    again, seen = change(CREATE, 1, "B", **VISIT_BODY), change(SET, 2, "C", base=2)
    copy, done = run(start("W"), [given_back, again])
    assert copy is not None
    assert (copy.deleted, done[1].result, done[1].changed, done[1].proposals) == (True, MERGED, False, ())
    for change_of_it in (seen, change(SET, 2, "B", base=1, note="b")):
        back = merge(copy, change_of_it).copy
        assert back is not None
        assert not back.deleted


def test_an_erased_record_is_neither_deleted_nor_brought_back() -> None:
    copy, done = run(start(), [change(ERASE, 2), change(DELETE, 1, "B", 1), change(SET, 2, "B", 1, note="b")])
    assert copy is not None
    assert ([one.result for one in done], copy.erased, copy.body) == ([PLAIN, ERASED, ERASED], True, {})


@given(history=histories())
def test_a_record_is_deleted_only_by_one_who_had_seen_all_that_others_did(history: list[Change]) -> None:
    copy: Copy | None = start()
    for one in history:
        before, done = copy, merge(copy, one)
        copy = done.copy
        if before is None or copy is None or copy.erased:
            continue
        if copy.deleted and not before.deleted:
            others = [writer for name in before.body if (writer := before.writer(name))[1] != one.replica]
            assert one.verb == DELETE
            assert all(version <= one.base for version, _ in others)
        if one.verb in (SET, CREATE):
            assert not copy.deleted
        if one.verb == DELETE:
            assert copy.deleted or said(done) == [(DELETED, True, False)]
        if before.deleted and not copy.deleted and before.writer(DELETED)[1] != one.replica:
            assert before.writer(DELETED)[0] <= one.base or (DELETED, False, True) in said(done)


@given(fields=st.dictionaries(st.sampled_from(("note", "minutes")), st.integers(0, 3), min_size=1))
def test_delete_against_edit_keeps_the_edit_in_both_orders(fields: dict[str, object]) -> None:
    changes = [change(DELETE, 1, "B", base=1), change(SET, 1, "C", base=1, **fields)]
    for order in permutations(changes):
        copy, done = run(start(), order)
        assert copy is not None
        assert not copy.deleted
        assert {name: copy.body[name] for name in fields} == fields
        told = [(one.field, {one.local, one.central}) for each in done for one in each.proposals]
        assert told == [(DELETED, {True, False})]


# --- choosing ----------------------------------------------------------------------------------------------------

CONFLICT_ID = "01a20000-0000-8000-8000-000000000002"
BODY = {"record_id": RECORD, "field": "note", "local": "b", "central": "a", "status": "open"}


def choice(status: str, replica: str, base: int = 1, seq: int = 1) -> Change:
    return Change(replica, seq, CONFLICT_ID, CONFLICT, SET, base, {"status": status})


@given(
    choices=st.lists(
        st.tuples(st.sampled_from(["local", "central", "open"]), st.sampled_from("BCD"), st.integers(0, 3)),
        min_size=1,
        max_size=6,
    )
)
def test_the_first_choice_stands_whoever_had_seen_what(choices: list[tuple[str, str, int]]) -> None:
    copy: Copy | None = Copy(CONFLICT_ID, CONFLICT, 1, "A", BODY)
    first = next((status for status, _, _ in choices if status != "open"), "open")
    for status, replica, base in choices:
        before = copy
        done = merge(copy, choice(status, replica, base))
        copy = done.copy
        assert done.proposals == ()
        assert before is not None
        if before.body["status"] not in ("open", status):
            assert (done.result, done.changed) == (MERGED, False)
    assert copy is not None
    assert copy.body["status"] == first


def test_an_operation_says_which_conflict_it_settles() -> None:
    assert chosen_conflict(choice_why(CONFLICT_ID)) == CONFLICT_ID
    assert chosen_conflict("witness") is None
    assert is_open(BODY)
    assert not is_open({**BODY, "status": "local"})


def test_the_side_taken_is_that_of_the_value() -> None:
    assert side_taken(BODY, change(SET, note="b")) == "local"
    assert side_taken(BODY, change(SET, note="c")) is None
    assert side_taken(BODY, change(DELETE)) is None
    assert side_taken(BODY, Change("A", 1, CHILD, "visit", SET, 0, {"note": "b"})) is None
    refused = {**BODY, "field": DELETED, "local": True, "central": False}
    assert (side_taken(refused, change(DELETE)), side_taken(refused, change(SET))) == ("local", "central")
    came_back = {**BODY, "field": DELETED, "local": False, "central": True}
    assert (side_taken(came_back, change(DELETE)), side_taken(came_back, change(SET))) == ("central", "local")
