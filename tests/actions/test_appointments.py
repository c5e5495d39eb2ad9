"""Appointments are booked at passages, warned about, settled with their visit, and taken back."""

import pytest

from fsbus.actions import appointments, plain_records
from fsbus.actions.session import Session
from fsbus.core.appointments import Appointment
from fsbus.core.entities import APPOINTMENT, STOP
from fsbus.core.errors import InvalidInput
from fsbus.store import day_queries
from tests.builders import new_id, plain_draft
from tests.fakes import HeldTime

GUISE, LAON = "02361", "02408"


def stop(device: Session, **changes: object) -> str:
    fields = {"recurrence": "FREQ=WEEKLY;BYDAY=TU", "except_on": []} | changes
    return plain_records.create(device, STOP, plain_draft(STOP, **fields))


def wanted(**changes: object) -> dict[str, object]:
    fields = {"stop_id": None, "agents": [], "needed": 1, "day": "2026-12-01"} | changes
    return plain_draft(APPOINTMENT, **fields)


def book(device: Session, draft: dict[str, object]) -> str:
    return appointments.book(device, draft).record_id


def of(device: Session, record_id: str) -> Appointment:
    found = day_queries.one(device.store.db, Appointment, record_id)
    assert found is not None
    return found


def test_each_passage_has_its_appointments_by_hour_and_none_is_lost(device: Session) -> None:
    morning = stop(device)
    stop(device, place="Salle des fêtes", opens_at="14:00", closes_at="16:00")
    late = book(device, wanted(starts_at="11:30", stop_id=morning))
    early = book(device, wanted(starts_at="09:30", stop_id=morning))
    elsewhere = book(device, wanted(commune=LAON, starts_at="10:00"))
    of_no_stop = book(device, wanted(starts_at="15:00", stop_id=new_id()))
    far = book(device, wanted(day="2027-11-30"))
    book(device, wanted(day="2026-11-17"))
    found = [
        (one.day, one.commune, one.hours and one.hours[0], [each.id for each in one.appointments])
        for one in appointments.agendas(device)
    ]
    assert ("2026-12-01", GUISE, "09:30", [early, late]) in found
    assert ("2026-12-01", GUISE, "14:00", []) in found
    assert ("2026-12-01", LAON, None, [elsewhere]) in found
    assert ("2026-12-01", GUISE, None, [of_no_stop]) in found
    assert found[-1] == ("2027-11-30", GUISE, None, [far])
    assert found[0] == ("2026-11-24", GUISE, "09:30", [])
    keys = [one.key for one in appointments.agendas(device)]
    assert len(keys) == len(set(keys))


def test_what_is_unwise_is_told_and_may_be_booked(device: Session) -> None:
    stop(device)
    agent = device.agent.id
    assert appointments.warnings_of(device, wanted(starts_at="10:30")) == {}
    first = book(device, wanted(starts_at="10:30", agents=[agent]))
    again = wanted(starts_at="10:45", agents=[agent])
    assert list(appointments.warnings_of(device, again)) == ["agents"]
    assert appointments.warnings_of(device, again, first) == {}
    assert device.agent.name in appointments.warnings_of(device, again)["agents"]
    assert list(appointments.warnings_of(device, wanted(day="2026-12-02"))) == ["day"]
    assert list(appointments.warnings_of(device, wanted(starts_at="08:00"))) == ["starts_at"]
    book(device, again)
    with pytest.raises(InvalidInput) as refused:
        appointments.warnings_of(device, wanted(name="", starts_at="25:00"))
    assert {"name", "starts_at"} <= set(refused.value.problems)


def test_what_came_of_it_is_noted_and_taken_back(device: Session) -> None:
    made, visit = book(device, wanted()), new_id()
    undo = appointments.settle(device, made, appointments.SEEN, visit)
    assert (of(device, made).status, of(device, made).visit_id) == ("seen", visit)
    assert undo is not None
    assert appointments.take_back(device, undo)
    assert (of(device, made).status, of(device, made).visit_id) == ("unknown", None)
    assert appointments.settle(device, made, "unknown") is None


def test_taking_back_leaves_what_somebody_changed_since(device: Session) -> None:
    made = book(device, wanted(starts_at="10:30"))
    undo = appointments.change(device, made, {"day": "2026-12-15", "starts_at": "09:30"})
    assert undo is not None
    appointments.change(device, made, {"starts_at": "09:45"})
    assert not appointments.take_back(device, undo)
    assert (of(device, made).day, of(device, made).starts_at) == ("2026-12-01", "09:45")


def test_those_of_past_days_wait_until_somebody_says_what_came_of_them(
    device: Session, held_time: HeldTime
) -> None:
    second = book(device, wanted(day="2026-12-02"))
    first = book(device, wanted(day="2026-12-01", starts_at="11:00"))
    book(device, wanted(day="2026-12-01", status="noshow"))
    assert appointments.unsettled(device) == []
    held_time.advance(days=9)
    assert [one.id for one in appointments.unsettled(device)] == [first, second]
    appointments.settle(device, first, "noshow")
    assert [one.id for one in appointments.unsettled(device)] == [second]


def test_one_booked_by_mistake_is_taken_out_again(device: Session) -> None:
    made = appointments.book(device, wanted())
    assert appointments.take_back(device, made)
    assert day_queries.every(device.store.db, Appointment) == []
    assert appointments.take_back(device, made)


def test_who_comes_after_all_is_expected_again(device: Session) -> None:
    made, visit = book(device, wanted(status="noshow")), new_id()
    appointments.begin(device, made, visit)
    assert [one.id for one in appointments.begun_by(device, visit)] == [made]


def test_one_that_a_colleague_changed_since_is_not_taken_out_again(device: Session) -> None:
    made = appointments.book(device, wanted())
    appointments.change(device, made.record_id, {"phone": "0698765432"})
    assert not appointments.take_back(device, made)
    assert of(device, made.record_id).phone == "0698765432"
