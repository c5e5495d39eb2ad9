"""A process killed while it writes a stick leaves a whole file or none, and what was there before."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus.server.admin import check
from fsbus.wire import bundle as wire
from tests.sync.carrier import StickLaptop, answer, equal_to_centre, unlike_any_other
from tests.sync.stick_child import MOMENTS
from tests.sync.world import World


def killed(moment: str, seconds: float, *words: object) -> None:
    """A process that writes sticks, dead in the end: by itself, or after so many seconds of writing."""
    command = [sys.executable, "-m", "tests.sync.stick_child", str(words[0]), moment, *map(str, words[1:])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        if moment == "ever":
            time.sleep(seconds)
            child.kill()
        assert child.wait(60) == -9


def beside(path: Path) -> list[str]:
    """What writing this file left behind under other names."""
    return [one.name for one in path.parent.iterdir() if one.name.startswith(f".{path.name}.")]


class Rounds:
    """One laptop and its centre, whose processes are killed again and again."""

    def __init__(self, world: World, laptop: StickLaptop) -> None:
        self.world, self.laptop = world, laptop
        self.request, self.back = laptop.stick / "bus.fsb", laptop.stick / "retour.fsb"
        self.whole = 0
        """How often a file of the killed process was there."""

    def laptop_dies(self, moment: str, seconds: float) -> None:
        """The laptop dies while it writes; what is there goes its way, and the next file too."""
        for _ in range(3):
            self.laptop.record(unlike_any_other(), procedures=1)
        waiting = self.laptop.store.pending_count()
        self.request.unlink(missing_ok=True)
        self.laptop.store.close()
        killed(moment, seconds, "laptop", self.laptop.path, self.laptop.key.hex(), self.request)
        left = self.request.read_bytes() if self.request.exists() else None
        self.laptop.restart()
        assert self.laptop.store.pending_count() == waiting
        assert self.laptop.write_file().changes == waiting
        assert beside(self.request) == []
        if left is not None:
            self.whole += 1
            assert wire.unpack(left, self.world.centre.private_key, wire.REQUESTS).parts
            assert self.laptop.read(answer(self.world, left).sealed).acked == waiting
        self.laptop.read(answer(self.world, self.request.read_bytes()).sealed)
        assert self.laptop.store.pending_count() == 0

    def centre_dies(self, moment: str, seconds: float) -> None:
        """The centre's command dies while it writes its answer."""
        self.laptop.record(unlike_any_other())
        self.laptop.write_file()
        self.back.unlink(missing_ok=True)
        killed(moment, seconds, "centre", self.world.url, self.request, self.back)
        if self.back.exists():
            self.whole += 1
            self.laptop.read_file(self.back)
            assert self.laptop.store.pending_count() == 0
        self.laptop.read(answer(self.world, self.request.read_bytes()).sealed)
        assert self.laptop.store.pending_count() == 0
        assert check(self.world.centre).problems == ()

    def end(self) -> None:
        self.laptop.carry()
        equal_to_centre(self.world, self.laptop)


@pytest.fixture
def rounds(world: World, laptop: StickLaptop) -> Iterator[Rounds]:
    one = Rounds(world, laptop)
    yield one
    one.end()


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_each_step_of_the_writing_the_file_is_whole_or_not_there(
    rounds: Rounds, moment: str
) -> None:
    rounds.laptop_dies(moment, 0)
    rounds.centre_dies(moment, 0)
    assert rounds.whole == (2 if moment in ("named", "told") else 0)


@pytest.mark.parametrize("moment", ["half", "whole"])
def test_a_file_that_was_there_before_stays_as_it_was(laptop: StickLaptop, moment: str) -> None:
    laptop.record("une")
    before, path = laptop.write(), laptop.stick / "bus.fsb"
    laptop.store.close()
    killed(moment, 0, "laptop", laptop.path, laptop.key.hex(), path)
    assert path.read_bytes() == before
    assert len(beside(path)) == 1
    laptop.restart()
    laptop.write_file()
    assert beside(path) == []


def at_any_moment(rounds: Rounds, times: int) -> None:
    chance = random.Random(8)
    for _ in range(times):
        rounds.laptop_dies("ever", chance.uniform(0, 0.3))
        rounds.centre_dies("ever", chance.uniform(0, 0.3))


def test_killed_at_any_moment_the_file_is_whole_or_not_there(rounds: Rounds) -> None:
    at_any_moment(rounds, 3)


@pytest.mark.torture
def test_killed_at_four_hundred_moments_the_file_is_whole_or_not_there(rounds: Rounds) -> None:
    at_any_moment(rounds, 200)
    assert 0 < rounds.whole < 400
