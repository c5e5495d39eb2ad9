"""A passage is recorded as it happens, once for all laptops of the bus, and corrected."""

import pytest

from fsbus.actions import plain_records, setting_out, stops
from fsbus.actions.circuit import passages_of_day
from fsbus.actions.session import Session
from fsbus.core.circuit import Incident, Passage
from fsbus.core.clock import as_utc_text
from fsbus.core.entities import INCIDENT, PASSAGE, STOP
from fsbus.core.errors import InvalidInput
from fsbus.core.planning import Planned, passage_id
from fsbus.store import day_queries
from tests.builders import plain_draft
from tests.fakes import HeldTime


@pytest.fixture
def planned(device: Session) -> Planned:
    """Today's only stop."""
    day = plain_records.today(device)
    draft = plain_draft(STOP, starts_on=day, recurrence="", ends_on=None, except_on=[], on_holidays=True)
    plain_records.create(device, STOP, draft)
    return passages_of_day(device, day)[0]


def stands(device: Session, planned: Planned) -> Passage:
    found = day_queries.one(device.store.db, Passage, planned.passage_id)
    assert found is not None
    return found


def mark(device: Session, planned: Planned, moment: str) -> setting_out.Undo:
    return setting_out.record(device, planned, {moment: as_utc_text(device.clock.now())})


def test_a_passage_is_made_by_its_first_moment_and_filled_by_the_next(
    device: Session, planned: Planned, held_time: HeldTime
) -> None:
    now = as_utc_text(device.clock.now())
    mark(device, planned, "arrived_at")
    assert stops.today(device) is None
    held_time.advance(minutes=5)
    mark(device, planned, "opened_at")
    found = stands(device, planned)
    assert planned.stop_id is not None
    assert found.id == passage_id(planned.stop_id, planned.day)
    assert (found.arrived_at, found.opened_at) == (now, as_utc_text(device.clock.now()))
    assert (found.place, found.opens_at, found.agents) == ("Place du marché", "09:30", (device.agent.id,))
    assert stops.today(device) == planned.commune


def test_an_hour_is_corrected_and_taken_back_but_not_before_the_one_ahead_nor_in_the_future(
    device: Session, planned: Planned, held_time: HeldTime
) -> None:
    mark(device, planned, "arrived_at")
    arrived = stands(device, planned).arrived_at
    held_time.advance(minutes=30)
    mark(device, planned, "opened_at")
    with pytest.raises(InvalidInput) as refused:
        setting_out.record(device, planned, {"opened_at": "2020-01-01T08:00:00Z"})
    assert list(refused.value.problems) == ["opened_at"]
    with pytest.raises(InvalidInput) as refused:
        setting_out.record(device, planned, {"closed_at": "2099-01-01T08:00:00Z"})
    assert refused.value.problems == {"closed_at": setting_out.NOT_YET}
    stops.set_today(device, "02558")
    undo = setting_out.record(device, planned, {"opened_at": arrived})
    assert stops.today(device) == "02558"
    assert stands(device, planned).opened_at == arrived
    assert setting_out.take_back(device, undo)
    assert stops.today(device) == "02558"
    assert stands(device, planned).opened_at != arrived


def test_calling_off_and_taking_it_back(device: Session, planned: Planned) -> None:
    undo = setting_out.record(device, planned, {"cancelled": "weather"})
    assert not passages_of_day(device, planned.day)[0].is_held
    assert setting_out.take_back(device, undo)
    assert passages_of_day(device, planned.day)[0].is_held
    with pytest.raises(InvalidInput) as refused:
        setting_out.record(device, planned, {"postponed_to": planned.day})
    assert list(refused.value.problems) == ["postponed_to"]


def test_taking_back_leaves_what_a_colleague_noted_since_and_the_stop_as_it_was(
    device: Session, planned: Planned
) -> None:
    stops.set_today(device, "02558")
    now = as_utc_text(device.clock.now())
    undo = setting_out.record(
        device, planned, {"opened_at": now, "note": "Au fond de la place.", "network": "weak"}
    )
    assert stops.today(device) == planned.commune
    plain_records.change(device, PASSAGE, planned.passage_id, {"note": "Devant la mairie."})
    assert not setting_out.take_back(device, undo)
    left = stands(device, planned)
    assert (left.opened_at, left.network, left.note) == (None, None, "Devant la mairie.")
    assert stops.today(device) == "02558"


def test_a_stop_outside_the_circuit_is_of_today(device: Session) -> None:
    made = setting_out.add_unplanned(device, {"commune": "02361", "place": "EHPAD"})
    [one] = passages_of_day(device, plain_records.today(device))
    assert (one.passage_id, one.stop_id, one.place) == (made, None, "EHPAD")


def test_an_incident_that_ends_lasted_from_its_beginning(device: Session, held_time: HeldTime) -> None:
    started = as_utc_text(device.clock.now())
    draft = {
        "day": plain_records.today(device), "commune": "02361", "what": "power", "started_at": started, "minutes": 1,
    }  # fmt: skip
    made = plain_records.create(device, INCIDENT, draft)
    held_time.advance(minutes=42)
    assert setting_out.end_incident(device, made) == 42
    found = day_queries.one(device.store.db, Incident, made)
    assert found is not None
    assert found.minutes == 42
    held_time.advance(days=3)
    assert setting_out.end_incident(device, made) == 1439


def test_an_hour_of_this_computer_s_clock_is_a_moment() -> None:
    assert setting_out.moment_on("2026-11-24", 9, 30).endswith("Z")
