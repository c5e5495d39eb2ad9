"""Whatever was merged into whom: everybody stands for one shown person, whatever the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.same_people import roots

_IDS = list("abcdefg")


@given(st.dictionaries(st.sampled_from(_IDS), st.none() | st.sampled_from([*_IDS, "gone"])))
def test_everybody_stands_for_one_who_stands_for_themselves(into: dict[str, str | None]) -> None:
    found = roots(into)
    assert found.keys() == into.keys()
    for key, root in found.items():
        assert found[root] == root
        following = into[key]
        if following in into:
            assert found[str(following)] == root
    assert roots(dict(reversed(into.items()))) == found


@pytest.mark.parametrize(
    ("into", "root"),
    [({"a": "b", "b": None}, "b"), ({"a": "b", "b": "a"}, "a"), ({"a": "gone"}, "a"), ({"a": "a"}, "a")],
)
def test_a_ring_stands_for_its_oldest(into: dict[str, str | None], root: str) -> None:
    assert set(roots(into).values()) == {root}
