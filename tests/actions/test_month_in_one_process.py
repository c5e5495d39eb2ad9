"""Days of three agents in one process: memory, files and threads do not grow, a save stays as quick."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil  # type: ignore[import-untyped]  # it comes with the PostgreSQL of the tests
import pytest

from fsbus.actions.session import enter
from fsbus.actions.visits import record_visit
from fsbus.store.home_lock import home_lock
from tests.builders import draft
from tests.devices import Template
from tests.fakes import HeldTime

AGENTS = 3


def a_day(homes: list[Path], template: Template, time_of_day: HeldTime, visits: int) -> list[float]:
    """Everybody opens, records, backs up and closes; the seconds of each save."""
    saves = []
    for home in homes:
        with home_lock(home):
            session = enter(home, template.keys, clock=time_of_day.clock(), ids=time_of_day.ids())
        for _ in range(visits):
            begun = time.perf_counter()
            record_visit(session, draft())
            saves.append(time.perf_counter() - begun)
        session.back_up()
        session.close()
    return saves


def days(tmp_path: Path, template: Template, held_time: HeldTime, count: int, visits: int) -> str:
    homes = [shutil.copytree(template.home, tmp_path / f"agent-{number}") for number in range(AGENTS)]
    me, saves, sizes = psutil.Process(), [], []
    for number in range(count):
        saves.append(median(a_day(homes, template, held_time, visits)))
        held_time.advance(days=1)
        sizes.append((me.memory_info().rss, me.num_fds(), threading.active_count()))
        if number == 0:
            names = [len(list(home.iterdir())) for home in homes]
    third = max(1, count // 3)
    assert sizes[-1][1] <= sizes[0][1] + 2
    assert sizes[-1][2] <= sizes[0][2]
    assert sizes[-1][0] <= 1.5 * sizes[third - 1][0]
    assert [len(list(home.iterdir())) for home in homes] <= [each + 3 for each in names]
    assert median(saves[-third:]) <= 3 * median(saves[:third])
    return (
        f"{count} days: {sizes[0][0] >> 20} to {sizes[-1][0] >> 20} MiB, {sizes[0][1]} to {sizes[-1][1]} files,"
        f" a save {1000 * median(saves[:third]):.1f} to {1000 * median(saves[-third:]):.1f} ms"
    )


def test_three_days_leave_nothing_open(tmp_path: Path, template: Template, held_time: HeldTime) -> None:
    days(tmp_path, template, held_time, 3, 4)


@pytest.mark.torture
def test_a_month_leaves_nothing_open_and_saves_as_quickly(
    tmp_path: Path, template: Template, held_time: HeldTime, figures: Callable[[str], None]
) -> None:
    figures(days(tmp_path, template, held_time, 30, 40))
