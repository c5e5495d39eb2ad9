"""No older backup, nor an old file put back, brings back who was erased."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fsbus.actions.agents import add_agent, remove_agent
from fsbus.actions.backups import back_up_to, restore_file, restore_on_new_laptop
from fsbus.actions.session import STORE, Session, open_session, place_of
from fsbus.actions.visits import erase_visit
from fsbus.core.entities import VISIT
from fsbus.store import queries
from fsbus.store.checking import log_problems
from fsbus.store.database import problems_in
from fsbus.store.erased_list import NAME, ErasedList
from fsbus.store.erasing import erased_ids
from fsbus.store.journal import Journals
from fsbus.store.read_only import held_in_memory
from fsbus.wire.api import State
from tests.devices import PASSPHRASE, drop
from tests.fakes import HeldTime
from tests.store.erased_person import again, readable_in, save
from tests.store.test_applying import answer, hello


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def keep(path: Path) -> None:
    pass


def erased_laptop(device: Session, held_time: HeldTime, by_centre: bool) -> tuple[str, Path]:
    """Two backups that hold somebody, the erasure, later ones without; the id, and the oldest backup."""
    device.store.take_hello(hello())
    gone = save(device)
    oldest = device.back_up().path
    held_time.advance(minutes=5)
    save(device, "Capucine")
    device.back_up()
    held_time.advance(minutes=5)
    if by_centre:
        device.store.apply(answer(State(gone, VISIT, erased=True)))
        device.finish_erasure()
    else:
        erase_visit(device, gone)
    held_time.advance(minutes=5)
    return gone, oldest


def must_be_gone(session: Session, gone: str) -> None:
    db = session.store.db
    assert queries.visit(db, gone) is None
    assert not queries.search_visits(db, "mimosa", 9)
    assert gone in erased_ids(db)
    assert gone in ErasedList.of(session.home, session.keys).read()
    waiting = [line for _, line in session.store.pending(after=0, max_bytes=10**9)]
    assert not any(b"Mimosa" in line for line in waiting)
    assert problems_in(db) + log_problems(db) == []
    live = [name for name in readable_in(session) if not name.startswith(("backups", "quarantine"))]
    assert live == []


@pytest.mark.parametrize(
    ("lost", "lose", "by_centre"),
    [
        ("nothing", damage, True),
        ("database", keep, True),
        ("database", Path.unlink, False),
        ("database and journals", damage, False),
        ("database and journals", Path.unlink, True),
    ],
)
def test_no_older_backup_put_back_by_hand_brings_anybody_back(
    device: Session, held_time: HeldTime, lost: str, lose: Callable[[Path], None], by_centre: bool, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    gone, oldest = erased_laptop(device, held_time, by_centre)
    drop(device)
    lose_files(device, lost)
    lose(device.home / NAME)
    monkeypatch.setattr("fsbus.actions.backups.unlock", lambda *_: device.keys)
    restore_file(device.home, PASSPHRASE, oldest, clock=device.clock)
    with again(device) as session:
        must_be_gone(session, gone)


@pytest.mark.parametrize("lose", [keep, Path.unlink])
def test_an_automatic_restoring_from_the_oldest_backup_brings_nobody_back(
    device: Session, held_time: HeldTime, lose: Callable[[Path], None]
) -> None:
    """The newer backups are damaged, all pages but those that know the erased ids, which are read first."""
    gone, oldest = erased_laptop(device, held_time, by_centre=False)
    drop(device)
    lose_files(device, "database and journals")
    lose(device.home / NAME)
    for one in device.backups.all():
        if one.path != oldest:
            content = bytearray(one.path.read_bytes())
            content[-2000] ^= 1
            one.path.write_bytes(content)
    with again(device) as session:
        assert session.notice is not None
        must_be_gone(session, gone)


def test_reading_from_an_old_backup_on_a_disk_that_refuses_brings_nobody_back(
    device: Session, held_time: HeldTime
) -> None:
    gone, oldest = erased_laptop(device, held_time, by_centre=True)
    drop(device)
    lose_files(device, "database and journals")
    (device.home / NAME).unlink()
    for one in device.backups.all():
        if one.path != oldest:
            content = bytearray(one.path.read_bytes())
            content[-2000] ^= 1
            one.path.write_bytes(content)
    held = held_in_memory(place_of(device.home, device.keys, device.clock), "Le disque refuse.")
    assert queries.visit(held.db, gone) is None
    assert gone in erased_ids(held.db)
    held.close()


def lose_files(device: Session, lost: str) -> None:
    if lost != "nothing":
        for path in device.home.glob(f"{STORE}*"):
            path.unlink()
    if "journals" in lost:
        for path in Journals.of(device.home, device.keys).paths():
            path.unlink()


def test_an_old_database_put_in_place_by_hand_is_erased_again(device: Session, held_time: HeldTime) -> None:
    gone = save(device)
    device.back_up()
    image = device.home.with_name("image.db")
    shutil.copy(device.home / STORE, image)
    held_time.advance(minutes=5)
    erase_visit(device, gone)
    save(device, "Capucine")
    drop(device)
    lose_files(device, "database and journals")
    shutil.copy(image, device.home / STORE)
    with again(device) as session:
        must_be_gone(session, gone)


def test_on_another_laptop_a_newer_copy_beside_keeps_the_erased_away(
    device: Session, held_time: HeldTime, tmp_path: Path
) -> None:
    gone = save(device)
    stick = tmp_path / "stick"
    older = Path(str(back_up_to(device, stick)["file"]))
    held_time.advance(minutes=5)
    erase_visit(device, gone)
    held_time.advance(minutes=5)
    back_up_to(device, stick)
    device.close()
    other = tmp_path / "other"
    restore_on_new_laptop(other, PASSPHRASE, older, clock=device.clock)
    with open_session(other, PASSPHRASE, clock=device.clock, ids=device.ids) as session:
        must_be_gone(session, gone)
        assert readable_in(session) == []


def test_what_an_old_backup_brings_to_a_laptop_that_knows_nothing_goes_at_the_word_of_the_centre(
    device: Session, held_time: HeldTime, tmp_path: Path
) -> None:
    gone = save(device)
    older = Path(str(back_up_to(device, tmp_path / "stick")["file"]))
    device.close()
    other = tmp_path / "other"
    restore_on_new_laptop(other, PASSPHRASE, older, clock=device.clock)
    with open_session(other, PASSPHRASE, clock=device.clock, ids=device.ids) as session:
        assert queries.visit(session.store.db, gone) is not None
        session.store.take_hello(hello())
        session.store.apply(answer(State(gone, VISIT, erased=True)))
        session.finish_erasure()
        must_be_gone(session, gone)


def test_a_new_master_key_seals_the_list_anew(device: Session, held_time: HeldTime) -> None:
    gone = save(device)
    erase_visit(device, gone)
    other = add_agent(device, "Denis Exemple", "quai des tilleuls gris sous la pluie")
    with remove_agent(device, other.id, PASSPHRASE) as session:
        assert session.keys.epoch == 2
        assert gone in ErasedList.of(session.home, session.keys).read()
        must_be_gone(session, gone)
