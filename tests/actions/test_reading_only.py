"""A laptop whose files cannot be written: read in full, refused at once, and what waits can leave."""

import hashlib
import shutil
import threading
from pathlib import Path

import pytest

from fsbus.actions.backups import back_up_to
from fsbus.actions.checking import check_device
from fsbus.actions.session import KEYS, STORE, Session, open_session
from fsbus.actions.status import status_of
from fsbus.actions.visits import amend, erase_visit, record_visit
from fsbus.core.entities import VISIT
from fsbus.core.errors import DiskFull, ReadOnly, StoreTooNew
from fsbus.server.direct import DirectApi
from fsbus.store import disk, queries
from fsbus.store.ballast import NAME
from fsbus.store.database import close_database, open_database
from fsbus.store.home_lock import LOCK, PRESENCE
from fsbus.store.migrations import MIGRATIONS
from fsbus.sync.engine import sync_until_done
from tests.builders import draft
from tests.devices import PASSPHRASE, MakeDevice, drop
from tests.fakes import HeldTime
from tests.store.later_release import become_later
from tests.store.small_disks import lock_down, small_disk
from tests.sync.world import World


def open_home(home: Path, time: HeldTime) -> Session:
    return open_session(home, PASSPHRASE, clock=time.clock(), ids=time.ids())


@pytest.fixture
def full(device: Session, held_time: HeldTime, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A laptop with a visit, on a disk that became full."""
    record_visit(device, draft())
    drop(device)

    def refuse(folder: Path, *files: Path) -> None:
        raise DiskFull(disk.FULL)

    from fsbus.actions import session

    monkeypatch.setattr(session, "require_writable", refuse)
    return open_home(device.home, held_time)


def hashes(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file() and path.name not in (LOCK, PRESENCE, f"{STORE}-shm")
    }


def test_official_answers_are_searched_on_a_thread_of_their_own_and_nothing_is_written(full: Session) -> None:
    before, found = hashes(full.home), list[str]()

    def work() -> None:
        lists = full.own_reference()
        found.extend(hit.code for hit in lists.search("carte grise perdue"))
        lists.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert "FT-CG-DUP" in found
    assert hashes(full.home) == before


def test_a_full_disk_is_read_in_full_and_refuses_at_once_what_would_be_written(
    full: Session, tmp_path: Path
) -> None:
    before = hashes(full.home)
    assert full.read_only is not None
    assert "plein" in full.read_only
    assert "Videz la corbeille" in full.standing()
    ((visit, _),) = queries.visits_between(full.store.db, "0001-01-01", "9999-12-31")
    assert status_of(full)["visits"] == 1
    assert full.reference.is_commune("02361")
    last = full.store.last_seq
    for write in (
        lambda: record_visit(full, draft()),
        lambda: amend(full, VISIT, visit.id, {"minutes": 9}),
        lambda: erase_visit(full, visit.id),
        lambda: full.name_bus("autre"),
        full.back_up,
    ):
        with pytest.raises(ReadOnly, match="Rien n’a été enregistré"):
            write()
    assert (full.store.last_seq, queries.visit(full.store.db, visit.id)) == (last, visit)
    found = check_device(full, repair=True)
    assert not found.is_sound
    assert found.read_only == full.read_only
    assert back_up_to(full, tmp_path / "stick")["visits"] == 1
    full.close()
    assert hashes(full.home) == before


def test_what_is_read_only_is_one_memory_for_all_threads(full: Session) -> None:
    again = full.reopen()
    found: list[int] = []
    again.close()

    def work() -> None:
        with full.reopen() as other:
            found.append(other.store.pending_count())
            other.store.rotate_replica()
            found.append(len(other.store.replica))

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert found[0] == full.store.pending_count()
    full.close()


def test_everything_waiting_leaves_a_full_disk_and_is_not_doubled_when_it_leaves_again(
    full: Session, held_time: HeldTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    api = DirectApi(world.centre, world.laptop("other").device, world.clock)
    sent = sync_until_done(full.store, api, clock=world.clock)
    assert (sent.finished, full.store.pending_count()) == (True, 0)
    first = world.central_log()
    full.close()
    monkeypatch.undo()
    session = open_home(full.home, held_time)
    assert session.read_only is None
    # What the centre acknowledged was forgotten with the process.
    assert session.store.pending_count() == len(first)
    sync_until_done(session.store, api, clock=world.clock)
    assert (session.store.pending_count(), world.central_log()) == (0, first)
    assert [line["visit_id"] for line in world.central_lines()] == [
        visit.id for visit, _ in queries.visits_between(session.store.db, "0001-01-01", "9999-12-31")
    ]
    session.close()
    world.close()


def test_an_open_laptop_whose_disk_fills_up_during_an_exchange_sends_from_memory(
    device: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    api = DirectApi(world.centre, world.laptop("other").device, world.clock)
    record_visit(device, draft())

    def refuse(answer: object, *, asked: object) -> frozenset[str]:
        raise DiskFull(disk.FULL)

    monkeypatch.setattr(device.store, "apply", refuse)
    with pytest.raises(DiskFull):
        sync_until_done(device.store, api, clock=world.clock)
    report = sync_until_done(device.store, api, clock=world.clock, spare=device.spare_store)
    assert (report.finished, report.kept) == (True, False)
    monkeypatch.undo()
    assert sync_until_done(device.store, api, clock=world.clock).kept
    assert len(world.central_lines()) == 1
    world.close()


@pytest.mark.parametrize("cut", [False, True])
def test_a_folder_that_cannot_be_written_opens_for_reading(
    make_device: MakeDevice, held_time: HeldTime, tmp_path: Path, cut: bool
) -> None:
    device = make_device("laptop")
    record_visit(device, draft())
    with small_disk(tmp_path / "disk", 128 * 2**20) as place:
        if cut:
            # The files as a power cut leaves them: the log holds the visit.
            shutil.copytree(device.home, place / "home")
            (place / "home" / f"{STORE}-shm").unlink()
        else:
            drop(device)
            shutil.copytree(device.home, place / "home")
        lock_down(place)
        session = open_home(place / "home", held_time)
        assert session.read_only is not None
        assert "ne peut pas être modifié" in session.read_only
        assert session.store.pending_count() == 4
        assert status_of(session)["visits"] == 1
        session.close()


def test_a_damaged_store_on_a_full_disk_is_read_from_its_backup_and_its_journal(
    device: Session, held_time: HeldTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_visit(device, draft())
    device.back_up()
    held_time.advance(minutes=2)
    record_visit(device, draft())
    drop(device)
    path = device.home / STORE
    path.write_bytes(bytes(8192) + path.read_bytes()[8192:])
    before = hashes(device.home)

    def refuse(folder: Path, *files: Path) -> None:
        raise DiskFull(disk.FULL)

    from fsbus.actions import session

    monkeypatch.setattr(session, "require_writable", refuse)
    opened = open_home(device.home, held_time)
    assert status_of(opened)["visits"] == 2
    opened.close()
    # The room kept aside was tried first.
    assert hashes(device.home) == {name: value for name, value in before.items() if name != NAME}


@pytest.mark.parametrize("cut", [False, True])
def test_the_store_of_a_newer_fsbus_is_shown_and_not_one_byte_of_it_changes(
    device: Session, held_time: HeldTime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cut: bool
) -> None:
    visit = record_visit(device, draft())
    drop(device)
    with monkeypatch.context() as patch:
        become_later(patch)
        newer = open_home(device.home, held_time)
        second = record_visit(newer, draft())
        home = tmp_path / "copied"
        if cut:
            shutil.copytree(device.home, home)
        newer.close()
        if not cut:
            shutil.copytree(device.home, home)
    before = hashes(home)
    session = open_home(home, held_time)
    assert session.read_only is not None
    assert "version plus récente de fsbus" in session.read_only
    assert {one.id for one, _ in queries.visits_between(session.store.db, "0001-01-01", "9999-12-31")} == {
        visit.id,
        second.id,
    }
    assert status_of(session)["visits"] == 2
    with pytest.raises(ReadOnly):
        record_visit(session, draft())
    # Only the newer fsbus knows what its operations mean.
    world = World(tmp_path)
    api = DirectApi(world.centre, world.laptop("other").device, world.clock)
    with pytest.raises(ReadOnly, match="Installez"):
        sync_until_done(session.store, api, clock=world.clock)
    assert world.central_lines() == []
    session.close()
    world.close()
    assert hashes(home) == before


def test_a_newer_store_with_tables_that_cannot_be_read_is_refused_untouched(
    device: Session, held_time: HeldTime
) -> None:
    drop(device)
    db = open_database(device.home / STORE, device.keys.subkey("db"))
    db.conn.execute("ALTER TABLE visits RENAME COLUMN minutes TO seconds")
    db.conn.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    close_database(db)
    before = hashes(device.home)
    with pytest.raises(StoreTooNew, match="seule sait la lire"):
        open_home(device.home, held_time)
    assert hashes(device.home) == before
    assert (device.home / KEYS).exists()
