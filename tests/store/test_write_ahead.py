"""A log that hides commits is known; one that a cut left behind it, or an older one below it, is none."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsbus.store.database import checkpoint, frames_taken, open_database, rows, transaction
from fsbus.store.write_ahead import hides_commits

KEY = bytes(range(32))
HEADER, FRAME = 32, 24 + 4096
each_log = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Log:
    """The files of a database whose log holds several commits, and where each one ends in it."""

    def __init__(self, folder: Path) -> None:
        self.path, self.log = folder / "a.db", folder / "a.db-wal"
        self.copy = folder / "copy.db"
        db = open_database(self.path, KEY)
        db.conn.execute("CREATE TABLE t (x BLOB) STRICT")
        self.ends = []
        for number in range(5):
            with transaction(db):
                db.conn.execute("INSERT INTO t VALUES (randomblob(?))", (3_000 * (number % 2 + 1),))
            self.ends.append(self.log.stat().st_size)
        self.database, self.content = self.path.read_bytes(), self.log.read_bytes()
        self.db = db

    def hides(self, content: bytes) -> bool:
        """Asked as an opening asks, of this database with another log; both are left as they are."""
        for ending in ("", "-wal", "-shm"):
            self.copy.with_name(f"copy.db{ending}").unlink(missing_ok=True)
        self.copy.write_bytes(self.database)
        log = self.copy.with_name("copy.db-wal")
        log.write_bytes(content)
        found = hides_commits(log, frames_taken(self.copy, KEY))
        assert (self.copy.read_bytes(), log.read_bytes()) == (self.database, content)
        return found


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    return Log(tmp_path_factory.mktemp("log"))


def flipped(content: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    return bytes(changed)


def test_a_whole_log_hides_nothing(log: Log) -> None:
    assert not log.hides(log.content)
    assert not log.hides(b"")
    assert not log.hides(log.content[:HEADER])
    assert not hides_commits(log.path.with_name("none"), 0)


@each_log
@given(st.data())
def test_a_last_commit_torn_anywhere_is_no_damage(log: Log, data: st.DataObject) -> None:
    """Cut short, or with some of its sectors as they were before it."""
    begins = log.ends[-2]
    cut = data.draw(st.integers(begins, len(log.content)))
    assert not log.hides(log.content[:cut])
    torn = bytearray(log.content)
    for sector in data.draw(st.sets(st.integers(begins // 512 + 1, len(torn) // 512 - 1), min_size=1)):
        torn[sector * 512 : (sector + 1) * 512] = bytes(512)
    assert not log.hides(bytes(torn))


@each_log
@given(st.data())
def test_a_bit_changed_before_the_last_two_commits_hides_them(log: Log, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, log.ends[-3] - 1))
    assert log.hides(flipped(log.content, place, data.draw(st.integers(0, 7))))


@each_log
@given(st.data())
def test_a_bit_changed_in_the_last_commit_but_one_hides_it_and_the_last(
    log: Log, data: st.DataObject
) -> None:
    """But for the header of its last frame, which says that it is a commit: the journal tells those two."""
    place = data.draw(st.integers(log.ends[-3], log.ends[-2] - FRAME - 1))
    assert log.hides(flipped(log.content, place, data.draw(st.integers(0, 7))))


def test_frames_of_an_older_log_behind_the_end_are_no_hidden_commits(tmp_path: Path) -> None:
    log = Log(tmp_path)
    # Not truncated: the next log begins over the frames of this one.
    log.db.conn.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    with transaction(log.db):
        log.db.conn.execute("DELETE FROM t")
    content = log.log.read_bytes()
    assert len(content) == len(log.content)
    assert content[8:24] != log.content[8:24]
    log.database = log.path.read_bytes()
    assert not log.hides(content)


def test_an_emptied_log_takes_no_frame(tmp_path: Path) -> None:
    log = Log(tmp_path)
    assert checkpoint(log.db)
    log.database = log.path.read_bytes()
    assert not log.hides(b"")
    assert frames_taken(log.copy, KEY) == 0
    assert len(list(rows(log.db, "SELECT x FROM t"))) == 5


def test_a_file_that_is_no_log_is_told(log: Log) -> None:
    assert log.hides(b"\0" * (HEADER + FRAME))
