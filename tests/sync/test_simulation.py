"""Worlds told by one seed each: whatever happens in them, everybody ends with all that was confirmed.

One seed again, cut down to the shortest that fails alike: ``FSBUS_SEED=1234`` before pytest and this file.
"""

import os
import time
from collections.abc import Callable

import pytest

from fsbus.core import merge
from fsbus.server import sync
from tests.simulation.story import Story, shortest, tell

ORDINARY, ALL, AT_ONCE = 300, 10_000, 50
"""Seeds of the ordinary run, of the long one, and of one test, so that all cores have their share."""


def fail_as_told(story: Story) -> None:
    pytest.fail(str(shortest(story)), pytrace=False)


@pytest.mark.skipif("FSBUS_SEED" not in os.environ, reason="no seed to tell again was given")
def test_the_world_of_a_given_seed() -> None:
    story = tell(int(os.environ["FSBUS_SEED"]))
    if story.wrong:
        fail_as_told(story)


@pytest.mark.parametrize("first", range(0, ORDINARY, AT_ONCE))
def test_in_every_world_all_that_was_confirmed_is_everywhere(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        story = tell(seed)
        if story.wrong:
            fail_as_told(story)


@pytest.mark.torture
@pytest.mark.parametrize("first", range(ORDINARY, ORDINARY + ALL, 5 * AT_ONCE))
def test_in_thousands_of_worlds_too(first: int, figures: Callable[[str], None]) -> None:
    started = time.perf_counter()
    failed = [story for story in map(tell, range(first, first + 5 * AT_ONCE)) if story.wrong]
    seconds = time.perf_counter() - started
    figures(f"worlds {first} to {first + 5 * AT_ONCE - 1}: {len(failed)} failed, {seconds:.0f} s")
    if failed:
        others = [story.seed for story in failed[1:]]
        pytest.fail(f"{shortest(failed[0])}\nAlso: {others}", pytrace=False)


def test_a_seed_always_tells_the_same_story() -> None:
    assert [tell(seed).lines for seed in range(5)] == [tell(seed).lines for seed in range(5)]


@pytest.mark.parametrize(
    ("module", "name", "fault", "wrong"),
    [
        (merge, "_unseen", lambda *_: False, "values that nobody replaced"),
        (sync, "empty_log", lambda *_: None, "texts of erased records"),
        (sync, "op_digest", lambda _: "0" * 16, "another operation"),
    ],
    ids=["the last writer wins", "the log of the erased is kept", "digests are not compared"],
)
def test_a_fault_is_found_and_told_in_few_steps(
    module: object, name: str, fault: object, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, fault)
    found = next(story for story in map(tell, range(40)) if wrong in story.wrong)
    assert len(shortest(found, most_runs=15).plan) < len(found.plan)
