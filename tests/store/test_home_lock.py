"""One process at a time opens a laptop; nobody replaces files at work; a kill holds up nobody."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fsbus.core.errors import StoreUnavailable
from fsbus.store.home_lock import PRESENCE, Presence, alone, home_lock

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from fsbus.store.home_lock import Presence, alone, home_lock
home = Path(sys.argv[2])
if sys.argv[1] == "presence":
    held = Presence(home)
else:
    held = {"lock": home_lock, "alone": alone}[sys.argv[1]](home)
    held.__enter__()
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holding(what: str, home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that holds this, until it is killed or the block ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, what, str(home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        try:
            yield other
        finally:
            other.kill()


def test_one_process_at_a_time_has_its_turn_and_a_kill_ends_it(tmp_path: Path) -> None:
    with holding("lock", tmp_path) as other:
        with pytest.raises(StoreUnavailable, match="autre fenêtre"), home_lock(tmp_path, seconds=0.1):
            pass
        other.kill()
        other.wait()
        with home_lock(tmp_path, seconds=5):
            pass


def test_several_are_present_and_none_is_alone_meanwhile(tmp_path: Path) -> None:
    here = Presence(tmp_path)
    with holding("presence", tmp_path) as other:
        here.leave()
        with pytest.raises(StoreUnavailable), alone(tmp_path, seconds=0.1):
            pass
        other.kill()
        other.wait()
        with alone(tmp_path, seconds=5):
            pass


def test_who_arrives_while_files_are_replaced_waits(tmp_path: Path) -> None:
    with holding("alone", tmp_path) as other:
        began = time.monotonic()
        with pytest.raises(StoreUnavailable), alone(tmp_path, seconds=0.1):
            pass
        other.kill()
        Presence(tmp_path).leave()
        assert time.monotonic() - began < 20


def test_alone_ends_with_its_block_even_by_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), alone(tmp_path):
        raise ZeroDivisionError
    one = Presence(tmp_path)
    with pytest.raises(StoreUnavailable), alone(tmp_path, seconds=0):
        pass
    one.leave()
    one.leave()
    with alone(tmp_path, seconds=0):
        pass


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="n’existe pas"):
        Presence(tmp_path / "none")


def test_a_folder_that_cannot_be_written_lets_everybody_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refused)
    with home_lock(tmp_path, seconds=0), alone(tmp_path, seconds=0):
        Presence(tmp_path).leave()
    assert not (tmp_path / PRESENCE).exists()
