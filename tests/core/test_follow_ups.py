"""Working days are counted without week-ends and holidays; late is told alike by day and by query."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core import follow_ups, working_days
from fsbus.core.follow_ups import ToFollow
from fsbus.core.records import FollowUp

CHRISTMAS = date(2026, 12, 25)
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def is_holiday(day: date) -> bool:
    return (day.month, day.day) in ((12, 25), (1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11))


def one(on: date | None = None, visited_on: date = FRIDAY, outcome: str = "follow_up") -> ToFollow:
    follow_up = FollowUp(on=on.isoformat() if on else None)
    return ToFollow("r", "v", "P", outcome, "", follow_up, visited_on.isoformat(), "02361")


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (FRIDAY, FRIDAY, 0),
        (FRIDAY, SATURDAY, 0),
        (FRIDAY, SATURDAY + timedelta(days=1), 0),
        (FRIDAY, MONDAY, 1),
        (MONDAY, FRIDAY, 0),
        (date(2026, 12, 24), date(2026, 12, 28), 1),
        (CHRISTMAS, date(2026, 12, 28), 1),
    ],
)
def test_working_days_between(first: date, last: date, count: int) -> None:
    assert working_days.between(first, last, is_holiday) == count


@given(days, st.integers(0, 30))
def test_going_on_and_counting_agree(day: date, count: int) -> None:
    later = working_days.after(day, count, is_holiday)
    assert working_days.between(day, later, is_holiday) == count
    assert count == 0 or working_days.is_worked(later, is_holiday)
    worked = working_days.latest(day, is_holiday)
    assert working_days.after(working_days.before(worked, count, is_holiday), count, is_holiday) == worked


@given(days, days)
def test_what_a_query_compares_says_the_same_as_the_count(due: date, today: date) -> None:
    since = follow_ups.late_on(today, is_holiday)
    set_one, without = one(on=due), one(visited_on=due, outcome="no_network")
    assert (due.isoformat() < since.with_day) == (follow_ups.days_late(set_one, today, is_holiday) > 0)
    assert (due.isoformat() < since.without_day) == (follow_ups.days_late(without, today, is_holiday) > 0)


def test_the_answers_stand_one_below_the_other_with_their_day() -> None:
    assert follow_ups.answered("Revenir lundi.", "2026-11-24", " Dossier complet. ") == (
        "Revenir lundi.\n24/11/2026\u00a0: Dossier complet."
    )
    assert follow_ups.answered("", "2026-11-24", "Dossier complet.") == "24/11/2026\u00a0: Dossier complet."
