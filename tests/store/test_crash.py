"""What the screen called « Enregistré » is never lost: kill -9 at any moment, reopen, compare."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fsbus.core.clock import Clock
from fsbus.store import queries
from fsbus.store.database import problems_in, rows
from fsbus.store.store import Store
from fsbus.wire.codec import decode_op

KEY = bytes(range(32))
ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0


def kill_while_saving(store: Path, oracle: Path, after: float) -> None:
    """Let a process save until ``after`` seconds past its first confirmed visit, then kill it."""
    seen = oracle.stat().st_size if oracle.exists() else 0
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.store.saving_child", str(store), KEY.hex(), str(oracle)], cwd=ROOT
    )
    until = time.monotonic() + START_SECONDS
    while not oracle.exists() or oracle.stat().st_size == seen:
        assert child.poll() is None, "the child ended by itself"
        assert time.monotonic() < until, "the child saved nothing"
        time.sleep(0.002)
    time.sleep(after)
    child.kill()
    child.wait()


def check(path: Path, confirmed: set[str]) -> int:
    """Nothing confirmed is missing, nothing is half there; how many visits there are."""
    store = Store.open(path, KEY, clock=Clock())
    assert problems_in(store.db) == []
    found = {
        visit.id: records for visit, records in queries.visits_between(store.db, "0001-01-01", "9999-12-31")
    }
    assert confirmed <= set(found)
    assert {len(records) for records in found.values()} == {2}
    kept = {
        row[0]
        for table in ("visits", "procedure_records")
        for row in rows(store.db, f"SELECT id FROM {table}")
    }
    operations = store.pending(after=0, max_bytes=10**9)
    assert {decode_op(line).record for _, line in operations} == kept
    assert [seq for seq, _ in operations] == list(range(1, len(kept) + 1))
    indexed = next(rows(store.db, "SELECT count(*) FROM texts WHERE texts MATCH 'elodie'"))[0]
    assert indexed == sum(
        bool(visit.note) for visit, _ in queries.visits_between(store.db, "0001-01-01", "9999-12-31")
    )
    store.close()
    return len(found)


def kill_and_compare(folder: Path, times: int) -> None:
    path, oracle = folder / "fsbus.db", folder / "oracle.txt"
    Store.create(path, KEY, clock=Clock()).close()
    chance = random.Random(20261124)
    for _ in range(times):
        kill_while_saving(path, oracle, chance.uniform(0, 0.12))
        # The last line may be cut by the kill: only whole ones were told.
        confirmed = set(oracle.read_text().rpartition("\n")[0].split())
        assert check(path, confirmed) >= len(confirmed) > 0


def test_nothing_confirmed_is_lost_over_10_kills(tmp_path: Path) -> None:
    kill_and_compare(tmp_path, 10)


@pytest.mark.torture
def test_nothing_confirmed_is_lost_over_100_kills(tmp_path: Path) -> None:
    kill_and_compare(tmp_path, 100)
