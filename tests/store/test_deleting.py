"""What was removed is nowhere shown, searched or counted; wherever a store goes, it is found whole."""

import shutil

import pytest

from fsbus.actions.session import STORE, Session, open_session
from fsbus.actions.visits import erase_resident, was_recorded
from fsbus.core.changes import CREATE, DELETE, ERASE, SET
from fsbus.core.entities import CONFLICT, PROCEDURE_RECORD, VISIT, body_of
from fsbus.core.errors import InvalidInput
from fsbus.core.visits import RecordedVisit
from fsbus.store import queries
from fsbus.store.checking import fulltext_problems, log_problems
from fsbus.store.database import problems_in
from fsbus.store.deleting import deleted_record, deleted_records, is_deleted
from fsbus.store.store import Edit, Store
from fsbus.wire.api import Op, OpResult, State
from tests.builders import AGENT_ID, body, edits_of, new_id, recorded
from tests.devices import PASSPHRASE, drop
from tests.fakes import HeldTime
from tests.store.test_applying import answer, hello, ops, version

RESIDENT = "01a20000-0000-7000-8000-0000000000ab"


@pytest.fixture
def store(device: Session) -> Store:
    device.store.take_hello(hello())
    return device.store


@pytest.fixture
def saved(store: Store) -> RecordedVisit:
    one = recorded(note="Mimosa", resident_id=RESIDENT)
    store.save(edits_of(one), actor=AGENT_ID)
    return one


def remove(store: Store, record_id: str, kind: str = VISIT) -> Op:
    store.save([Edit(kind, record_id, DELETE)], actor=AGENT_ID)
    return ops(store)[-1]


def put_back(store: Store, record_id: str, kind: str = VISIT) -> None:
    store.save([Edit(kind, record_id, SET)], actor=AGENT_ID)


def sound(store: Store) -> None:
    assert problems_in(store.db) + log_problems(store.db) + store.maintain(fulltext_problems) == []


def shown(store: Store) -> dict[str, int]:
    """Visit to how many procedure records."""
    found = queries.visits_between(store.db, "0001-01-01", "9999-12-31")
    return {visit.id: len(records) for visit, records in found}


def test_a_visit_goes_out_of_sight_with_its_procedure_records_in_one_operation(
    store: Store, saved: RecordedVisit
) -> None:
    before = store.last_seq
    op = remove(store, saved.visit.id)
    assert store.last_seq == before + 1
    assert (op.verb, op.record, op.base) == (DELETE, saved.visit.id, 0)
    assert op.set == {record.id: 0 for record in saved.records}
    facts = queries.status_facts(store.db)
    assert (facts.visits, facts.procedure_records) == (0, 0)
    assert queries.search_visits(store.db, "mimosa", 9) == []
    assert queries.recent_procedures(store.db, 9) == []
    assert [queries.record(store.db, record.id) for record in saved.records] == [None, None]
    assert {one.id: one.own for one in deleted_records(store.db)} == {
        saved.visit.id: True,
        **{record.id: False for record in saved.records},
    }
    sound(store)


def test_what_comes_back_is_what_went(store: Store, saved: RecordedVisit) -> None:
    remove(store, saved.visit.id)
    put_back(store, saved.visit.id)
    assert queries.visit(store.db, saved.visit.id) == saved.visit
    assert set(queries.records_of(store.db, saved.visit.id)) == set(saved.records)
    assert [visit.id for visit in queries.search_visits(store.db, "mimosa", 9)] == [saved.visit.id]
    assert list(deleted_records(store.db)) == []
    sound(store)


def test_nothing_is_written_twice_or_for_nothing(store: Store, saved: RecordedVisit) -> None:
    put_back(store, saved.visit.id)
    remove(store, saved.visit.id)
    count = store.last_seq
    remove(store, saved.visit.id)
    assert store.last_seq == count
    with pytest.raises(InvalidInput):
        remove(store, new_id())


def test_only_visits_and_procedure_records_are_removed(store: Store) -> None:
    with pytest.raises(ValueError, match="not a verb"):
        store.save([Edit(CONFLICT, new_id(), DELETE)], actor=AGENT_ID)


def test_a_procedure_record_of_a_removed_visit_is_brought_back_with_it(
    store: Store, saved: RecordedVisit
) -> None:
    first, second = saved.records
    remove(store, first.id, PROCEDURE_RECORD)
    remove(store, saved.visit.id)
    put_back(store, first.id, PROCEDURE_RECORD)
    assert shown(store) == {saved.visit.id: 2}
    remove(store, saved.visit.id)
    # One that only went along is removed for itself, too.
    remove(store, second.id, PROCEDURE_RECORD)
    put_back(store, saved.visit.id)
    assert [record.id for record in queries.records_of(store.db, saved.visit.id)] == [first.id]


def test_a_new_procedure_record_brings_its_visit_back(store: Store, saved: RecordedVisit) -> None:
    remove(store, saved.visit.id)
    extra = {**body_of(saved.records[0]), "visit_id": saved.visit.id}
    store.save([Edit(PROCEDURE_RECORD, new_id(), CREATE, extra)], actor=AGENT_ID)
    assert shown(store) == {saved.visit.id: 3}


def test_each_acknowledged_operation_counts_a_version_wherever_the_record_is(
    store: Store, saved: RecordedVisit
) -> None:
    remove(store, saved.visit.id)
    store.apply(answer(acked=store.last_seq))
    gone = deleted_record(store.db, saved.visit.id)
    assert gone is not None
    assert gone.version == 2
    put_back(store, saved.visit.id)
    assert ops(store)[-1].base == 2
    store.apply(answer(acked=store.last_seq))
    assert version(store, saved.visit.id) == 3
    # A centre that lost all of it counts anew.
    store.take_hello(hello(epoch="another life"))
    remove(store, saved.visit.id)
    assert ops(store)[-1].base == 0


def test_a_removal_that_the_centre_refused_is_undone_by_what_it_says(
    store: Store, saved: RecordedVisit
) -> None:
    remove(store, saved.visit.id)
    states = [State(saved.visit.id, VISIT, 2, dict(body(VISIT, note="d’un autre poste")))]
    store.apply(answer(*states, acked=store.last_seq, results=[OpResult(store.last_seq, "merged")]))
    assert shown(store) == {saved.visit.id: 2}
    assert version(store, saved.visit.id) == 2
    sound(store)


def test_a_removal_by_another_laptop_hides_it_here_in_any_order(store: Store) -> None:
    visit, record = new_id(), new_id()
    of_visit = State(visit, VISIT, 2, dict(body(VISIT)), deleted=True)
    of_record = State(record, PROCEDURE_RECORD, 1, dict(body(PROCEDURE_RECORD, visit_id=visit)))
    store.apply(answer(of_record, to=1))
    store.apply(answer(of_visit, to=2))
    assert (shown(store), queries.record(store.db, record)) == ({}, None)
    store.apply(answer(of_record, of_visit, to=3))
    assert {one.id: one.own for one in deleted_records(store.db)} == {visit: True, record: False}
    store.apply(answer(State(visit, VISIT, 3, dict(body(VISIT))), to=4))
    assert shown(store) == {visit: 1}
    sound(store)


def test_a_record_removed_with_and_before_its_visit_stays_removed_when_the_visit_comes_back(
    store: Store,
) -> None:
    visit, record = new_id(), new_id()
    of_visit = State(visit, VISIT, 2, dict(body(VISIT)), deleted=True)
    of_record = State(record, PROCEDURE_RECORD, 2, dict(body(PROCEDURE_RECORD, visit_id=visit)), deleted=True)
    # The visit first, which takes the record along before it is known to be removed itself.
    store.apply(answer(of_visit, of_record, to=2))
    store.apply(answer(State(visit, VISIT, 3, dict(body(VISIT))), to=3))
    assert shown(store) == {visit: 0}
    assert is_deleted(store.db, record)
    sound(store)


def test_a_waiting_removal_is_laid_over_what_comes(store: Store, saved: RecordedVisit) -> None:
    store.apply(answer(acked=store.last_seq))
    remove(store, saved.visit.id)
    store.apply(answer(State(saved.visit.id, VISIT, 2, dict(body(VISIT))), acked=store.last_seq - 1))
    assert shown(store) == {}
    put_back(store, saved.visit.id)
    store.apply(
        answer(State(saved.visit.id, VISIT, 3, dict(body(VISIT)), deleted=True), acked=store.last_seq - 1)
    )
    assert shown(store) == {saved.visit.id: 2}
    sound(store)


def test_a_deleted_record_that_this_release_cannot_show_is_kept_whole(store: Store) -> None:
    strange, told = new_id(), {"of": "tomorrow"}
    store.apply(answer(State(strange, "workshop", 4, told, deleted=True)))
    found = deleted_record(store.db, strange)
    assert found is not None
    assert (found.kind, found.version, found.body) == ("workshop", 4, told)
    store.apply(answer(State(strange, "workshop", 5, told)))
    assert not is_deleted(store.db, strange)
    assert queries.status_facts(store.db).strangers == 1


def test_unknown_fields_go_and_come_back_with_the_record(store: Store) -> None:
    visit = new_id()
    store.apply(answer(State(visit, VISIT, 1, {**body(VISIT), "queue": 4}, deleted=True)))
    found = deleted_record(store.db, visit)
    assert found is not None
    assert found.extra == {"queue": 4}
    put_back(store, visit)
    (kept,) = store.db.conn.execute("SELECT extra FROM visits WHERE id = ?", (visit,)).fetchone()
    assert kept == '{"queue":4}'


def test_no_choice_waits_on_a_value_of_a_removed_record(store: Store, saved: RecordedVisit) -> None:
    told = {
        "record_id": saved.visit.id,
        "record_kind": VISIT,
        "local": "a",
        "central": "b",
        "actor": "",
        "hlc": "",
    }
    states = [
        State(new_id(), CONFLICT, 1, {**told, "field": field, "status": "open"})
        for field in ("note", "deleted")
    ]
    store.apply(answer(*states))
    assert len(queries.open_conflicts(store.db)) == queries.status_facts(store.db).open_conflicts == 2
    remove(store, saved.visit.id)
    assert [one.field for one in queries.open_conflicts(store.db)] == ["deleted"]
    assert queries.status_facts(store.db).open_conflicts == 1


def test_erasing_finds_what_was_removed(device: Session, store: Store, saved: RecordedVisit) -> None:
    remove(store, saved.visit.id)
    assert queries.extent(store.db).identified == 1
    assert was_recorded(device, saved.visit.id)
    assert erase_resident(device, RESIDENT) == 3
    assert list(deleted_records(store.db)) == []
    assert {op.verb for op in ops(store) if op.record == saved.records[0].id} == {"void", ERASE}
    sound(store)


def test_what_was_removed_is_so_after_a_crash_a_backup_and_a_restore(
    device: Session, held_time: HeldTime, saved: RecordedVisit
) -> None:
    other = recorded()
    device.store.save(edits_of(other), actor=AGENT_ID)
    device.back_up()
    remove(device.store, saved.visit.id)
    remove(device.store, other.records[0].id, PROCEDURE_RECORD)
    remove(device.store, other.visit.id)
    put_back(device.store, other.visit.id)
    home = device.home
    drop(device)
    # The database is gone: the backup has everything shown, the journals the rest.
    for path in home.glob(f"{STORE}*"):
        path.unlink()
    again = shutil.copytree(home, home.with_name("again"))
    with open_session(again, PASSPHRASE, clock=held_time.clock(), ids=held_time.ids()) as session:
        assert shown(session.store) == {other.visit.id: 1}
        assert is_deleted(session.store.db, saved.visit.id)
        sound(session.store)
        put_back(session.store, saved.visit.id)
        assert shown(session.store) == {other.visit.id: 1, saved.visit.id: 2}
