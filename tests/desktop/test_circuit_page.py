"""« Tournée » in the window: a day of stops from arriving to leaving, the circuit, the week."""

import pytest
from PySide6.QtCore import QPoint, Qt

from fsbus.actions import plain_records, stops
from fsbus.actions.circuit import passages_of_day
from fsbus.actions.session import Session
from fsbus.core.circuit import Incident, Passage, Stop
from fsbus.core.entities import INCIDENT, STOP
from fsbus.core.errors import DiskFull
from fsbus.core.planning import Planned
from fsbus.desktop.circuit.door import CircuitDoor
from fsbus.desktop.circuit.view import PLAN, TODAY, WEEK, CircuitView
from fsbus.desktop.corrections import TAKEN_BACK_IN_PART
from fsbus.store import day_queries
from tests.builders import plain_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle
from tests.fakes import HeldTime

TUESDAYS: dict[str, object] = {
    "recurrence": "FREQ=WEEKLY;BYDAY=TU", "starts_on": "2026-11-03", "ends_on": None, "except_on": [],
}  # fmt: skip
DAY = "2026-11-24"


@pytest.fixture
def market(device: Session) -> str:
    """The stop of each Tuesday morning."""
    return plain_records.create(device, STOP, plain_draft(STOP, **TUESDAYS))


@pytest.fixture
def page(opened: Opened, market: str) -> CircuitView:
    """The page on today's stop."""
    opened.screens.show_page("circuit")
    settle()
    view = opened.desktop.window.pages["circuit"]
    assert isinstance(view, CircuitView)
    return view


def planned(opened: Opened) -> Planned:
    return passages_of_day(opened.session, DAY)[0]


def passage(opened: Opened) -> Passage:
    found = planned(opened).passage
    assert found is not None
    return found


def test_a_passage_from_arriving_to_leaving(opened: Opened, page: CircuitView, held_time: HeldTime) -> None:
    card = page.passage
    assert card.agents.codes() == (opened.session.agent.id,)
    for number, door in enumerate(card.moments):
        assert [each.property("role") == "primary" for each in card.moments].index(True) == number
        held_time.advance(minutes=10)
        door.click()
    found = passage(opened)
    assert None not in (found.arrived_at, found.opened_at, found.closed_at, found.left_at)
    assert found.arrived_at == "2026-11-24T11:10:00Z"
    assert found.agents == (opened.session.agent.id,)
    assert stops.today(opened.session) == "02361"
    assert page.stops.stops.rows.row(0).cells[2] == "Parti"
    opened.screens.show_page("today")
    assert opened.screens.today.stop.code() == "02361"
    assert "09:30–12:30 Place du marché" in opened.screens.today._day.text()


def test_what_was_typed_is_saved_with_a_moment_and_taken_back_with_it(
    opened: Opened, page: CircuitView
) -> None:
    card = page.passage
    card.kilometres.setText("24")
    card.ready.set_codes(["power", "printer"])
    card.faulty.set_codes(["printer"])
    assert card.ready.codes() == ("power",)
    card.network.set_code("weak")
    card.moments[0].click()
    found = passage(opened)
    assert (found.kilometres, found.network, found.equipment_ready) == (24, "weak", ("power",))
    assert found.equipment_faulty == ("printer",)
    Typist().control(Qt.Key.Key_Z)
    again = passage(opened)
    assert (again.kilometres, again.network, again.arrived_at, again.equipment_ready) == (
        None,
        None,
        None,
        (),
    )
    assert card.hours[0].text() == ""


@pytest.mark.parametrize(("field", "typed"), [("opened_at", "9x"), ("opened_at", "23:59")])
def test_an_hour_that_is_none_or_to_come_is_told_beside_it(
    opened: Opened, page: CircuitView, field: str, typed: str
) -> None:
    page.passage.hours[1].setText(typed)
    page.passage.save.click()
    assert page.passage.rows[field].problem
    assert focused() is page.passage.hours[1]
    page.passage.hours[1].setText("")
    page.passage.kilometres.setText("dix")
    page.passage.save.click()
    assert not page.passage.rows[field].problem
    assert page.passage.rows["kilometres"].problem
    assert planned(opened).passage is None


def test_an_hour_is_corrected_and_the_next_stop_takes_over_the_crew(
    opened: Opened, page: CircuitView
) -> None:
    plain_records.create(
        opened.session, STOP, plain_draft(STOP, **{**TUESDAYS, "opens_at": "14:00", "closes_at": "16:00"})
    )
    page.passage.moments[0].click()
    page.passage.hours[0].setText("0h05")
    page.passage.faulty.set_codes(["scanner"])
    second = page.stops.stops.rows.row(1).key
    page.stops.stops.choose(second)
    assert (passage(opened).arrived_at or "").endswith(":05:00Z")
    assert page.passage.faulty.codes() == ("scanner",)
    assert page.passage.hours[0].text() == ""


def test_what_is_typed_stays_when_records_come_from_elsewhere(opened: Opened, page: CircuitView) -> None:
    page.passage.note.setText("barrière fermée")
    plain_records.create(opened.session, STOP, plain_draft(STOP, **{**TUESDAYS, "opens_at": "08:00"}))
    opened.screens.arrived(frozenset({STOP}))
    assert page.stops.stops.rows.rowCount() == 2
    assert page.passage.note.text() == "barrière fermée"


def test_what_is_typed_is_recorded_when_the_window_locks_or_closes(opened: Opened, page: CircuitView) -> None:
    page.passage.note.setText("barrière fermée")
    page.passage.kilometres.setText("beaucoup")
    page.passage.hours[0].setText("23:59")
    opened.desktop.stop_timers()
    found = passage(opened)
    assert (found.note, found.kilometres, found.arrived_at) == ("barrière fermée", None, None)


def test_the_whole_morning_by_the_keyboard(opened: Opened, page: CircuitView) -> None:
    typist = Typist()
    opened.screens.show_page("today")
    typist.alt(Qt.Key.Key_2)
    for door in page.passage.moments:
        assert focused() is door
        typist.press(Qt.Key.Key_Space)
        opened.screens.show_page("circuit")
    assert passage(opened).left_at
    assert focused() is page.passage.save


def test_a_reason_being_chosen_stays_when_records_come_from_elsewhere(
    opened: Opened, page: CircuitView
) -> None:
    page.passage.call_off.click()
    opened.screens.arrived(frozenset({STOP}))
    assert page.passage.calling_off.isVisible()


def test_calling_off_needs_a_reason_and_is_undone(opened: Opened, page: CircuitView) -> None:
    card = page.passage
    card.call_off.click()
    settle()
    card.calling_off.submitted.emit()
    assert card.calling_off.problems()
    card.reason.set_code("weather")
    card.calling_off.submitted.emit()
    assert passage(opened).cancelled == "weather"
    assert (card.moments[0].isVisible(), card.restore.isVisible()) == (False, True)
    assert page.stops.stops.rows.row(0).cells[2] == "Annulé\u00a0: intempéries"
    card.restore.click()
    assert planned(opened).is_held
    card.put_off.click()
    card.new_day.setText("26/11")
    card.putting_off.submitted.emit()
    assert passage(opened).postponed_to == "2026-11-26"


def test_a_stop_outside_the_circuit(opened: Opened, page: CircuitView) -> None:
    stops.set_today(opened.session, "02361")
    page.stops.add.click()
    page.stops.opens.setText("15h")
    page.stops.closes.setText("x")
    page.stops.panel.submitted.emit()
    assert set(page.stops.panel.problems()) == {"closes_at"}
    page.stops.closes.setText("16h30")
    page.stops.panel.submitted.emit()
    assert [one.opens_at for one in passages_of_day(opened.session, DAY)] == ["09:30", "15:00"]


def test_an_incident_goes_on_ends_and_is_removed_and_put_back(
    opened: Opened, page: CircuitView, held_time: HeldTime
) -> None:
    card, db = page.incidents, opened.session.store.db
    card.add.click()
    card.panel.submitted.emit()
    assert set(card.panel.problems()) == {"what"}
    card.what.set_code("power")
    card.minutes.setText("longtemps")
    card.panel.submitted.emit()
    assert set(card.panel.problems()) == {"minutes"}
    card.minutes.setText("")
    card.closed.setChecked(True)
    card.panel.submitted.emit()
    held_time.advance(minutes=25)
    card.incidents.selectRow(0)
    card.end.click()
    [found] = day_queries.of_day(db, Incident, DAY)
    assert (found.what, found.minutes, found.closed, found.commune) == ("power", 25, True, "02361")
    card.incidents.selectRow(0)
    card.take_off.click()
    assert day_queries.of_day(db, Incident, DAY) == []
    Typist().control(Qt.Key.Key_Z)
    assert day_queries.of_day(db, Incident, DAY) == [found]


def test_a_stop_is_added_with_its_days_drawn_then_changed_and_removed(
    opened: Opened, page: CircuitView
) -> None:
    page.doors[PLAN].click()
    page.add.click()
    form, db = page.stop, opened.session.store.db
    form.kind.set_code("monthly")
    form.weekdays.set_codes([])
    form.submitted.emit()
    assert set(form.problems()) == {"commune", "opens_at", "closes_at", "weekdays"}
    form.commune.set_value("02361", "Guise (02)")
    form.opens.setText("9h")
    form.closes.setText("8h")
    form.weekdays.set_codes(["4"])
    form.which.set_codes(["-1"])
    assert form.said.text() == "Dernier vendredi du mois"
    assert [row.cells[0] for row in page.months.table.rows._rows if "Férié" not in row.cells[1]] == [
        "vendredi 27\u00a0novembre"
    ]
    form.submitted.emit()
    assert set(form.problems()) == {"closes_at"}
    form.closes.setText("12h")
    form.submitted.emit()
    made = max(day_queries.every(db, Stop), key=lambda one: one.id)
    assert (made.recurrence, made.opens_at, made.starts_on) == ("FREQ=MONTHLY;BYDAY=-1FR", "09:00", DAY)
    page.plan.choose(made.id)
    page.change.click()
    assert (form.kind.code(), form.weekdays.codes(), form.which.codes()) == ("monthly", ("4",), ("-1",))
    form.kind.set_code("odd")
    form.submitted.emit()
    changed = day_queries.one(db, Stop, made.id)
    assert changed is not None
    assert "BYWEEKNO=1,3," in changed.recurrence
    Typist().control(Qt.Key.Key_Z)
    assert day_queries.one(db, Stop, made.id) == made
    page.plan.choose(made.id)
    page.take_off.click()
    assert day_queries.one(db, Stop, made.id) is None
    Typist().control(Qt.Key.Key_Z)
    assert day_queries.one(db, Stop, made.id) == made


def test_what_a_colleague_changed_of_a_stop_stays_when_the_form_is_saved_and_taken_back(
    opened: Opened, page: CircuitView, market: str
) -> None:
    page.doors[PLAN].click()
    page.plan.choose(market)
    page.change.click()
    page.stop.closes.setText("17h")
    plain_records.change(opened.session, STOP, market, {"contact": "Mairie, 03 23 00 00 00"})
    page.stop.submitted.emit()
    now = day_queries.one(opened.session.store.db, Stop, market)
    assert now is not None
    assert (now.closes_at, now.contact) == ("17:00", "Mairie, 03 23 00 00 00")
    plain_records.change(opened.session, STOP, market, {"closes_at": "16:00"})
    Typist().control(Qt.Key.Key_Z)
    now = day_queries.one(opened.session.store.db, Stop, market)
    assert now is not None
    assert (now.closes_at, now.contact) == ("16:00", "Mairie, 03 23 00 00 00")
    assert opened.desktop.window.said() == TAKEN_BACK_IN_PART


def test_a_full_disk_is_told_in_the_panel_and_what_was_typed_stays(
    opened: Opened, page: CircuitView, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_edits: object, **_more: object) -> None:
        raise DiskFull("Le disque est plein.")

    plain_records.create(
        opened.session, STOP, plain_draft(STOP, **TUESDAYS, opens_at="14:00", closes_at="16:00")
    )
    opened.screens.door(CircuitDoor).day.refresh()
    other = passages_of_day(opened.session, DAY)[1].passage_id
    page.incidents.add.click()
    page.incidents.what.set_code("power")
    page.incidents.note.setText("Groupe en panne.")
    monkeypatch.setattr(opened.session.store, "save", refuse)
    page.incidents.panel.submitted.emit()
    assert page.incidents.panel.isVisible()
    assert page.incidents.note.text() == "Groupe en panne."
    page.passage.call_off.click()
    page.passage.reason.set_code("weather")
    page.passage.calling_off.submitted.emit()
    assert page.passage.calling_off.isVisible()
    page.passage.note.setText("Devant l’école.")
    page.passage.moments[0].click()
    assert opened.desktop.window.said() == "Le disque est plein."
    opened.screens.door(CircuitDoor).day.choose(other)
    assert page.passage.note.text() == "Devant l’école."
    assert planned(opened).passage is None


def test_a_rule_made_elsewhere_is_kept_as_it_is(opened: Opened, page: CircuitView, market: str) -> None:
    rule = "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU"
    plain_records.change(opened.session, STOP, market, {"recurrence": rule})
    page.doors[PLAN].click()
    page.plan.opened.emit(market)
    page.stop.place.setText("Halle")
    page.stop.submitted.emit()
    found = day_queries.one(opened.session.store.db, Stop, market)
    assert found is not None
    assert (found.place, found.recurrence) == ("Halle", rule)


def test_the_week_counts_what_was_held(opened: Opened, page: CircuitView, held_time: HeldTime) -> None:
    page.passage.moments[1].click()
    held_time.advance(minutes=90)
    page.passage.moments[2].click()
    draft = {"day": DAY, "commune": "02361", "what": "power", "started_at": f"{DAY}T11:10:00Z", "minutes": 30}
    plain_records.create(opened.session, INCIDENT, {**draft, "closed": True})
    page.doors[WEEK].click()
    assert page.part() == WEEK
    assert "1\u00a0h\u00a000" in page.hours.chart.accessibleDescription()
    assert "1 passage tenu par moins de 2 agents." in page.week_words.text()
    page.week_before.click()
    page.week_before.click()
    assert "Armistice" in page.week_words.text()
    page.doors[TODAY].click()
    assert page.stops.stops.isVisible()


def test_the_pages_fit_a_zoomed_screen(opened: Opened, page: CircuitView) -> None:
    opened.desktop.window.resize(683, 350)
    page.passage.moments[1].click()
    settle()
    for number in (TODAY, PLAN, WEEK):
        page.doors[number].click()
        settle()
        assert page.horizontalScrollBar().maximum() == 0
    opened.screens.show_page("today")
    settle()
    assert opened.screens.today.horizontalScrollBar().maximum() == 0


def test_a_small_form_is_scrolled_to_when_it_opens(opened: Opened, page: CircuitView) -> None:
    opened.desktop.window.resize(683, 350)
    settle()
    for door, first in (
        (page.passage.call_off, page.passage.reason),
        (page.incidents.add, page.incidents.what),
        (page.stops.add, page.stops.commune),
    ):
        door.click()
        settle()
        assert focused() is first
        top = first.mapTo(page.viewport(), QPoint(0, 0)).y()
        assert 0 <= top <= page.viewport().height() - first.height()
    page.doors[WEEK].click()
    settle()
    assert focused() is page.doors[WEEK]
    assert page.verticalScrollBar().value() < page.viewport().height()
