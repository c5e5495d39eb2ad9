"""Formats have a version byte: version 1 is read for ever, a newer one is told and left alone."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fsbus.actions.backups import restore_file
from fsbus.actions.session import open_session
from fsbus.core.errors import StoreTooNew
from fsbus.store import drafts, keyring
from fsbus.store.backup import Backups
from fsbus.store.database import rows
from fsbus.store.erased_list import NAME, ErasedList
from fsbus.store.keyfile import Keys
from fsbus.store.throttle import Throttle
from tests.fakes import HeldTime
from tests.store.test_golden import ERASED_VISIT, GOLDEN, LONG_VISIT, PASSPHRASE

FINGERPRINTS = {
    "backup/v1.fsbak": "be1e91e237d83ffb18ca45a0480b31b4dffd1d8f74febbcd9d6de9f0f2269129",
    "erased/v1.fsj": "9ad6ffb0d6ad9880c708affcbdcc0b78afa3fec3e60f00648119c4477c2f12b5",
    "throttle/v1.json": "040823048c45788f17dea1de969ab25a514a3f90ccb220656dff4dcbfacf9b61",
}


@pytest.fixture(scope="module")
def keys() -> Keys:
    """Those of the golden laptop."""
    return keyring.unlock(GOLDEN / "stores" / "v1" / "keys.fsk", PASSPHRASE)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The golden laptop, with a golden backup and a golden list of the erased."""
    home = shutil.copytree(GOLDEN / "stores" / "v1", tmp_path / "home")
    (home / "backups").mkdir()
    shutil.copy(GOLDEN / "backup" / "v1.fsbak", home / "backups" / "bak-1-13-20261124T110000Z.fsbak")
    shutil.copy(GOLDEN / "erased" / "v1.fsj", home / NAME)
    return home


@pytest.mark.parametrize(("name", "fingerprint"), FINGERPRINTS.items())
def test_a_golden_file_is_the_one_that_was_released(name: str, fingerprint: str) -> None:
    assert hashlib.sha256((GOLDEN / name).read_bytes()).hexdigest() == fingerprint


def test_the_backup_of_version_1_is_read_whole(keys: Keys) -> None:
    backups = Backups(GOLDEN / "backup", keys)
    counts = backups.verify(GOLDEN / "backup" / "v1.fsbak")
    assert (counts.seq, counts.visits) == (13, 3)
    with backups.opened(GOLDEN / "backup" / "v1.fsbak") as db:
        assert LONG_VISIT in {row[0] for row in rows(db, "SELECT id FROM visits")}
    assert ERASED_VISIT in backups.erased_in(GOLDEN / "backup" / "v1.fsbak")


def test_the_list_of_version_1_keeps_the_erased_away(home: Path, keys: Keys) -> None:
    ids = ErasedList.of(home, keys).read()
    assert len(ids) == 3
    assert ERASED_VISIT in ids


def test_the_count_of_version_1_makes_wait(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "throttle" / "v1.json", tmp_path / "throttle.json")
    throttle = Throttle(tmp_path / "throttle.json", HeldTime().now)
    assert throttle.wait() == 15


@dataclass(frozen=True)
class Format:
    """Where a file of this format is, and where its version byte."""

    path: Callable[[Path], Path]
    place: int


def test_a_draft_of_a_newer_version_is_told_and_left(tmp_path: Path, keys: Keys) -> None:
    path = drafts.path_of(tmp_path, keys, keys.agent_id)
    path.parent.mkdir()
    path.write_bytes(b"FSBJ\x02\x01" + bytes(range(200)))
    with pytest.raises(StoreTooNew, match="plus récente"):
        drafts.read_draft(tmp_path, keys, keys.agent_id)
    assert path.stat().st_size == 206


def journal_of(home: Path) -> Path:
    """A journal of a version that nobody here can read."""
    path = home / f"ops-1-{'ab' * 16}.fsj"
    if not path.exists():
        path.write_bytes(b"FSBJ\x01\x01" + bytes(range(200)))
    return path


FORMATS = {
    "keys": Format(lambda home: home / "keys.fsk", 4),
    "suite of keys": Format(lambda home: home / "keys.fsk", 5),
    "journal": Format(journal_of, 4),
    "suite of journal": Format(journal_of, 5),
    "erased": Format(lambda home: home / NAME, 4),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("version", [2, 255])
def test_a_file_of_a_newer_version_is_told_and_nothing_is_changed(
    home: Path, name: str, version: int
) -> None:
    path, place = FORMATS[name].path(home), FORMATS[name].place
    content = bytearray(path.read_bytes())
    content[place] = version
    if name == "erased":
        content[62:] = bytes(len(content) - 62)  # its frames are of another kind too
    path.write_bytes(content)
    before = {one: one.read_bytes() for one in home.rglob("*") if one.is_file()}
    if "keys" in name:
        with pytest.raises(StoreTooNew, match="plus récente"):
            open_session(home, PASSPHRASE, clock=HeldTime().clock(), ids=HeldTime().ids())
    else:
        # With its keys it is opened, for reading only, and says why.
        with open_session(home, PASSPHRASE, clock=HeldTime().clock(), ids=HeldTime().ids()) as session:
            assert "plus récente" in str(session.read_only)
    for one, held in before.items():
        assert one.read_bytes() == held, one.name


def test_a_backup_of_a_newer_version_is_told_and_an_older_one_is_taken(home: Path) -> None:
    [older] = (home / "backups").iterdir()
    newer = home / "backups" / "bak-1-14-20261124T120000Z.fsbak"
    newer.write_bytes(b"\x02" + older.read_bytes()[1:])
    with pytest.raises(StoreTooNew, match="plus récente"):
        restore_file(home, PASSPHRASE, newer, clock=HeldTime().clock())
    (home / "fsbus.db").unlink()
    with open_session(home, PASSPHRASE, clock=HeldTime().clock(), ids=HeldTime().ids()) as session:
        assert older.name in str(session.notice)
    assert newer.read_bytes()[0] == 2


def test_a_count_of_a_newer_version_shuts_nobody_out(tmp_path: Path) -> None:
    """Whoever may write it may delete it: to refuse to open would only lock the agents out."""
    path = tmp_path / "throttle.json"
    path.write_bytes((GOLDEN / "throttle" / "v1.json").read_bytes().replace(b'"v":1', b'"v":2'))
    assert Throttle(path, HeldTime().now).wait() == 0


@pytest.mark.parametrize("place", [4, 5])
@pytest.mark.parametrize("bit", [1, 2, 128])
def test_a_changed_bit_in_a_version_is_mended_and_not_taken_for_a_newer_one(
    home: Path, keys: Keys, place: int, bit: int
) -> None:
    shutil.copy(home / "keys.fsk", home / "keys.fsk.prev")
    for path in (home / "keys.fsk", home / NAME):
        content = bytearray(path.read_bytes())
        content[place] ^= bit
        path.write_bytes(content)
    assert keyring.unlock(home / "keys.fsk", PASSPHRASE).subkey("db") == keys.subkey("db")
    assert ERASED_VISIT in ErasedList.of(home, keys).read()
