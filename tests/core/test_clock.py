"""Moments have one spelling, and stamps never go back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.clock import Clock, as_utc_text, local_day, parse_utc_text

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001  # hypothesis wants it naive
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001  # hypothesis wants it naive
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@given(moment=MOMENTS)
def test_a_moment_is_read_back_to_the_second(moment: datetime) -> None:
    assert parse_utc_text(as_utc_text(moment)) == moment.replace(microsecond=0)
    assert len(as_utc_text(moment)) == 20


def test_a_moment_needs_its_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        as_utc_text(datetime(2026, 11, 24, 9))  # noqa: DTZ001  # what is refused here
    with pytest.raises(ValueError, match="UTC"):
        parse_utc_text("2026-11-24T09:00:00+01:00")


def test_the_local_day_is_a_day() -> None:
    assert (
        abs(
            (
                local_day(datetime(2026, 11, 24, 12, tzinfo=UTC)) - datetime(2026, 11, 24, tzinfo=UTC).date()
            ).days
        )
        <= 1
    )


@given(steps=st.lists(st.integers(-5_000, 5_000), max_size=30))
def test_stamps_increase_whatever_the_clock_does(steps: list[int]) -> None:
    moment = [datetime(2026, 11, 24, tzinfo=UTC)]
    clock = Clock(lambda: moment[0])
    stamps = [clock.stamp()]
    for step in steps:
        moment[0] += timedelta(milliseconds=step)
        stamps.append(clock.stamp())
    assert stamps == sorted(set(stamps))
