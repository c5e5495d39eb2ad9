"""A visit is checked whole and told whole; the precise answer comes before everything."""

from datetime import timedelta
from typing import Any

import pytest

from fsbus.core import codes
from fsbus.core.clock import parse_utc_text
from fsbus.core.entities import body_of
from fsbus.core.errors import InvalidInput
from fsbus.core.records import SHORTEST_ANSWER
from fsbus.core.visits import FUTURE_TOLERANCE, MOST_PROCEDURES, RecordedVisit, amend, record
from tests.builders import AGENT_ID, draft, new_id, procedure_draft, recorded, referral_draft
from tests.fakes import NOON, SmallReference

NOW = parse_utc_text(NOON)


def take(what: Any) -> RecordedVisit:
    return record(what, new_id=new_id, now=NOW, agent_id=AGENT_ID, reference=SmallReference())


def problems(what: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        take(what)
    return refused.value.problems


def wrong_procedure(**changes: Any) -> set[str]:
    return {
        name.removeprefix("procedures[0].")
        for name in problems(draft(procedures=[procedure_draft(**changes)]))
    }


def test_a_draft_gives_a_visit_and_its_records() -> None:
    taken = take(draft())
    assert taken.visit.started_at == "2026-11-24T08:20:00Z"
    assert (taken.visit.visited_on, taken.visit.agent_id) == ("2026-11-24", AGENT_ID)
    assert [one.visit_id for one in taken.records] == [taken.visit.id] * 2
    assert [one.partner for one in taken.records] == ["FT", "CNAV"]
    assert len({taken.visit.id, *(one.id for one in taken.records)}) == 3


def test_what_is_left_out_is_undisclosed_empty_or_null() -> None:
    least = {"started_at": "2026-11-24T09:20:00+01:00", "minutes": 5, "channel": "phone", "procedures": [procedure_draft()]}  # fmt: skip
    visit = take(least).visit
    assert (visit.age_band, visit.gender, visit.equipment, visit.note) == (
        "undisclosed",
        "undisclosed",
        (),
        "",
    )
    assert (visit.first_visit, visit.autonomy, visit.satisfaction, visit.resident_id) == (
        None,
        None,
        None,
        None,
    )


def test_an_empty_draft_tells_all_that_is_missing() -> None:
    assert set(problems({})) == {"started_at", "minutes", "channel", "procedures"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 1440}, "minutes"),
        ({"channel": "pigeon"}, "channel"),
        ({"stop_commune": "99999"}, "stop_commune"),
        ({"resident_commune": "guise"}, "resident_commune"),
        ({"age_band": "60-69"}, "age_band"),
        ({"satisfaction": 4}, "satisfaction"),
        ({"resident_id": "Mme D."}, "resident_id"),
        ({"procedures": []}, "procedures"),
        ({"procedures": "FT-CG-OCC"}, "procedures"),
        ({"procedures": [procedure_draft()] * (MOST_PROCEDURES + 1)}, "procedures"),
        ({"procedures": ["FT-CG-OCC"]}, "procedures[0]"),
        ({"colour": "red"}, "colour"),
        ({"id": new_id()}, "id"),
        ({"note": "mdp=soleil"}, "note"),
    ],
)
def test_one_wrong_field_is_named_alone(change: dict[str, Any], field: str) -> None:
    assert set(problems(draft(**change))) == {field}


def test_a_visit_is_never_in_the_future_but_two_clocks_may_differ() -> None:
    late = (NOW + FUTURE_TOLERANCE).isoformat()
    assert take(draft(started_at=late)).visit.started_at
    too_late = (NOW + FUTURE_TOLERANCE + timedelta(seconds=1)).isoformat()
    assert set(problems(draft(started_at=too_late))) == {"started_at"}


def test_the_day_is_the_one_where_the_bus_stood() -> None:
    # In Martinique it was still the evening before, while the UTC day had changed.
    visit = take(draft(started_at="2026-11-23T22:30:00-04:00")).visit
    assert (visit.started_at, visit.visited_on) == ("2026-11-24T02:30:00Z", "2026-11-23")


@pytest.mark.parametrize("outcome", sorted(set(codes.OUTCOME) - {"resolved", "abandoned"}))
def test_every_outcome_but_an_ending_needs_a_precise_answer(outcome: str) -> None:
    rest = {"referral": {"partner": "CNAV", "contact": "agence"}, "follow_up": "2026-12-08"}
    for answer in ("", "x" * (SHORTEST_ANSWER - 1), " " * 20 + "court" + " " * 20):
        assert "precise_answer" in wrong_procedure(outcome=outcome, precise_answer=answer, **rest)
    right = procedure_draft(outcome=outcome, precise_answer="x" * SHORTEST_ANSWER, **rest)
    assert take(draft(procedures=[right])).records[0].outcome == outcome


@pytest.mark.parametrize("outcome", ["resolved", "abandoned"])
def test_an_ending_needs_none(outcome: str) -> None:
    assert take(draft(procedures=[procedure_draft(outcome=outcome)])).records[0].precise_answer == ""


ANSWER = {"precise_answer": "Pièces listées et remises."}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"outcome": "referred", **ANSWER}, {"referral.partner", "referral.contact"}),
        ({"outcome": "referred", **ANSWER, "referral": {"partner": "CNAV"}}, {"referral.contact"}),
        ({"outcome": "referred", **ANSWER, "referral": {"contact": "Laon"}}, {"referral.partner"}),
        ({"outcome": "referred", **ANSWER, "referral": {"partner": "CNAV", "on": "demain"}}, {"referral.on", "referral.contact"}),
        ({"outcome": "follow_up", **ANSWER}, {"follow_up.on"}),
        ({"outcome": "follow_up", **ANSWER, "follow_up": {"note": "rappeler"}}, {"follow_up.on"}),
        ({"mode": "on_behalf"}, {"mandate.kind"}),
        ({"mode": "on_behalf", "mandate": {"kind": "oral"}}, {"mandate.reason"}),
        ({"mode": "on_behalf", "mandate": {"kind": "verbal"}}, {"mandate.kind"}),
        ({"procedure": "NOPE"}, {"procedure"}),
        ({"procedure": ""}, {"procedure"}),
        ({"nature": "", "mode": None, "outcome": "gone"}, {"nature", "mode", "outcome"}),
        ({"precise_answer": "son mot de passe est Soleil2024"}, {"precise_answer"}),
        ({"missing_documents": ["RIB", ""]}, {"missing_documents[1]"}),
    ],
)  # fmt: skip
def test_a_procedure_is_refused_for_what_is_wrong_and_nothing_else(
    changes: dict[str, Any], fields: set[str]
) -> None:
    assert wrong_procedure(**changes) == fields


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "referred", **ANSWER, "referral": {"partner": "CNAV", "on": "2026-12-03"}},
        {"outcome": "referred", **ANSWER, "referral": {"partner": "CNAV", "contact": "agence"}},
        {"mode": "on_behalf", "mandate": {"kind": "written"}},
        {"mode": "on_behalf", "mandate": {"kind": "oral", "reason": "ne voit plus l’écran"}},
    ],
)
def test_what_the_rules_ask_for_is_enough(changes: dict[str, Any]) -> None:
    assert take(draft(procedures=[procedure_draft(**changes)])).records


def test_the_problems_of_every_procedure_are_told_at_once() -> None:
    found = problems(draft(minutes=0, procedures=[procedure_draft(mode="x"), procedure_draft(), {}]))
    assert {"minutes", "procedures[0].mode", "procedures[2].procedure", "procedures[2].outcome"} <= set(found)
    assert not any(name.startswith("procedures[1]") for name in found)


def test_values_never_show_what_a_person_said() -> None:
    taken = recorded(note="Mimosa")
    assert "Mimosa" not in repr(taken)
    assert "Laon" not in repr(taken.records[1])


# --- corrections -------------------------------------------------------------------------------------------------


def amended(kind: str, fields: dict[str, object], changes: dict[str, Any]) -> dict[str, object]:
    return amend(fields, changes, kind, now=NOW, day="2026-11-24", reference=SmallReference())


def test_a_correction_gives_only_the_fields_it_names() -> None:
    fields = body_of(take(draft()).visit)
    assert amended("visit", fields, {"minutes": 7, "equipment": ["phone", "computer"]}) == {
        "minutes": 7,
        "equipment": ("computer", "phone"),
    }


def test_a_correction_of_a_record_is_checked_with_its_other_fields() -> None:
    fields = body_of(take(draft(procedures=[referral_draft()])).records[0])
    assert amended("procedure_record", fields, {"outcome": "resolved"}) == {"outcome": "resolved"}
    with pytest.raises(InvalidInput) as refused:
        amended("procedure_record", fields, {"referral": None, "precise_answer": ""})
    assert set(refused.value.problems) == {"precise_answer", "referral.partner", "referral.contact"}


@pytest.mark.parametrize("field", ["visit_id", "partner", "id", "version", "colour"])
def test_what_is_frozen_is_not_corrected(field: str) -> None:
    fields = body_of(take(draft()).records[0])
    with pytest.raises(InvalidInput) as refused:
        amended("procedure_record", fields, {field: "CAF"})
    assert set(refused.value.problems) == {field}


def test_a_null_moment_is_refused_not_forgotten() -> None:
    with pytest.raises(InvalidInput):
        amended("visit", body_of(take(draft()).visit), {"started_at": None})
