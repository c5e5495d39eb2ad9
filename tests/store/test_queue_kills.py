"""Kill -9 at any moment of the queue: no number is lost, and none counts twice."""

import multiprocessing
import random
import shutil
from pathlib import Path

import pytest

from fsbus.actions import queue
from fsbus.actions.session import Session
from fsbus.core.attendance import Attendance
from fsbus.store import day_queries
from fsbus.store.checking import log_problems
from tests.devices import Template
from tests.store.busy_laptop import Busy, busy_laptop
from tests.store.queue_child import work
from tests.store.test_crash import MOST_SECONDS, needs_fork


@pytest.fixture(scope="module")
def laptop(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Busy:
    return busy_laptop(template, tmp_path_factory.mktemp("queue"))


def killed(laptop: Busy, seed: int, seconds: float) -> None:
    """Let a process work so long once it is open, and kill it."""
    context = multiprocessing.get_context("forkserver")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=work, args=(there, laptop, seed))
    child.start()
    there.close()
    try:
        assert here.poll(MOST_SECONDS), "the child did not open"
        here.recv()
        child.join(seconds)
        assert child.exitcode is None, "the child ended by itself"
    finally:
        child.kill()
        child.join()
        here.close()


def held(session: Session) -> int:
    """How many people the laptop knows of, each once, in figures or by a ticket."""
    counted = sum(one.arrived for one in day_queries.every(session.store.db, Attendance))
    tickets = [one.number for one in queue.standing(session).tickets]
    assert tickets == list(range(counted + 1, counted + 1 + len(tickets)))
    return counted + len(tickets)


@needs_fork
@pytest.mark.parametrize("times", [6, pytest.param(200, marks=pytest.mark.torture)])
def test_no_number_told_is_lost_or_doubled(laptop: Busy, tmp_path: Path, times: int) -> None:
    chance = random.Random(20261124)
    one = laptop.copied(tmp_path / "one")
    for _ in range(times):
        killed(one, chance.randrange(100), chance.expovariate(1 / 0.2))
        told = [int(line) for line in one.oracle.read_text().split()]
        assert told == sorted(set(told))
        with one.opened() as session:
            # The last one may be kept without having been told.
            assert held(session) - max(told, default=0) in (0, 1)
            assert log_problems(session.store.db) == []
    assert max(told) > times
    shutil.rmtree(one.folder)
