"""A real disk, full after each 64 KiB: nothing confirmed is lost, it opens, and what waits can leave."""

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from fsbus.actions.session import Session, enter
from fsbus.core.clock import Clock
from fsbus.core.ids import Ids
from fsbus.server.direct import DirectApi
from fsbus.store import ballast
from fsbus.store.ballast import NAME, Ballast
from fsbus.store.checking import log_problems
from fsbus.store.database import problems_in, rows
from fsbus.store.home_lock import home_lock
from fsbus.store.keyfile import Keys
from fsbus.sync.engine import sync_until_done
from tests.devices import Template
from tests.store.erasing_child import text_of
from tests.store.later_release import become_later
from tests.store.small_disks import STEP, fill, resize, small_disk
from tests.sync.world import World

ROOT = Path(__file__).parents[2]
AMPLE = 256 * 2**20
SECONDS = 5.0


@dataclass
class Figures:
    """What a campaign met."""

    steps: int = 0
    confirmed: int = 0
    refused: int = 0
    read_only: int = 0
    sent: int = 0
    slowest: float = 0.0


def opened(home: Path, keys: Keys) -> Session:
    with home_lock(home):
        return enter(home, keys, clock=Clock(), ids=Ids())


def visits_in(session: Session) -> set[str]:
    assert problems_in(session.store.db) + log_problems(session.store.db) == []
    return {str(row[0]) for row in rows(session.store.db, "SELECT id FROM visits")}


def told(oracle: Path) -> tuple[set[str], set[str], set[str]]:
    """Visits confirmed; those whose erasure was confirmed; those whose erasure was begun."""
    lines = oracle.read_text().split() if oracle.exists() else []
    by_sign = [{line[1:] for line in lines if line[0] == sign} for sign in "+-?"]
    return by_sign[0], by_sign[1], by_sign[2]


def child(home: Path, keys: Keys, oracle: Path, saves: int, *more: str) -> list[str]:
    words = [str(home), text_of(keys), str(oracle), str(saves), *more]
    return [sys.executable, "-m", "tests.store.disk_child", *words]


def exchange(session: Session, world: World, device: str) -> None:
    """As the application does, through a door without a network."""
    api = DirectApi(world.centre, device, world.clock)
    spare = None if session.read_only else session.spare_store
    assert sync_until_done(session.store, api, clock=world.clock, spare=spare).finished


def one_disk(
    source: Path, keys: Keys, folder: Path, left: int, saves: int, figures: Figures, *more: str
) -> None:
    """A day on a disk with so many bytes left, then the opening, the exchange, and a day with room again."""
    oracle = folder / f"oracle-{left}{''.join(more)}.txt"
    place = folder / f"centre-{left}{''.join(more)}"
    place.mkdir()
    world = World(place)
    device = world.laptop("laptop").device
    home = folder / "disk" / "home"
    try:
        with small_disk(folder / "disk", AMPLE):
            shutil.copytree(source, home)
            fill(folder / "disk", left)
            ended = subprocess.run(child(home, keys, oracle, saves, *more), cwd=ROOT)
            assert ended.returncode in (0, 6)
            kept, erased, begun = told(oracle)
            started = time.perf_counter()
            with pytest.MonkeyPatch.context() as patch:
                if more:
                    become_later(patch)
                session = opened(home, keys)
                figures.slowest = max(figures.slowest, time.perf_counter() - started)
                figures.read_only += session.read_only is not None
                found = visits_in(session)
                assert kept - begun <= found
                assert not erased & found
                exchange(session, world, device)
                assert kept - begun <= {str(line["visit_id"]) for line in world.central_lines()}
                figures.sent += len(world.central_lines())
                session.close()
                resize(folder / "disk", 2 * AMPLE)
                (folder / "disk" / "filler").unlink()
                session = opened(home, keys)
                assert session.read_only is None
                assert kept - begun <= visits_in(session)
                exchange(session, world, device)
                central = {str(line["visit_id"]) for line in world.central_lines()}
                assert visits_in(session) == central
                assert len(world.central_lines()) == len(central)
                assert session.store.pending_count() == 0
                session.close()
            figures.steps += 1
            figures.confirmed += len(kept)
            figures.refused += ended.returncode == 6
    finally:
        world.close()


def used_home(template: Template, folder: Path) -> Path:
    """A laptop with two backups and a day of visits in it, closed."""
    home = folder / "source"
    shutil.copytree(template.home, home)
    (home / "reference.db").unlink(missing_ok=True)
    ended = subprocess.run(child(home, template.keys, folder / "before.txt", 12), cwd=ROOT)
    assert ended.returncode == 0
    (home / "ballast").unlink(missing_ok=True)
    return home


def campaign(template: Template, folder: Path, lefts: range, saves: int) -> Figures:
    figures = Figures()
    source = used_home(template, folder)
    for left in lefts:
        one_disk(source, template.keys, folder, left, saves, figures)
        one_disk(source, template.keys, folder, left, saves, figures, "later")
    assert figures.refused
    assert figures.slowest < SECONDS
    return figures


def test_a_full_disk_loses_nothing_opens_and_lets_everything_leave(
    template: Template, tmp_path: Path
) -> None:
    figures = campaign(template, tmp_path, range(0, 16 * STEP, 12 * STEP), 8)
    assert figures.read_only, figures


@pytest.mark.torture
def test_a_disk_full_at_every_64_kib(
    template: Template, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = campaign(template, tmp_path, range(0, 64 * STEP, STEP), 12)
    with capsys.disabled():
        sys.stdout.write(f"\nR4 disk full at every 64 KiB: {figures}\n")


def test_the_room_kept_aside_lets_a_full_disk_take_the_day_in_hand(
    template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballast, "SIZE", 32 * 2**20)
    source = used_home(template, tmp_path)
    home, oracle = tmp_path / "disk" / "home", tmp_path / "oracle.txt"
    with small_disk(tmp_path / "disk", 4 * AMPLE):
        shutil.copytree(source, home)
        assert Ballast(home).keep()
        assert (home / NAME).stat().st_blocks * 512 >= 32 * 2**20
        fill(tmp_path / "disk", 0)
        ended = subprocess.run(child(home, template.keys, oracle, 12), cwd=ROOT)
        assert ended.returncode == 0
        assert len(told(oracle)[0]) == 12
        assert not (home / NAME).exists()
        session = opened(home, template.keys)
        assert session.read_only is None
        assert "presque plein" in session.standing()
        session.close()
        (tmp_path / "disk" / "filler").unlink()
        session = opened(home, template.keys)
        assert session.standing() == ""
        session.close()
