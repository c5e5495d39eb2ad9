"""The rules between the fields of a procedure record: the precise answer first of all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core import codes
from fsbus.core.fields import read_all
from fsbus.core.records import DRAFT_FIELDS, ENDINGS, SHORTEST_ANSWER, ProcedureRecord, check_rules
from tests.builders import procedure_draft, referral_draft


def wrong(**changes: object) -> dict[str, str]:
    problems: dict[str, str] = {}
    clean = read_all(DRAFT_FIELDS, procedure_draft(**changes), problems)
    check_rules(clean, "", problems)
    return problems


@given(
    outcome=st.sampled_from(sorted(codes.OUTCOME)),
    answer=st.text(alphabet="abc é", max_size=2 * SHORTEST_ANSWER),
    group=st.booleans(),
)
def test_no_outcome_but_an_ending_passes_without_a_precise_answer(
    outcome: str, answer: str, group: bool
) -> None:
    given_with = (
        {"referral": {"partner": "CNAV", "contact": "agence"}, "follow_up": "2026-12-08"} if group else {}
    )
    found = wrong(outcome=outcome, precise_answer=answer, **given_with)
    is_missing = outcome not in ENDINGS and len(answer.strip()) < SHORTEST_ANSWER
    assert ("precise_answer" in found) == is_missing


def test_the_problem_names_the_outcome_in_the_words_of_the_form() -> None:
    assert "« Transmis au partenaire »" in wrong(outcome="sent_to_partner")["precise_answer"]


def test_a_rule_says_nothing_of_a_field_that_is_wrong_by_itself() -> None:
    found = wrong(
        outcome="referred", precise_answer="mot de passe : soleil", referral={"partner": 3, "contact": "x"}
    )
    assert "mot de passe" in found["precise_answer"]
    assert found["referral.partner"] == "Un texte est attendu."


@pytest.mark.parametrize("group", ["referral", "follow_up", "mandate"])
def test_a_group_that_is_not_asked_for_is_free(group: str) -> None:
    assert wrong(**{group: {}}) == {}


def test_an_oral_agreement_has_its_reason_whoever_did_it() -> None:
    assert set(wrong(mandate={"kind": "oral", "reason": "  "})) == {"mandate.reason"}
    assert wrong(mandate={"kind": "oral", "reason": "main cassée"}) == {}


def test_the_builders_are_right() -> None:
    assert wrong() == {}
    assert wrong(**referral_draft()) == {}


def test_a_record_does_not_show_what_was_said() -> None:
    key = "01a20000-0000-7000-8000-000000000001"
    one = ProcedureRecord(key, "visit", "CNAV-DEM", "CNAV", "referral", "assisted", "referred", "Mimosa")
    assert repr(one) == f"ProcedureRecord({key})"


def test_white_space_names_nobody_to_be_referred_to() -> None:
    found = wrong(
        outcome="referred", precise_answer="dossier transmis", referral={"partner": " ", "contact": "\u00a0 "}
    )
    assert set(found) == {"referral.partner", "referral.contact"}
