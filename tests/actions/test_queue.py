"""Tickets are numbered from 1 each day, called in order, and end as figures of their stop."""

import pytest

from fsbus.actions import plain_records, queue, stops
from fsbus.actions.session import Session
from fsbus.core.attendance import Attendance
from fsbus.core.clock import as_utc_text
from fsbus.core.entities import ATTENDANCE, PASSAGE
from fsbus.core.errors import InvalidInput
from fsbus.core.queue import BOOKED, GAVE_UP, RECEIVED
from fsbus.store import day_queries
from fsbus.store import queue as kept
from tests.builders import plain_draft
from tests.devices import MakeDevice, drop
from tests.fakes import HeldTime

GUISE, OTHER = "02361", "02408"


def attendances(session: Session) -> list[Attendance]:
    return day_queries.every(session.store.db, Attendance)


def numbers(session: Session) -> list[int]:
    return [one.number for one in queue.standing(session).tickets]


def test_people_are_numbered_from_one_and_called_in_their_order(device: Session) -> None:
    assert [queue.add(device).number for _ in range(3)] == [1, 2, 3]
    first, second = queue.call_next(device), queue.call(device, 3)
    assert (first and first.number, second.number) == (1, 3)
    assert first is not None
    assert first.agent_id == device.agent.id
    now = queue.standing(device)
    assert [one.number for one in now.waiting] == [2]
    assert [one.number for one in now.called] == [1, 3]
    queue.call_next(device)
    assert queue.call_next(device) is None


def test_a_ticket_is_no_operation_and_survives_a_kill(make_device: MakeDevice) -> None:
    device = make_device("laptop")
    before = device.store.pending_count()
    queue.add(device)
    queue.add(device)
    queue.leave(device, 1, RECEIVED)
    drop(again := device.reopen())
    assert [one.number for one in queue.standing(device).waiting] == [2]
    assert again.store.saved == 0
    assert device.store.pending_count() == before


@pytest.mark.parametrize("how", [RECEIVED, GAVE_UP, BOOKED])
def test_each_step_is_taken_back(device: Session, how: str) -> None:
    made = queue.add(device)
    called = queue.call_next(device)
    assert called is not None
    was = queue.leave(device, 1, how)
    assert was == called
    with pytest.raises(InvalidInput):
        queue.leave(device, 1, how)
    queue.put_back(device, was)
    assert queue.standing(device).called == (called,)
    queue.put_back(device, made)
    assert queue.standing(device).waiting == (made,)
    queue.take_away(device, 1)
    assert queue.standing(device).tickets == ()
    assert queue.add(device).number == 1


def test_only_the_last_number_is_taken_away_and_only_who_waits_is_called(device: Session) -> None:
    queue.add(device)
    queue.add(device)
    with pytest.raises(InvalidInput, match="repartie"):
        queue.take_away(device, 1)
    queue.call(device, 2)
    for act in (queue.take_away, queue.call):
        with pytest.raises(InvalidInput):
            act(device, 2)
    with pytest.raises(InvalidInput):
        queue.call(device, 7)


def test_closing_keeps_the_figures_and_no_ticket(device: Session, held_time: HeldTime) -> None:
    stops.set_today(device, GUISE)
    for _ in range(4):
        queue.add(device)
    held_time.advance(minutes=12)
    queue.call_next(device)
    held_time.advance(minutes=20)
    queue.leave(device, 1, RECEIVED)
    was = queue.leave(device, 2, GAVE_UP)
    queue.leave(device, 3, BOOKED)
    assert queue.close(device)
    (kept_figures,) = attendances(device)
    assert (kept_figures.commune, kept_figures.day) == (GUISE, "2026-11-24")
    found = (kept_figures.arrived, kept_figures.received, kept_figures.gave_up, kept_figures.booked)
    assert found == (4, 1, 1, 1)
    assert (kept_figures.waited_minutes, kept_figures.longest_wait) == (12, 12)
    assert kept.days_with_tickets(device.store.db) == []
    assert not queue.close(device)
    with pytest.raises(InvalidInput, match="fermée"):
        queue.put_back(device, was)


def test_numbers_go_on_after_a_closing_and_the_same_stop_has_one_record(device: Session) -> None:
    stops.set_today(device, GUISE)
    queue.add(device)
    queue.close(device)
    assert queue.add(device).number == 2
    queue.close(device)
    (one,) = attendances(device)
    assert one.arrived == 2


def test_another_stop_of_the_day_has_its_own_record(device: Session) -> None:
    stops.set_today(device, GUISE)
    queue.add(device)
    queue.leave(device, 1, RECEIVED)
    stops.set_today(device, OTHER)
    assert queue.add(device).number == 2
    assert numbers(device) == [2]
    queue.close(device)
    assert sorted((one.commune, one.arrived) for one in attendances(device)) == [(GUISE, 1), (OTHER, 1)]


def test_a_stop_put_right_while_people_wait_takes_them_with_it(device: Session) -> None:
    queue.add(device)
    stops.set_today(device, GUISE)
    queue.add(device)
    stops.set_today(device, OTHER)
    queue.add(device)
    assert numbers(device) == [1, 2, 3]
    queue.close(device)
    assert [(one.commune, one.arrived) for one in attendances(device)] == [(OTHER, 3)]


@pytest.mark.parametrize("first", [queue.close_past, queue.add])
def test_a_new_day_destroys_the_tickets_of_the_day_before(
    device: Session, held_time: HeldTime, first: object
) -> None:
    stops.set_today(device, GUISE)
    queue.add(device)
    queue.add(device)
    assert not queue.close_past(device)
    held_time.advance(days=1)
    assert callable(first)
    first(device)
    (one,) = attendances(device)
    assert (one.day, one.commune, one.arrived) == ("2026-11-24", GUISE, 2)
    assert numbers(device) == ([1] if first is queue.add else [])
    queue.close_past(device)
    assert len(attendances(device)) == 1


@pytest.mark.parametrize(
    ("ended", "someone", "closed"),
    [("closed_at", False, True), ("closed_at", True, False), ("left_at", True, True)],
)
def test_the_queue_ends_when_the_bus_leaves_or_closes_with_nobody_left(
    device: Session, held_time: HeldTime, ended: str, someone: bool, closed: bool
) -> None:
    stops.set_today(device, GUISE)
    passage = plain_records.create(device, PASSAGE, plain_draft(PASSAGE))
    other = plain_records.create(device, PASSAGE, plain_draft(PASSAGE, commune=OTHER))
    queue.add(device)
    if not someone:
        queue.leave(device, 1, RECEIVED)
    assert not queue.close_past(device)
    held_time.advance(minutes=5)
    moment = {ended: as_utc_text(held_time.now())}
    plain_records.change(device, PASSAGE, other, moment)
    assert not queue.close_past(device)
    plain_records.change(device, PASSAGE, passage, moment)
    assert queue.close_past(device) == closed
    assert numbers(device) == ([] if closed else [1])
    held_time.advance(minutes=5)
    late = queue.add(device).number
    assert not queue.close_past(device)
    assert late in numbers(device)


def test_tickets_of_an_old_copy_are_not_counted_twice(device: Session) -> None:
    stops.set_today(device, GUISE)
    queue.add(device)
    queue.add(device)
    old = queue.standing(device).tickets
    queue.close(device)
    queue.add(device)
    with device.store.batch():
        for one in old:
            kept.write_ticket(device.store.db, one)
    queue.close(device)
    (one_record,) = attendances(device)
    assert one_record.arrived == 3


def test_a_closing_is_whole_or_not_at_all(device: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.add(device)

    def refuse(*_: object) -> str:
        raise InvalidInput({"day": "Non."})

    monkeypatch.setattr(plain_records, "create", refuse)
    with pytest.raises(InvalidInput):
        queue.close(device)
    assert numbers(device) == [1]
    assert attendances(device) == []


def test_two_laptops_have_two_queues_and_two_records(make_device: MakeDevice) -> None:
    ids = set()
    for name in ("one", "other"):
        device = make_device(name)
        stops.set_today(device, GUISE)
        assert queue.add(device).number == 1
        queue.close(device)
        ids |= {one.id for one in attendances(device)}
    assert len(ids) == 2


def test_what_is_expected_follows_the_agents_and_the_hours_of_the_stop(
    device: Session, held_time: HeldTime
) -> None:
    assert queue.standing(device).wait == 0
    for _ in range(3):
        queue.add(device)
    now = queue.standing(device)
    assert (now.agents, now.pace, now.wait, now.closes_at, now.too_late) == (1, 20, 60, None, False)
    assert [now.wait_of(one) for one in now.waiting] == [0, 20, 40]
    agents = [device.agent.id, "01a20000-0000-7000-8000-00000000a9e8"]
    local = held_time.now().astimezone()
    closes = f"{local.hour:02}:50"
    plain_records.create(device, PASSAGE, plain_draft(PASSAGE, agents=agents, closes_at=closes, day=now.day))
    now = queue.standing(device)
    assert (now.agents, now.wait, now.closes_at, now.too_late) == (2, 20, closes, False)
    queue.add(device)
    assert not queue.standing(device).too_late
    held_time.advance(minutes=1)
    assert queue.standing(device).too_late


def test_the_pace_is_that_of_today_once_three_were_received(device: Session, held_time: HeldTime) -> None:
    for number in range(1, 4):
        queue.add(device)
        queue.call_next(device)
        held_time.advance(minutes=8)
        queue.leave(device, number, RECEIVED)
    assert queue.standing(device).pace == 8


def test_an_attendance_is_never_offered_to_be_removed(device: Session) -> None:
    with pytest.raises(ValueError, match=ATTENDANCE):
        plain_records.remove(device, ATTENDANCE, "01a20000-0000-7000-8000-00000000a9e8")
