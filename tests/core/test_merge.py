"""Merging loses nothing, whatever the order: every value stands, is proposed, or went with an erasure."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.changes import CREATE, DELETE, ERASE, SET, VOID, Change
from fsbus.core.entities import DELETED
from fsbus.core.merge import (
    CONFLICTED,
    ERASED,
    MERGED,
    PLAIN,
    QUARANTINED,
    UNCHANGED,
    Copy,
    Merge,
    merge,
)

RECORD = "01a20000-0000-7000-8000-000000000001"
FIELDS = ("note", "minutes", "channel", "gender")
BODY: dict[str, Any] = dict.fromkeys(FIELDS, "start")


def change(verb: str, seq: int = 1, replica: str = "A", base: int = 0, **fields: Any) -> Change:
    return Change(replica, seq, RECORD, "visit", verb, base, fields, actor="agent")


def start(creator: str = "A") -> Copy:
    made = merge(None, change(CREATE, replica=creator, **BODY))
    assert made.copy is not None
    return made.copy


def run(copy: Copy | None, changes: Sequence[Change]) -> tuple[Copy | None, list[Merge]]:
    done = []
    for one in changes:
        done.append(merge(copy, one))
        copy = done[-1].copy
    return copy, done


def test_a_new_record_is_taken_whole_at_version_1() -> None:
    done = merge(None, change(CREATE, note="a"))
    assert done == Merge(PLAIN, Copy(RECORD, "visit", 1, "A", {"note": "a"}))


def test_a_change_by_someone_who_saw_everything_is_plain() -> None:
    done = merge(start(), change(SET, 1, "B", base=1, note="b"))
    assert done.copy is not None
    assert (done.result, done.copy.version, done.copy.body["note"]) == (PLAIN, 2, "b")


def test_two_changes_of_one_replica_need_no_base() -> None:
    _, done = run(start(), [change(SET, 2, note="b"), change(SET, 3, note="c")])
    assert [one.result for one in done] == [PLAIN, PLAIN]


def test_different_fields_merge() -> None:
    copy, done = run(start(), [change(SET, 1, "B", base=1, note="b"), change(SET, 1, "C", base=1, minutes=9)])
    assert copy is not None
    assert [one.result for one in done] == [PLAIN, MERGED]
    assert (copy.body["note"], copy.body["minutes"], copy.version) == ("b", 9, 3)


def test_the_same_field_becomes_a_proposal_and_the_rest_is_taken() -> None:
    copy, done = run(
        start(), [change(SET, 1, "B", base=1, note="b"), change(SET, 1, "C", base=1, note="c", minutes=9)]
    )
    assert copy is not None
    assert done[1].result == CONFLICTED
    ((_, field, local, central),) = [(one.id, one.field, one.local, one.central) for one in done[1].proposals]
    assert (field, local, central) == ("note", "c", "b")
    assert (copy.body["note"], copy.body["minutes"]) == ("b", 9)


def test_the_same_value_is_no_conflict() -> None:
    _, done = run(start(), [change(SET, 1, "B", base=1, note="b"), change(SET, 1, "C", base=1, note="b")])
    assert (done[1].result, done[1].proposals, done[1].changed) == (MERGED, (), False)


def test_a_change_to_what_already_stands_counts_no_version() -> None:
    done = merge(start(), change(SET, 2, base=1, note="start"))
    assert (done.result, done.changed, done.copy) == (UNCHANGED, False, start())


def test_a_record_that_two_replicas_made_merges_by_field() -> None:
    done = merge(start("A"), change(CREATE, 1, "B", **{**BODY, "note": "b", "queue": 3}))
    assert done.copy is not None
    assert done.result == CONFLICTED
    assert done.copy.body == {**BODY, "queue": 3}


def test_a_change_of_an_unknown_record_is_put_aside() -> None:
    assert merge(None, change(SET, note="b")) == Merge(QUARANTINED, None, why="unknown record", changed=False)


@pytest.mark.parametrize(
    "one", [replace(change(SET, note="b"), kind="agent"), replace(change(SET, note="b"), verb="swap")]
)
def test_a_kind_or_verb_that_does_not_fit_is_put_aside(one: Change) -> None:
    done = merge(start(), one)
    assert (done.result, done.copy, done.changed) == (QUARANTINED, start(), False)


def test_an_erased_record_keeps_only_its_id() -> None:
    done = merge(start(), change(ERASE, 2))
    assert done.copy == Copy(RECORD, "visit", 2, "A", erased=True)


def test_a_void_changes_nothing() -> None:
    for copy in (None, start(), Copy(RECORD, "visit", 3, "A", erased=True)):
        assert merge(copy, change(VOID)) == Merge(PLAIN, copy, changed=False)


# --- properties --------------------------------------------------------------------------------------------------

VALUES = st.integers(0, 3) | st.none() | st.lists(st.integers(0, 1), max_size=2)
SETS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(FIELDS), VALUES, min_size=1, max_size=3
)


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """Changes of several replicas, each knowing an earlier version: offline laptops, any order of arrival."""
    numbers = dict.fromkeys("ABC", 1)
    done: list[Change] = []
    for _ in range(draw(st.integers(1, 8))):
        replica = draw(st.sampled_from("ABC"))
        verb = draw(st.sampled_from([SET, SET, SET, SET, CREATE, DELETE, DELETE, VOID, ERASE]))
        numbers[replica] += 1
        fields = draw(SETS) if verb in (SET, CREATE) else {}
        done.append(change(verb, numbers[replica], replica, draw(st.integers(0, len(done) + 1)), **fields))
    return done


@given(history=histories())
def test_no_value_is_lost(history: list[Change]) -> None:
    copy: Copy | None = start()
    stood: dict[str, list[object]] = {name: ["start"] for name in FIELDS}
    erased = False
    for one in history:
        before = copy
        done = merge(copy, one)
        copy = done.copy
        assert copy is not None
        if erased:
            assert done.result == (ERASED if one.verb in (SET, CREATE, DELETE) else PLAIN)
            assert copy == before
            continue
        erased = copy.erased
        proposed = {proposal.field: proposal for proposal in done.proposals}
        proposed.pop(DELETED, None)
        for name, value in one.fields.items():
            if name in proposed:
                assert proposed[name].local == value
                assert proposed[name].central == copy.body[name]
            else:
                assert copy.body[name] == value
            stood[name].append(value)
        assert before is not None
        for name in set(before.body) - set(one.fields):
            assert erased or copy.body[name] == before.body[name]
        assert copy.version == before.version + done.changed


@given(history=histories())
def test_a_value_of_somebody_else_is_never_overwritten_unseen(history: list[Change]) -> None:
    copy: Copy | None = start()
    for one in history:
        before, done = copy, merge(copy, one)
        copy = done.copy
        if before is None or copy is None or copy.erased:
            continue
        for name, value in before.body.items():
            version, writer = before.writer(name)
            if copy.body[name] != value:
                assert writer == one.replica or version <= one.base


@given(history=histories())
def test_the_same_change_again_changes_nothing_more(history: list[Change]) -> None:
    copy, done = run(start(), history)
    again = merge(copy, history[-1])
    assert again.copy == copy
    assert not again.changed
    # It may only propose again what it proposed, under the same id: what it did set stands already.
    assert all(proposal in done[-1].proposals for proposal in again.proposals)


@given(shares=st.lists(st.sampled_from("BCD"), min_size=len(FIELDS), max_size=len(FIELDS)), values=st.data())
def test_changes_of_different_fields_give_the_same_record_in_any_order(
    shares: list[str], values: st.DataObject
) -> None:
    changes = [
        change(SET, 1, replica, 1, **{name: values.draw(VALUES) for name, owner in zip(FIELDS, shares, strict=True) if owner == replica})
        for replica in sorted(set(shares))
    ]  # fmt: skip
    bodies, proposals = [], []
    for order in permutations(changes):
        copy, done = run(start(), order)
        assert copy is not None
        bodies.append(copy.body)
        proposals += [proposal for one in done for proposal in one.proposals]
    assert all(body == bodies[0] for body in bodies)
    assert proposals == []


@given(first=SETS, second=SETS)
def test_two_rivals_agree_on_what_is_proposed_whoever_comes_first(
    first: dict[str, object], second: dict[str, object]
) -> None:
    one, other = change(SET, 1, "B", 1, **first), change(SET, 1, "C", 1, **second)
    for order, winner, loser in (((one, other), first, second), ((other, one), second, first)):
        copy, done = run(start(), order)
        assert copy is not None
        rivals = {name for name in set(first) & set(second) if first[name] != second[name]}
        real = {name for name in rivals if winner[name] != "start"}
        assert {proposal.field for proposal in done[1].proposals} == real
        assert {name: copy.body[name] for name in winner} == winner
        assert all(copy.body[name] == loser[name] for name in set(loser) - real)


@given(history=histories(), place=st.integers(0, 8))
def test_erasure_wins_wherever_it_comes(history: list[Change], place: int) -> None:
    place = min(place, len(history))
    copy, _ = run(start(), [*history[:place], change(ERASE, 99, "B"), *history[place:]])
    assert copy is not None
    assert copy.erased
    assert (copy.body, copy.writers) == ({}, {})


@given(history=histories())
def test_proposals_have_ids_that_depend_on_the_change_alone(history: list[Change]) -> None:
    _, done = run(start(), history)
    ids = [proposal.id for one in done for proposal in one.proposals]
    assert len(ids) == len(set(ids))
    _, done_again = run(start(), history)
    assert [proposal.id for one in done_again for proposal in one.proposals] == ids
