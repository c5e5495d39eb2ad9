"""A visit is recorded with all that is right, or refused with all that is wrong."""

from typing import Any

import pytest

from fsbus.actions.session import Session
from fsbus.actions.visits import amend, erase_resident, erase_visit, record_visit
from fsbus.core.changes import SET
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.errors import InvalidInput
from fsbus.core.visits import Visit
from fsbus.store import queries
from fsbus.wire.api import Op
from fsbus.wire.codec import decode_op
from tests.builders import draft, new_id, procedure_draft, referral_draft
from tests.devices import MakeDevice


@pytest.fixture
def visit(device: Session) -> Visit:
    return record_visit(device, draft())


def last_op(session: Session) -> Op:
    ((_, line),) = session.store.pending(after=session.store.last_seq - 1, max_bytes=1)
    return decode_op(line)


def problems_of(session: Session, kind: str, record_id: str, changes: dict[str, Any]) -> dict[str, str]:
    before = session.store.last_seq
    with pytest.raises(InvalidInput) as refused:
        amend(session, kind, record_id, changes)
    assert session.store.last_seq == before
    return refused.value.problems


def test_a_visit_of_the_form_is_saved_with_its_records(device: Session, visit: Visit) -> None:
    assert visit.agent_id == device.agent.id
    assert visit.started_at == "2026-11-24T08:20:00Z"
    assert queries.visit(device.store.db, visit.id) == visit
    records = queries.records_of(device.store.db, visit.id)
    assert [(one.procedure, one.partner) for one in records] == [
        ("FT-CG-OCC", "FRANCE-TITRES"),
        ("CNAV-DEM", "CNAV"),
    ]


def test_the_partner_in_force_on_the_day_is_frozen(device: Session) -> None:
    visit = record_visit(device, draft(started_at="2021-01-15T09:20:00+01:00"))
    assert [one.partner for one in queries.records_of(device.store.db, visit.id)] == ["ANTS", "CNAV"]


def test_every_problem_is_told_at_once_and_nothing_is_written(device: Session) -> None:
    before = device.store.last_seq
    wrong = draft(
        minutes=0,
        stop_commune="99999",
        procedures=[procedure_draft(procedure="NOPE"), referral_draft(precise_answer="non")],
    )
    with pytest.raises(InvalidInput) as refused:
        record_visit(device, wrong)
    assert set(refused.value.problems) == {
        "minutes", "stop_commune", "procedures[0].procedure", "procedures[1].precise_answer",
    }  # fmt: skip
    assert device.store.last_seq == before
    assert queries.status_facts(device.store.db).visits == 0


def test_only_what_really_changes_is_written(device: Session, visit: Visit) -> None:
    amend(
        device,
        VISIT,
        visit.id,
        {"minutes": 25, "note": "relu", "equipment": ["computer"], "gender": "female"},
    )
    op = last_op(device)
    assert (op.verb, op.record, op.set) == (SET, visit.id, {"note": "relu"})


def test_a_correction_that_changes_nothing_writes_nothing(device: Session, visit: Visit) -> None:
    before = device.store.last_seq
    amend(device, VISIT, visit.id, {"minutes": 25, "started_at": "2026-11-24T08:20:00+00:00"})
    referral = queries.records_of(device.store.db, visit.id)[1]
    amend(device, PROCEDURE_RECORD, referral.id, {
        "missing_documents": ["relevé de carrière"],
        "referral": {"partner": "CNAV", "contact": "agence de Laon", "channel": "appointment", "on": "2026-12-03"},
    })  # fmt: skip
    assert device.store.last_seq == before


def test_another_hour_on_another_day_moves_the_day_too(device: Session, visit: Visit) -> None:
    amend(device, VISIT, visit.id, {"started_at": "2026-11-23T23:30:00+01:00"})
    assert last_op(device).set == {"started_at": "2026-11-23T22:30:00Z", "visited_on": "2026-11-23"}
    assert queries.visits_of_day(device.store.db, "2026-11-24") == []


def test_a_list_or_a_group_is_changed_whole(device: Session, visit: Visit) -> None:
    record = queries.records_of(device.store.db, visit.id)[0]
    changes = {
        "outcome": "follow_up",
        "precise_answer": "Dossier prêt, pièce à rapporter.",
        "follow_up": "2026-12-08",
        "missing_documents": ["RIB"],
    }
    amend(device, PROCEDURE_RECORD, record.id, changes)
    found = queries.record(device.store.db, record.id)
    assert found is not None
    assert found.follow_up is not None
    assert (found.outcome, found.follow_up.on, found.missing_documents) == (
        "follow_up",
        "2026-12-08",
        ("RIB",),
    )


def test_another_procedure_brings_its_partner(device: Session, visit: Visit) -> None:
    record = queries.records_of(device.store.db, visit.id)[0]
    amend(device, PROCEDURE_RECORD, record.id, {"procedure": "CNAV-DEM"})
    assert last_op(device).set == {"procedure": "CNAV-DEM", "partner": "CNAV"}


def test_a_correction_must_hold_with_the_rest_of_the_record(device: Session, visit: Visit) -> None:
    record = queries.records_of(device.store.db, visit.id)[0]
    assert set(problems_of(device, PROCEDURE_RECORD, record.id, {"outcome": "referred"})) == {
        "precise_answer", "referral.partner", "referral.contact",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, {"set"}),
        ({"minutes": 0, "age_band": "old"}, {"minutes", "age_band"}),
        ({"started_at": "2026-11-25T09:00:00+01:00"}, {"started_at"}),
        ({"started_at": "hier"}, {"started_at"}),
        (
            {"agent_id": new_id(), "visited_on": "2026-11-24", "version": 3},
            {"agent_id", "visited_on", "version"},
        ),
        ({"resident_commune": "99999"}, {"resident_commune"}),
        ({"note": "mot de passe : azerty12"}, {"note"}),
    ],
)
def test_a_wrong_correction_is_refused_with_its_fields(
    device: Session, visit: Visit, changes: dict[str, Any], fields: set[str]
) -> None:
    assert set(problems_of(device, VISIT, visit.id, changes)) == fields


def test_an_unknown_record_is_a_named_problem(device: Session) -> None:
    assert set(problems_of(device, VISIT, new_id(), {"minutes": 5})) == {"visit_id"}
    assert set(problems_of(device, PROCEDURE_RECORD, new_id(), {"mode": "taught"})) == {"record_id"}


def test_an_erased_visit_leaves_nothing_to_find(device: Session, visit: Visit) -> None:
    other = record_visit(device, draft())
    assert erase_visit(device, visit.id) == 3
    assert erase_visit(device, visit.id) == 0
    assert [one.id for one, _ in queries.visits_of_day(device.store.db, "2026-11-24")] == [other.id]
    assert set(problems_of(device, VISIT, visit.id, {"minutes": 5})) == {"visit_id"}


def test_every_visit_of_a_person_is_erased_together(make_device: MakeDevice) -> None:
    session, person = make_device("laptop"), new_id()
    for resident in (person, None, person, new_id()):
        record_visit(session, draft(resident_id=resident, procedures=[procedure_draft()]))
    assert erase_resident(session, person) == 4
    assert queries.status_facts(session.store.db).visits == 2
    assert erase_resident(session, person) == 0
