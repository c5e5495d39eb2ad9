"""The power is cut, a file is damaged meanwhile, or the disk is full: nothing confirmed is lost."""

import random
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fsbus.actions.session import STORE, Session
from fsbus.core.errors import StoreError
from fsbus.store.database import checkpoint
from fsbus.store.journal import Journals
from tests.builders import AGENT_ID, edits_of, recorded
from tests.devices import Template
from tests.store.busy_laptop import Busy, Told, busy_laptop, check, everything, files_left, noted
from tests.store.damage import FILES, HARMS, damage, file_of
from tests.store.power import SECTOR, Disk, lay_down, states
from tests.store.recording import FolderSynced, Named, Recording, Sized, Synced, Written, record
from tests.store.vault_child import REFUSED

ROOT = Path(__file__).parents[2]
PAGE = 4_096
COUNT = 10_000
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
MORNING = (
    *("save", "save", "draft", "batch", "amend", "backup", "sync", "erase", "draft"),
    *("save", "backup", "amend", "save", "batch", "backup"),
)
EVENING = (
    *("amend", "batch", "backup", "reopen", "save", "erase", "draft", "rotate"),
    *("save", "draft", "sync", "batch", "backup", "amend", "erase", "save"),
)
"""Between them six backups, of which some are dropped and cover journals, and an agent who is shut out."""
DAY = (*MORNING, *("save",) * 130, *EVENING)
"""In between, a log of more than 1,000 pages, which SQLite brings into the file by itself."""


@pytest.fixture(scope="module")
def laptop(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Busy:
    return busy_laptop(template, tmp_path_factory.mktemp("busy"))


@dataclass(frozen=True)
class Day:
    """A recorded day of a laptop."""

    laptop: Busy
    recording: Recording


@pytest.fixture(scope="module")
def day(laptop: Busy, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """A short one."""
    return recorded_day(laptop, tmp_path_factory.mktemp("day"), (*MORNING, *EVENING))


@pytest.fixture(scope="module")
def long_day(laptop: Busy, tmp_path_factory: pytest.TempPathFactory) -> Day:
    return recorded_day(laptop, tmp_path_factory.mktemp("day"), DAY)


def recorded_day(laptop: Busy, folder: Path, acts: Sequence[str]) -> Day:
    one = laptop.copied(folder / "laptop")
    return Day(one, record(child(one, acts), one.home, one.oracle, folder / "trace.txt", cwd=ROOT))


def child(laptop: Busy, acts: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "tests.store.vault_child", laptop.as_text(), *acts]


def cut_the_power(day: Day, folder: Path, count: int, files: Sequence[str]) -> Counter[str]:
    """States of the recorded day, each with one of ``files`` damaged, are opened; what was met."""
    met: Counter[str] = Counter()
    chance = random.Random(f"{files} 20261124")
    began = time.monotonic()
    for moment, state in states(day.recording, chance, count):
        home = folder / "state"
        lay_down(state, home)
        present = [what for what in files if file_of(home, what) is not None]
        harmed, harm = chance.choice(present) if present else "", chance.choice(HARMS)
        path = file_of(home, harmed) if harmed else None
        stood = (home / STORE).exists()
        if path is not None:
            damage(path, harm, chance)
        what = f"{harmed} {harm.__name__}" if harmed else "cut"
        with noted(f"cut before step {moment}, {what}"), day.laptop.opened(home) as session:
            check(day.laptop, session, Told.read(day.recording.told_before(moment)))
            met[what] += 1
            met["restored"] += session.notice is not None
            met["restored needlessly"] += session.notice is not None and stood and not harmed
            assert files_left(home) == []
        shutil.rmtree(home)
    met["seconds"] = round(time.monotonic() - began)
    return met


@needs_strace
def test_nothing_confirmed_is_lost_over_25_power_cuts(day: Day, fast_folder: Path) -> None:
    assert cut_the_power(day, fast_folder, 25, ())["cut"] == 25


@needs_strace
def test_nothing_confirmed_is_lost_over_25_power_cuts_with_a_damaged_file(
    day: Day, fast_folder: Path
) -> None:
    cut_the_power(day, fast_folder, 25, FILES)


def over_both_days(day: Day, long_day: Day, folder: Path, files: Sequence[str]) -> Counter[str]:
    """A state of the long day takes twice as long: one in five is of that one."""
    met = cut_the_power(day, folder / "short", COUNT * 4 // 5, files)
    return met + cut_the_power(long_day, folder / "long", COUNT - COUNT * 4 // 5, files)


@needs_strace
@pytest.mark.torture
def test_nothing_confirmed_is_lost_over_10000_power_cuts(
    day: Day, long_day: Day, fast_folder: Path, figures: Callable[[str], None]
) -> None:
    met = over_both_days(day, long_day, fast_folder, ())
    steps = [len(one.recording.steps) for one in (day, long_day)]
    figures(f"R2 power cuts over days of {steps} steps: {dict(met)}")
    assert met["cut"] == COUNT
    assert met["restored needlessly"] == 0
    pages = [step.offset for step in long_day.recording.steps if isinstance(step, Written)]
    assert max(pages) > 1_000 * PAGE


@needs_strace
@pytest.mark.torture
def test_nothing_confirmed_is_lost_over_10000_power_cuts_with_a_damaged_file(
    day: Day, long_day: Day, fast_folder: Path, figures: Callable[[str], None]
) -> None:
    met = over_both_days(day, long_day, fast_folder, FILES)
    figures(f"R3 power cuts with a damaged file: {dict(sorted(met.items()))}")
    assert {f"{what} {harm.__name__}" for what in FILES for harm in HARMS} <= set(met)


@needs_strace
def test_the_recording_has_all_that_the_model_speaks_of(day: Day) -> None:
    steps = day.recording.steps
    assert {type(step) for step in steps} == {Written, Sized, Synced, Named, FolderSynced}
    assert {step.how for step in steps if isinstance(step, Named)} >= {"create", "rename", "unlink"}


@needs_strace
def test_a_disk_that_lies_about_its_syncs_loses_what_was_confirmed(day: Day, fast_folder: Path) -> None:
    """The model can lose: else it would prove nothing."""
    disk, chance = Disk(day.recording, heeds_syncs=False), random.Random(1)
    for step in day.recording.steps:
        disk.take(step)
    lost = 0
    for number in range(3):
        lay_down(disk.after_cut(chance), home := fast_folder / str(number))
        try:
            with day.laptop.opened(home) as session:
                check(day.laptop, session, Told.read(day.recording.told))
        except (AssertionError, StoreError):
            lost += 1
    assert lost


def save(session: Session) -> str:
    one = recorded()
    session.store.save(edits_of(one), actor=AGENT_ID)
    return one.visit.id


def test_a_database_that_lost_its_last_commits_and_a_torn_journal_lose_nothing(
    laptop: Busy, tmp_path: Path
) -> None:
    """A model: the database as after any earlier save, the journal torn anywhere after the last one."""
    one, images, confirmed = laptop.copied(tmp_path / "laptop"), [], list(laptop.visits)
    with one.opened() as session:
        for number in range(6):
            checkpoint(session.store.db)
            images.append(tmp_path / f"{number}.db")
            shutil.copy(one.home / STORE, images[-1])
            confirmed.append(save(session))
        journal = max(Journals.of(one.home, session.keys).paths(), key=lambda path: path.stat().st_size)
        safe = journal.stat().st_size
        save(session)
        content, chance = journal.read_bytes(), random.Random(20261124)
        for image in images:
            torn = bytearray(content[: chance.randrange(safe, len(content))])
            if chance.random() < 0.5:
                # The length is there, and some sectors are not.
                torn[-SECTOR:] = bytes(len(torn[-SECTOR:])) if len(torn) - SECTOR >= safe else torn[-SECTOR:]
            home = shutil.copytree(laptop.home, tmp_path / f"home-{image.stem}")
            shutil.copy(image, home / STORE)
            (home / journal.name).write_bytes(torn)
            with one.opened(home) as found:
                check(replace(one, visits=tuple(confirmed)), found, Told(tried=held(found)))


def held(session: Session) -> set[str]:
    return {visit.id for visit, _ in everything(session.store.db)}


def fill_the_disk(laptop: Busy, folder: Path, limits: range) -> None:
    """No file may grow beyond so many bytes: the write that would is refused, wherever it is."""
    refused = 0
    for limit in limits:
        one = laptop.copied(folder / "one")
        ended = subprocess.run(
            child(one, ["save", "amend", "batch", "batch", "backup"] * 3),
            cwd=ROOT,
            preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),  # type: ignore[misc]  # a default cannot be typed in a lambda
        )
        assert ended.returncode in (0, REFUSED)
        refused += ended.returncode == REFUSED
        with one.opened() as session:
            told = Told.of(one.oracle)
            assert check(one, session, told) == set(one.visits) | told.saved
        shutil.rmtree(one.folder)
    assert refused


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_full_disk_loses_nothing_and_keeps_nothing_that_was_refused(laptop: Busy, tmp_path: Path) -> None:
    fill_the_disk(laptop, tmp_path, range(192 * 1024, 256 * 1024, 64 * 1024))


@pytest.mark.torture
@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_full_disk_at_every_16_kib_loses_nothing(laptop: Busy, tmp_path: Path) -> None:
    fill_the_disk(laptop, tmp_path, range(176 * 1024, 1024 * 1024, 16 * 1024))
