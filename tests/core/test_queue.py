"""Waits are never negative and grow with who is before; figures count everybody once."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.attendance import FIELDS, check_rules
from fsbus.core.clock import as_utc_text, parse_utc_text
from fsbus.core.fields import read_all
from fsbus.core.queue import (
    ENOUGH,
    HOW,
    START,
    Ticket,
    expected_wait,
    figures,
    is_too_late,
    pace,
    served,
    together,
)
from tests.builders import AGENT_ID
from tests.fakes import NOON

DAY = "2026-11-24"
people = st.integers(0, 500)
agents = st.integers(-2, 9)
minutes = st.integers(1, 240)
after = st.integers(-30, 300)


def at(minute: int) -> str:
    """So many minutes after noon."""
    return as_utc_text(parse_utc_text(NOON) + timedelta(minutes=minute))


@st.composite
def days(draw: st.DrawFn) -> list[Ticket]:
    """A day's tickets, in any state, of clocks that are set back too."""
    found = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        called, left = draw(st.none() | after), draw(st.none() | after)
        how = None if left is None else draw(st.sampled_from([*HOW]))
        found.append(
            Ticket(
                number,
                DAY,
                at(draw(after)),
                None if called is None else at(called),
                None if left is None else at(left),
                how,
                AGENT_ID if called else None,
            )
        )
    return found


@given(people, agents, minutes)
def test_a_wait_is_never_negative_and_nobody_waits_for_a_free_agent(
    before: int, present: int, each: int
) -> None:
    wait = expected_wait(before, present, each)
    assert wait >= 0
    assert (wait == 0) == (before < max(1, present))


@given(people, people, agents, minutes)
def test_a_wait_grows_with_who_is_before_and_shrinks_with_agents(
    one: int, other: int, present: int, each: int
) -> None:
    fewer, more = sorted((one, other))
    assert expected_wait(fewer, present, each) <= expected_wait(more, present, each)
    assert expected_wait(more, present + 1, each) <= expected_wait(more, present, each)
    assert expected_wait(more, present, each) <= expected_wait(more, present, each + 1)


def test_one_agent_takes_the_others_one_after_another() -> None:
    assert [expected_wait(before, 1, 20) for before in range(4)] == [0, 20, 40, 60]
    assert [expected_wait(before, 2, 20) for before in range(5)] == [0, 0, 10, 20, 30]


@given(st.lists(minutes), st.lists(minutes))
def test_the_pace_is_one_that_was_measured_or_the_start(today: list[int], past: list[int]) -> None:
    found = pace(today, past)
    measured = today if len(today) >= ENOUGH else [*today, *past]
    if measured:
        assert min(measured) <= found <= max(measured)
    else:
        assert found == START


def test_today_counts_alone_once_three_were_received() -> None:
    assert pace([10, 10], [60, 60, 60, 60]) == 60
    assert pace([10, 10, 10], [60, 60, 60, 60]) == 10


@given(st.integers(0, 1439), st.integers(0, 300), minutes, st.integers(0, 1439))
def test_the_last_ticket_is_the_one_that_ends_before_closing(
    now: int, wait: int, each: int, closes: int
) -> None:
    assert is_too_late(now, wait, each, closes) == (now + wait + each > closes)
    assert not is_too_late(now, wait, each, now + wait + each)


@given(days())
def test_figures_are_those_of_an_attendance_and_count_everybody_once(tickets: list[Ticket]) -> None:
    problems: dict[str, str] = {}
    clean = read_all(FIELDS, {"day": DAY, **figures(tickets)}, problems)
    check_rules(clean, "", problems)
    assert problems == {}
    assert clean["arrived"] == len(tickets)
    by_hour = clean["by_hour"]
    assert isinstance(by_hour, dict)
    assert sum(by_hour.values()) == len(tickets)
    assert all(each > 0 for each in served(tickets))


@given(days(), days())
def test_a_queue_closed_twice_has_the_figures_of_one_closed_once(
    first: list[Ticket], second: list[Ticket]
) -> None:
    assert together(figures(first), figures(second)) == figures([*first, *second])
    assert together(figures([]), figures(first)) == figures(first)
