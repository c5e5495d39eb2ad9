"""The list of all visits says what the visits themselves say, whatever narrows and sorts it."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.core.visits import Visit
from fsbus.store import queries, visit_list
from fsbus.store.visit_list import ORDERS, Wanted
from tests.builders import draft, procedure_draft

DAYS = ("2026-11-20", "2026-11-21", "2026-11-23")


@pytest.fixture(scope="module")
def full(long_lived: Session) -> Session:
    codes = [each.code for each in long_lived.reference.catalog().procedures][:3]
    for number in range(36):
        made = [
            procedure_draft(procedure=codes[(number + more) % 3], outcome=("resolved", "follow_up")[number % 2],
                            precise_answer="Dossier à compléter mardi.",
                            follow_up={"on": "2026-12-01"} if number % 2 else None)
            for more in range(1 + number % 2)
        ]  # fmt: skip
        day = DAYS[number % 3]
        where = {"stop_commune": ("02361", "02691")[number % 2]}
        record_visit(long_lived, draft(started_at=f"{day}T{8 + number % 7:02}:20:00+01:00", minutes=1 + number % 9,
                                       procedures=made, **where))  # fmt: skip
    return long_lived


def holds(session: Session, visit: Visit, wanted: Wanted) -> bool:
    records = queries.records_of(session.store.db, visit.id)
    return (
        (wanted.first or "0") <= visit.visited_on <= (wanted.last or "9")
        and wanted.commune in ("", visit.stop_commune)
        and wanted.agent_id in ("", visit.agent_id)
        and any(
            wanted.procedure in ("", one.procedure) and wanted.outcome in ("", one.outcome) for one in records
        )
    )


@given(
    first=st.sampled_from(("", *DAYS)),
    last=st.sampled_from(("", *DAYS)),
    commune=st.sampled_from(("", "02361", "02691", "99999")),
    procedure=st.integers(0, 3),
    outcome=st.sampled_from(("", "resolved", "follow_up", "referred")),
    mine=st.booleans(),
    order=st.sampled_from(sorted(ORDERS)),
    at_once=st.sampled_from((1, 7, 100)),
)
def test_it_holds_exactly_the_visits_asked_for_each_once_in_its_order(
    full: Session, first: str, last: str, commune: str, procedure: int, outcome: str, mine: bool, order: str,
    at_once: int,
) -> None:  # fmt: skip
    db = full.store.db
    codes = ["", *[each.code for each in full.reference.catalog().procedures][:3]]
    wanted = Wanted(first, last, commune, full.agent.id if mine else "", codes[procedure], outcome)
    right = [
        visit
        for visit, _ in queries.visits_between(db, "0001-01-01", "9999-12-31")
        if holds(full, visit, wanted)
    ]
    total = visit_list.count(db, wanted)
    found = [
        one
        for start in range(0, total, at_once)
        for one in visit_list.some(db, wanted, order, start, at_once)
    ]
    assert total == len(found) == len(right)
    assert {one.id for one in found} == {visit.id for visit in right}
    keys: dict[str, list[Any]] = {
        "newest": [(one.visited_on, one.started_at) for one in reversed(found)],
        "oldest": [(one.visited_on, one.started_at) for one in found],
        "longest": [-one.minutes for one in found],
        "shortest": [one.minutes for one in found],
        "by_agent": [one.agent for one in found],
    }
    assert keys[order] == sorted(keys[order])


def test_a_line_tells_its_procedures_in_order_and_who_recorded_it(full: Session) -> None:
    db = full.store.db
    for one in visit_list.some(db, Wanted(), "newest", 0, 100):
        visit = queries.visit(db, one.id)
        assert visit is not None
        records = [(each.procedure, each.outcome) for each in queries.records_of(db, one.id)]
        assert list(one.procedures) == records
        assert (one.visited_on, one.started_at, one.minutes) == (
            visit.visited_on, visit.started_at, visit.minutes,
        )  # fmt: skip
        assert one.agent == full.agent.name


def test_a_removed_visit_is_in_no_list(full: Session) -> None:
    from fsbus.core.changes import DELETE
    from fsbus.core.entities import VISIT
    from fsbus.store.store import Edit

    db = full.store.db
    [gone] = visit_list.some(db, Wanted(), "newest", 0, 1)
    before = visit_list.count(db, Wanted())
    full.store.save([Edit(VISIT, gone.id, DELETE)], actor=full.agent.id)
    assert visit_list.count(db, Wanted()) == before - 1
    assert gone.id not in {one.id for one in visit_list.some(db, Wanted(), "newest", 0, 100)}
