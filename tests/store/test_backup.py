"""A backup counts once it was read again whole; old ones go, the last two never."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.actions.session import Session
from fsbus.core.entities import VISIT
from fsbus.core.errors import StoreDamaged, StoreUnavailable
from fsbus.store.backup import Backups, counts_of, to_drop
from fsbus.store.database import rows
from fsbus.store.journal import Journals
from fsbus.store.keyring import create_keyfile
from fsbus.store.store import Store
from tests.builders import AGENT_ID, edits_of, recorded
from tests.fakes import HeldTime

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def save(session: Session, note: str = "") -> str:
    one = recorded(note=note)
    session.store.save(edits_of(one), actor=AGENT_ID)
    return one.visit.id


def journals(session: Session) -> list[Path]:
    return Journals.of(session.home, session.keys).paths()


def test_a_backup_holds_what_the_store_held_and_not_what_came_after(device: Session) -> None:
    kept = save(device)
    before = counts_of(device.store.db)
    made = device.back_up()
    save(device)
    assert made.path.name == f"bak-1-{made.number}-20261124T110000Z.fsbak"
    assert device.backups.verify(made.path) == before
    with device.backups.opened(made.path) as db:
        assert [row[0] for row in rows(db, "SELECT id FROM visits")] == [kept]
    assert device.backups.all()[0].path == made.path


def test_a_backup_is_one_sealed_file_under_a_key_of_its_own(device: Session) -> None:
    save(device, "Mimosa")
    first, second = device.back_up(), device.back_up()
    # Made in the same second from the same operations: two, in their order.
    assert device.backups.all()[:2] == [second, first]
    content = second.path.read_bytes()
    assert content[0] == 1
    assert b"Mimosa" not in content
    assert b"SQLite" not in content
    assert [path.name for path in device.backups.folder.iterdir() if "part" in path.name] == []
    copy = device.home / "copy.db"
    shutil.copy(second.path, copy)
    with pytest.raises(StoreDamaged):
        Store.open(copy, device.keys.subkey("db"), clock=device.clock)


def test_another_laptop_cannot_read_it(device: Session, tmp_path: Path) -> None:
    made = device.back_up()
    stranger = create_keyfile(tmp_path / "keys.fsk", "une tout autre phrase", AGENT_ID)
    with pytest.raises(StoreDamaged, match="autre poste"):
        Backups(device.backups.folder, stranger).verify(made.path)


def test_each_part_that_is_changed_is_found(device: Session) -> None:
    save(device)
    made = device.back_up()
    content = made.path.read_bytes()
    for position in range(0, len(content), 4001):
        changed = bytearray(content)
        changed[position] ^= 1
        made.path.write_bytes(changed)
        with pytest.raises(StoreDamaged):
            device.backups.verify(made.path)
    made.path.write_bytes(content[:5000])
    with pytest.raises(StoreDamaged):
        device.backups.verify(made.path)
    made.path.unlink()
    with pytest.raises(StoreUnavailable):
        device.backups.verify(made.path)


def test_journals_go_only_when_both_last_backups_hold_them(device: Session) -> None:
    save(device)
    assert len(journals(device)) == 1
    device.back_up()
    assert len(journals(device)) == 1
    save(device)
    device.back_up()
    # The newest operation is in one backup only: its journal stays, whole.
    assert len(journals(device)) == 1
    shutil.copy(device.backups.all()[0].path, device.backups.folder / "bak-1-99-20261124T110001Z.fsbak")
    device.back_up()
    assert journals(device) == []
    save(device)
    assert len(journals(device)) == 1


def test_a_backup_is_due_after_25_saves_or_an_hour(device: Session, held_time: HeldTime) -> None:
    for _ in range(24):
        save(device)
    assert not device.is_backup_due()
    save(device)
    assert device.is_backup_due()
    device.back_up()
    assert not device.is_backup_due()
    held_time.advance(minutes=61)
    assert not device.is_backup_due()
    save(device)
    assert device.is_backup_due()
    device.backed_up(device.store.saved)
    save(device)
    held_time.advance(minutes=59)
    assert not device.is_backup_due()


def test_closing_backs_up_what_was_saved_and_nothing_else(device: Session, held_time: HeldTime) -> None:
    before = len(device.backups.all())
    held_time.advance(seconds=5)
    device.reopen().close()
    assert len(device.backups.all()) == before
    with device.reopen() as other:
        save(other)
        held_time.advance(seconds=5)
    assert len(device.backups.all()) == before + 1
    assert device.backups.verify(device.backups.all()[0].path).visits == 1


def test_a_backup_that_the_disk_refuses_keeps_nobody_from_closing(
    device: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(device)
    shutil.rmtree(device.backups.folder)
    device.backups.folder.write_text("in the way")
    with pytest.raises(StoreUnavailable):
        device.back_up()
    assert len(journals(device)) == 1
    device.close()


def test_an_erasure_leaves_no_word_of_it_in_the_journals(device: Session) -> None:
    gone = save(device, "Mimosa")
    device.store.erase({gone: VISIT}, actor=AGENT_ID)
    held = [entry.line for one in Journals.of(device.home, device.keys).read() for entry in one.entries()]
    assert not any(b"Mimosa" in line for line in held)


def damaged_old_one(device: Session, held_time: HeldTime) -> Path:
    """Of two backups the older one, with a bit changed."""
    save(device)
    old = device.back_up().path
    held_time.advance(minutes=1)
    save(device)
    newest = device.back_up().path
    for path in set(device.backups.folder.iterdir()) - {old, newest}:
        path.unlink()
    content = bytearray(old.read_bytes())
    content[len(content) // 2] ^= 1
    old.write_bytes(content)
    return old


def test_an_old_backup_is_read_again_each_week_and_a_damaged_one_put_aside(
    device: Session, held_time: HeldTime
) -> None:
    for path in device.backups.folder.iterdir():
        path.unlink()
    old = damaged_old_one(device, held_time)
    held_time.advance(days=6)
    device.back_up()
    assert old.exists()
    for path in device.backups.folder.iterdir():
        if path != old:
            path.unlink()
    held_time.advance(days=2)
    device.back_up()
    assert not old.exists()
    assert (device.home / "quarantine" / old.name).exists()


def test_backups_of_a_day_when_the_clock_was_wrong_go_first(device: Session, held_time: HeldTime) -> None:
    held_time.advance(days=400)
    save(device)
    wrong = device.back_up().path
    held_time.advance(days=-400)
    held_time.advance(minutes=1)
    device.back_up()
    assert wrong.exists()
    # Three others, with that of the beginning.
    held_time.advance(minutes=1)
    device.back_up()
    assert not wrong.exists()
    assert len(device.backups.all()) == 3


def test_a_backup_that_lost_its_last_pages_is_refused(device: Session) -> None:
    save(device)
    made = device.back_up()
    content = made.path.read_bytes()
    made.path.write_bytes(content[: len(content) - 8192])
    with pytest.raises(StoreDamaged):
        device.backups.read_pages(made.path)


@given(st.lists(st.integers(min_value=0, max_value=40 * 24), unique=True, max_size=60))
def test_rotation_keeps_the_last_two_the_latest_days_and_weeks_and_nothing_old(hours: list[int]) -> None:
    stamps = [NOW - timedelta(hours=hour) for hour in sorted(hours)]
    dropped = set(to_drop(stamps, NOW))
    kept = [stamp for number, stamp in enumerate(stamps) if number not in dropped]
    assert kept[:2] == stamps[:2]
    young = [stamp for stamp in stamps if NOW - stamp <= timedelta(days=14)]
    assert set(young[:3]) <= set(kept)
    assert set(kept[2:]) <= set(young)
    assert len(kept) <= 3 + 7 + 2
    days = sorted({stamp.date() for stamp in young}, reverse=True)[:7]
    assert set(days) <= {stamp.date() for stamp in kept}
