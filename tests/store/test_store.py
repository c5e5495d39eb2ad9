"""Nothing is stored without its operation, and nothing is half written."""

import threading

import pytest

from fsbus.actions.session import Session
from fsbus.core.changes import CREATE, ERASE, SET
from fsbus.core.entities import ENTITIES, PROCEDURE_RECORD, VISIT, body_of
from fsbus.core.errors import InvalidInput, StoreUnavailable
from fsbus.store import queries
from fsbus.store.database import DatabaseError, problems_in, rows
from fsbus.store.link import Enrolment
from fsbus.store.rows import SHAPES
from fsbus.store.store import Edit, Store
from fsbus.wire.api import Op
from fsbus.wire.codec import decode_op
from tests.builders import AGENT_ID, edits_of, new_id, recorded, referral_draft

ENROLMENT = Enrolment(
    server_url="https://centre.exemple.fr",
    device="abcdefghijklmnopqrstuvwxy",
    audience="centre",
    server_key=bytes(32),
    signing_key=bytes(range(32)),
    feeds=("bus-3",),
    writes="bus-3",
)


def ops(store: Store, after: int = 0) -> list[Op]:
    return [decode_op(line) for _, line in store.pending(after=after, max_bytes=10**9)]


def test_a_visit_and_its_operations_are_saved_together(device: Session) -> None:
    one = recorded()
    before = device.store.last_seq
    device.store.save(edits_of(one), actor=AGENT_ID)
    written = ops(device.store, after=before)
    assert [op.seq for op in written] == [before + 1, before + 2, before + 3]
    assert [(op.kind, op.verb, op.base) for op in written] == [
        (VISIT, CREATE, 0),
        (PROCEDURE_RECORD, CREATE, 0),
        (PROCEDURE_RECORD, CREATE, 0),
    ]
    assert written[0].record == one.visit.id
    assert written[0].set == body_of(one.visit)
    assert {op.actor for op in written} == {AGENT_ID}
    assert sorted({op.hlc for op in written}) == [op.hlc for op in written]
    assert queries.visit(device.store.db, one.visit.id) == one.visit


def test_each_operation_keeps_the_bytes_it_was_written_with(device: Session) -> None:
    device.store.save(edits_of(recorded()), actor=AGENT_ID)
    first = device.store.pending(after=0, max_bytes=10**9)
    device.store.save(edits_of(recorded()), actor=AGENT_ID)
    assert device.store.pending(after=0, max_bytes=10**9)[: len(first)] == first


def test_one_wrong_edit_and_nothing_is_written(device: Session) -> None:
    before = device.store.last_seq
    edits = [*edits_of(recorded()), Edit(VISIT, new_id(), SET, {"note": "à personne"})]
    with pytest.raises(InvalidInput, match="effacée"):
        device.store.save(edits, actor=AGENT_ID)
    assert device.store.last_seq == before
    assert queries.status_facts(device.store.db).visits == 0


def test_the_same_record_is_not_made_twice(device: Session) -> None:
    edits = edits_of(recorded())
    device.store.save(edits, actor=AGENT_ID)
    before = device.store.last_seq
    with pytest.raises(DatabaseError, match="UNIQUE"):
        device.store.save(edits, actor=AGENT_ID)
    assert device.store.last_seq == before


def test_a_change_carries_the_new_values_and_the_version_that_was_seen(device: Session) -> None:
    one = recorded()
    device.store.save(edits_of(one), actor=AGENT_ID)
    device.store.save(
        [Edit(VISIT, one.visit.id, SET, {"note": "Zoé", "equipment": ("phone",)}, why="relu")], actor=AGENT_ID
    )
    (op,) = ops(device.store, after=device.store.last_seq - 1)
    assert (op.verb, op.set, op.base, op.why) == (SET, {"note": "Zoé", "equipment": ["phone"]}, 0, "relu")
    found = queries.visit(device.store.db, one.visit.id)
    assert found is not None
    assert (found.note, found.equipment) == ("Zoé", ("phone",))


@pytest.mark.parametrize("fields", [{"absent": 1}, {"note = '' --": ""}])
def test_only_fields_of_the_kind_can_be_set(device: Session, fields: dict[str, object]) -> None:
    one = recorded()
    device.store.save(edits_of(one), actor=AGENT_ID)
    with pytest.raises((ValueError, KeyError)):
        device.store.save([Edit(VISIT, one.visit.id, SET, fields)], actor=AGENT_ID)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM visits",
        "UPDATE visits SET note = 'sans opération'",
        "INSERT INTO agents (id, name) VALUES ('x', 'y')",
        "DELETE FROM operations",
        "UPDATE link SET acked = 99",
        "DROP TABLE visits",
    ],
)
def test_nobody_writes_around_the_store(device: Session, statement: str) -> None:
    device.store.save(edits_of(recorded()), actor=AGENT_ID)
    with pytest.raises(DatabaseError, match="readonly"):
        device.store.db.conn.execute(statement)
    assert queries.status_facts(device.store.db).visits == 1


def test_rows_are_what_the_operations_say(device: Session) -> None:
    one = recorded()
    device.store.save(edits_of(one), actor=AGENT_ID)
    device.store.save([Edit(VISIT, one.visit.id, SET, {"minutes": 40})], actor=AGENT_ID)
    device.store.save(
        [Edit(PROCEDURE_RECORD, one.records[0].id, SET, {"referral": {"partner": "CNAV", "contact": "", "channel": None, "on": None}})],
        actor=AGENT_ID,
    )  # fmt: skip
    replayed: dict[str, dict[str, object]] = {}
    for op in ops(device.store):
        replayed.setdefault(op.record, {}).update(op.set)
    shown = {}
    for shape in SHAPES.values():
        for row in rows(device.store.db, shape.select):
            shown[str(row[0])] = shape.body_of(row)
    assert shown == replayed


def test_columns_are_the_fields_of_core(device: Session) -> None:
    for shape in SHAPES.values():
        columns = [row[1] for row in rows(device.store.db, f"PRAGMA table_info({shape.table})")]
        assert columns == ["n", "id", *shape.columns, "version", "extra"]


def test_a_batch_is_one_commit_and_each_save_in_it_stands_alone(device: Session) -> None:
    other = device.reopen()
    wrong = Edit(VISIT, new_id(), SET, {"note": "x"})
    with device.store.batch():
        device.store.save(edits_of(recorded()), actor=AGENT_ID)
        with pytest.raises(InvalidInput):
            device.store.save([*edits_of(recorded()), wrong], actor=AGENT_ID)
        device.store.save(edits_of(recorded()), actor=AGENT_ID)
        assert queries.status_facts(other.store.db).visits == 0
    assert queries.status_facts(other.store.db).visits == 2
    assert [op.seq for op in ops(device.store)] == list(range(1, device.store.last_seq + 1))
    other.close()


def test_a_batch_that_fails_leaves_nothing(device: Session) -> None:
    def fail() -> None:
        with device.store.batch():
            device.store.save(edits_of(recorded()), actor=AGENT_ID)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert queries.status_facts(device.store.db).visits == 0


def test_pending_lines_fill_the_size_and_are_one_at_least(device: Session) -> None:
    device.store.save(edits_of(recorded()), actor=AGENT_ID)
    lines = device.store.pending(after=0, max_bytes=10**9)
    assert device.store.pending(after=0, max_bytes=1) == lines[:1]
    two = len(lines[0][1]) + len(lines[1][1])
    assert device.store.pending(after=0, max_bytes=two) == lines[:2]
    assert device.store.pending(after=0, max_bytes=two - 1) == lines[:1]
    assert device.store.pending(after=lines[-1][0], max_bytes=1) == []
    assert device.store.pending_count() == len(lines)


def test_erasing_empties_rows_index_and_operations_and_tells_the_centre(device: Session) -> None:
    store, kept, gone = device.store, recorded(), recorded(note="Mimosa", procedures=[referral_draft()])
    store.save(edits_of(kept), actor=AGENT_ID)
    store.save(edits_of(gone), actor=AGENT_ID)
    store.save([Edit(VISIT, gone.visit.id, SET, {"note": "Mimosa encore"})], actor=AGENT_ID)
    before = store.last_seq
    assert store.erase({gone.visit.id: VISIT}, actor=AGENT_ID) == 2
    assert [(op.verb, op.kind, op.record) for op in ops(store, after=before)] == [
        (ERASE, VISIT, gone.visit.id),
        (ERASE, PROCEDURE_RECORD, gone.records[0].id),
    ]
    voided = [op for op in ops(store) if op.verb == "void"]
    assert {op.record for op in voided} == {gone.visit.id, gone.records[0].id}
    assert len(voided) == 3
    assert all(not op.set and not op.actor for op in voided)
    assert [op.seq for op in ops(store)] == list(range(1, store.last_seq + 1))
    assert queries.visit(store.db, gone.visit.id) is None
    assert queries.visit(store.db, kept.visit.id) == kept.visit
    assert queries.search_visits(store.db, "mimosa", 9) == []
    assert next(rows(store.db, "SELECT count(*) FROM texts WHERE texts MATCH 'mimosa'")) == (0,)
    every_line = b"".join(line for _, line in store.pending(after=0, max_bytes=10**9))
    assert b"Mimosa" not in every_line
    assert problems_in(store.db) == []


def test_erasing_what_is_not_here_erases_nothing(device: Session) -> None:
    before = device.store.last_seq
    assert device.store.erase({new_id(): VISIT}, actor=AGENT_ID) == 0
    assert device.store.last_seq == before


def test_settings_are_kept_and_never_travel(device: Session) -> None:
    before = device.store.last_seq
    assert device.store.setting("language") is None
    device.store.set_setting("language", "fr")
    device.store.set_setting("language", "en")
    other = device.reopen()
    assert other.store.setting("language") == "en"
    other.close()
    device.store.set_setting("language", None)
    assert device.store.setting("language") is None
    assert device.store.last_seq == before


def test_the_enrolment_is_kept_whole(device: Session) -> None:
    assert device.store.link().enrolment is None
    device.store.set_enrolment(ENROLMENT)
    assert device.store.link().enrolment == ENROLMENT
    assert "signing_key" not in repr(ENROLMENT)


def test_two_threads_that_write_leave_one_row_of_numbers(device: Session) -> None:
    problems: list[BaseException] = []

    def work() -> None:
        other = device.reopen()
        try:
            for _ in range(25):
                other.store.save(edits_of(recorded()), actor=AGENT_ID)
        except BaseException as error:  # noqa: BLE001  # given back to the test's own thread
            problems.append(error)
        finally:
            other.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(25):
        device.store.save(edits_of(recorded()), actor=AGENT_ID)
    for thread in threads:
        thread.join()
    assert problems == []
    assert queries.status_facts(device.store.db).visits == 75
    assert [op.seq for op in ops(device.store)] == list(range(1, device.store.last_seq + 1))


def test_a_store_is_never_made_over_another(device: Session) -> None:
    path = device.home / "fsbus.db"
    with pytest.raises(StoreUnavailable, match="existe déjà"):
        Store.create(path, device.keys.subkey("db"), clock=device.clock)
    assert queries.agent(device.store.db, device.agent.id) == device.agent


def test_values_say_nothing_of_what_they_hold() -> None:
    assert repr(Edit(VISIT, AGENT_ID, SET, {"note": "secret"})) == f"Edit(set visit {AGENT_ID})"


def test_every_kind_has_its_table() -> None:
    assert set(SHAPES) == set(ENTITIES)
