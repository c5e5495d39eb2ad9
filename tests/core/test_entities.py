"""Each kind travels as its fields and comes back the same."""

import json

import pytest

from fsbus.core.entities import (
    AGENT,
    APPOINTMENT,
    ATTENDANCE,
    CONFLICT,
    ENTITIES,
    INCIDENT,
    PASSAGE,
    PROCEDURE_RECORD,
    RESIDENT,
    STOP,
    VISIT,
    WORKSHOP,
    Agent,
    Conflict,
    as_line,
    body_of,
    from_body,
)
from tests.builders import AGENT_ID, body, draft, new_id, procedure_draft, recorded, referral_draft

PLAIN = (STOP, PASSAGE, INCIDENT, ATTENDANCE, RESIDENT, APPOINTMENT, WORKSHOP)
ONE = recorded(procedures=[referral_draft(), procedure_draft(mode="on_behalf", mandate={"kind": "written"})])
VALUES = [
    (VISIT, ONE.visit),
    *((PROCEDURE_RECORD, record) for record in ONE.records),
    (AGENT, Agent(AGENT_ID, "Camille")),
    (CONFLICT, Conflict(new_id(), ONE.visit.id, VISIT, "equipment", ["phone"], None, AGENT_ID, "1.1")),
    *((kind, from_body(kind, new_id(), body(kind))) for kind in PLAIN),
]


@pytest.mark.parametrize(("kind", "value"), VALUES, ids=[kind for kind, _ in VALUES])
def test_a_value_comes_back_from_its_json(kind: str, value: object) -> None:
    as_json = json.loads(json.dumps(body_of(value)))  # type: ignore[arg-type]  # one of `Value`
    assert as_json == body_of(value)  # type: ignore[arg-type]  # one of `Value`
    assert set(as_json) == set(ENTITIES[kind].fields)
    assert ENTITIES[kind].problems(as_json) == {}
    assert from_body(kind, value.id, as_json) == value  # type: ignore[attr-defined]  # all have one


def test_unknown_fields_of_a_newer_fsbus_are_no_problem_and_are_left_out() -> None:
    came = {**body(VISIT), "queue_minutes": 3}
    assert ENTITIES[VISIT].problems(came) == {}
    assert from_body(VISIT, AGENT_ID, came) == from_body(VISIT, AGENT_ID, body(VISIT))


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        (VISIT, {"minutes": None}, "minutes"),
        (VISIT, {"note": "mdp=soleil"}, "note"),
        (PROCEDURE_RECORD, {"precise_answer": ""}, "precise_answer"),
        (PROCEDURE_RECORD, {"visit_id": "x"}, "visit_id"),
        (STOP, {"closes_at": "09:00"}, "closes_at"),
        (STOP, {"opens_at": "9 h 30"}, "opens_at"),
        (STOP, {"ends_on": "2026-08-31"}, "ends_on"),
        (STOP, {"except_on": ["demain"]}, "except_on[0]"),
        (STOP, {"commune": None}, "commune"),
        (PASSAGE, {"opened_at": "2026-11-24T08:00:00Z"}, "opened_at"),
        (PASSAGE, {"agents": ["Camille"]}, "agents[0]"),
        (PASSAGE, {"kilometres": -1}, "kilometres"),
        (INCIDENT, {"minutes": 0}, "minutes"),
        (INCIDENT, {"commune": None}, "commune"),
        (ATTENDANCE, {"received": 10}, "arrived"),
        (ATTENDANCE, {"by_hour": {"h24": 1}}, "by_hour.h24"),
        (RESIDENT, {"keep_until": "2026-11-23"}, "keep_until"),
        (RESIDENT, {"notice": None}, "notice"),
        (RESIDENT, {"note": "mdp=soleil"}, "note"),
        (APPOINTMENT, {"name": " "}, "name"),
        (APPOINTMENT, {"needed": 3}, "needed"),
        (WORKSHOP, {"genders": {"female": 4, "male": 3}}, "genders"),
        (WORKSHOP, {"topics": []}, "topics"),
        (WORKSHOP, {"came_before": 7}, "came_before"),
    ],
)
def test_the_centre_refuses_what_the_form_refuses(kind: str, changes: dict[str, object], field: str) -> None:
    assert set(ENTITIES[kind].problems(body(kind, **changes))) == {field}


def test_an_empty_body_is_refused_not_an_error() -> None:
    for kind in ENTITIES:
        assert ENTITIES[kind].problems({})


def test_a_listing_holds_the_records_inside_the_visit() -> None:
    line = as_line(ONE.visit, ONE.records)
    assert line["visit_id"] == ONE.visit.id
    inside = line["procedures"]
    assert isinstance(inside, list)
    assert [one["record_id"] for one in inside] == [one.id for one in ONE.records]
    assert not any("visit_id" in one for one in inside)


def test_every_field_of_a_draft_is_a_field_of_its_kind() -> None:
    assert set(draft()) - {"procedures"} <= set(ENTITIES[VISIT].fields)


def test_a_child_names_its_parent() -> None:
    assert (ENTITIES[PROCEDURE_RECORD].parent, ENTITIES[CONFLICT].parent) == ("visit_id", "record_id")
    assert all(entity.parent is None or entity.parent in entity.fields for entity in ENTITIES.values())
