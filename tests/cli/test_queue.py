"""The queue at the door by the command line: numbers in their order, no name."""

import pytest

from tests.cli.conftest import Runner


def test_one_more_and_the_next(ready: Runner) -> None:
    [empty] = ready("queue").out
    assert (empty["number"], empty["waiting"], empty["wait_minutes"]) == (None, [], 0)
    assert [ready("queue", "--add").out[0]["number"] for _ in range(2)] == [1, 2]
    [called] = ready("queue", "--next").out
    assert (called["number"], called["waiting"], called["called"]) == (1, [2], [1])
    ready("queue", "--next")
    [left] = ready("queue", "--next").out
    assert (left["number"], left["called"]) == (None, [1, 2])


def test_one_thing_at_a_time(ready: Runner) -> None:
    with pytest.raises(SystemExit) as ended:
        ready("queue", "--add", "--next")
    assert ended.value.code == 2
    assert ready("queue").out[0]["waiting"] == []
