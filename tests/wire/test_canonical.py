"""Canonical JSON: one form for equal values, the released one, and none for what has no single form."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.wire.canonical import DEEPEST, LARGEST_WHOLE, NotCanonical, canonical

GOLDEN = Path(__file__).parents[1] / "golden" / "wire" / "v1"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
WHOLE = st.integers(-LARGEST_WHOLE, LARGEST_WHOLE)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=20,
)


def test_the_released_form_is_written_again() -> None:
    value = json.loads((GOLDEN / "canonical.in.json").read_bytes())
    assert canonical(value) == (GOLDEN / "canonical.json").read_bytes()


@given(VALUES)
def test_another_writer_of_the_same_rules_writes_the_same_bytes(value: object) -> None:
    other = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(value) == other


@given(VALUES)
def test_what_is_read_back_is_written_the_same_whatever_the_order_was(value: object) -> None:
    def turned(one: object) -> object:
        if isinstance(one, dict):
            return {name: turned(one[name]) for name in reversed(one)}
        return [turned(item) for item in one] if isinstance(one, list) else one

    assert canonical(turned(value)) == canonical(value)
    assert canonical(json.loads(canonical(value))) == canonical(value)


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 2**53, -(2**53), "\ud800", {"\udfff": 1}, {1: 2}, b"x", {"a": [0.5]}, {"a": {"b": 2**60}}],
)  # fmt: skip
def test_what_has_no_single_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_a_value_nested_too_deep_is_refused_and_breaks_nothing() -> None:
    deep: list[object] = []
    for _ in range(DEEPEST):
        deep = [deep]
    with pytest.raises(NotCanonical):
        canonical(deep)
