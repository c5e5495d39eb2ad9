"""What 5,000 made-up people are found by, and how often a stranger is taken for one of them.

The figures of a run stand in the message of whatever fails; the bounds stand a little below what was measured with this seed.
"""

from collections.abc import Callable
from functools import cache
from random import Random

import pytest

from fsbus.core import likeness
from fsbus.core.likeness import Described
from fsbus.core.people_index import PeopleIndex
from fsbus.core.residents import Resident
from tests.made_up_people import Way, as_heard, described, one_slip, people, plainly

ASKED = 150
Typed = Callable[[Resident], dict[str, object]]


@cache
def _population() -> list[Resident]:
    # Not while tests are collected: every worker does that.
    return people(5_000, Random(20261124))


@cache
def _index() -> PeopleIndex:
    return PeopleIndex(map(Described.of, _population()))


@cache
def _by_id() -> dict[str, Resident]:
    return {one.id: one for one in _population()}


def _sample(seed: int) -> list[Resident]:
    return Random(seed).sample(_population(), ASKED)


def _found(text: str, one: Resident) -> bool:
    """Among the first ten; with a namesake in their place, the agent reads the year."""
    return any(
        (_by_id()[hit.id].family_name, _by_id()[hit.id].given_name) == (one.family_name, one.given_name)
        for hit in _index().search(text, 10)
    )


@pytest.mark.parametrize(
    ("way", "at_least"),
    [(plainly, 1.0), (one_slip, 0.93), (as_heard, 0.93)],
    ids=["plainly", "one_slip", "as_heard"],
)
def test_people_are_found_by_a_name_written_otherwise(way: Way, at_least: float) -> None:
    chance = Random(7)
    asked = _sample(1)
    found = sum(_found(f"{way(chance, one.family_name)} {one.given_name}", one) for one in asked)
    assert found / ASKED >= at_least, found / ASKED


def _recall(typed: Typed, seed: int) -> float:
    warned = 0
    for one in _sample(seed):
        warned += one.id in [key for key, _ in _index().alike(described(one, **typed(one)))]
    return warned / ASKED


def test_a_person_typed_again_is_warned_of() -> None:
    chance = Random(11)
    unknown: dict[str, object] = {"phone": "", "birth_year": None, "commune": None}
    ways: dict[str, tuple[Typed, float]] = {
        "family name with a slip, year": (
            lambda one: {**unknown, "family_name": one_slip(chance, one.family_name), "birth_year": one.birth_year},
            0.93,
        ),
        "family name as heard, year": (
            lambda one: {**unknown, "family_name": as_heard(chance, one.family_name), "birth_year": one.birth_year},
            0.93,
        ),
        "both names as heard, telephone": (
            lambda one: {
                **unknown,
                "family_name": as_heard(chance, one.family_name),
                "given_name": as_heard(chance, one.given_name),
                "phone": "+33 " + one.phone[1:],
            },
            0.92,
        ),
        "names changed places, year": (
            lambda one: {
                **unknown,
                "family_name": one.given_name,
                "given_name": one.family_name,
                "birth_year": one.birth_year,
            },
            0.99,
        ),
        "married, telephone, year": (
            lambda one: {"family_name": "Quelconque", "commune": None},
            0.99,
        ),
        "plainly, nothing else": (
            lambda one: {**unknown, "family_name": plainly(chance, one.family_name)},
            0.9,
        ),
    }  # fmt: skip
    for name, (typed, at_least) in ways.items():
        found = _recall(typed, 2)
        assert found >= at_least, (name, found)


def test_strangers_are_seldom_taken_for_somebody_else() -> None:
    strangers = people(500, Random(99))
    false, namesakes = 0, 0
    for one in strangers:
        alike = _index().alike(described(one))
        false += bool(alike)
        namesakes += any("même nom" in why.reasons and "même prénom" in why.reasons for _, why in alike)
    assert (false - namesakes) / 500 <= 0.02
    assert false / 500 <= 0.04


def test_the_threshold_stands_where_little_more_is_found_and_many_more_are_taken_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance, strangers = Random(5), people(300, Random(98))
    asked = _sample(3)
    typed = [
        described(one, family_name=as_heard(chance, one.family_name), phone="", commune=None) for one in asked
    ]
    monkeypatch.setattr(likeness, "WARN", 45)
    again = [
        max((why.score for key, why in _index().alike(each) if key == one.id), default=0)
        for one, each in zip(asked, typed, strict=True)
    ]
    taken = [max((why.score for _, why in _index().alike(described(one))), default=0) for one in strangers]
    monkeypatch.undo()
    told = {}
    for points in (45, likeness.WARN, 85):
        told[points] = (
            sum(score >= points for score in again) / len(again),
            sum(score >= points for score in taken) / len(taken),
        )
    assert told[likeness.WARN][0] >= told[45][0] - 0.05
    assert told[likeness.WARN][1] <= told[45][1] / 2
    assert told[85][0] <= told[likeness.WARN][0] - 0.2
