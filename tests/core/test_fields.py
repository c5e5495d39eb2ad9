"""One field is read in one way, whoever gives it, and its problem names it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.fields import (
    Code,
    CodeList,
    Day,
    Field,
    Flag,
    Group,
    Identifier,
    Insee,
    Moment,
    Text,
    TextList,
    Whole,
    read_all,
)

LABELS = {"b": "Bé", "a": "A"}
FIELDS: dict[str, Field] = {
    "text": Text(longest=10),
    "name": Text(longest=10, required=True),
    "code": Code(LABELS, default="a"),
    "chosen": Code(LABELS, required=True),
    "codes": CodeList(LABELS),
    "texts": TextList(most=2, longest=5),
    "whole": Whole(1, 9),
    "flag": Flag(),
    "moment": Moment(),
    "day": Day(),
    "insee": Insee(),
    "identifier": Identifier(),
    "group": Group({"on": Day(), "note": Text(longest=5)}, shorthand="on"),
}
ID = "01a20000-0000-7000-8000-00000000a9e7"


def read(name: str, raw: object) -> tuple[object, list[str]]:
    problems: dict[str, str] = {}
    return FIELDS[name].read(raw, name, problems), list(problems)


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("text", None, ""),
        ("text", "é'\n", "é'\n"),
        ("text", "🚌" * 10, "🚌" * 10),
        ("code", None, "a"),
        ("code", "", "a"),
        ("code", "b", "b"),
        ("codes", None, ()),
        ("codes", ["a", "b", "a"], ("b", "a")),
        ("texts", None, ()),
        ("texts", ["un", "deux"], ("un", "deux")),
        ("whole", None, None),
        ("whole", 9, 9),
        ("flag", None, None),
        ("flag", False, False),
        ("moment", None, None),
        ("moment", "2026-11-24T09:20:30+01:00", "2026-11-24T08:20:30Z"),
        ("moment", "2026-11-24T09:20Z", "2026-11-24T09:20:00Z"),
        ("day", "2026-02-28", "2026-02-28"),
        ("insee", "2A004", "2A004"),
        ("identifier", ID, ID),
        ("group", None, None),
        ("group", "2026-12-03", {"on": "2026-12-03", "note": ""}),
        ("group", {"note": "x"}, {"on": None, "note": "x"}),
    ],
)
def test_a_right_value_is_read(name: str, raw: object, value: object) -> None:
    assert read(name, raw) == (value, [])


@pytest.mark.parametrize(
    ("name", "raw", "path"),
    [
        ("text", "x" * 11, "text"),
        ("text", "a\x00", "text"),
        ("text", "\ud800", "text"),
        ("text", 3, "text"),
        ("name", "  ", "name"),
        ("name", None, "name"),
        ("code", "c", "code"),
        ("code", 1, "code"),
        ("chosen", None, "chosen"),
        ("codes", "a", "codes"),
        ("codes", ["a", "c"], "codes"),
        ("codes", [["a"]], "codes"),
        ("texts", ["a", "b", "c"], "texts"),
        ("texts", ["a", ""], "texts[1]"),
        ("texts", ["a", "longer"], "texts[1]"),
        ("texts", {"a": 1}, "texts"),
        ("whole", 0, "whole"),
        ("whole", 10, "whole"),
        ("whole", 1.0, "whole"),
        ("whole", True, "whole"),
        ("whole", "1", "whole"),
        ("flag", 1, "flag"),
        ("flag", "oui", "flag"),
        ("moment", "2026-11-24T09:20:00", "moment"),
        ("moment", "2026-11-24", "moment"),
        ("moment", "0001-01-01T00:00:00+14:00", "moment"),
        ("moment", 5, "moment"),
        ("day", "2026-02-29", "day"),
        ("day", "24/11/2026", "day"),
        ("day", "20261124", "day"),
        ("day", "2026-W48-2", "day"),
        ("insee", "2361", "insee"),
        ("insee", "٠٢٣٦١", "insee"),
        ("insee", "2C004", "insee"),
        ("identifier", ID.upper(), "identifier"),
        ("identifier", "x", "identifier"),
        ("group", [], "group"),
        ("group", {"on": "hier"}, "group.on"),
        ("group", {"colour": 1}, "group.colour"),
    ],
)
def test_a_wrong_value_is_named(name: str, raw: object, path: str) -> None:
    assert read(name, raw)[1] == [path]


def test_a_problem_never_repeats_what_may_be_secret() -> None:
    problems: dict[str, str] = {}
    for raw in ("4970101234567893", "x" * 100, "mdp=soleil"):
        FIELDS["code"].read(raw, "code", problems)
        assert raw not in problems["code"]


def test_every_field_is_read_and_every_unknown_one_named() -> None:
    problems: dict[str, str] = {}
    raw = {"name": "x", "chosen": "a", "extra": 1, "": 2, "\ud800": 3}
    clean = read_all(FIELDS, raw, problems)
    assert list(clean) == list(FIELDS)
    assert list(problems) == ["extra", "…"]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.just("2026-11-24T09:20:00+99:00"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(name=st.sampled_from(sorted(FIELDS)), raw=JSON)
def test_any_json_value_is_read_or_named_and_what_is_read_is_read_again_alike(name: str, raw: object) -> None:
    value, wrong = read(name, raw)
    if not wrong:
        assert read(name, value) == (value, [])
