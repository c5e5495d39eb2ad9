"""« Suites » by keyboard: the lists, done and taken back, put off to a passage, opened again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from fsbus.actions import plain_records, stops
from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.entities import RESIDENT, STOP
from fsbus.core.records import ProcedureRecord
from fsbus.desktop.circuit.view import CircuitView
from fsbus.desktop.follow_ups.door import FollowUpsDoor
from fsbus.desktop.follow_ups.listed import COMING, DONE, HERE, LATE, NETWORK
from fsbus.desktop.follow_ups.presenter import EMPTY, NO_STOP, TO_CHOOSE
from fsbus.desktop.follow_ups.view import FollowUpsView
from fsbus.store import queries
from tests.builders import draft, plain_draft, procedure_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle

GUISE = "02361"


def record(device: Session, day: str = "2026-11-10", resident: str | None = None, **changes: object) -> str:
    one = procedure_draft(**({"outcome": "follow_up", "precise_answer": "Revenir avec la pièce."} | changes))
    visit = record_visit(
        device,
        draft(started_at=f"{day}T09:20:00+01:00", stop_commune=GUISE, resident_id=resident, procedures=[one]),
    )
    return queries.records_of(device.store.db, visit.id)[0].id


def of(opened: Opened, record_id: str) -> ProcedureRecord:
    found = queries.record(opened.session.store.db, record_id)
    assert found is not None
    return found


@pytest.fixture
def page(opened: Opened) -> FollowUpsView:
    return opened.screens.door(FollowUpsDoor).view


def enter(opened: Opened) -> None:
    Typist().alt(Qt.Key.Key_5)
    settle()


def cells(page: FollowUpsView) -> list[tuple[str, ...]]:
    return [page.table.rows.row(number).cells for number in range(page.table.rows.rowCount())]


def choose(page: FollowUpsView, code: str) -> None:
    page.lists.setCurrentIndex(page.lists.findData(code))
    settle()


def test_each_list_tells_what_to_do_whom_to_call_and_how_late(opened: Opened, page: FollowUpsView) -> None:
    device = opened.session
    person = plain_records.create(device, RESIDENT, plain_draft(RESIDENT))
    merged = plain_records.create(device, RESIDENT, plain_draft(RESIDENT, merged_into=person))
    record(device, resident=merged, follow_up={"on": "2026-11-20", "note": "Relire le relevé."})
    record(device, "2026-11-23", outcome="no_network")
    record(device, follow_up={"on": "2026-12-08"})
    enter(opened)
    assert page._summary.text() == NO_STOP
    stops.set_today(device, GUISE)
    opened.screens.changed(frozenset({"passage"}))
    assert page.lists.itemText(0) == "Aujourd’hui à Guise (1)"
    assert opened.desktop.window.sidebar.buttons["follow_ups"].count == 1
    [line] = cells(page)
    assert line[:2] == ("20/11/2026", "2\u00a0j")
    assert line[3:] == ("Relire le relevé.", "Zoé Exemple, 06 12 34 56 78", "10/11/2026", "Guise")
    choose(page, NETWORK)
    assert cells(page)[0][0] == "Dès que possible"
    assert cells(page)[0][3] == "Impossible sans réseau"
    choose(page, LATE)
    assert len(cells(page)) == 1
    choose(page, COMING)
    assert cells(page)[0][:2] == ("08/12/2026", "")
    choose(page, DONE)
    assert (page.table.isVisible(), page._summary.text()) == (False, EMPTY[DONE])


def test_whom_to_call_is_told_when_two_laptops_merged_in_opposite_directions(
    opened: Opened, page: FollowUpsView
) -> None:
    device = opened.session
    one = plain_records.create(
        device, RESIDENT, plain_draft(RESIDENT, family_name="Exemple", phone="0612345678")
    )
    other = plain_records.create(device, RESIDENT, plain_draft(RESIDENT, family_name="Exempel"))
    plain_records.change(device, RESIDENT, one, {"merged_into": other})
    plain_records.change(device, RESIDENT, other, {"merged_into": one})
    record(device, resident=other, follow_up={"on": "2026-11-20"})
    enter(opened)
    choose(page, LATE)
    [row] = cells(page)
    assert row[4].endswith("Exemple, 0612345678")


def test_done_by_keyboard_asks_for_the_answer_and_is_taken_back(opened: Opened, page: FollowUpsView) -> None:
    device, keys = opened.session, Typist()
    stops.set_today(device, GUISE)
    made = record(device, follow_up={"on": "2026-11-24"})
    before = of(opened, made)
    enter(opened)
    assert focused() is page.table
    keys.press(Qt.Key.Key_F)
    assert focused() is page.answer_line
    keys.write("bref")
    keys.press(Qt.Key.Key_Return)
    assert "10 caractères" in page.answer_form.problems()["answer"].replace("\u00a0", " ")
    keys.write(" : pension versée")
    keys.press(Qt.Key.Key_Return)
    after = of(opened, made)
    assert after.follow_up is not None
    assert (after.follow_up.done_on, after.outcome) == ("2026-11-24", "follow_up")
    assert after.precise_answer.endswith("bref : pension versée")
    assert page.answer_form.isHidden()
    assert focused() is page.lists
    assert opened.desktop.window.sidebar.buttons["follow_ups"].count == 0
    keys.control(Qt.Key.Key_Z)
    assert of(opened, made) == before
    assert len(cells(page)) == 1


def test_put_off_proposes_the_next_three_passages_in_that_commune(
    opened: Opened, page: FollowUpsView
) -> None:
    device, keys = opened.session, Typist()
    stops.set_today(device, GUISE)
    plain_records.create(device, STOP, plain_draft(STOP, recurrence="FREQ=WEEKLY;BYDAY=TU", except_on=[]))
    made = record(device, follow_up={"on": "2026-11-24"})
    enter(opened)
    keys.press(Qt.Key.Key_R)
    texts = [page.passage.itemText(row) for row in range(page.passage.count())]
    assert texts[0].replace("\u00a0", " ") == "Mardi 1er décembre, 9 h 30 – 12 h 30, Place du marché"
    assert len(texts) == 4
    assert not page.day_line.isVisible()
    keys.press(Qt.Key.Key_Down)
    keys.press(Qt.Key.Key_Return)
    follow_up = of(opened, made).follow_up
    assert follow_up is not None
    assert (follow_up.on, follow_up.commune) == ("2026-12-08", GUISE)
    assert "mardi" in opened.desktop.window.said()


def test_any_other_day_may_be_typed_and_an_unreadable_one_is_told(
    opened: Opened, page: FollowUpsView
) -> None:
    device, keys = opened.session, Typist()
    stops.set_today(device, GUISE)
    made = record(device, follow_up={"on": "2026-11-24"})
    enter(opened)
    keys.press(Qt.Key.Key_R)
    assert page.day_line.isVisible()
    keys.tab()
    keys.write("demain")
    keys.press(Qt.Key.Key_Return)
    assert page.day_form.problems().keys() == {"on"}
    page.day_line.clear()
    keys.write("+14")
    keys.press(Qt.Key.Key_Return)
    follow_up = of(opened, made).follow_up
    assert follow_up is not None
    assert follow_up.on == "2026-12-08"


def test_a_line_done_by_mistake_is_opened_again_and_enter_reads_the_visit(
    opened: Opened, page: FollowUpsView
) -> None:
    device, keys = opened.session, Typist()
    made = record(device, follow_up={"on": "2026-11-24", "done_on": "2026-11-24"})
    enter(opened)
    choose(page, DONE)
    page.table.setFocus()
    keys.press(Qt.Key.Key_F)
    assert page.answer_form.isHidden()
    keys.press(Qt.Key.Key_R)
    follow_up = of(opened, made).follow_up
    assert follow_up is not None
    assert follow_up.done_on is None
    choose(page, LATE)
    stops.set_today(device, GUISE)
    choose(page, HERE)
    page.table.setFocus()
    keys.press(Qt.Key.Key_Return)
    assert opened.desktop.window.page() == "details"


def test_letters_are_letters_in_the_answer_and_escape_leaves_it(opened: Opened, page: FollowUpsView) -> None:
    device, keys = opened.session, Typist()
    stops.set_today(device, GUISE)
    record(device, follow_up={"on": "2026-11-24"})
    enter(opened)
    keys.press(Qt.Key.Key_F)
    keys.press(Qt.Key.Key_R)
    keys.press(Qt.Key.Key_F)
    assert page.answer_line.text().lower() == "rf"
    keys.press(Qt.Key.Key_Escape)
    assert page.answer_form.isHidden()
    assert focused() is page.table


def test_without_a_line_nothing_is_opened(opened: Opened, page: FollowUpsView) -> None:
    enter(opened)
    opened.screens.door(FollowUpsDoor).presenter.ask_done()
    assert page.said() == TO_CHOOSE
    assert page.answer_form.isHidden()


def test_every_part_has_a_name(opened: Opened, page: FollowUpsView) -> None:
    stops.set_today(opened.session, GUISE)
    record(opened.session, follow_up={"on": "2026-11-24"})
    enter(opened)
    for part in (page.lists, page.table, page.done, page.answer_line, page.passage, page.day_line):
        assert QAccessible.queryAccessibleInterface(part).text(QAccessible.Text.Name)


def test_the_day_says_calmly_what_is_to_be_taken_up_here(opened: Opened, page: FollowUpsView) -> None:
    record(opened.session, follow_up={"on": "2026-11-24"})
    record(opened.session, follow_up={"on": "2026-11-20"})
    today = opened.screens.today
    opened.screens.show_page("today")
    assert not today.to_take_up.isVisible()
    keys = Typist()
    keys.alt(Qt.Key.Key_A)
    keys.write("guise")
    keys.press(Qt.Key.Key_Return)
    assert today.to_take_up.isVisible()
    assert today.to_take_up.text().replace("\u00a0", " ") == "2 suites ici aujourd’hui"
    assert opened.desktop.window.sidebar.buttons["follow_ups"].count == 2
    today.to_take_up.click()
    assert opened.desktop.window.page() == "follow_ups"
    assert len(cells(page)) == 2


def test_arriving_says_what_is_to_be_taken_up_there_and_opening_lists_it(
    opened: Opened, page: FollowUpsView
) -> None:
    device = opened.session
    plain_records.create(device, STOP, plain_draft(STOP, recurrence="FREQ=WEEKLY;BYDAY=TU", except_on=[]))
    record(device, follow_up={"on": "2026-11-24"})
    opened.screens.show_page("circuit")
    view = opened.desktop.window.pages["circuit"]
    assert isinstance(view, CircuitView)
    view.passage.moments[0].click()
    assert opened.desktop.window.said().replace("\u00a0", " ") == "Arrivée notée. 1 suite ici aujourd’hui."
    view.passage.moments[1].click()
    assert opened.desktop.window.sidebar.buttons["follow_ups"].count == 1
    view.passage.moments[2].click()
    assert "suite" not in opened.desktop.window.said()
    enter(opened)
    assert len(cells(page)) == 1
