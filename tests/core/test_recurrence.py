"""The days of a stop, against a reference that asks each day alone; hostile rules end, and say why."""

import time
from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core import recurrence
from fsbus.core.circuit import STOP_FIELDS, Stop, check_stop
from fsbus.core.public_holidays import holiday
from fsbus.core.recurrence import EVEN_WEEKS, MONTHLY, ODD_WEEKS, WEEKLY, YEARLY, Rule
from tests.builders import AGENT_ID

AISNE, MOSELLE, GUADELOUPE = "02361", "57463", "97105"
STOP = Stop(AGENT_ID, AISNE, "Place du marché", "09:30", "12:30", "2026-09-01")

weekdays = st.integers(0, 6)
some_days = st.dates(date(1999, 1, 1), date(2060, 12, 31))
which = st.sampled_from((1, 2, 3, 4, 5, -1, -2))
rules = st.one_of(
    st.builds(
        Rule,
        st.just(WEEKLY),
        st.integers(1, 12),
        st.lists(weekdays, min_size=1, max_size=3, unique=True).map(
            lambda days: tuple((0, day) for day in days)
        ),
        months=st.sampled_from(((), (4, 5, 6, 7, 8, 9))),
    ),
    st.builds(
        Rule,
        st.just(MONTHLY),
        st.integers(1, 12),
        st.lists(st.tuples(which, weekdays), min_size=1, max_size=3, unique=True).map(tuple),
    ),
    st.builds(
        Rule,
        st.just(MONTHLY),
        month_days=st.lists(st.sampled_from((1, 15, 29, 31, -1)), min_size=1, max_size=2, unique=True).map(
            tuple
        ),
    ),
    st.builds(
        Rule,
        st.just(YEARLY),
        weekdays=weekdays.map(lambda day: ((0, day),)),
        weeks=st.sampled_from((ODD_WEEKS, EVEN_WEEKS, (1,), (53,))),
    ),
)


def falls(rule: Rule, starts_on: date, day: date) -> bool:
    """Whether a rule falls on a day, asked of this day alone."""
    if day < starts_on or (rule.months and day.month not in rule.months):
        return False
    if rule.frequency == WEEKLY:
        monday = [one - timedelta(days=one.weekday()) for one in (starts_on, day)]
        weeks = (monday[1] - monday[0]).days // 7
        return weeks % rule.interval == 0 and (0, day.weekday()) in rule.weekdays
    if rule.frequency == YEARLY:
        return day.isocalendar().week in rule.weeks and (0, day.weekday()) in rule.weekdays
    months = (day.year - starts_on.year) * 12 + day.month - starts_on.month
    length = monthrange(day.year, day.month)[1]
    told = {((day.day - 1) // 7 + 1, day.weekday()), (-((length - day.day) // 7 + 1), day.weekday())}
    is_day = day.day in rule.month_days or day.day - length - 1 in rule.month_days
    return months % rule.interval == 0 and (is_day or bool(told & set(rule.weekdays)))


@given(rules, some_days, some_days, st.integers(0, 500))
def test_the_days_are_those_of_a_naive_reference(
    rule: Rule, starts_on: date, first: date, length: int
) -> None:
    stop = replace(STOP, starts_on=starts_on.isoformat(), recurrence=recurrence.text_of(rule))
    last = first + timedelta(days=length)
    asked = [first + timedelta(days=number) for number in range(length + 1)]
    assert recurrence.ruled_days(stop, first, last) == [day for day in asked if falls(rule, starts_on, day)]


@given(rules)
def test_a_rule_is_read_as_it_was_written(rule: Rule) -> None:
    assert recurrence.read(recurrence.text_of(rule)) == rule


@given(rules, some_days, st.sets(some_days, max_size=5), st.booleans())
def test_exceptions_and_holidays_are_taken_off(
    rule: Rule, first: date, but: set[date], on_holidays: bool
) -> None:
    ruled = replace(STOP, starts_on="2000-01-01", recurrence=recurrence.text_of(rule))
    last = first + timedelta(days=400)
    fallen = recurrence.ruled_days(ruled, first, last)
    but |= set(fallen[:1])
    stop = replace(ruled, except_on=tuple(sorted(day.isoformat() for day in but)), on_holidays=on_holidays)
    assert recurrence.days(stop, first, last) == [
        day for day in fallen if day not in but and (on_holidays or holiday(AISNE, day) is None)
    ]


def test_a_stop_without_a_rule_is_one_day_and_the_last_day_counts() -> None:
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    assert recurrence.days(STOP, first, last) == [date(2026, 9, 1)]
    assert recurrence.days(STOP, date(2026, 9, 2), last) == []
    weekly = replace(STOP, recurrence="FREQ=WEEKLY", ends_on="2026-09-15")
    assert recurrence.days(weekly, first, last) == [date(2026, 9, day) for day in (1, 8, 15)]


@pytest.mark.parametrize(
    ("commune", "day", "name"),
    [
        (AISNE, date(2026, 4, 6), "Lundi de Pâques"),
        (AISNE, date(2026, 12, 26), None),
        (MOSELLE, date(2026, 12, 26), "Saint-Étienne"),
        ("67482", date(2026, 4, 3), "Vendredi saint"),
        ("68066", date(2026, 4, 3), "Vendredi saint"),
        ("2A004", date(2026, 7, 14), "Fête nationale"),
        (GUADELOUPE, date(2026, 5, 27), "Abolition de l'esclavage"),
        ("97302", date(2026, 6, 10), "Abolition de l'esclavage"),
        ("97411", date(2026, 12, 20), "Abolition de l'esclavage"),
        ("97411", date(2026, 5, 27), None),
        ("97502", date(2026, 5, 1), "Fête du Travail"),
        ("97611", date(2026, 4, 27), "Abolition de l'esclavage"),
        ("98818", date(2026, 9, 24), "Fête de la Citoyenneté"),
        ("98799", date(2026, 7, 14), "Fête nationale"),
        ("99999", date(2026, 7, 14), "Fête nationale"),
    ],
)
def test_holidays_are_those_of_the_departement(commune: str, day: date, name: str | None) -> None:
    assert holiday(commune, day) == name


HOSTILE = (
    "FREQ=SECONDLY", "FREQ=HOURLY;INTERVAL=1", "FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY;UNTIL=20261231", "", ";", "=",
    "FREQ", "FREQ=", "FREQ=WEEKLY;FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;INTERVAL=-1",
    "FREQ=WEEKLY;INTERVAL=99999999999", "FREQ=WEEKLY;INTERVAL=", "FREQ=WEEKLY;INTERVAL=1,2",
    "FREQ=WEEKLY;BYDAY=", "FREQ=WEEKLY;BYDAY=1TU", "FREQ=MONTHLY;BYDAY=0TU", "FREQ=MONTHLY;BYDAY=6TU",
    "FREQ=MONTHLY;BYDAY=TU,1FR", "FREQ=MONTHLY;BYDAY=1TU;BYMONTHDAY=3", "FREQ=MONTHLY;BYMONTHDAY=0",
    "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=YEARLY", "FREQ=YEARLY;BYWEEKNO=1", "FREQ=YEARLY;BYWEEKNO=54;BYDAY=TU",
    "FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=TU", "FREQ=DAILY;BYHOUR=1", "FREQ=WEEKLY;BYSETPOS=1", "FREQ=WEEKLY;WKST=SU",
    "RRULE:FREQ=WEEKLY", "DTSTART:20260101\nRRULE:FREQ=WEEKLY", "freq=weekly", "FREQ=WEEKLY;BYDAY=MARDI", "tous les mardis",
    "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 63), "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 78), "\u0663", "FREQ=WEEKLY;INTERVAL=\u0662",
)  # fmt: skip
NEVER = (
    "FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2", "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31",
    "FREQ=MONTHLY;INTERVAL=8;BYMONTHDAY=29;BYMONTH=2", "FREQ=MONTHLY;INTERVAL=12;BYMONTH=6;BYDAY=1TU",
)  # fmt: skip


@pytest.mark.parametrize("text", [*HOSTILE, *NEVER])
def test_a_hostile_rule_is_refused_in_french_and_has_no_days(text: str) -> None:
    problems: dict[str, str] = {}
    fields = {"commune": AISNE, "opens_at": "09:00", "closes_at": "10:00", "starts_on": "2027-02-01"}
    check_stop({**fields, "recurrence": text}, "", problems)
    assert list(problems) == (["recurrence"] if text else [])
    if text:
        stop = replace(STOP, starts_on="2027-02-01", recurrence=text)
        assert recurrence.days(stop, date.min, date.max) == []


@given(st.text(alphabet="FREQ=WKLYMONTH;BDA,-15 TU", max_size=60))
def test_garbage_is_a_problem_or_a_rule_and_never_an_error(text: str) -> None:
    stop = replace(STOP, recurrence=text)
    found = recurrence.days(stop, date(2026, 9, 1), date(2027, 9, 1))
    if recurrence.problem(text, STOP.starts_on):
        assert found == []


@pytest.mark.parametrize(
    "text", ["FREQ=WEEKLY;INTERVAL=12;BYDAY=TU;BYMONTH=2", "FREQ=MONTHLY;INTERVAL=12;BYDAY=5SU", "FREQ=DAILY"]
)
def test_far_days_cost_no_more_than_near_ones(text: str) -> None:
    began = time.monotonic()
    ancient = replace(STOP, starts_on="0001-02-01", recurrence=text)
    recurrence.days(ancient, date(9989, 1, 1), date(9989, 12, 31))
    recurrence.days(ancient, date(9999, 12, 1), date(9999, 12, 31))
    assert recurrence.days(replace(ancient, ends_on="0001-01-01"), date.min, date.max) == []
    assert time.monotonic() - began < 5  # counted from the first day it would take minutes


@pytest.mark.parametrize(
    "rule", [Rule(YEARLY, weekdays=((0, 1),), weeks=weeks) for weeks in (ODD_WEEKS, EVEN_WEEKS)]
)
def test_weeks_in_a_row_are_not_taken_for_a_number_that_is_never_kept(rule: Rule) -> None:
    problems: dict[str, str] = {}
    text = recurrence.text_of(rule)
    assert STOP_FIELDS["recurrence"].read(text, "recurrence", problems) == text
    assert problems == {}
    for hostile in ("tous les mardis", "FREQ=DAILY\n", 3, "A" * 301):
        problems.clear()
        STOP_FIELDS["recurrence"].read(hostile, "recurrence", problems)
        assert problems == {"recurrence": recurrence.UNREADABLE}
