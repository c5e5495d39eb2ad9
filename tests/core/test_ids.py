"""Ids increase, say when they were made, and have one spelling."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.ids import Ids, derived_id, is_id, new_replica


@given(steps=st.lists(st.integers(-5_000, 5_000), max_size=30))
def test_ids_increase_whatever_the_clock_does(steps: list[int]) -> None:
    moment = [datetime(2026, 11, 24, tzinfo=UTC)]
    ids = Ids(lambda: moment[0])
    names = [ids.new()]
    for step in steps:
        moment[0] += timedelta(milliseconds=step)
        names.append(ids.new())
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
