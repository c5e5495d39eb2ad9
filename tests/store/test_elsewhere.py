"""A laptop forgets the records of a feed that left its region, and nothing else."""

from pathlib import Path

import pytest

from fsbus.core.clock import Clock
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.store.store import Edit, Store
from fsbus.wire.api import Answer, AnswerHeader, FeedPosition, HelloAnswer, State
from tests.server.laptop import numbered_id, record_body, visit_body
from tests.store.test_trusting import enrolment
from tests.wire.trusted import CENTRE

HOME, BUS, OTHER_BUS = "nord", "bus-3", "bus-4"
OURS, THEIRS, THEIR_RECORD, OTHERS = (numbered_id(number) for number in (1, 2, 3, 4))


def said(**feeds: int) -> HelloAnswer:
    named = {name.replace("_", "-"): newest for name, newest in feeds.items()}
    return HelloAnswer("life", 1_764_000_000_000, "d" * 25, named, HOME)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A coordinator's laptop that has read its region: two buses."""
    store = Store.create(tmp_path / "fsbus.db", bytes(32), clock=Clock())
    store.set_enrolment(enrolment(CENTRE))
    store.take_hello(said(nord=9, bus_3=9, bus_4=9))
    states = [
        State(OURS, VISIT, 1, visit_body()),
        State(THEIRS, VISIT, 1, visit_body(note="Zéphyrine"), feed=BUS),
        State(THEIR_RECORD, PROCEDURE_RECORD, 1, record_body(THEIRS), feed=BUS),
        State(OTHERS, VISIT, 1, visit_body(), feed=OTHER_BUS),
        State(numbered_id(5), "rumour", 1, {"words": "Zéphyrine"}, feed=BUS),
    ]
    pull = {feed: FeedPosition(9) for feed in (HOME, BUS, OTHER_BUS)}
    store.apply(Answer(AnswerHeader("life", 1_764_000_000_000, pull=pull), states))
    return store


def held(store: Store) -> set[str]:
    tables = ("visits", "procedure_records", "strangers")
    return {str(row[0]) for table in tables for row in store.db.conn.execute(f"SELECT id FROM {table}")}


def test_the_records_of_a_feed_that_left_are_gone_with_their_texts_and_what_hangs_on_them(
    store: Store,
) -> None:
    made_here = numbered_id(6)
    store.save([Edit(PROCEDURE_RECORD, made_here, "create", record_body(THEIRS))], actor=numbered_id(9))
    deleted_here = numbered_id(7)
    store.save([Edit(PROCEDURE_RECORD, deleted_here, "create", record_body(THEIRS))], actor=numbered_id(9))
    store.save([Edit(PROCEDURE_RECORD, deleted_here, "delete")], actor=numbered_id(9))
    assert made_here in held(store)
    assert store.db.conn.execute("SELECT id FROM deleted").fetchall() == [(deleted_here,)]
    store.take_hello(said(nord=9, bus_4=9))
    assert held(store) == {OURS, OTHERS}
    assert store.db.conn.execute("SELECT count(*) FROM texts WHERE texts MATCH 'zephyrine'").fetchone() == (
        0,
    )
    assert store.db.conn.execute("SELECT count(*) FROM erased").fetchone() == (0,), "it is no erasure"
    assert store.link().positions.keys() == {HOME, OTHER_BUS}
    assert store.db.conn.execute("SELECT count(*) FROM deleted").fetchone() == (0,)
    assert store.pending_count() == 3, "what waits stays"
    store.close()


def test_what_waits_on_a_forgotten_record_stays_as_it_was_written(store: Store) -> None:
    store.save([Edit(VISIT, THEIRS, "set", {"minutes": 45})], actor=numbered_id(9))
    before = store.pending(after=0, max_bytes=10_000)
    store.take_hello(said(nord=9, bus_4=9))
    assert store.pending(after=0, max_bytes=10_000) == before
    store.close()


def test_a_feed_that_comes_back_is_read_from_its_start(store: Store) -> None:
    store.take_hello(said(nord=9, bus_4=9))
    store.take_hello(said(nord=9, bus_3=12, bus_4=9))
    assert store.link().positions == {HOME: 9, BUS: 0, OTHER_BUS: 9}
    state = State(THEIRS, VISIT, 3, visit_body(), feed=BUS)
    pull = {BUS: FeedPosition(12)}
    store.apply(Answer(AnswerHeader("life", 1_764_000_000_000, pull=pull), [state]))
    assert held(store) == {OURS, OTHERS, THEIRS}
    store.close()


def test_a_record_that_is_told_at_home_is_no_longer_elsewhere(store: Store) -> None:
    state = State(THEIRS, VISIT, 2, visit_body())
    store.apply(Answer(AnswerHeader("life", 1_764_000_000_000, pull={HOME: FeedPosition(10)}), [state]))
    store.take_hello(said(nord=10, bus_4=9))
    assert THEIRS in held(store)
    store.close()
