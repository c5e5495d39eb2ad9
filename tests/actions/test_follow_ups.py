"""What is left is listed where and when it is to be done; done, opened again and put off honestly."""

from datetime import date
from itertools import product

import pytest

from fsbus.actions import correcting, follow_ups, stops
from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core import codes
from fsbus.core.errors import InvalidInput
from fsbus.core.follow_ups import is_open
from fsbus.core.records import FollowUp, ProcedureRecord
from fsbus.store import follow_ups as reading
from fsbus.store import queries
from fsbus.store.checking import log_problems
from fsbus.store.database import rows
from tests.builders import draft, procedure_draft
from tests.fakes import HeldTime

ANSWER = "Dossier à compléter mardi."
LAON, GUISE = "02408", "02361"


def record(device: Session, day: str = "2026-11-10", stop: str = GUISE, **changes: object) -> str:
    one = procedure_draft(**({"outcome": "follow_up", "precise_answer": ANSWER} | changes))
    visit = record_visit(
        device, draft(started_at=f"{day}T09:20:00+01:00", stop_commune=stop, procedures=[one])
    )
    return queries.records_of(device.store.db, visit.id)[0].id


def ids(listed: reading.Listed) -> list[str]:
    assert listed.total == len(listed.found)
    return [one.record_id for one in listed.found]


def of(device: Session, record_id: str) -> ProcedureRecord:
    found = queries.record(device.store.db, record_id)
    assert found is not None
    return found


def test_here_lists_what_is_for_today_or_before_in_this_commune(device: Session) -> None:
    today = record(device, follow_up={"on": "2026-11-24"})
    before = record(device, follow_up={"on": "2026-11-20"})
    record(device, follow_up={"on": "2026-11-25"})
    record(device, stop=LAON, follow_up={"on": "2026-11-24"})
    moved = record(device, stop=LAON, follow_up={"on": "2026-11-23", "commune": GUISE})
    record(device, follow_up={"on": "2026-11-24", "commune": LAON})
    assert follow_ups.here(device) == reading.Listed()
    assert follow_ups.count_here(device) == 0
    stops.set_today(device, GUISE)
    assert ids(follow_ups.here(device)) == [before, moved, today]
    assert follow_ups.count_here(device) == 3


def test_what_waits_for_the_network_comes_oldest_first_and_is_late_after_three_working_days(
    device: Session,
) -> None:
    stops.set_today(device, GUISE)
    # Tuesday the 24th: three working days after Wednesday the 18th is Monday the 23rd.
    late = record(device, "2026-11-18", outcome="no_network")
    not_yet = record(device, "2026-11-19", outcome="no_network")
    record(device, "2026-11-02", outcome="escalated")
    record(device, "2026-11-02", outcome="resolved")
    assert ids(follow_ups.for_network(device)) == [late, not_yet]
    assert ids(follow_ups.late(device)) == [late]
    assert follow_ups.days_late(device, follow_ups.late(device).found[0]) == 1


def test_what_was_for_friday_is_late_on_monday_and_on_tuesday_after_a_holiday(
    device: Session, held_time: HeldTime
) -> None:
    stops.set_today(device, GUISE)
    friday = record(device, follow_up={"on": "2026-12-24"})
    escalated = record(device, outcome="escalated", follow_up={"on": "2026-12-24"})
    held_time.advance(days=33)
    assert ids(follow_ups.late(device)) == []
    held_time.advance(days=1)
    assert local(device) == date(2026, 12, 28)
    assert ids(follow_ups.late(device)) == [friday, escalated]


def local(device: Session) -> date:
    return device.clock.now().date()


def test_done_keeps_the_outcome_and_the_first_answer_and_can_be_taken_back(device: Session) -> None:
    stops.set_today(device, GUISE)
    made = record(device, follow_up={"on": "2026-11-24", "note": "Rappeler."})
    before = of(device, made)
    undoing = follow_ups.done(device, made, "Pension versée, notification lue.")
    after = of(device, made)
    assert after.outcome == "follow_up"
    assert after.precise_answer == f"{ANSWER}\n24/11/2026\u00a0: Pension versée, notification lue."
    assert after.follow_up == FollowUp("2026-11-24", "Rappeler.", None, "2026-11-24")
    assert ids(follow_ups.here(device)) == []
    assert ids(follow_ups.done_since(device, date(2026, 11, 17))) == [made]
    with pytest.raises(InvalidInput) as refused:
        follow_ups.done(device, made, "Pension versée.")
    assert refused.value.problems == {"": follow_ups.ALREADY_DONE}
    assert correcting.take_back(device, undoing)
    assert of(device, made) == before
    assert log_problems(device.store.db) == []


def test_done_without_an_answer_changes_nothing(device: Session) -> None:
    made = record(device, outcome="no_network")
    before = of(device, made)
    with pytest.raises(InvalidInput) as refused:
        follow_ups.done(device, made, "  fait  ")
    assert refused.value.problems == {"answer": follow_ups.TOO_SHORT}
    with pytest.raises(InvalidInput) as refused:
        follow_ups.done(device, made, "x" * 2_000)
    assert list(refused.value.problems) == ["answer"]
    assert of(device, made) == before


def test_opened_again_it_is_listed_again_and_keeps_what_was_answered(device: Session) -> None:
    made = record(device, outcome="no_network")
    with pytest.raises(InvalidInput):
        follow_ups.reopen(device, made)
    follow_ups.done(device, made, "Demande envoyée, accusé reçu.")
    assert ids(follow_ups.for_network(device)) == []
    follow_ups.reopen(device, made)
    assert ids(follow_ups.for_network(device)) == [made]
    assert "accusé reçu" in of(device, made).precise_answer


def test_what_a_colleague_has_done_is_not_told_as_put_off(device: Session) -> None:
    made = record(device, follow_up={"on": "2026-11-24"})
    follow_ups.done(device, made, "Pièce reçue, dossier complet.")
    with pytest.raises(InvalidInput) as refused:
        follow_ups.put_off(device, made, "2026-12-01", None)
    assert refused.value.problems == {"": follow_ups.ALREADY_DONE}


def test_put_off_moves_the_day_and_the_commune_and_never_into_the_past(device: Session) -> None:
    made = record(device, follow_up={"on": "2026-11-20", "note": "Rappeler."})
    follow_ups.put_off(device, made, "2026-12-01", LAON)
    assert of(device, made).follow_up == FollowUp("2026-12-01", "Rappeler.", LAON)
    follow_ups.put_off(device, made, "2026-12-08", None)
    assert of(device, made).follow_up == FollowUp("2026-12-08", "Rappeler.", LAON)
    assert ids(follow_ups.coming(device)) == [made]
    with pytest.raises(InvalidInput) as refused:
        follow_ups.put_off(device, made, "2026-11-23", None)
    assert list(refused.value.problems) == ["on"]


def test_a_record_that_is_gone_is_told(device: Session) -> None:
    with pytest.raises(InvalidInput) as refused:
        follow_ups.done(device, device.agent.id, "Pension versée.")
    assert refused.value.problems == {"": follow_ups.GONE}


def test_the_queries_list_what_the_rule_calls_open(device: Session) -> None:
    groups = (
        None,
        {"note": "n"},
        {"on": "2026-12-01"},
        {"on": "2026-12-01", "done_on": "2026-11-24"},
        {"done_on": "2026-11-24"},
    )
    for outcome, group in product(codes.OUTCOME, groups):
        if outcome == "follow_up" and not (group and group.get("on")):
            continue
        referral = {"partner": "CNAV", "contact": "agence"} if outcome == "referred" else None
        record(device, outcome=outcome, follow_up=group, referral=referral)
    everything = [
        one for _, each in queries.visits_between(device.store.db, "2026-01-01", "2026-12-31") for one in each
    ]
    listed = {*ids(follow_ups.coming(device)), *ids(follow_ups.for_network(device))}
    assert listed == {one.id for one in everything if is_open(one)}


@pytest.mark.parametrize("name", ["here", "for_network", "late", "coming", "done_since"])
def test_every_list_is_read_by_its_index(device: Session, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def explained(db: object, sql: str, parameters: object = ()) -> object:
        asked.extend(str(row[3]) for row in rows(device.store.db, f"EXPLAIN QUERY PLAN {sql}", parameters))  # type: ignore[arg-type]  # passed on as they came
        return iter(())

    monkeypatch.setattr(reading, "rows", explained)
    stops.set_today(device, GUISE)
    if name == "done_since":
        follow_ups.done_since(device, date(2026, 11, 1))
    else:
        getattr(follow_ups, name)(device)
    assert any(
        "USING INDEX open_follow_ups" in line or "USING INDEX done_follow_ups" in line for line in asked
    )
    assert not any(line.startswith("SCAN v") for line in asked)
