"""A recorded visit is corrected in one save, with what the agent changed and nothing else."""

import pytest

from fsbus.actions.correcting import (
    MOVED,
    ChangedMeanwhile,
    Correction,
    ProcedureChange,
    correct,
    take_back,
)
from fsbus.actions.put_aside import put_aside
from fsbus.actions.removing import remove
from fsbus.actions.session import Session
from fsbus.actions.visits import amend, record_visit
from fsbus.core.entities import PROCEDURE_RECORD, VISIT, body_of
from fsbus.core.errors import InvalidInput
from fsbus.store import queries
from tests.actions.test_put_aside import of_record, ops, refuse
from tests.builders import draft, new_id, procedure_draft
from tests.store.test_applying import hello


def correction(session: Session, visit_id: str, *procedures: ProcedureChange, **visit: object) -> Correction:
    """As if the form had been opened now."""
    found = queries.visit(session.store.db, visit_id)
    assert found is not None
    records = queries.records_of(session.store.db, visit_id)
    seen = {visit_id: body_of(found)} | {one.id: body_of(one) for one in records}
    return Correction(visit_id, visit, procedures, (), seen)


def without(session: Session, visit_id: str, *removed: str) -> Correction:
    plain = correction(session, visit_id)
    return Correction(visit_id, {}, (), removed, plain.seen)


def test_a_refused_visit_is_corrected_and_sent_again_whole_in_one_go(device: Session) -> None:
    device.store.take_hello(hello())
    visit = record_visit(device, draft())
    refuse(device, {of_record(device, visit.id)[0].seq: "invalid: minutes"})
    before = device.store.last_seq
    undoing = correct(device, correction(device, visit.id, minutes=40))
    assert [(op.verb, op.set["minutes"]) for op in ops(device, after=before)] == [("create", 40)]
    assert put_aside(device) == []
    assert take_back(device, undoing)
    assert queries.visit(device.store.db, visit.id) == visit


def test_a_refused_correction_is_corrected_and_settled(device: Session) -> None:
    device.store.take_hello(hello())
    visit = record_visit(device, draft())
    amend(device, VISIT, visit.id, {"note": "trop"})
    refuse(device, {device.store.last_seq: "invalid: note"})
    correct(device, correction(device, visit.id, note="bien"))
    assert put_aside(device) == []
    assert ops(device)[-1].set == {"note": "bien"}


def test_a_new_procedure_is_recorded_once_whatever_is_saved_again(device: Session) -> None:
    visit = record_visit(device, draft())
    new = ProcedureChange(new_id(), procedure_draft(), is_new=True)
    change = correction(device, visit.id, new)
    assert len(correct(device, change)) == 1
    assert correct(device, change) == ()
    assert [one.id for one in queries.records_of(device.store.db, visit.id)].count(new.record_id) == 1


def test_what_others_removed_meanwhile_is_told_and_nothing_is_written(device: Session) -> None:
    visit = record_visit(device, draft())
    first, second = queries.records_of(device.store.db, visit.id)
    changed = correction(
        device,
        visit.id,
        ProcedureChange(first.id, {"mode": "taught"}),
        ProcedureChange(second.id, {}),
        minutes=40,
    )
    only_one = without(device, visit.id, second.id)
    remove(device, PROCEDURE_RECORD, first.id)
    with pytest.raises(InvalidInput) as refused:
        correct(device, changed)
    assert list(refused.value.problems) == ["procedures[0].procedure"]
    with pytest.raises(InvalidInput) as refused:
        correct(device, only_one)
    assert list(refused.value.problems) == ["procedures"]
    assert queries.visit(device.store.db, visit.id) == visit


def test_a_group_that_another_laptop_changed_is_told_beside_the_part_that_differs(device: Session) -> None:
    visit = record_visit(device, draft())
    second = queries.records_of(device.store.db, visit.id)[1]
    group = body_of(second)["referral"]
    assert isinstance(group, dict)
    mine = ProcedureChange(second.id, {"referral": {**group, "contact": "agence de Guise"}})
    change = correction(device, visit.id, mine)
    amend(device, PROCEDURE_RECORD, second.id, {"referral": {**group, "contact": "agence de Hirson"}})
    with pytest.raises(ChangedMeanwhile) as moved:
        correct(device, change)
    assert moved.value.problems == {"procedures[0].referral.contact": MOVED}
    assert list(moved.value.now) == [second.id]
