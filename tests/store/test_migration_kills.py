"""A migration that is killed or refused leaves the store before or after, whole, with a backup."""

import random
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from fsbus.actions.session import KEYS, STORE, enter, place_of
from fsbus.core.clock import Clock
from fsbus.core.ids import Ids
from fsbus.store.checking import log_problems
from fsbus.store.database import close_database, open_database, problems_in, rows
from fsbus.store.home_lock import home_lock
from fsbus.store.keyfile import Keys
from fsbus.store.keyring import unlock
from fsbus.store.migrations import MIGRATIONS, version_of
from fsbus.store.store import Store
from tests.builders import AGENT_ID, edits_of, recorded
from tests.store.erasing_child import text_of
from tests.store.later_release import LATER, become_later

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parents[1] / "golden" / "stores" / "v1"
PASSPHRASE = "pochette lampion grelot Élan rivage tuile"  # of these files only
VISITS = "SELECT id, minutes, note FROM visits ORDER BY id"
LINES = "SELECT replica, seq, line FROM operations ORDER BY replica, seq"
needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")


@dataclass
class Golden:
    """The laptop of the first release, grown; what it holds."""

    home: Path
    keys: Keys
    content: list[object]


@dataclass
class Figures:
    """What became of the store."""

    old: int = 0
    new: int = 0
    refused: int = 0


def content_of(db: object) -> list[object]:
    return [*rows(db, VISITS), *rows(db, LINES)]  # type: ignore[arg-type]  # any connection


def grown(folder: Path, visits: int) -> Golden:
    home = shutil.copytree(GOLDEN, folder / "golden")
    keys = unlock(home / KEYS, PASSPHRASE)
    store = Store.open(home / STORE, keys.subkey("db"), clock=Clock())
    with store.batch():
        for number in range(visits):
            store.save(edits_of(recorded(note=f"Zoé {number} " * 60)), actor=AGENT_ID)
    content = content_of(store.db)
    store.close()
    return Golden(home, keys, content)


def check(golden: Golden, home: Path, figures: Figures) -> None:
    """The store is of the one release or of the other, whole; and the later release opens it."""
    db = open_database(home / STORE, golden.keys.subkey("db"), must_exist=True)
    version, tables = version_of(db), {str(row[0]) for row in rows(db, "SELECT name FROM sqlite_master")}
    assert version in (len(MIGRATIONS), len(LATER))
    assert ("queues" in tables) == ("operations_by_day" in tables) == (version == len(LATER))
    assert problems_in(db) + log_problems(db) == []
    assert content_of(db) == golden.content
    close_database(db)
    if version == len(LATER):
        figures.new += 1
        place = place_of(home, golden.keys, Clock())
        with place.backups.opened(place.backups.all()[-1].path) as before:
            assert version_of(before) == len(MIGRATIONS)
            assert content_of(before) == golden.content
    else:
        figures.old += 1
    with pytest.MonkeyPatch.context() as patch:
        become_later(patch)
        with home_lock(home), enter(home, golden.keys, clock=Clock(), ids=Ids()) as session:
            assert session.read_only is None
            assert version_of(session.store.db) == len(LATER)
            assert content_of(session.store.db) == golden.content


def start(home: Path, keys: Keys, *before: str) -> subprocess.Popen[str]:
    command = [*before, sys.executable, "-m", "tests.store.migrating_child", str(home), text_of(keys)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill_while_migrating(folder: Path, visits: int, times: int) -> Figures:
    golden, figures, chance = grown(folder, visits), Figures(), random.Random(20261124)
    longest = 0.0
    for number in range(-1, times):
        home = folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(golden.home, home)
        with start(home, golden.keys) as child:
            assert child.stdout is not None
            child.stdout.readline()
            if number < 0:
                started = time.perf_counter()
                assert child.stdout.readline()
                longest = time.perf_counter() - started
                continue
            time.sleep(chance.random() * longest * 1.05)
            child.kill()
        check(golden, home, figures)
    return figures


def refuse_each_write(folder: Path, steps: int) -> Figures:
    """No room at the n-th write, and at none after it; at about so many moments of a migration."""
    golden, figures = grown(folder, 20), Figures()
    trace, home = folder / "trace.txt", folder / "home"
    shutil.copytree(golden.home, home)
    with start(home, golden.keys, "strace", "-f", "-o", str(trace), "-e", "trace=pwrite64") as child:
        child.communicate()
    writes = len(re.findall(r"pwrite64\(", trace.read_text()))
    for number in range(1, writes + 1, max(1, writes // steps)):
        shutil.rmtree(home)
        shutil.copytree(golden.home, home)
        fault = f"inject=pwrite64:error=ENOSPC:when={number}+"
        with start(home, golden.keys, "strace", "-f", "-o", str(trace), "-e", fault) as child:
            child.communicate()
        assert child.returncode in (0, 6)
        figures.refused += child.returncode == 6
        check(golden, home, figures)
    return figures


def test_a_migration_that_is_killed_at_4_points_leaves_old_or_new(tmp_path: Path) -> None:
    kill_while_migrating(tmp_path, 200, 4)


@needs_strace
def test_a_migration_without_room_leaves_old_or_new_and_opens_for_reading(tmp_path: Path) -> None:
    assert refuse_each_write(tmp_path, 3).refused


@pytest.mark.torture
def test_a_migration_that_is_killed_at_200_points(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = kill_while_migrating(tmp_path, 1500, 200)
    assert figures.old
    assert figures.new
    with capsys.disabled():
        sys.stdout.write(f"\nR9 migration killed at 200 points: {figures}\n")


@needs_strace
@pytest.mark.torture
def test_a_migration_without_room_at_each_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = refuse_each_write(tmp_path, 10_000)
    with capsys.disabled():
        sys.stdout.write(f"\nR9 no room at each write of a migration: {figures}\n")
