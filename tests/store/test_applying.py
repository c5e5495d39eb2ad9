"""What the centre says is taken in whole, and never costs an entry of this laptop."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from fsbus.actions.session import Session
from fsbus.core.changes import CREATE, SET
from fsbus.core.entities import CONFLICT, PROCEDURE_RECORD, VISIT
from fsbus.core.errors import SyncError
from fsbus.core.visits import RecordedVisit
from fsbus.store import queries
from fsbus.store.database import rows
from fsbus.store.rows import SHAPES
from fsbus.store.store import Edit, Store
from fsbus.wire.api import Answer, AnswerHeader, FeedPosition, HelloAnswer, Op, OpResult, RequestHeader, State
from fsbus.wire.codec import decode_op
from tests.builders import AGENT_ID, body, edits_of, new_id, recorded
from tests.fakes import NOON
from tests.store.test_store import ENROLMENT

EPOCH, FEED = "life-1", "bus-3"


def hello(epoch: str = EPOCH, last_seq: int = 0, newest: int = 0) -> HelloAnswer:
    return HelloAnswer(epoch=epoch, t=0, device="d", feeds={FEED: newest}, writes=FEED, last_seq=last_seq)


def answer(*states: State, acked: int = 0, results: Any = (), to: int = 0, epoch: str = EPOCH) -> Answer:
    pull = {FEED: FeedPosition(to)} if to else {}
    return Answer(AnswerHeader(epoch=epoch, t=0, acked=acked, results=list(results), pull=pull), list(states))


def version(store: Store, record_id: str, kind: str = VISIT) -> int | None:
    found = list(rows(store.db, f"SELECT version FROM {SHAPES[kind].table} WHERE id = ?", (record_id,)))
    return int(found[0][0]) if found else None


def ops(store: Store, after: int = 0) -> list[Op]:
    return [decode_op(line) for _, line in store.pending(after=after, max_bytes=10**9)]


@pytest.fixture
def store(device: Session) -> Store:
    device.store.take_hello(hello())
    return device.store


@pytest.fixture
def saved(store: Store) -> RecordedVisit:
    one = recorded()
    store.save(edits_of(one), actor=AGENT_ID)
    return one


def change(store: Store, record_id: str, **fields: object) -> int:
    store.save([Edit(VISIT, record_id, SET, fields)], actor=AGENT_ID)
    return store.last_seq


def note(store: Store, record_id: str) -> str | None:
    found = queries.visit(store.db, record_id)
    return None if found is None else found.note


def test_first_contact_begins_at_the_start_of_each_feed(store: Store) -> None:
    link = store.link()
    assert (link.epoch, link.acked, dict(link.positions)) == (EPOCH, 0, {FEED: 0})


def test_an_acknowledgement_counts_each_plain_operation_as_one_version(
    store: Store, saved: RecordedVisit
) -> None:
    change(store, saved.visit.id, note="a")
    last = change(store, saved.visit.id, note="b")
    assert store.apply(answer(acked=last, to=7)) == frozenset()
    assert version(store, saved.visit.id) == 3
    assert version(store, saved.records[0].id, PROCEDURE_RECORD) == 1
    assert store.pending_count() == 0
    link = store.link()
    assert (link.acked, dict(link.positions), link.last_sync_at) == (last, {FEED: 7}, NOON)
    change(store, saved.visit.id, note="c")
    assert ops(store, after=last)[0].base == 3


@pytest.mark.parametrize("result", ["unchanged", "merged", "conflict", "quarantined"])
def test_an_operation_that_is_not_plain_counts_no_version(
    store: Store, saved: RecordedVisit, result: str
) -> None:
    last = change(store, saved.visit.id, note="a")
    store.apply(answer(acked=last, results=[OpResult(last, result, "parce que")]))
    assert version(store, saved.visit.id) == 1
    assert note(store, saved.visit.id) == "a"


def test_a_repeated_answer_changes_nothing_more(store: Store, saved: RecordedVisit) -> None:
    one = answer(
        State(saved.visit.id, VISIT, 2, dict(body(VISIT, note="centre"))), acked=store.last_seq, to=4
    )
    store.apply(one)
    first = [list(rows(store.db, f"SELECT * FROM {shape.table}")) for shape in SHAPES.values()]
    store.apply(one)
    assert [list(rows(store.db, f"SELECT * FROM {shape.table}")) for shape in SHAPES.values()] == first


def test_an_acknowledgement_never_goes_back(store: Store, saved: RecordedVisit) -> None:
    last = store.last_seq
    store.apply(answer(acked=last))
    store.apply(answer(acked=1))
    assert store.link().acked == last


def test_a_state_from_the_centre_replaces_the_row(store: Store, saved: RecordedVisit) -> None:
    store.apply(answer(acked=store.last_seq))
    came = dict(body(VISIT, note="vu au centre", equipment=["phone", "none"], first_visit=None))
    assert store.apply(answer(State(saved.visit.id, VISIT, 5, came))) == {VISIT}
    found = queries.visit(store.db, saved.visit.id)
    assert found is not None
    assert (found.note, found.equipment, found.first_visit) == ("vu au centre", ("phone", "none"), None)
    assert version(store, saved.visit.id) == 5
    assert [one.id for one in queries.search_visits(store.db, "centre", 5)] == [saved.visit.id]


def test_a_new_visit_of_another_laptop_is_shown_even_when_its_records_come_first(store: Store) -> None:
    visit_id, record_id = new_id(), new_id()
    child = State(record_id, PROCEDURE_RECORD, 1, dict(body(PROCEDURE_RECORD, visit_id=visit_id)))
    store.apply(answer(child))
    assert store.apply(answer(State(visit_id, VISIT, 1, dict(body(VISIT))))) == {VISIT}
    ((shown, handled),) = queries.visits_between(store.db, "2026-11-24", "2026-11-24")
    assert (shown.id, [one.id for one in handled]) == (visit_id, [record_id])


def test_own_waiting_changes_are_laid_over_what_comes(store: Store, saved: RecordedVisit) -> None:
    acked = store.last_seq
    change(store, saved.visit.id, note="la mienne")
    came = dict(body(VISIT, note="la leur", minutes=99))
    store.apply(answer(State(saved.visit.id, VISIT, 2, came), acked=acked))
    found = queries.visit(store.db, saved.visit.id)
    assert found is not None
    assert (found.note, found.minutes) == ("la mienne", 99)
    assert version(store, saved.visit.id) == 2
    # Once it is acknowledged, what the centre says stands alone.
    store.apply(answer(State(saved.visit.id, VISIT, 3, came), acked=store.last_seq))
    assert note(store, saved.visit.id) == "la leur"


def test_the_base_of_a_waiting_change_stays_what_its_author_had_seen(
    store: Store, saved: RecordedVisit
) -> None:
    acked = store.last_seq
    last = change(store, saved.visit.id, note="la mienne")
    line = store.pending(after=last - 1, max_bytes=1)
    store.apply(answer(State(saved.visit.id, VISIT, 9, dict(body(VISIT))), acked=acked))
    assert store.pending(after=last - 1, max_bytes=1) == line


def test_an_erased_record_goes_with_all_that_hangs_on_it(store: Store, saved: RecordedVisit) -> None:
    proposal = {
        "record_id": saved.visit.id, "record_kind": VISIT, "field": "note", "local": "Mimosa", "central": "",
        "actor": AGENT_ID, "hlc": "", "status": "open",
    }  # fmt: skip
    conflict_id = new_id()
    store.apply(answer(State(conflict_id, CONFLICT, 1, proposal), acked=store.last_seq))
    assert [one.local for one in queries.open_conflicts(store.db)] == ["Mimosa"]
    last = change(store, saved.visit.id, note="Mimosa")
    changed = store.apply(answer(State(saved.visit.id, VISIT, erased=True)))
    assert changed == {VISIT, PROCEDURE_RECORD, CONFLICT}
    assert note(store, saved.visit.id) is None
    assert queries.open_conflicts(store.db) == []
    assert ops(store, after=last - 1) == [Op(last, saved.visit.id, VISIT, "void")]
    assert all(b"Mimosa" not in line for (line,) in rows(store.db, "SELECT line FROM operations"))


def test_what_comes_later_for_an_erased_record_is_not_shown(store: Store, saved: RecordedVisit) -> None:
    store.erase({saved.visit.id: VISIT}, actor=AGENT_ID)
    late_child = dict(body(PROCEDURE_RECORD, visit_id=saved.visit.id))
    states = [
        State(saved.visit.id, VISIT, 8, dict(body(VISIT))),
        State(new_id(), PROCEDURE_RECORD, 1, late_child),
    ]
    assert store.apply(answer(*states)) == frozenset()
    facts = queries.status_facts(store.db)
    assert (facts.visits, facts.procedure_records) == (0, 0)


def test_an_operation_that_came_too_late_erases_its_record_here(store: Store, saved: RecordedVisit) -> None:
    last = change(store, saved.visit.id, note="trop tard")
    changed = store.apply(answer(acked=last, results=[OpResult(last, "erased")]))
    assert changed == {VISIT, PROCEDURE_RECORD}
    assert queries.status_facts(store.db).visits == 0


def test_an_operation_put_aside_is_shown_with_its_reason(store: Store, saved: RecordedVisit) -> None:
    last = change(store, saved.visit.id, note="a")
    assert store.apply(answer(acked=last, results=[OpResult(last, "quarantined", "minutes")])) == {VISIT}
    (aside,) = queries.quarantined(store.db)
    assert (aside.seq, aside.record_id, aside.kind, aside.why) == (last, saved.visit.id, VISIT, "minutes")
    assert queries.status_facts(store.db).quarantined == 1


def test_an_answer_from_another_life_of_the_centre_is_refused_whole(
    store: Store, saved: RecordedVisit
) -> None:
    with pytest.raises(SyncError):
        store.apply(answer(State(saved.visit.id, VISIT, 2, dict(body(VISIT))), acked=1, epoch="life-2"))
    assert store.link().acked == 0
    assert version(store, saved.visit.id) == 0


def test_unknown_fields_and_codes_of_a_newer_release_are_kept(store: Store, saved: RecordedVisit) -> None:
    store.apply(answer(acked=store.last_seq))
    came = dict(body(VISIT, queue_minutes=12, channel="hologram", note="lu"))
    store.apply(answer(State(saved.visit.id, VISIT, 2, came)))
    found = queries.visit(store.db, saved.visit.id)
    assert found is not None
    assert (found.channel, found.note) == ("walk_in", "lu")
    extra = next(rows(store.db, "SELECT extra FROM visits WHERE id = ?", (saved.visit.id,)))[0]
    assert msgspec.json.decode(extra) == {"queue_minutes": 12, "channel": "hologram"}


@pytest.mark.parametrize(
    ("kind", "content"),
    [("workshop", {"title": "CV"}), (VISIT, dict(body(VISIT, channel="hologram"))), (VISIT, {"minutes": 5})],
)
def test_what_this_release_cannot_show_is_kept_whole(
    store: Store, kind: str, content: dict[str, object]
) -> None:
    one = new_id()
    assert store.apply(answer(State(one, kind, 4, content), to=9)) == frozenset()
    kept = list(rows(store.db, "SELECT id, kind, version, body FROM strangers"))
    assert [(*row[:3], msgspec.json.decode(row[3])) for row in kept] == [(one, kind, 4, content)]
    assert queries.status_facts(store.db).strangers == 1
    assert store.link().positions[FEED] == 9
    store.apply(answer(State(one, kind, erased=True)))
    assert queries.status_facts(store.db).strangers == 0


def test_a_restored_centre_is_sent_again_what_it_lost(store: Store, saved: RecordedVisit) -> None:
    first_change = change(store, saved.visit.id, note="a")
    store.apply(answer(acked=store.last_seq, to=40))
    lines = store.pending(after=0, max_bytes=10**9)
    kept = first_change - 1
    store.take_hello(hello("life-2", last_seq=kept, newest=30))
    link = store.link()
    assert (link.epoch, link.acked, dict(link.positions)) == ("life-2", kept, {FEED: 0})
    assert store.pending(after=0, max_bytes=10**9) == lines
    assert store.pending_count() == 1
    # Told plain again, the change counts once, not twice.
    store.apply(answer(acked=first_change, epoch="life-2"))
    assert version(store, saved.visit.id) == 1


def test_a_feed_that_is_behind_our_position_is_read_anew_from_its_start(store: Store) -> None:
    store.apply(answer(to=40))
    store.take_hello(hello(newest=90))
    assert dict(store.link().positions) == {FEED: 40}
    store.take_hello(hello(newest=35))
    assert dict(store.link().positions) == {FEED: 0}


def test_the_grants_of_the_centre_are_kept(store: Store) -> None:
    store.set_enrolment(ENROLMENT)
    store.take_hello(HelloAnswer(EPOCH, 0, "d", {"bus-3": 1, "bus-4": 2}, "bus-4"))
    enrolled = store.link().enrolment
    assert enrolled is not None
    assert (enrolled.feeds, enrolled.writes, enrolled.signing_key) == (
        ("bus-3", "bus-4"),
        "bus-4",
        ENROLMENT.signing_key,
    )


def test_a_copied_laptop_goes_on_under_a_new_name(store: Store, saved: RecordedVisit) -> None:
    acked = store.last_seq
    store.apply(answer(acked=acked))
    change(store, saved.visit.id, note="a")
    change(store, saved.visit.id, note="b")
    before, old = ops(store, after=acked), store.replica
    store.rotate_replica()
    assert store.replica != old
    assert store.link().acked == 0
    again = ops(store)
    assert [op.seq for op in again] == [1, 2]
    assert [msgspec.structs.replace(op, seq=0) for op in again] == [
        msgspec.structs.replace(op, seq=0) for op in before
    ]
    left = next(rows(store.db, "SELECT count(*), max(seq) FROM operations WHERE replica = ?", (old,)))
    assert left == (acked, acked)
    assert change(store, saved.visit.id, note="c") == 3


@pytest.mark.parametrize("meet", [lambda store: store.take_hello(hello(last_seq=10_000, newest=1)),
                                  lambda store: store.apply(answer(acked=10_000))])  # fmt: skip
def test_a_centre_that_holds_more_than_was_written_here_is_met_as_a_new_replica(
    store: Store, saved: RecordedVisit, meet: Callable[[Store], None]
) -> None:
    old, waiting = store.replica, store.pending_count()
    meet(store)
    assert store.replica != old
    assert (store.pending_count(), store.link().acked) == (waiting, 0)
    assert {op.verb for op in ops(store)} == {CREATE}


def test_an_answer_to_a_name_given_up_meanwhile_acknowledges_nothing(device: Session) -> None:
    store, asked = device.store, RequestHeader(device.store.replica, 0)
    for _ in range(2):
        store.save(edits_of(recorded()), actor=AGENT_ID)
    last = store.last_seq
    with device.reopen() as other:
        other.store.rotate_replica()
    waiting = store.pending_count()
    assert store.apply(answer(acked=last), asked=asked) == frozenset()
    assert store.pending_count() == waiting > 0


def asking(store: Store, first: int, n: int, at: int = 0) -> RequestHeader:
    return RequestHeader(store.replica, 0, EPOCH, first, n, {FEED: at})


def test_an_answer_acknowledges_no_more_than_what_was_asked_of_it(store: Store, saved: RecordedVisit) -> None:
    # The rest came with a request whose answer was lost: its results are told when it is sent again.
    last = change(store, saved.visit.id, note="a")
    store.apply(answer(acked=last), asked=asking(store, 1, 1))
    assert store.link().acked == 1
    store.apply(answer(acked=last, results=[OpResult(last, "merged")]), asked=asking(store, 2, last - 1))
    assert (store.link().acked, version(store, saved.visit.id)) == (last, 1)


def test_an_answer_that_leaves_a_hole_acknowledges_nothing(store: Store, saved: RecordedVisit) -> None:
    last = change(store, saved.visit.id, note="a")
    store.apply(answer(acked=last), asked=asking(store, 3, last - 2))
    assert store.link().acked == 0


@pytest.mark.parametrize(
    ("asked_from", "here", "told", "after"),
    [(0, 0, 9, 9), (0, 5, 9, 9), (0, 9, 5, 9), (5, 5, 5, 5), (5, 2, 9, 2), (9, 2, 9, 2)],
)
def test_a_position_moves_forward_only_and_over_no_hole(
    store: Store, asked_from: int, here: int, told: int, after: int
) -> None:
    if here:
        store.apply(answer(to=here))
    store.apply(answer(to=told), asked=asking(store, 1, 0, asked_from))
    assert dict(store.link().positions) == {FEED: after}


def test_a_carried_answer_never_lowers_what_is_durable(store: Store, saved: RecordedVisit) -> None:
    for durable in (3, 1):
        said = Answer(AnswerHeader(epoch=EPOCH, t=0, acked=store.last_seq, durable=durable), [])
        store.apply(said, carried=True)
    assert store.link().durable == 3


def test_another_centre_is_met_as_a_new_one(store: Store, saved: RecordedVisit) -> None:
    store.set_enrolment(ENROLMENT)
    store.apply(answer(acked=store.last_seq, to=4))
    store.set_enrolment(ENROLMENT)
    assert store.link().epoch == EPOCH
    waiting = store.last_seq
    store.set_enrolment(replace(ENROLMENT, server_key=bytes([1] * 32)))
    assert store.link().epoch == ""
    store.take_hello(hello("elsewhere", last_seq=0, newest=3))
    assert store.pending_count() == waiting
    assert dict(store.link().positions) == {FEED: 0}
