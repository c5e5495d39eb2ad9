"""Workshops and the queue in the report: everybody counted once, small cells about people masked."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from fsbus.core import codes
from fsbus.core.anonymity import THRESHOLD, anonymous
from fsbus.core.attendance import HOURS
from fsbus.core.door_figures import AttendanceFact, WorkshopFact
from fsbus.core.month_figures import ARRIVALS, PARTICIPANTS, WORKSHOPS, MonthReport
from fsbus.core.reports import Names, month_report


def drawn_up(workshops: list[WorkshopFact], attendances: list[AttendanceFact] | None = None) -> MonthReport:
    return month_report(
        "2026-11", [], [], workshops, attendances or [], names=Names(), bus="", generated_on=date(2026, 12, 1)
    )


@st.composite
def counts(draw: st.DrawFn, labels: list[str], most: int) -> dict[str, int | None]:
    """At most so many, spread over some of the codes."""
    found: dict[str, int | None] = {}
    for code in draw(st.lists(st.sampled_from(labels), unique=True)):
        found[code] = draw(st.none() | st.integers(0, most))
        most -= found[code] or 0
    return found


@st.composite
def workshops(draw: st.DrawFn) -> WorkshopFact:
    people = draw(st.integers(1, 25))
    return WorkshopFact(
        minutes=draw(st.integers(1, 300)),
        participants=people,
        topics=tuple(draw(st.lists(st.sampled_from([*codes.WORKSHOP_TOPIC]), min_size=1))),
        genders=draw(counts([*codes.GENDER], people)),
        ages=draw(counts([*codes.AGE_BAND], people)),
        statuses=draw(counts([*codes.SOCIAL_STATUS], people)),
    )


@given(st.lists(workshops(), min_size=1, max_size=6))
def test_each_participant_stands_in_one_row_of_each_table_about_people(found: list[WorkshopFact]) -> None:
    report = drawn_up(found)
    totals = report.totals
    assert (totals.workshops, totals.participants) == (len(found), sum(one.participants for one in found))
    assert totals.workshop_minutes == sum(one.minutes for one in found)
    people = [table for table in report.tables if table.unit == PARTICIPANTS]
    assert len(people) == 3
    for table in people:
        assert (table.partition, table.personal, table.total) == (True, True, totals.participants)
        assert sum(row.count or 0 for row in table.rows) == totals.participants
        assert all((row.count or 0) >= 0 for row in table.rows)
    themes = report.table("workshop_topics")
    assert (themes.unit, themes.total, themes.personal) == (WORKSHOPS, len(found), False)
    assert sum(row.count or 0 for row in themes.rows) == sum(len(set(one.topics)) for one in found)


@given(st.lists(workshops(), min_size=1, max_size=6))
def test_no_small_cell_about_participants_leaves(found: list[WorkshopFact]) -> None:
    for table in anonymous(drawn_up(found)).tables:
        if table.personal:
            assert all(row.count is None or row.count == 0 or row.count >= THRESHOLD for row in table.rows)
            hidden = [row for row in table.rows if row.count is None]
            rest = table.total - sum(row.count or 0 for row in table.rows)
            # What is hidden cannot be worked out from the total.
            assert not hidden or rest >= THRESHOLD + len(hidden) - 1 or len(hidden) == len(table.rows)


def test_arrivals_are_told_by_hour_with_the_mean_wait_of_who_was_received() -> None:
    days = [
        AttendanceFact(10, 6, 2, 1, 60, {**dict.fromkeys(HOURS, 0), "h09": 7, "h11": 3}),
        AttendanceFact(4, 2, 0, 0, 21, {"h10": 4}),
    ]
    report = drawn_up([], days)
    totals = report.totals
    assert (totals.arrived, totals.received, totals.gave_up, totals.booked) == (14, 8, 2, 1)
    assert totals.mean_wait == 10.1
    hours = report.table("arrival_hours")
    assert (hours.unit, hours.personal) == (ARRIVALS, False)
    assert [(row.code, row.count) for row in hours.rows] == [("h09", 7), ("h10", 4), ("h11", 3)]
    assert anonymous(report).table("arrival_hours") == hours


def test_a_month_without_any_has_no_table_of_them() -> None:
    report = drawn_up([])
    assert {table.unit for table in report.tables} == {"visits", "records"}
    assert (report.totals.workshops, report.totals.arrived, report.totals.mean_wait) == (0, 0, None)
    nobody_received = drawn_up([], [AttendanceFact(2, 0, 2, 0, 0, {})])
    assert nobody_received.totals.mean_wait is None
    assert nobody_received.table("arrival_hours").rows == ()
