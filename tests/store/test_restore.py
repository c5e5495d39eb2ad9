"""One file of a laptop is damaged, cut or gone: nothing confirmed is lost, and it mends itself."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fsbus.actions.backups import restore_damaged
from fsbus.actions.checking import check_device
from fsbus.actions.session import KEYS, STORE, Session, open_session, place_of
from fsbus.core.entities import VISIT
from fsbus.core.errors import StoreDamaged
from fsbus.store import queries
from fsbus.store.checking import log_problems
from fsbus.store.database import problems_in, rows
from fsbus.store.erased_list import NAME, ErasedList
from fsbus.store.journal import Journals
from fsbus.store.restore import restore
from fsbus.store.store import Store
from tests.builders import AGENT_ID, edits_of, recorded
from tests.devices import PASSPHRASE, MakeDevice, drop
from tests.fakes import HeldTime

Harm = Callable[[bytes, random.Random], bytes | None]


def flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def remove(content: bytes, chance: random.Random) -> None:
    return None


HARMS: list[Harm] = [flip, cut, remove]
FILES = ["database", "wal", "journal", "backup", "erased"]


def save(session: Session, note: str = "") -> str:
    one = recorded(note=note)
    session.store.save(edits_of(one), actor=AGENT_ID)
    return one.visit.id


def everything(store: Store) -> list[str]:
    found = queries.visits_between(store.db, "0001-01-01", "9999-12-31")
    return sorted(repr(one.id) + str(sorted(record.id for record in records)) for one, records in found)


def file_of(home: Path, what: str) -> Path:
    if what == "journal":
        return max(home.glob("ops-*.fsj"), key=lambda path: path.stat().st_size)
    if what == "backup":
        return max((home / "backups").glob("bak-*"), key=lambda path: path.name[-22:])
    return home / {"database": STORE, "wal": f"{STORE}-wal", "erased": NAME}[what]


def used_laptop(device: Session, held_time: HeldTime) -> tuple[list[str], str]:
    """Backups, then more saves, an erasure, a journal and a write-ahead log that no one took in;
    everything that it holds, and the record that was erased."""
    for _ in range(3):
        save(device)
    gone = save(device, "Mimosa")
    device.back_up()
    held_time.advance(minutes=2)
    save(device)
    device.store.erase({gone: VISIT}, actor=AGENT_ID)
    held_time.advance(minutes=2)
    device.back_up()
    for _ in range(4):
        save(device, "pervenche")
    return everything(device.store), gone


def image_of(device: Session, target: Path) -> None:
    """The files as a power cut leaves them: nothing is closed."""
    shutil.copytree(device.home, target)


def healed(home: Path, device: Session) -> Session:
    """Open as the application does; a damage that the opening does not meet is found by a check."""
    session = open_again(home, device)
    found = check_device(session, repair=True)
    if found.database or found.operations:
        session.store.close()
        restore_damaged(home, device.keys, clock=device.clock)
        session = open_again(home, device)
    return session


def open_again(home: Path, device: Session) -> Session:
    from fsbus.actions import session as sessions

    # Without the half second of the passphrase.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "unlock", lambda path, passphrase: device.keys)
        return open_session(home, PASSPHRASE, clock=device.clock, ids=device.ids)


def harm_and_compare(device: Session, folder: Path, time: HeldTime, what: str, times: int) -> None:
    expected, gone = used_laptop(device, time)
    chance = random.Random(f"{what} 20261124")
    for number in range(times):
        for harm in HARMS:
            home = folder / f"{what}-{number}-{harm.__name__}"
            image_of(device, home)
            path = file_of(home, what)
            left = harm(path.read_bytes(), chance)
            if left is None:
                path.unlink()
            else:
                path.write_bytes(left)
            session = healed(home, device)
            assert everything(session.store) == expected, (what, harm.__name__, number)
            assert problems_in(session.store.db) + log_problems(session.store.db) == []
            assert gone in ErasedList.of(home, device.keys).read()
            assert queries.visit(session.store.db, gone) is None
            session.close()
            shutil.rmtree(home)


@pytest.mark.parametrize("what", FILES)
def test_one_damaged_file_loses_nothing(
    device: Session, tmp_path: Path, held_time: HeldTime, what: str
) -> None:
    harm_and_compare(device, tmp_path, held_time, what, 2)


@pytest.mark.torture
@pytest.mark.parametrize("what", FILES)
def test_one_damaged_file_loses_nothing_700_times(
    device: Session, tmp_path: Path, held_time: HeldTime, what: str
) -> None:
    harm_and_compare(device, tmp_path, held_time, what, 700)


def test_a_restored_store_says_so_and_goes_on_as_a_new_replica(device: Session, held_time: HeldTime) -> None:
    expected, _ = used_laptop(device, held_time)
    replica = device.store.replica
    drop(device)
    content = b"not a database any more"
    (device.home / STORE).write_bytes(content)
    session = open_again(device.home, device)
    assert session.notice is not None
    assert "8\N{NO-BREAK SPACE}visites" in session.notice
    assert "12\N{NO-BREAK SPACE}écritures plus récentes" in session.notice
    assert session.store.replica != replica
    assert everything(session.store) == expected
    (kept,) = (device.home / "quarantine").glob(f"*/{STORE}")
    assert kept.read_bytes() == content
    assert open_again(device.home, device).notice is None
    session.close()


def test_without_any_backup_the_damage_is_told_and_nothing_is_touched(device: Session) -> None:
    device.store.close()
    shutil.rmtree(device.backups.folder)
    (device.home / STORE).write_bytes(b"nothing")
    with pytest.raises(StoreDamaged):
        open_again(device.home, device)
    assert (device.home / STORE).read_bytes() == b"nothing"
    assert (device.home / KEYS).exists()


def test_an_older_backup_brings_nobody_back(device: Session, held_time: HeldTime) -> None:
    gone = save(device, "Mimosa")
    older = device.back_up().path
    held_time.advance(minutes=1)
    device.store.erase({gone: VISIT}, actor=AGENT_ID)
    device.store.close()
    # Neither the store nor the journals can say it any more.
    (device.home / STORE).unlink()
    for path in Journals.of(device.home, device.keys).paths():
        path.unlink()
    restore(place_of(device.home, device.keys, device.clock), older)
    session = open_again(device.home, device)
    assert queries.visit(session.store.db, gone) is None
    texts = [bytes(row[0]) for row in rows(session.store.db, "SELECT line FROM operations")]
    assert not any(b"Mimosa" in text for text in texts)
    session.close()


def test_a_restoring_that_was_cut_begins_again(
    device: Session, held_time: HeldTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, _ = used_laptop(device, held_time)
    drop(device)
    (device.home / STORE).unlink()
    replace = Path.replace

    def cut_there(path: Path, target: Path) -> Path:
        if path.name.startswith(".restore-"):
            raise KeyboardInterrupt
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", cut_there)
        with pytest.raises(KeyboardInterrupt):
            open_again(device.home, device)
    session = open_again(device.home, device)
    assert everything(session.store) == expected
    assert not list(device.home.glob(".restore-*"))
    session.close()


def test_a_restored_store_numbers_what_it_sends_again_without_a_hole(
    make_device: MakeDevice, held_time: HeldTime
) -> None:
    device = make_device("laptop")
    used_laptop(device, held_time)
    drop(device)
    (device.home / STORE).unlink()
    session = open_again(device.home, device)
    waiting = session.store.pending(after=0, max_bytes=10**9)
    assert [seq for seq, _ in waiting] == list(range(1, len(waiting) + 1))
    session.close()
