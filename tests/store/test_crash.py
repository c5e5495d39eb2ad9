"""What was called « Enregistré » is never lost: kill -9 at any moment of any work, then compare."""

import contextlib
import multiprocessing
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from fsbus.store import keyring
from tests.devices import Template
from tests.store.busy_laptop import (
    Busy,
    Told,
    busy_laptop,
    check,
    check_centre,
    files_left,
    later_release,
    noted,
)
from tests.store.vault_child import ACTS, work

needs_fork = pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(),
    reason="a process for each kill takes too long",
)
KILLS = 1_000
MOST_SECONDS, DONE = 60.0, "done"


@pytest.fixture(scope="module")
def laptop(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Busy:
    return busy_laptop(template, tmp_path_factory.mktemp("busy"))


def run(told: Connection, laptop: Busy, acts: list[str], in_later_release: bool) -> None:
    """In the child: tells what it begins."""
    work(laptop, acts, in_later_release=in_later_release, tell=told.send)
    told.send(DONE)


def kill_after(
    laptop: Busy, acts: list[str], in_later_release: bool, seconds: float, in_opening: bool
) -> str:
    """Let a process work so long, counted from its opening or once it is open, and kill it; what it was doing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.vault_child"])
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=run, args=(there, laptop, acts, in_later_release))
    child.start()
    there.close()
    doing = "starting"
    try:
        assert here.poll(MOST_SECONDS), "the child did not begin"
        doing = str(here.recv())
        while doing in ("open", "migrate") and not in_opening:
            assert here.poll(MOST_SECONDS), "the child did not open"
            doing = str(here.recv())
        until = time.monotonic() + seconds
        while doing != DONE and here.poll(max(0.0, until - time.monotonic())):
            doing = str(here.recv())
        return doing
    except EOFError:
        raise AssertionError(f"the child ended by itself in {doing}") from None
    finally:
        child.kill()
        child.join()
        here.close()


def kill_and_compare(laptop: Busy, folder: Path, times: int) -> Counter[str]:
    """Each time another mix of work on the same laptop, killed once or twice; what was met."""
    met: Counter[str] = Counter()
    chance = random.Random(20261124)
    while met["kills"] < times:
        one = laptop.copied(folder / "one")
        later = chance.random() < 0.15
        for _ in range(chance.choice((1, 1, 2))):
            acts = chance.choices(ACTS, (6, 3, 3, 2, 2, 1, 1, 2, 1, 2), k=chance.randrange(3, 9))
            ended = kill_after(one, acts, later, chance.expovariate(1 / 0.15), chance.random() < 0.2)
            met[f"in {ended}"] += 1
            met["kills"] += ended != DONE
            with contextlib.ExitStack() as stack:
                stack.enter_context(noted(f"{acts}, {later=}, {ended=}"))
                if later:
                    stack.enter_context(later_release())
                with one.opened() as session:
                    told = Told.of(one.oracle)
                    held = check(one, session, told)
                    check_centre(one, session, held, restored="restore" in acts or session.notice is not None)
                    met["restored"] += session.notice is not None
                    met["epoch 2"] += session.keys.epoch == 2
                    met["saved"] += len(told.saved)
                    met["erased"] += len(told.erased)
                    met["later release"] += later
            assert files_left(one.home) == []
            assert keyring.is_current(one.home / "keys.fsk", one.keys())
        shutil.rmtree(one.folder)
    return met


@needs_fork
def test_nothing_confirmed_is_lost_or_doubled_over_10_kills(laptop: Busy, tmp_path: Path) -> None:
    met = kill_and_compare(laptop, tmp_path, 10)
    assert met["saved"]


@needs_fork
@pytest.mark.torture
def test_nothing_confirmed_is_lost_or_doubled_over_1000_kills(
    laptop: Busy, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    began = time.monotonic()
    met = kill_and_compare(laptop, tmp_path, KILLS)
    figures(f"R1 kills: {dict(sorted(met.items()))}, {time.monotonic() - began:.0f} s")
    assert min(met[f"in {act}"] for act in (*ACTS, "open", "migrate")) > 0
