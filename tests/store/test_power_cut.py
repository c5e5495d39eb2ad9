"""The power is cut, or the disk is full, at any moment: nothing that was confirmed is lost."""

import contextlib
import random
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fsbus.actions.session import STORE, Session, place_of
from fsbus.core.clock import Clock
from fsbus.core.errors import StoreError
from fsbus.store.checking import log_problems
from fsbus.store.database import checkpoint, problems_in, rows
from fsbus.store.journal import Journals
from fsbus.store.keyfile import Keys
from fsbus.store.restore import open_or_restore
from tests.builders import AGENT_ID, edits_of, recorded
from tests.store.power import SECTOR, after_cut, record
from tests.store.vault_child import text_of

ROOT = Path(__file__).parents[2]


def open_and_read(home: Path, keys: Keys) -> set[str]:
    """The visits of a home, opened as the application opens it, restored if it must; whole, or this fails."""
    store, _ = open_or_restore(place_of(home, keys, Clock()), Journals.of(home, keys))
    try:
        assert problems_in(store.db) + log_problems(store.db) == []
        return {str(row[0]) for row in rows(store.db, "SELECT id FROM visits")}
    finally:
        store.close()


def save(session: Session) -> str:
    one = recorded()
    session.store.save(edits_of(one), actor=AGENT_ID)
    return one.visit.id


def child(home: Path, keys: Keys, oracle: Path, saves: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "tests.store.vault_child",
        str(home),
        text_of(keys),
        str(oracle),
        str(saves),
    ]


def test_a_database_that_lost_its_last_commits_and_a_torn_journal_lose_nothing(
    device: Session, tmp_path: Path
) -> None:
    """A model: the database as after any earlier save, the journal torn anywhere after the last one."""
    images, confirmed = [], []
    for number in range(6):
        checkpoint(device.store.db)
        image = tmp_path / f"{number}.db"
        shutil.copy(device.home / STORE, image)
        images.append(image)
        confirmed.append(save(device))
    (journal,) = Journals.of(device.home, device.keys).paths()
    safe = journal.stat().st_size
    save(device)
    device.store.close()
    content, chance = journal.read_bytes(), random.Random(20261124)
    for image in images:
        torn = bytearray(content[: chance.randrange(safe, len(content))])
        if chance.random() < 0.5:
            # The length is there, and some sectors are not.
            torn[-SECTOR:] = bytes(len(torn[-SECTOR:])) if len(torn) - SECTOR >= safe else torn[-SECTOR:]
        home = tmp_path / f"home-{image.stem}"
        home.mkdir()
        shutil.copy(image, home / STORE)
        (home / journal.name).write_bytes(torn)
        assert set(confirmed) <= open_and_read(home, device.keys)


def cut_the_power(device: Session, folder: Path, saves: int, states: int) -> None:
    device.store.close()
    oracle, trace, source = folder / "oracle.txt", folder / "trace.txt", device.home
    recording = record(child(source, device.keys, oracle, saves), source, oracle, trace)
    assert len(recording.told) >= saves
    chance = random.Random(20261124)
    for _ in range(states):
        moment = chance.randrange(len(recording.steps) + 1)
        target = folder / "state"
        told = after_cut(recording, moment, chance, target, source)
        found = open_and_read(target, device.keys)
        assert told <= found, f"cut at {moment}: {len(told - found)} of {len(told)} lost"


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")


@needs_strace
def test_nothing_confirmed_is_lost_over_20_power_cuts(device: Session, tmp_path: Path) -> None:
    cut_the_power(device, tmp_path, 10, 20)


@needs_strace
@pytest.mark.torture
def test_nothing_confirmed_is_lost_over_10000_power_cuts(device: Session, tmp_path: Path) -> None:
    cut_the_power(device, tmp_path, 40, 10_000)


def fill_the_disk(device: Session, folder: Path, limits: range) -> None:
    """No file may grow beyond so many bytes: the write that would is refused, wherever it is."""
    device.store.close()
    refused = 0
    for limit in limits:
        home, oracle = folder / f"home-{limit}", folder / f"oracle-{limit}.txt"
        shutil.copytree(device.home, home)
        oracle.touch()
        ended = subprocess.run(
            child(home, device.keys, oracle, 30),
            cwd=ROOT,
            preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),  # type: ignore[misc]  # a default cannot be typed in a lambda
        )
        assert ended.returncode in (0, 6)
        refused += ended.returncode == 6
        assert set(oracle.read_text().split()) == open_and_read(home, device.keys)
        shutil.rmtree(home)
    assert refused


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_full_disk_loses_nothing_and_keeps_nothing_that_was_refused(
    device: Session, tmp_path: Path
) -> None:
    fill_the_disk(device, tmp_path, range(128 * 1024, 512 * 1024, 128 * 1024))


@pytest.mark.torture
@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_full_disk_at_every_16_kib_loses_nothing(device: Session, tmp_path: Path) -> None:
    fill_the_disk(device, tmp_path, range(112 * 1024, 1024 * 1024, 16 * 1024))


@needs_strace
def test_the_simulation_loses_what_was_not_synced(device: Session, tmp_path: Path) -> None:
    device.store.close()
    source, target = device.home, tmp_path / "state"
    told_in = tmp_path / "oracle.txt"
    recording = record(child(source, device.keys, told_in, 3), source, told_in, tmp_path / "trace.txt")
    last, chance = len(recording.steps), random.Random(1)
    assert {step.call for step in recording.steps} == {"write", "sync", "cut"}
    told = after_cut(recording, last, chance, target, source)
    assert len(told) == 3
    assert told <= open_and_read(target, device.keys)
    after_cut(recording, last, chance, target, source, heeds_syncs=False)
    # A file that lost its beginning cannot be read at all.
    found: set[str] = set()
    with contextlib.suppress(StoreError):
        found = open_and_read(target, device.keys)
    assert not told <= found
