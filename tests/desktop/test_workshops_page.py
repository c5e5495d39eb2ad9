"""Workshops by keyboard: typed, counted as one types, refused beside fields, changed, taken back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from fsbus.actions import plain_records, stops
from fsbus.core.entities import WORKSHOP, from_body
from fsbus.core.workshop_sheet import FEWEST_LINES, MOST_LINES, signing_sheet
from fsbus.core.workshops import Workshop
from fsbus.desktop.corrections import TAKEN_BACK, TAKEN_BACK_IN_PART
from fsbus.desktop.workshops import form_view
from fsbus.desktop.workshops.door import FORM, NONE_BEFORE, WorkshopsDoor
from fsbus.desktop.workshops.entry import (
    GROUPS,
    UNREADABLE_NUMBER,
    WorkshopEntry,
    entry_of,
    live_problems,
    read_workshop,
)  # fmt: skip
from fsbus.desktop.workshops.form_presenter import CHANGED, RECORDED, UNCHANGED
from fsbus.desktop.workshops.presenter import CHOOSE_FIRST
from fsbus.store import day_queries
from tests.builders import AGENT_ID, plain_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle

TODAY = date(2026, 11, 24)


@pytest.fixture
def door(opened: Opened) -> WorkshopsDoor:
    return opened.screens.door(WorkshopsDoor)


def recorded(opened: Opened, **changes: object) -> str:
    return plain_records.create(opened.session, WORKSHOP, plain_draft(WORKSHOP, **changes))


def every(opened: Opened) -> list[Workshop]:
    return day_queries.every(opened.session.store.db, Workshop)


def shown(door: WorkshopsDoor) -> list[str]:
    """The titles in the list."""
    rows = door.view.workshops.rows
    return [rows.row(number).cells[2] for number in range(rows.rowCount())]


def test_a_workshop_is_typed_and_recorded_by_keyboard_alone(opened: Opened, door: WorkshopsDoor) -> None:
    stops.set_today(opened.session, "02361")
    keys = Typist()
    keys.alt(Qt.Key.Key_7)
    assert opened.desktop.window.page() == "workshops"
    assert focused() is door.view.new
    keys.press(Qt.Key.Key_Space)
    assert opened.desktop.window.page() == FORM
    assert focused() is door.form.day
    keys.tab()
    keys.write("14h")
    keys.tab()
    keys.write("1h30")
    keys.tab(2)
    keys.write("Salle des fêtes")
    keys.tab()
    keys.write("Mon courriel")
    keys.tab(2)
    assert focused() is door.form.topics
    keys.press(Qt.Key.Key_Space)
    while focused() is not door.form.participants:
        keys.tab()
    keys.write("6")
    keys.tab(2)
    keys.write("4")
    assert door.form.groups["genders"].sum_told() == "4 sur 6 par genre"
    keys.tab()
    keys.write("3")
    assert door.form.rows["genders"].problem == "7 personnes par genre, mais 6 venues."
    keys.press(Qt.Key.Key_Backspace)
    keys.write("2")
    assert door.form.rows["genders"].problem == ""
    keys.control(Qt.Key.Key_S)
    assert opened.desktop.window.page() == "workshops"
    assert opened.desktop.window.said() == RECORDED
    (one,) = every(opened)
    assert (one.day, one.starts_at, one.minutes, one.place) == ("2026-11-24", "14:00", 90, "Salle des fêtes")
    assert (one.commune, one.participants, one.agents) == ("02361", 6, (opened.session.agent.id,))
    assert one.genders is not None
    assert {code: n for code, n in one.genders.items() if n} == {"female": 4, "male": 2}
    assert shown(door) == ["Mon courriel"]
    assert door.view.sums() == "1\u00a0atelier · 6\u00a0participants · 1\u00a0h\u00a030"
    keys.control(Qt.Key.Key_Z)
    assert (every(opened), shown(door)) == ([], [])


def test_what_is_wrong_stands_beside_its_field_with_the_keyboard_on_the_first(
    opened: Opened, door: WorkshopsDoor
) -> None:
    door.view.new.click()
    door.form.minutes.setText("longtemps")
    door.form.participants.setText("deux")
    door.form.note.setText("mdp=soleil")
    door.form.save.click()
    settle()
    wrong = {name for name, row in door.form.rows.items() if row.problem}
    assert wrong == {"minutes", "topics", "participants", "note"}
    assert door.form.rows["participants"].problem == UNREADABLE_NUMBER
    assert focused() is door.form.minutes
    assert "4 points à corriger" in door.form.alert()
    assert (every(opened), opened.desktop.window.page()) == ([], FORM)


def test_a_change_touches_what_was_changed_and_is_taken_back(opened: Opened, door: WorkshopsDoor) -> None:
    made = recorded(opened)
    opened.screens.show_page("workshops")
    door.view.workshops.choose(made)
    door.view.change.click()
    door.form.title.setText("Mes courriels")
    plain_records.change(opened.session, WORKSHOP, made, {"place": "Mairie"})
    door.form.save.click()
    settle()
    assert opened.desktop.window.said() == CHANGED
    assert [(one.title, one.place) for one in every(opened)] == [("Mes courriels", "Mairie")]
    Typist().control(Qt.Key.Key_Z)
    assert [(one.title, one.place) for one in every(opened)] == [("Mon courriel", "Mairie")]
    assert opened.desktop.window.said() == TAKEN_BACK
    door.view.workshops.choose(made)
    door.view.change.click()
    door.form.save.click()
    assert opened.desktop.window.said() == UNCHANGED


def test_taking_back_leaves_what_a_colleague_wrote_since(opened: Opened, door: WorkshopsDoor) -> None:
    made = recorded(opened)
    opened.screens.show_page("workshops")
    door.view.workshops.choose(made)
    door.view.change.click()
    door.form.title.setText("Mes courriels")
    door.form.save.click()
    settle()
    plain_records.change(opened.session, WORKSHOP, made, {"title": "Courriel, suite"})
    Typist().control(Qt.Key.Key_Z)
    assert [one.title for one in every(opened)] == ["Courriel, suite"]
    assert opened.desktop.window.said() == TAKEN_BACK_IN_PART


def test_a_removed_workshop_comes_back(opened: Opened, door: WorkshopsDoor) -> None:
    made = recorded(opened)
    opened.screens.show_page("workshops")
    door.view.workshops.choose(made)
    door.view.remove.click()
    assert (every(opened), shown(door)) == ([], [])
    Typist().control(Qt.Key.Key_Z)
    assert [one.id for one in every(opened)] == [made]
    assert shown(door) == ["Mon courriel"]


def test_as_the_last_one_but_nobody_counted(opened: Opened, door: WorkshopsDoor) -> None:
    door.view.like_last.click()
    assert opened.desktop.window.said() == NONE_BEFORE
    recorded(opened, day="2026-10-06", title="Ancien")
    recorded(opened, day="2026-11-03")
    door.view.like_last.click()
    settle()
    entry = door.form.entry()
    assert (entry.day, entry.title, entry.topics) == ("24/11/2026", "Mon courriel", ("email", "security"))
    assert (entry.participants, entry.came_before, entry.note) == ("", "", "")
    assert entry.counts == WorkshopEntry().counts
    assert focused() is door.form.participants
    door.form.participants.setText("3")
    door.form.save.click()
    assert [one.day for one in every(opened)] == ["2026-10-06", "2026-11-03", "2026-11-24"]


def test_leaving_what_is_typed_is_asked_first_and_another_page_keeps_it(
    opened: Opened, door: WorkshopsDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [False, False, True]

    def answer(*_: object, yes: str) -> bool:
        return answers.pop(0)

    monkeypatch.setattr(form_view, "confirm", answer)
    door.view.new.click()
    door.form.title.setText("Photos")
    opened.screens.show_page("today")
    opened.screens.show_page("workshops")
    assert (opened.desktop.window.page(), door.form.title.text()) == (FORM, "Photos")
    assert not opened.screens.may_close()
    door.form.cancel.click()
    assert opened.desktop.window.page() == FORM
    door.form.cancel.click()
    assert opened.desktop.window.page() == "workshops"
    door.view.new.click()
    door.form.cancel.click()
    assert (opened.desktop.window.page(), answers) == ("workshops", [])


def test_months_are_turned_and_the_year_is_counted_by_theme(opened: Opened, door: WorkshopsDoor) -> None:
    recorded(opened, day="2025-12-30")
    for day in ("2026-01-05", "2026-11-03", "2026-11-17"):
        recorded(opened, day=day, topics=["email"] if day != "2026-01-05" else ["email", "health"])
    opened.screens.show_page("workshops")
    assert len(shown(door)) == 2
    assert door.view.topics.chart.accessibleDescription() == "Courriel\u00a0: 3, Santé\u00a0: 1"
    door.presenter.turn(-10)
    assert len(shown(door)) == 1
    door.view.before.click()
    assert len(shown(door)) == 1
    door.view.before.click()
    assert shown(door) == []
    assert door.view.workshops.isHidden()
    for _ in range(12):
        door.view.after.click()
    assert len(shown(door)) == 2


def test_what_needs_a_line_says_so(opened: Opened, door: WorkshopsDoor) -> None:
    recorded(opened)
    opened.screens.show_page("workshops")
    for act in (door.view.change, door.view.remove, door.view.sheet):
        opened.desktop.window.hush()
        act.click()
        assert opened.desktop.window.said() == CHOOSE_FIRST
    assert len(every(opened)) == 1


def test_the_signing_sheet_is_printed_before_anything_is_recorded(
    opened: Opened, door: WorkshopsDoor
) -> None:
    door.view.new.click()
    door.form.title.setText("Mon courriel")
    door.form.sheet.click()
    settle()
    assert opened.desktop.window.page() == "paper"
    assert every(opened) == []
    Typist().press(Qt.Key.Key_Escape)
    assert (opened.desktop.window.page(), door.form.title.text()) == (FORM, "Mon courriel")


@given(st.integers(0, 20_000))
def test_a_signing_sheet_has_room_for_all_and_names_nobody(expected: int) -> None:
    sheet = signing_sheet("Mon courriel", "mardi 24 novembre 2026", "Guise", "Bus", expected)
    lines = sheet.parts[0].steps
    assert FEWEST_LINES <= len(lines) <= MOST_LINES
    assert len(lines) >= min(expected, MOST_LINES)
    assert len({line.text for line in lines}) == 1


counts = st.none() | st.integers(0, 30)


@given(
    st.integers(1, 60),
    *(st.fixed_dictionaries(dict.fromkeys(labels, counts)) for labels in GROUPS.values()),
)
def test_an_entry_is_read_back_as_it_was_recorded(
    came: int, genders: dict[str, int], ages: dict[str, int], statuses: dict[str, int]
) -> None:
    body = plain_draft(WORKSHOP, participants=came, genders=genders, ages=ages, statuses=statuses)
    one = from_body(WORKSHOP, AGENT_ID, body)
    assert isinstance(one, Workshop)
    entry = entry_of(one, "Guise")
    draft, problems = read_workshop(entry, TODAY)
    assert problems == {}
    empty = {name for name in GROUPS if all(value is None for value in body[name].values())}
    wanted = {name: None if name in empty else value for name, value in body.items() if name != "agent_id"}
    assert draft == wanted
    over = {name for name in GROUPS if sum(value or 0 for value in body[name].values()) > came}
    assert set(live_problems(entry)) - {"came_before"} == over
