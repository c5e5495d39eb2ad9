"""An agent who was removed puts files of before back in place: they open nothing written since."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fsbus.actions.agents import add_agent, remove_agent
from fsbus.actions.backups import restore_file
from fsbus.actions.session import KEYS, STORE, Session, enter, open_session
from fsbus.actions.visits import erase_visit
from fsbus.core.errors import FsbusError, KeysDamaged, WrongPassphrase
from fsbus.store import keyring, queries
from fsbus.store.backup import Backups
from fsbus.store.database import open_database
from fsbus.store.erased_list import ErasedList
from fsbus.store.home_lock import LOCK, PRESENCE
from fsbus.store.journal import Journals
from fsbus.store.keyfile import Keys
from tests.deciphered import holding
from tests.devices import PASSPHRASE, Template
from tests.fakes import HeldTime
from tests.store.erased_person import save

OF_DENIS = "quai des tilleuls gris sous la pluie"
PREVIOUS = f"{KEYS}.prev"
NEEDLE = b"capucine"


@dataclass(frozen=True)
class Before:
    """The laptop as Denis copied it, and with what he could open it; the laptop after, without him."""

    copy: Path
    denis: Keys
    home: Path
    camille: Keys
    time: HeldTime


@pytest.fixture(scope="module")
def made(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Before:
    folder, time = tmp_path_factory.mktemp("removed"), HeldTime()
    home = shutil.copytree(template.home, folder / "home")
    with open_session(home, PASSPHRASE, clock=time.clock(), ids=time.ids()) as session:
        denis = add_agent(session, "Denis Exemple", OF_DENIS)
        save(session)
        session.back_up()
    keys = keyring.unlock(home / KEYS, OF_DENIS)
    copy = shutil.copytree(home, folder / "copy")
    time.advance(minutes=5)
    with open_session(home, PASSPHRASE, clock=time.clock(), ids=time.ids()) as session:
        after = remove_agent(session, denis.id, PASSPHRASE)
        time.advance(minutes=5)
        gone = save(after, "Capucine")
        save(after, "Capucine")
        erase_visit(after, gone)
        after.back_up()
        save(after, "Capucine")
        camille = after.keys
        # Nothing is closed: the write-ahead log and the journal stand too.
        left = shutil.copytree(home, folder / "after")
        after.close()
    return Before(copy, keys, left, camille, time)


@pytest.fixture
def before(made: Before, tmp_path: Path) -> Before:
    home = shutil.copytree(made.home, tmp_path / "home")
    return Before(made.copy, made.denis, home, made.camille, made.time)


def content_of(home: Path) -> dict[str, bytes]:
    """Every file but what says that somebody is opening."""
    passing = {LOCK, PRESENCE, "throttle.json"}
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.name not in passing and "logs" not in path.parts
    }


def opened(before: Before, passphrase: str) -> Session:
    return open_session(before.home, passphrase, clock=before.time.clock(), ids=before.time.ids())


def test_the_keys_of_before_read_nothing_written_since(before: Before) -> None:
    home, keys = before.home, before.denis
    assert holding(home, before.camille, NEEDLE) != []
    assert holding(home, keys, NEEDLE) == []
    assert ErasedList.of(home, keys).read() == frozenset()
    assert not any(one.frames for one in Journals.of(home, keys).read())
    assert Backups(home / "backups", keys).all() == []
    with pytest.raises(WrongPassphrase):
        keyring.unlock(home / KEYS, OF_DENIS)
    for path in (home / STORE, home / "reference.db", *(home / "backups").iterdir()):
        for label in ("db", "reference"):
            with pytest.raises(FsbusError):
                open_database(path, keys.subkey(label), must_exist=True)


def old_keys(before: Before) -> None:
    shutil.copy(before.copy / KEYS, before.home / KEYS)
    (before.home / PREVIOUS).unlink(missing_ok=True)


def old_keys_and_twin(before: Before) -> None:
    shutil.copy(before.copy / KEYS, before.home / KEYS)
    shutil.copy(before.copy / PREVIOUS, before.home / PREVIOUS)


def old_keys_and_backups(before: Before) -> None:
    old_keys_and_twin(before)
    for path in (before.copy / "backups").iterdir():
        shutil.copy(path, before.home / "backups" / path.name)
    for path in before.copy.glob("ops-*"):
        shutil.copy(path, before.home / path.name)


def old_keys_and_database(before: Before) -> None:
    old_keys_and_backups(before)
    shutil.copy(before.copy / STORE, before.home / STORE)
    for ending in ("-wal", "-shm"):
        (before.home / f"{STORE}{ending}").unlink(missing_ok=True)


@pytest.mark.parametrize(
    "put_back", [old_keys, old_keys_and_twin, old_keys_and_backups, old_keys_and_database]
)
def test_a_key_file_put_back_is_told_and_nothing_is_written_under_it(
    before: Before, put_back: Callable[[Before], None]
) -> None:
    put_back(before)
    as_it_was = content_of(before.home)
    with pytest.raises(KeysDamaged, match="plus ancien"):
        opened(before, OF_DENIS)
    # Her passphrase opens the old file too: she must not go on under keys that he has.
    with pytest.raises(KeysDamaged, match="plus ancien"):
        enter(
            before.home,
            Keys(before.camille.agent_id, before.denis.vault_id, 1, before.denis._master),
            clock=before.time.clock(),
            ids=before.time.ids(),
        )
    backup = next((before.copy / "backups").iterdir())
    with pytest.raises(KeysDamaged, match="plus ancien"):
        restore_file(before.home, OF_DENIS, backup, clock=before.time.clock())
    assert content_of(before.home) == as_it_was


def test_who_stays_is_helped_by_the_newer_copy_beside(before: Before) -> None:
    shutil.copy(before.copy / KEYS, before.home / KEYS)
    with opened(before, PASSPHRASE) as session:
        assert session.keys.epoch == 2
        assert len(queries.search_visits(session.store.db, "capucine", 9)) == 2
    assert keyring.unlock(before.home / KEYS, PASSPHRASE).epoch == 2
    with pytest.raises(WrongPassphrase):
        keyring.unlock(before.home / KEYS, OF_DENIS)


def test_an_old_copy_beside_is_not_looked_at_while_the_key_file_is_whole(before: Before) -> None:
    shutil.copy(before.copy / KEYS, before.home / PREVIOUS)
    with pytest.raises(WrongPassphrase):
        opened(before, OF_DENIS)
    with opened(before, PASSPHRASE) as session:
        assert session.keys.epoch == 2


def test_a_key_file_destroyed_beside_an_old_copy_is_told_too(before: Before) -> None:
    shutil.copy(before.copy / KEYS, before.home / PREVIOUS)
    (before.home / KEYS).unlink()
    with pytest.raises(KeysDamaged, match="plus ancien"):
        opened(before, OF_DENIS)
