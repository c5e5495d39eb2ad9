"""Fields of an older schema are brought to today's one step at a time; newer ones pass as they came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.upcasting import TODAY, Upcasting
from tests.older_shapes import FOUR


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        (1, {"remark": "vu", "hours": 2, "channel": "desk"}),
        (2, {"note": "vu", "hours": 2, "channel": "desk"}),
        (3, {"note": "vu", "minutes": 120, "channel": "desk"}),
        (4, {"note": "vu", "minutes": 120, "channel": "walk_in"}),
    ],
)
def test_every_schema_says_the_same_in_todays_words(schema: int, fields: dict[str, object]) -> None:
    today = {"note": "vu", "minutes": 120, "channel": "walk_in"}
    assert FOUR.fields(schema, "visit", "create", fields) == today


def test_a_set_changes_only_what_it_says() -> None:
    assert FOUR.fields(1, "visit", "set", {"hours": 3}) == {"minutes": 180}
    assert FOUR.fields(2, "agent", "set", {"name": "Ana"}) == {"name": "Ana"}


@given(
    st.integers(1, 9),
    st.dictionaries(st.text(max_size=9), st.one_of(st.none(), st.booleans(), st.integers(), st.text())),
)
def test_fields_of_any_schema_and_value_pass(schema: int, fields: dict[str, object]) -> None:
    before = dict(fields)
    after = FOUR.fields(schema, "visit", "set", fields)
    assert fields == before
    assert schema < 4 or after == fields


def test_a_schema_from_which_no_step_leads_on_is_not_known() -> None:
    gap = Upcasting(4, {2: FOUR.steps[2], 3: FOUR.steps[3]})
    assert [gap.knows(number) for number in (-1, 0, 1, 2, 3, 4, 5)] == [
        False,
        False,
        False,
        True,
        True,
        True,
        True,
    ]


def test_this_release_has_the_first_schema() -> None:
    assert (TODAY.newest, TODAY.knows(1), TODAY.knows(0)) == (1, True, False)
