"""The queue by its keys from anywhere, its page by keyboard, its line of the day, its end by a visit."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from fsbus.actions import plain_records, queue
from fsbus.actions.visits import record_visit
from fsbus.core.attendance import Attendance
from fsbus.core.entities import PASSAGE
from fsbus.core.queue import RECEIVED
from fsbus.desktop.queue import view as queue_view
from fsbus.desktop.queue.door import QueueDoor
from fsbus.desktop.queue.presenter import CHOOSE_FIRST, CLOSED, NOBODY
from fsbus.store import day_queries
from tests.builders import draft, plain_draft
from tests.desktop.conftest import Opened
from tests.desktop.keyboard import Typist, focused, settle
from tests.fakes import HeldTime


@pytest.fixture
def door(opened: Opened) -> QueueDoor:
    return opened.screens.door(QueueDoor)


def press(key: Qt.Key) -> None:
    QTest.keyClick(focused(), key)
    settle()


def states(opened: Opened) -> list[tuple[int, str]]:
    """Each ticket, and where it is."""
    words = []
    for one in queue.standing(opened.session).tickets:
        words.append(
            (one.number, "waits" if one.is_waiting else "called" if one.is_called else one.how or "")
        )
    return words


def test_one_key_adds_a_person_from_any_page_and_ctrl_z_takes_it_back(
    opened: Opened, door: QueueDoor
) -> None:
    window = opened.desktop.window
    press(Qt.Key.Key_F7)
    press(Qt.Key.Key_F7)
    assert window.said() == "Ticket 2\u00a0: environ 20\u00a0min."
    assert door.strip.line.text() == "2\u00a0personnes attendent — environ 40\u00a0min pour qui arrive"
    assert window.sidebar.buttons["queue"].count == 2
    Typist().control(Qt.Key.Key_Z)
    assert states(opened) == [(1, "waits")]
    press(Qt.Key.Key_F8)
    assert (window.said(), states(opened)) == ("Ticket 1 appelé.", [(1, "called")])
    Typist().control(Qt.Key.Key_Z)
    assert states(opened) == [(1, "waits")]
    press(Qt.Key.Key_F8)
    press(Qt.Key.Key_F8)
    assert window.said() == NOBODY


def test_a_key_held_down_is_one_person(opened: Opened) -> None:
    keys = {one.key().toString(): one for one in opened.desktop.window.findChildren(QShortcut)}
    assert [keys[name].autoRepeat() for name in ("F7", "F8")] == [False, False]


def test_while_a_visit_is_typed_the_keys_work_and_ctrl_z_stays_with_the_text(opened: Opened) -> None:
    opened.screens.new_visit()
    press(Qt.Key.Key_F7)
    assert opened.desktop.window.page() == "visit"
    assert opened.desktop.window.said().startswith("Ticket 1")
    assert not opened.desktop.window.status.is_offering()
    Typist().control(Qt.Key.Key_Z)
    assert states(opened) == [(1, "waits")]


def test_the_page_by_keyboard_alone(opened: Opened, door: QueueDoor, held_time: HeldTime) -> None:
    keys = Typist()
    keys.alt(Qt.Key.Key_3)
    assert opened.desktop.window.page() == "queue"
    assert door.view.tickets.isHidden()
    assert focused() is door.view.more
    for _ in range(4):
        press(Qt.Key.Key_Space)
    held_time.advance(minutes=7)
    keys.tab(2)
    assert focused() is door.view.tickets
    press(Qt.Key.Key_Return)
    assert states(opened)[0] == (1, "called")
    press(Qt.Key.Key_Return)
    assert states(opened)[0] == (1, "received")
    assert door.view.tickets.chosen() == "1"
    door.view.tickets.choose("3")
    chosen = {"e": (3, "gave_up"), "n": (3, "waits"), "u": (3, "booked")}
    for letter, wanted in chosen.items():
        keys.alt(getattr(Qt.Key, f"Key_{letter.upper()}"))
        # A button that is pressed so is let go a moment later.
        QTest.qWait(150)
        assert states(opened)[2] == wanted
    cells = {row.key: row.cells for row in (door.view.tickets.rows.row(n) for n in range(4))}
    assert cells["1"][2].startswith("Reçue à")
    assert cells["2"][2:] == ("Attend — sans attente", "7\u00a0min")
    assert cells["4"][2] == "Attend — environ 20\u00a0min"
    assert [figure for _, figure in door.view.hours.chart._bars] == [4]


def test_what_needs_a_line_says_so(opened: Opened, door: QueueDoor) -> None:
    opened.screens.show_page("queue")
    press(Qt.Key.Key_F7)
    door.view.tickets.clearSelection()
    door.view.tickets.setCurrentIndex(door.view.tickets.rootIndex())
    for act in (door.view.call, *door.view.gone.values(), door.view.back, door.view.paper):
        opened.desktop.window.hush()
        act.click()
        assert opened.desktop.window.said() == CHOOSE_FIRST
    assert states(opened) == [(1, "waits")]


def test_a_visit_that_is_saved_ends_the_ticket_that_was_called(opened: Opened, door: QueueDoor) -> None:
    for _ in range(3):
        queue.add(opened.session)
    queue.call_next(opened.session)
    queue.call_next(opened.session)
    by_phone = record_visit(opened.session, draft(channel="phone"))
    door.visit_saved(by_phone.id)
    assert states(opened)[0] == (1, "called")
    door.visit_saved(record_visit(opened.session, draft()).id)
    assert states(opened) == [(1, RECEIVED), (2, "called"), (3, "waits")]


def test_closing_is_asked_once_and_keeps_the_figures(
    opened: Opened, door: QueueDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(*told: object, yes: str) -> bool:
        asked.append(str(told[2]))
        return len(asked) > 1

    monkeypatch.setattr(queue_view, "confirm", answer)
    opened.screens.show_page("queue")
    press(Qt.Key.Key_F7)
    press(Qt.Key.Key_F7)
    door.view.close_queue.click()
    assert asked == ["2\u00a0personnes attendent encore. Fermer la file\u202f?"]
    assert len(states(opened)) == 2
    door.view.close_queue.click()
    assert (states(opened), opened.desktop.window.said()) == ([], CLOSED)
    (kept,) = day_queries.every(opened.session.store.db, Attendance)
    assert kept.arrived == 2


def test_tickets_of_yesterday_are_gone_at_the_next_look(
    opened: Opened, door: QueueDoor, held_time: HeldTime
) -> None:
    press(Qt.Key.Key_F7)
    held_time.advance(days=1)
    door.presenter.refresh()
    assert door.strip.line.text() == "Personne n’attend à la porte."
    assert len(day_queries.every(opened.session.store.db, Attendance)) == 1


def test_the_last_ticket_is_told(opened: Opened, door: QueueDoor, held_time: HeldTime) -> None:
    local = held_time.now().astimezone()
    passage = plain_draft(PASSAGE, day=local.date().isoformat(), closes_at=f"{local.hour:02}:10")
    plain_records.create(opened.session, PASSAGE, passage)
    door.refresh(frozenset({PASSAGE}))
    assert door.strip.warning.text().startswith("Dernier ticket\u00a0: ")
    press(Qt.Key.Key_F7)
    assert "Dernier ticket" in opened.desktop.window.said()


def test_the_paper_ticket_has_number_hour_and_wait_and_no_name(opened: Opened, door: QueueDoor) -> None:
    opened.screens.show_page("queue")
    for _ in range(3):
        press(Qt.Key.Key_F7)
    door.view.tickets.choose("3")
    door.view.paper.click()
    settle()
    assert opened.desktop.window.page() == "paper"
    sheet = door.presenter.sheet("3")
    assert sheet is not None
    words = sheet.in_words()
    assert "Ticket n°\u00a03" in words
    assert "Environ 40\u00a0min" in words
    assert sheet.paper.code == "80mm"
    press(Qt.Key.Key_Escape)
    assert opened.desktop.window.page() == "queue"
    assert door.presenter.sheet("9") is None


def test_the_big_buttons_are_touch_sized_and_named(opened: Opened, door: QueueDoor) -> None:
    opened.screens.show_page("queue")
    press(Qt.Key.Key_F7)
    shown = [one for one in door.view.findChildren(QPushButton) if one.isVisible()]
    assert {one.accessibleName() for one in shown} >= {"Une personne de plus (F7)", "Appeler le suivant (F8)"}
    touched = [door.view.more, door.view.next, door.view.call, *door.view.gone.values(), door.view.back]
    assert min(one.height() for one in touched) >= 44
