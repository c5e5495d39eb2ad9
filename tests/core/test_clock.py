"""Moments have one spelling, stamps never go back, and ids increase."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.clock import Clock, as_utc_text, local_day, parse_utc_text
from fsbus.core.ids import Ids, derived_id, is_id, new_replica

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
def test_stamps_and_ids_increase_whatever_the_clock_does(steps: list[int]) -> None:
    moment = [datetime(2026, 11, 24, tzinfo=UTC)]
    clock, ids = Clock(lambda: moment[0]), Ids(lambda: moment[0])
    stamps, names = [clock.stamp()], [ids.new()]
    for step in steps:
        moment[0] += timedelta(milliseconds=step)
        stamps.append(clock.stamp())
        names.append(ids.new())
    assert stamps == sorted(set(stamps))
    assert names == sorted(set(names))


def test_an_id_is_a_version_7_uuid_dated_by_the_clock() -> None:
    moment = datetime(2026, 11, 24, 11, tzinfo=UTC)
    made = uuid.UUID(Ids(lambda: moment).new())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(moment.timestamp() * 1000)


@given(name=st.text())
def test_a_derived_id_is_the_same_for_the_same_name(name: str) -> None:
    made = uuid.UUID(derived_id(name))
    assert (made.version, made.variant) == (8, uuid.RFC_4122)
    assert str(made) == derived_id(name)
    assert is_id(str(made))


@given(value=st.uuids())
def test_only_the_canonical_text_is_an_id(value: uuid.UUID) -> None:
    text = str(value)
    assert is_id(text)
    for other in (
        text.upper() if text.upper() != text else None,
        f"{{{text}}}",
        text.replace("-", ""),
        f"{text}\n",
        value,
        None,
    ):
        assert not is_id(other)


def test_two_replicas_never_meet() -> None:
    made = {new_replica() for _ in range(100)}
    assert len(made) == 100
    assert {len(name) for name in made} == {32}
