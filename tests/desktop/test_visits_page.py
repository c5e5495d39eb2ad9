"""« Visites »: every visit of any day, narrowed, sorted and read by keyboard."""

import pytest
from PySide6.QtCore import Qt

from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.desktop.visits.door import VisitsDoor
from fsbus.desktop.visits.presenter import AT_ONCE, TURNED, UNREAD
from tests.builders import draft, procedure_draft, referral_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle

MANY = AT_ONCE + 30


@pytest.fixture
def device(device: Session) -> Session:
    """With visits of three days, made before the window opens."""
    with device.store.batch():
        for number in range(MANY):
            day = f"2026-11-{20 + number % 3}"
            made = procedure_draft() if number % 2 else referral_draft()
            record_visit(device, draft(started_at=f"{day}T{8 + number % 9:02}:20:00+01:00", minutes=1 + number,
                                       procedures=[made]))  # fmt: skip
    return device


def page(opened: Opened) -> VisitsDoor:
    Typist().control(Qt.Key.Key_F)
    assert opened.desktop.window.page() == "visits"
    return opened.screens.door(VisitsDoor)


def days(door: VisitsDoor) -> set[str]:
    rows = door.view.visits.rows
    return {rows.row(number).cells[0][:10] for number in range(rows.rowCount())}


def test_everything_is_shown_some_at_a_time(opened: Opened) -> None:
    view = page(opened).view
    assert view._told.text() == f"{MANY} visites"
    assert view.visits.rows.rowCount() == AT_ONCE
    view.visits.setFocus()
    Typist().press(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier, times=2)
    assert view.visits.rows.rowCount() == MANY
    keys = [view.visits.rows.row(number).key for number in range(MANY)]
    assert len(set(keys)) == MANY


def test_days_outcome_and_order_by_keyboard(opened: Opened) -> None:
    door, typist = page(opened), Typist()
    assert focused() is door.view.first
    typist.write("21/11/2026")
    typist.tab()
    typist.write("21/11/2026")
    typist.tab()
    assert days(door) == {"21/11/2026"}
    door.view.outcome.setFocus()
    typist.write("or")
    settle()
    found = {door.view.visits.rows.row(n).cells[3] for n in range(door.view.visits.rows.rowCount())}
    assert found == {door.view.outcome.currentText()}
    door.view.order.set_code("shortest")
    settle()
    minutes = [
        int(door.view.visits.rows.row(n).cells[4].split()[0]) for n in range(door.view.visits.rows.rowCount())
    ]
    assert minutes == sorted(minutes)
    door.view.everything.click()
    settle()
    assert door.view._told.text() == f"{MANY} visites"


def test_a_day_that_cannot_be_read_is_told_beside_it_and_the_list_stays(opened: Opened) -> None:
    door, typist = page(opened), Typist()
    typist.write("hier soir")
    typist.tab()
    assert door.view.fields["first"].problem == UNREAD
    assert door.view._told.text() == f"{MANY} visites"
    door.view.first.setText("22/11/2026")
    typist.write("20/11/2026")
    typist.tab()
    assert (door.view.fields["first"].problem, door.view.fields["last"].problem) == ("", TURNED)


def test_nothing_found_says_how_to_see_everything_again(opened: Opened) -> None:
    door, typist = page(opened), Typist()
    typist.write("01/01/2020")
    typist.tab()
    typist.write("02/01/2020")
    typist.tab()
    assert door.view._told.text() == "Aucune visite"
    assert door.view._empty.isVisible()
    assert "Tout afficher" in door.view._empty.text()
    assert not door.view.visits.isVisible()


def test_a_visit_is_read_and_one_comes_back_to_its_line(opened: Opened) -> None:
    door, typist = page(opened), Typist()
    door.view.visits.setFocus()
    typist.press(Qt.Key.Key_Down, times=3)
    chosen = door.view.visits.chosen()
    typist.press(Qt.Key.Key_Return)
    assert opened.desktop.window.page() == "details"
    typist.press(Qt.Key.Key_Escape)
    assert opened.desktop.window.page() == "visits"
    assert door.view.visits.chosen() == chosen
    assert focused() is door.view.visits


def test_what_is_saved_meanwhile_is_there_and_the_line_chosen_stays(opened: Opened) -> None:
    door = page(opened)
    door.view.visits.setFocus()
    Typist().press(Qt.Key.Key_Down, times=2)
    chosen = door.view.visits.chosen()
    record_visit(opened.session, draft())
    opened.screens.arrived(frozenset({"visit", "procedure_record"}))
    assert door.view._told.text() == f"{MANY + 1} visites"
    assert door.view.visits.chosen() == chosen
