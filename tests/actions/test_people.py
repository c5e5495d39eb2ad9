"""People are recorded with their notice, found, warned of, kept for a time, and forgotten for good."""

import re

import pytest

from fsbus.actions import people_forgetting, plain_records
from fsbus.actions.correcting import take_back
from fsbus.actions.paper import on_paper
from fsbus.actions.people import People, change, create
from fsbus.actions.people_merging import merge
from fsbus.actions.session import Session
from fsbus.actions.visits import amend, erase_resident, record_visit
from fsbus.core.changes import DELETE
from fsbus.core.entities import APPOINTMENT, ENTITIES, PROCEDURE_RECORD, RESIDENT, VISIT, body_of
from fsbus.core.errors import InvalidInput
from fsbus.core.papers import A5
from fsbus.core.residents import Resident
from fsbus.core.sheets import as_html
from fsbus.core.visit_sheets import RECEIPT, sheet_of
from fsbus.store import day_queries, people, queries
from fsbus.store.checking import log_problems
from fsbus.store.store import Edit
from tests.builders import draft, plain_draft, procedure_draft, referral_draft
from tests.fakes import HeldTime

DAY = "2026-11-24"
TYPED = {
    "family_name": "Lefèvre",
    "given_name": "Zoé",
    "phone": "06 12 34 56 78",
    "birth_year": 1951,
    "notice": "paper",
}


def add(device: Session, **changes: object) -> Resident:
    return create(device, {**TYPED, **changes})


def test_a_person_has_a_notice_a_term_and_a_code_of_their_own(device: Session) -> None:
    one, other = add(device), add(device, family_name="Autre")
    assert (one.notice, one.notice_on, one.keep_until) == ("paper", DAY, "2027-11-24")
    assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{2}", one.code)
    assert one.code != other.code
    for field, value in (
        ("notice", None),
        ("family_name", " "),
        ("birth_year", 2027),
        ("note", "mdp=soleil"),
    ):
        with pytest.raises(InvalidInput) as refused:
            add(device, **{field: value})
        assert list(refused.value.problems) == [field]
    assert People(device).count() == 2


def test_the_term_follows_each_change_up_to_two_years_after_the_last_contact(
    device: Session, held_time: HeldTime
) -> None:
    one = add(device)
    held_time.advance(days=500)
    assert change(device, one.id, {"given_name": "Zoé-Anne"})
    assert day_queries.every(device.store.db, Resident)[0].keep_until == "2028-11-24"
    assert not change(device, one.id, {"given_name": "Zoé-Anne"})
    with pytest.raises(InvalidInput) as refused:
        change(device, one.id, {"keep_until": "2028-11-25"})
    assert "24\u00a0novembre 2028" in refused.value.problems["keep_until"]
    assert change(device, one.id, {"keep_until": "2028-05-01"})
    assert People(device).overdue("2028-05-01") == []
    assert [late.id for late in People(device).overdue("2028-05-02")] == [one.id]


def test_people_are_found_and_warned_of_as_soon_as_they_are_saved(device: Session) -> None:
    known = People(device)
    assert known.find("lefebvre") == []
    one = add(device)
    for text in ("lefebvre zoe", "zoé", "lefvre", "+33 6 12 34", one.code.lower().replace("-", " "), ""):
        assert [found.person.id for found in known.find(text)] == [one.id], text
    [(same, why)] = known.alike({"family_name": "Lefebvre", "given_name": "zoe", "phone": "0612345678"})
    assert (same.id, why.reasons[-1]) == (one.id, "même téléphone")
    assert known.alike(vars(one), but=one.id) == []
    change(device, one.id, {"family_name": "Moreau"})
    assert known.find("lefebvre") == []
    assert [found.person.id for found in known.find("moro")] == [one.id]


def test_the_receipt_bears_the_code_and_no_name(device: Session) -> None:
    one = add(device)
    visit = record_visit(device, draft(resident_id=one.id))
    told = on_paper(device, visit.id)
    assert told is not None
    page = as_html(sheet_of(RECEIPT, told, device.reference, A5)).decode()
    assert one.code in page
    assert "Lefèvre" not in page
    nobody = on_paper(device, record_visit(device, draft()).id)
    assert nobody is not None
    assert "Pour vous retrouver" not in as_html(sheet_of(RECEIPT, nobody, device.reference, A5)).decode()


def test_merging_loses_nothing_and_is_taken_back(device: Session) -> None:
    one = add(device, email="zoe@exemple.fr", note="Appeler le matin.")
    other = add(device, family_name="Lefebvre", phone="", given_name="Zoe")
    visit = record_visit(device, draft(resident_id=one.id))
    booked = plain_records.create(device, APPOINTMENT, plain_draft(APPOINTMENT, resident_id=one.id))
    before = {key: plain_records.body(device, RESIDENT, key) for key in (one.id, other.id)}
    known, undoing = People(device), merge(device, one.id, other.id)
    [found] = known.find("lefèvre")
    assert (found.person.id, found.also) == (other.id, "Zoé Lefèvre")
    assert (found.person.given_name, found.person.phone, found.person.email) == (
        "Zoe", "06 12 34 56 78", "zoe@exemple.fr"
    )  # fmt: skip
    [merged] = known.merged_with(other.id)
    assert (merged.family_name, merged.given_name) == ("Lefèvre", "Zoé")
    assert people.owners(device.store.db, VISIT, [visit.id]) == {visit.id: other.id}
    assert people.owners(device.store.db, APPOINTMENT, [booked]) == {booked: other.id}
    with pytest.raises(InvalidInput):
        merge(device, other.id, one.id)
    assert take_back(device, undoing)
    assert {key: plain_records.body(device, RESIDENT, key) for key in before} == before
    assert people.owners(device.store.db, VISIT, [visit.id]) == {visit.id: one.id}
    assert len(known.find("lefevre")) == 2


def test_a_forgotten_person_leaves_visits_that_name_nobody(device: Session) -> None:
    one = add(device)
    other = add(device, family_name="Lefebvre")
    merge(device, one.id, other.id)
    kept = record_visit(device, draft(note="Une autre.", procedures=[procedure_draft()]))
    said = procedure_draft(
        outcome="follow_up",
        precise_answer="Rappeler Zoé Lefèvre lundi.",
        follow_up={"on": "2026-12-01", "note": "Zoé"},
        mode="on_behalf",
        mandate={"kind": "oral", "on": DAY, "reason": "Zoé ne voit pas"},
    )
    visit = record_visit(
        device, draft(resident_id=other.id, note="Zoé viendra.", procedures=[said, referral_draft()])
    )
    removed = record_visit(device, draft(resident_id=one.id))
    plain_records.create(device, APPOINTMENT, plain_draft(APPOINTMENT, resident_id=other.id, name="Zoé"))
    device.store.save([Edit(VISIT, removed.id, DELETE)], actor=device.agent.id)
    people_forgetting.forget(device, [other.id])
    db = device.store.db
    assert day_queries.every(db, Resident) == []
    assert people.of_people(db, [one.id, other.id]) == people.OfPeople({}, {}, {})
    shown = {found.id: records for found, records in queries.visits_of_day(db, DAY)}
    assert len(shown) == 2
    assert visit.id not in shown
    [(copy, records)] = [item for item in shown.items() if item[0] != kept.id]
    left = queries.visit(db, copy)
    assert left is not None
    assert body_of(left) == body_of(visit) | {"resident_id": None, "note": ""}
    # Derived ids keep no order among the procedures of a visit that names nobody.
    assert {record.outcome for record in records} == {"follow_up", "referred"}
    for record in records:
        assert ENTITIES[PROCEDURE_RECORD].problems(body_of(record)) == {}
        assert record.precise_answer == people_forgetting.ANSWER_GONE
        assert record.follow_up is not None
        assert record.follow_up.done_on == DAY
    lines = b"".join(line for _, line in device.store.pending(after=0, max_bytes=10_000_000))
    for word in ("Zoé", "Lefèvre", "Lefebvre", "Laon", "0612345678"):
        assert word.encode() not in lines, word
    assert log_problems(db) == []


def test_what_names_a_forgotten_person_later_is_found_and_emptied_too(device: Session) -> None:
    one = add(device)
    people_forgetting.forget(device, [one.id])
    late = record_visit(device, draft(resident_id=one.id, note="Zoé est revenue."))
    assert people.of_the_forgotten(device.store.db) == {late.id: one.id}
    people_forgetting.forget_left_over(device)
    assert people.of_the_forgotten(device.store.db) == {}
    [(left, _)] = queries.visits_of_day(device.store.db, DAY)
    assert (left.note, left.resident_id) == ("", None)
    amend(device, VISIT, left.id, {"minutes": 5})


def test_an_appointment_booked_elsewhere_for_a_forgotten_person_is_found_and_erased(device: Session) -> None:
    one = add(device)
    people_forgetting.forget(device, [one.id])
    late = plain_draft(APPOINTMENT, resident_id=one.id, name="Zoé Lefèvre", phone="0612345678")
    booked, removed = (plain_records.create(device, APPOINTMENT, late) for _ in range(2))
    plain_records.remove(device, APPOINTMENT, removed)
    assert people.of_the_forgotten(device.store.db) == {booked: one.id, removed: one.id}
    assert people_forgetting.forget_left_over(device) == 2
    assert people.of_the_forgotten(device.store.db) == {}
    lines = b"".join(line for _, line in device.store.pending(after=0, max_bytes=10_000_000))
    assert "Lefèvre".encode() not in lines


def test_an_erased_person_takes_visits_and_appointments_along(device: Session) -> None:
    one = add(device)
    record_visit(device, draft(resident_id=one.id, procedures=[procedure_draft()]))
    plain_records.create(device, APPOINTMENT, plain_draft(APPOINTMENT, resident_id=one.id))
    assert queries.extent(device.store.db).people == 2
    assert erase_resident(device, one.id) == 4
    assert queries.extent(device.store.db).people == 0
    assert queries.visits_of_day(device.store.db, DAY) == []
