"""« Personnes » by keyboard: found as one types, warned of, merged and taken back, forgotten for good."""

import pytest
from PySide6.QtCore import Qt

from fsbus.actions import people as people_actions
from fsbus.actions import people_forgetting, plain_records
from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.entities import RESIDENT, VISIT
from fsbus.core.residents import Resident
from fsbus.desktop.people.door import PeopleDoor
from fsbus.desktop.people.presenter import DUE, FORGOTTEN, NOBODY, NOT_FOUND
from fsbus.desktop.people.view import PeopleView
from fsbus.store import day_queries, queries
from tests.builders import draft, plain_draft, procedure_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle


def add(device: Session, family: str, **changes: object) -> Resident:
    typed = {"family_name": family, "given_name": "Zoé", "birth_year": 1951, "notice": "paper"}
    return people_actions.create(device, typed | changes)


@pytest.fixture
def page(opened: Opened) -> PeopleView:
    return opened.screens.door(PeopleDoor).view


def enter() -> None:
    Typist().alt(Qt.Key.Key_4)
    settle()


def cells(page: PeopleView) -> list[tuple[str, ...]]:
    return [page.table.rows.row(number).cells for number in range(page.table.rows.rowCount())]


def test_a_person_is_found_as_one_types_and_read(opened: Opened, page: PeopleView) -> None:
    enter()
    assert page._empty.text() == NOBODY
    one = add(opened.session, "Lefèvre", phone="0612345678", commune="02361")
    add(opened.session, "Moreau")
    record_visit(opened.session, draft(resident_id=one.id))
    opened.screens.changed(frozenset({RESIDENT}))
    keys = Typist()
    assert focused() is page.search
    keys.write("lefebure")
    settle()
    assert cells(page) == [
        ("Lefèvre Zoé", "1951", "06\u00a012\u00a034\u00a056\u00a078", "Guise", "se prononce pareil")
    ]
    keys.press(Qt.Key.Key_Return)
    keys.press(Qt.Key.Key_Return)
    settle()
    assert page.facts is not None
    assert focused() is page.facts
    assert page.facts.accessibleName() == "Zoé Lefèvre"
    told = page.facts.accessibleDescription()
    for part in (one.code, "24/11/2026", "24/11/2027", "Remise sur papier"):
        assert part in told, part
    assert "Lefèvre" not in opened.desktop.window.windowTitle()
    page.search.setText("xyz")
    settle()
    assert page._empty.text() == NOT_FOUND


def test_a_new_person_needs_the_notice_and_is_warned_of(opened: Opened, page: PeopleView) -> None:
    add(opened.session, "Lefebvre", given_name="Zoé")
    enter()
    page.new.click()
    settle()
    assert focused() is page.form.family_name
    page.form.family_name.setText("Lefèvre")
    page.form.given_name.setText("Zoe")
    settle()
    assert "nom qui se prononce pareil, même prénom" in page.form.alike()
    page.form.given_name.setText("Bernard")
    page.form.birth_year.setText("19x")
    settle()
    assert page.form.alike() == ""
    page.form.submit.click()
    assert set(page.form.problems()) == {"birth_year", "notice"}
    assert focused() is page.form.birth_year
    page.form.birth_year.setText("1988")
    page.form.notice.set_code("spoken")
    page.form.submit.click()
    settle()
    made = next(
        one for one in day_queries.every(opened.session.store.db, Resident) if one.given_name == "Bernard"
    )
    assert (made.birth_year, made.notice) == (1988, "spoken")
    assert made.code in page.said()
    # The line chosen is the person shown beside it, not the one it was before.
    assert page.chosen() == made.id


def test_a_person_is_changed_and_the_term_is_bounded(opened: Opened, page: PeopleView) -> None:
    one = add(opened.session, "Lefèvre")
    enter()
    opened.screens.door(PeopleDoor).presenter.open(one.id)
    page.change.click()
    page.form.keep_until.setText("24/11/2031")
    page.form.submit.click()
    assert set(page.form.problems()) == {"keep_until"}
    page.form.keep_until.setText("01/02/2028")
    page.form.note.setText("Appeler le soir.")
    page.form.submit.click()
    settle()
    [now] = day_queries.every(opened.session.store.db, Resident)
    assert (now.keep_until, now.note) == ("2028-02-01", "Appeler le soir.")


def test_a_visit_to_be_followed_up_is_given_to_the_person(opened: Opened, page: PeopleView) -> None:
    one = add(opened.session, "Lefèvre")
    record_visit(opened.session, draft(procedures=[procedure_draft()]))
    enter()
    opened.screens.door(PeopleDoor).presenter.open(one.id)
    assert not page.attach.isVisible()
    visit = record_visit(opened.session, draft(started_at="2026-11-24T10:20:00+01:00"))
    opened.screens.changed(frozenset({VISIT}))
    assert page.attach.isVisible()
    page.attach.click()
    settle()
    found = queries.visit(opened.session.store.db, visit.id)
    assert found is not None
    assert found.resident_id == one.id
    assert not page.attach.isVisible()
    opened.screens.read_visit(visit.id)
    assert "Zoé Lefèvre" in opened.screens.details.cards[0].accessibleDescription()


def test_what_a_colleague_changed_of_a_person_stays_when_the_form_is_saved(
    opened: Opened, page: PeopleView
) -> None:
    one = add(opened.session, "Lefèvre")
    enter()
    opened.screens.door(PeopleDoor).presenter.open(one.id)
    page.change.click()
    people_actions.change(opened.session, one.id, {"phone": "0698765432"})
    page.form.note.setText("Appeler le soir.")
    page.form.submit.click()
    settle()
    [now] = day_queries.every(opened.session.store.db, Resident)
    assert (now.phone, now.note) == ("0698765432", "Appeler le soir.")


def test_two_records_are_merged_and_taken_apart(opened: Opened, page: PeopleView) -> None:
    one, other = add(opened.session, "Lefèvre"), add(opened.session, "Lefebvre")
    enter()
    presenter = opened.screens.door(PeopleDoor).presenter
    presenter.open(one.id)
    page.merge.click()
    page.merging.submit.click()
    assert set(page.merging.problems()) == {"other"}
    page.other.set_value(other.id, "Zoé Lefebvre")
    page.merging.submit.click()
    settle()
    assert [row[0] for row in cells(page)] == ["Lefebvre Zoé"]
    assert page.facts is not None
    assert "Zoé Lefèvre" in page.facts.accessibleDescription()
    Typist().control(Qt.Key.Key_Z)
    settle()
    assert len(cells(page)) == 2


def test_a_person_is_forgotten_only_after_a_yes(
    opened: Opened, page: PeopleView, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = add(opened.session, "Lefèvre")
    record_visit(opened.session, draft(resident_id=one.id))
    enter()
    opened.screens.door(PeopleDoor).presenter.open(one.id)
    answers = [False, True]
    monkeypatch.setattr(page, "confirm", lambda _question, _words: answers.pop(0))
    page.forget.click()
    assert len(day_queries.every(opened.session.store.db, Resident)) == 1
    page.forget.click()
    settle()
    assert day_queries.every(opened.session.store.db, Resident) == []
    assert (page.said(), page.facts) == (FORGOTTEN, None)
    assert queries.status_facts(opened.session.store.db).visits == 1


def test_those_whose_term_is_over_are_listed_and_go_by_one_gesture(
    opened: Opened, page: PeopleView, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = opened.session
    gone = add(device, "Parti")
    people_forgetting.forget(device, [gone.id])
    record_visit(device, draft(resident_id=gone.id))
    plain_records.create(
        device, RESIDENT, plain_draft(RESIDENT, notice_on="2025-01-02", keep_until="2026-01-02")
    )
    enter()
    assert opened.desktop.window.sidebar.buttons["people"].count == 2
    page.lists.setCurrentIndex(page.lists.findData(DUE))
    settle()
    assert [row[0] for row in cells(page)] == [
        "Exemple Zoé",
        "Visites et rendez-vous d’une personne déjà effacée\u00a0: 1",
    ]
    monkeypatch.setattr(page, "confirm", lambda _question, _words: True)
    page.forget_due.click()
    settle()
    assert cells(page) == []
    assert opened.desktop.window.sidebar.buttons["people"].count == 0
