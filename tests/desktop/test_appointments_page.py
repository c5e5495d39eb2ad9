"""« Rendez-vous » by keyboard: booked in a free hour, warned about, settled, arrived, printed."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from fsbus.actions import appointments, plain_records, stops
from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.appointments import Appointment
from fsbus.core.entities import APPOINTMENT, RESIDENT, STOP
from fsbus.desktop.appointments.door import AppointmentsDoor
from fsbus.desktop.appointments.presenter import ANYWAY, NO_PASSAGE, SEEN_ALREADY, TO_CHOOSE
from fsbus.desktop.appointments.view import AppointmentsView
from fsbus.desktop.visit_form.door import UNDER_WAY, VisitDoor
from fsbus.store import day_queries, queries
from tests.builders import draft, plain_draft, procedure_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle
from tests.fakes import HeldTime

GUISE = "02361"


@pytest.fixture
def page(opened: Opened, held_time: HeldTime) -> AppointmentsView:
    # Before the bus opens: every hour of today can be booked.
    held_time.advance(hours=-2, minutes=-40)
    plain_records.create(
        opened.session, STOP, plain_draft(STOP, recurrence="FREQ=WEEKLY;BYDAY=TU", except_on=[])
    )
    return opened.screens.door(AppointmentsDoor).view


def enter(opened: Opened) -> Typist:
    keys = Typist()
    keys.alt(Qt.Key.Key_6)
    settle()
    return keys


def book(device: Session, **changes: object) -> str:
    fields = {"day": "2026-11-24", "stop_id": None, "agents": [], "needed": 1} | changes
    return appointments.book(device, plain_draft(APPOINTMENT, **fields)).record_id


def of(opened: Opened, record_id: str) -> Appointment:
    found = day_queries.one(opened.session.store.db, Appointment, record_id)
    assert found is not None
    return found


def every(opened: Opened) -> list[Appointment]:
    return day_queries.every(opened.session.store.db, Appointment)


def lines(page: AppointmentsView) -> list[Sequence[str]]:
    rows = page.table.rows
    return [
        tuple(cell.replace("\u00a0", " ") for cell in rows.row(number).cells)
        for number in range(rows.rowCount())
    ]


def test_a_passage_shows_its_hours_free_and_taken(
    opened: Opened, page: AppointmentsView, held_time: HeldTime
) -> None:
    person = plain_records.create(opened.session, RESIDENT, plain_draft(RESIDENT))
    book(opened.session, starts_at="10:30", needed=2)
    book(opened.session, starts_at="11:00", resident_id=person, name="", agents=[opened.session.agent.id])
    enter(opened)
    found = lines(page)
    assert [line[0] for line in found] == [
        "9 h 30",
        "10 h",
        "10 h 30 – 11 h",
        "11 h – 11 h 30",
        "11 h",
        "11 h 30",
        "12 h",
    ]
    assert found[2][1:] == (
        "Mme Exemple",
        "Carte grise : véhicule d’occasion",
        "À venir",
        "2 agents",
        "06 12 34 56 78",
    )
    assert (found[3][1], found[3][4]) == ("Zoé Exemple", opened.session.agent.name)
    assert found[4][1:] == ("Libre, 1 agent", "", "", "", "")
    assert "Guise" in page.passages.currentText()
    page.minutes.set_code("60")
    assert [line[0] for line in lines(page) if line[1].startswith("Libre")] == ["9 h 30", "11 h 30"]
    held_time.advance(hours=1, minutes=20)
    page.minutes.set_code("30")
    assert [line[0] for line in lines(page) if line[1].startswith("Libre")][-3:] == [
        "11 h",
        "11 h 30",
        "12 h",
    ]
    assert "9 h 30" not in [line[0] for line in lines(page)]


def test_a_free_hour_is_booked_by_keyboard(opened: Opened, page: AppointmentsView) -> None:
    keys = enter(opened)
    assert focused() is page.table
    keys.press(Qt.Key.Key_Down)
    keys.press(Qt.Key.Key_Return)
    assert focused() is page.form.name
    keys.write("Mme Martin")
    keys.tab()
    keys.write("06 11 22 33 44")
    keys.tab()
    keys.write("retraite")
    keys.press(Qt.Key.Key_Return)
    keys.press(Qt.Key.Key_Return)
    [made] = every(opened)
    assert (made.day, made.starts_at, made.minutes, made.commune) == ("2026-11-24", "10:00", 30, GUISE)
    assert (made.name, made.phone, made.place) == ("Mme Martin", "06 11 22 33 44", "Place du marché")
    assert made.procedure
    assert focused() is page.table
    assert page.table.chosen() == made.id
    assert not page.form.isVisible()
    keys.control(Qt.Key.Key_Z)
    assert every(opened) == []


def test_problems_are_told_at_once_beside_their_field(opened: Opened, page: AppointmentsView) -> None:
    keys = enter(opened)
    keys.press(Qt.Key.Key_Return)
    page.form.day.setText("hier")
    page.form.hour.setText("25h")
    page.form.commune.set_value("", "Nulle part")
    page.form.submit.click()
    assert page.form.problems().keys() == {"day", "starts_at", "commune"}
    assert focused() is page.form.day
    page.form.day.setText("+7")
    page.form.hour.setText("10h")
    page.form.commune.set_value(GUISE, "Guise")
    page.form.submit.click()
    assert page.form.problems().keys() == {"name"}
    assert every(opened) == []


def test_what_is_unwise_is_told_once_and_done_when_asked_again(
    opened: Opened, page: AppointmentsView
) -> None:
    keys = enter(opened)
    keys.press(Qt.Key.Key_Return)
    keys.write("M. Durand")
    page.form.hour.setText("8h")
    page.form.submit.click()
    assert page.form.problems().keys() == {"starts_at"}
    assert page.form.submit.text() == ANYWAY
    assert every(opened) == []
    page.form.hour.setText("8h15")
    page.form.submit.click()
    assert every(opened) == []
    page.form.submit.click()
    assert every(opened)[0].starts_at == "08:15"


def test_an_appointment_is_moved_and_the_move_taken_back(opened: Opened, page: AppointmentsView) -> None:
    person = plain_records.create(opened.session, RESIDENT, plain_draft(RESIDENT))
    made = book(opened.session, starts_at="10:30", resident_id=person, name="")
    before = of(opened, made)
    keys = enter(opened)
    page.choose(made)
    keys.press(Qt.Key.Key_Return)
    page.form.day.setText("01/12")
    page.form.hour.setText("11h")
    page.form.submit.click()
    after = of(opened, made)
    assert (after.day, after.starts_at, after.resident_id) == ("2026-12-01", "11:00", person)
    keys.control(Qt.Key.Key_Z)
    assert of(opened, made) == before


def test_what_a_colleague_changed_stays_when_the_form_is_saved_and_taken_back(
    opened: Opened, page: AppointmentsView
) -> None:
    made = book(opened.session, starts_at="10:30")
    keys = enter(opened)
    page.choose(made)
    keys.press(Qt.Key.Key_Return)
    plain_records.change(opened.session, APPOINTMENT, made, {"phone": "0698765432", "status": "excused"})
    page.form.hour.setText("11h")
    page.form.submit.click()
    now = of(opened, made)
    assert (now.starts_at, now.phone, now.status) == ("11:00", "0698765432", "excused")
    keys.control(Qt.Key.Key_Z)
    now = of(opened, made)
    assert (now.starts_at, now.phone, now.status) == ("10:30", "0698765432", "excused")


@pytest.mark.parametrize(
    ("key", "status"), [(Qt.Key.Key_B, "noshow"), (Qt.Key.Key_E, "excused"), (Qt.Key.Key_S, "revoked")]
)
def test_what_came_of_it_is_one_key_and_taken_back(
    opened: Opened, page: AppointmentsView, key: Qt.Key, status: str
) -> None:
    made = book(opened.session)
    keys = enter(opened)
    keys.press(key)
    assert page.said() == TO_CHOOSE
    page.choose(made)
    keys.press(key)
    assert of(opened, made).status == status
    keys.control(Qt.Key.Key_Z)
    assert of(opened, made).status == "unknown"


def test_who_arrives_opens_the_visit_which_settles_the_appointment(
    opened: Opened, page: AppointmentsView
) -> None:
    device = opened.session
    stops.set_today(device, GUISE)
    made = book(device, procedure="CNAV-DEM")
    keys = enter(opened)
    page.choose(made)
    keys.press(Qt.Key.Key_A)
    form, door = opened.screens.visit, opened.screens.door(VisitDoor)
    assert opened.desktop.window.page() == "visit"
    assert form.person.channel.code() == "appointment"
    assert form.cards[0].procedure.code() == "CNAV-DEM"
    assert not door.presenter.has_content
    assert of(opened, made).visit_id == door.presenter.visit_id
    card = form.cards[0]
    for choice, code in ((card.nature, "information"), (card.mode, "assisted"), (card.outcome, "resolved")):
        choice.set_code(code)
    form.save.click()
    after = of(opened, made)
    assert after.status == "seen"
    visit = queries.visit(device.store.db, after.visit_id or "")
    assert visit is not None
    assert visit.channel == "appointment"
    enter(opened)
    page.choose(made)
    keys.press(Qt.Key.Key_A)
    assert page.said() == SEEN_ALREADY
    assert of(opened, made).visit_id == visit.id


def test_a_visit_given_up_leaves_the_appointment_as_it_was(opened: Opened, page: AppointmentsView) -> None:
    made = book(opened.session)
    keys = enter(opened)
    page.choose(made)
    keys.press(Qt.Key.Key_A)
    opened.screens.visit.cancel.click()
    assert (of(opened, made).status, of(opened, made).visit_id) == ("unknown", None)


def test_a_visit_under_way_is_not_replaced_by_who_arrives(opened: Opened, page: AppointmentsView) -> None:
    made = book(opened.session)
    opened.screens.new_visit()
    opened.screens.visit.cards[0].answer.setText("En cours.")
    keys = enter(opened)
    page.choose(made)
    keys.press(Qt.Key.Key_A)
    assert opened.desktop.window.said() == UNDER_WAY
    assert opened.screens.visit.cards[0].answer.text() == "En cours."
    assert of(opened, made).visit_id is None


def test_those_of_past_days_stand_first_and_are_counted(
    opened: Opened, page: AppointmentsView, held_time: HeldTime
) -> None:
    made = book(opened.session)
    held_time.advance(days=1)
    keys = enter(opened)
    assert page.passages.itemText(0) == "À régler, jours passés (1)"
    assert opened.desktop.window.sidebar.buttons["appointments"].count == 1
    page.passages.setCurrentIndex(0)
    settle()
    assert lines(page)[0][0] == "24/11/2026, 10 h 30"
    page.choose(made)
    page.table.setFocus()
    keys.press(Qt.Key.Key_B)
    assert opened.desktop.window.sidebar.buttons["appointments"].count == 0


def test_the_slip_is_shown_on_the_page_of_paper(opened: Opened, page: AppointmentsView) -> None:
    made = book(opened.session, starts_at="10:30")
    keys = enter(opened)
    page.choose(made)
    keys.press(Qt.Key.Key_I)
    assert opened.desktop.window.page() == "paper"
    paper = opened.screens.paper.page
    assert paper is not None
    words = paper.view.preview.pages.accessibleDescription().replace("\u00a0", " ")
    assert "10 h 30" in words
    assert "mardi 1er décembre" in words
    assert "Mme Exemple" not in words


def test_without_a_passage_an_appointment_can_be_noted_all_the_same(opened: Opened) -> None:
    view = opened.screens.door(AppointmentsDoor).view
    keys = enter(opened)
    assert view._empty.text() == NO_PASSAGE
    assert focused() is view.new
    keys.press(Qt.Key.Key_Space)
    assert view.form.isVisible()
    keys.press(Qt.Key.Key_Escape)
    assert not view.form.isVisible()


def test_every_field_has_a_name(opened: Opened, page: AppointmentsView) -> None:
    enter(opened).press(Qt.Key.Key_Return)
    for part in (page.passages, page.minutes, page.table, *(row.editor for row in page.form.rows.values())):
        assert QAccessible.queryAccessibleInterface(part).text(QAccessible.Text.Name)


def test_a_follow_up_gives_an_appointment_to_its_person(opened: Opened, page: AppointmentsView) -> None:
    device = opened.session
    stops.set_today(device, GUISE)
    person = plain_records.create(device, RESIDENT, plain_draft(RESIDENT))
    one = procedure_draft(
        outcome="follow_up", precise_answer="Revenir mardi.", follow_up={"on": "2026-11-24"}
    )
    record_visit(device, draft(stop_commune=GUISE, resident_id=person, procedures=[one]))
    opened.screens.show_page("follow_ups")
    settle()
    keys = Typist()
    keys.press(Qt.Key.Key_V)
    assert opened.desktop.window.page() == "appointments"
    assert page.form.heading.text().endswith("Zoé Exemple")
    assert page.form.procedure.code() == "FT-CG-OCC"
    assert focused() is page.form.hour
    keys.write("10h")
    keys.press(Qt.Key.Key_Return)
    [made] = every(opened)
    assert (made.resident_id, made.starts_at, made.commune) == (person, "10:00", GUISE)
    page.new.click()
    page.form.hour.setText("11h")
    page.form.submit.click()
    assert page.form.problems().keys() == {"name"}
