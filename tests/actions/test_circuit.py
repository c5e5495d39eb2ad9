"""What is planned: the circuit's rules, and what was cancelled, put off, added or removed since."""

from fsbus.actions import plain_records
from fsbus.actions.circuit import next_passages, passages_between, passages_of_day
from fsbus.actions.session import Session
from fsbus.core.entities import PASSAGE, STOP
from fsbus.core.planning import Planned, passage_id
from tests.builders import plain_draft

TUESDAYS: dict[str, object] = {
    "recurrence": "FREQ=WEEKLY;BYDAY=TU",
    "starts_on": "2026-11-03",
    "ends_on": None,
    "except_on": [],
}


def stop(device: Session, **changes: object) -> str:
    return plain_records.create(device, STOP, plain_draft(STOP, **{**TUESDAYS, **changes}))


def passage(device: Session, stop_id: str | None, day: str, **changes: object) -> str:
    draft = {"stop_id": stop_id, "day": day, "commune": "02361", **changes}
    return plain_records.create(device, PASSAGE, draft, passage_id(stop_id, day) if stop_id else None)


def days(planned: list[Planned]) -> list[str]:
    return [one.day for one in planned]


def test_the_day_has_the_stops_of_the_circuit_by_hour(device: Session) -> None:
    after = stop(device, place="École", opens_at="14:00", closes_at="16:30")
    before = stop(device)
    stop(device, recurrence="FREQ=WEEKLY;BYDAY=WE")
    found = passages_of_day(device, "2026-11-24")
    assert [(one.stop_id, one.place, one.opens_at, one.closes_at) for one in found] == [
        (before, "Place du marché", "09:30", "12:30"),
        (after, "École", "14:00", "16:30"),
    ]
    assert [one.passage_id for one in found] == [passage_id(one, "2026-11-24") for one in (before, after)]
    plain_records.remove(device, STOP, after)
    assert [one.stop_id for one in passages_of_day(device, "2026-11-24")] == [before]


def test_the_next_passages_are_those_of_the_commune_after_the_day(device: Session) -> None:
    stop(device, except_on=["2026-12-08"])
    stop(device, commune="02408", recurrence="FREQ=WEEKLY;BYDAY=WE")
    found = next_passages(device, "02361", "2026-11-24")
    assert days(found) == ["2026-12-01", "2026-12-15", "2026-12-22"]
    assert days(next_passages(device, "02361", "2026-11-30", most=1)) == ["2026-12-01"]
    assert days(next_passages(device, "02408", "2026-11-24", most=2)) == ["2026-11-25", "2026-12-02"]
    assert next_passages(device, "02691", "2026-11-24") == []


def test_a_cancelled_passage_is_not_a_next_one_and_still_stands_in_its_day(device: Session) -> None:
    made = stop(device)
    passage(device, made, "2026-12-01", cancelled="weather")
    assert days(next_passages(device, "02361", "2026-11-24", most=1)) == ["2026-12-08"]
    [one] = passages_of_day(device, "2026-12-01")
    assert not one.is_held
    assert one.passage is not None
    assert (one.passage.cancelled, one.opens_at) == ("weather", "09:30")


def test_a_postponed_passage_comes_on_its_new_day_even_from_outside_the_days_asked(device: Session) -> None:
    made = stop(device)
    passage(device, made, "2026-12-01", postponed_to="2026-12-03", opens_at="10:00")
    assert days(next_passages(device, "02361", "2026-11-24")) == ["2026-12-03", "2026-12-08", "2026-12-15"]
    [one] = passages_between(device, "2026-12-02", "2026-12-07")
    assert (one.day, one.stop_id, one.place, one.opens_at) == (
        "2026-12-03",
        made,
        "Place du marché",
        "10:00",
    )
    assert one.passage_id == passage_id(made, "2026-12-03")
    passage(device, made, "2026-12-03", cancelled="staff")
    assert days(next_passages(device, "02361", "2026-11-24", most=1)) == ["2026-12-08"]


def test_a_passage_put_off_to_a_day_of_the_rule_is_made_once(device: Session) -> None:
    made = stop(device)
    passage(device, made, "2026-12-01", postponed_to="2026-12-08")
    assert days(passages_between(device, "2026-12-08", "2026-12-08")) == ["2026-12-08"]


def test_a_stop_outside_the_circuit_stands_in_its_day_and_what_was_recorded_goes_first(
    device: Session,
) -> None:
    made = stop(device)
    unplanned = passage(device, None, "2026-11-24", place="EHPAD", opens_at="15:00", closes_at="16:00")
    passage(device, made, "2026-11-24", place="Parking", opens_at="09:45")
    found = passages_of_day(device, "2026-11-24")
    assert [(one.place, one.opens_at, one.closes_at) for one in found] == [
        ("Parking", "09:45", "12:30"),
        ("EHPAD", "15:00", "16:00"),
    ]
    assert found[1].passage_id == unplanned
    plain_records.remove(device, STOP, made)
    assert [one.place for one in passages_of_day(device, "2026-11-24")] == ["Parking", "EHPAD"]
