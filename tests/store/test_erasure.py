"""Who was erased is nowhere any more: not with the keys, not after a crash, not by any older backup."""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus.actions.session import STORE, Session, enter
from fsbus.actions.visits import amend, erase_visit
from fsbus.core.entities import VISIT
from fsbus.core.errors import StoreUnavailable
from fsbus.store import queries
from fsbus.store.erased_list import ErasedList
from fsbus.store.erasing import erased_ids
from fsbus.wire.api import State
from tests.builders import AGENT_ID
from tests.deciphered import holding, pages
from tests.devices import drop
from tests.fakes import HeldTime
from tests.store.erased_person import again, readable_in, save
from tests.store.erasing_child import text_of
from tests.store.test_applying import answer, hello

ROOT = Path(__file__).parents[2]
# --- here and now ------------------------------------------------------------------------------------------


def test_an_erasure_leaves_the_person_in_the_older_backups_only_and_makes_a_new_one(
    device: Session, held_time: HeldTime
) -> None:
    gone, kept = save(device), save(device, "Capucine")
    amend(device, VISIT, gone, {"note": "Mimosa d’Artagnan, autre texte"})
    device.back_up()
    held_time.advance(minutes=5)
    aside = device.home / "quarantine" / "20261101T000000Z-00000000"
    aside.mkdir(parents=True)
    shutil.copy(device.home / STORE, aside / STORE)
    older = device.backups.all()[0].path
    assert f"quarantine/{aside.name}/{STORE}" in readable_in(device)
    held_time.advance(minutes=5)
    erase_visit(device, gone)
    newest = device.backups.all()[0].path
    assert newest != older
    assert gone in device.backups.erased_in(newest)
    assert readable_in(device) == [f"backups/{older.name}"]
    assert queries.visit(device.store.db, kept) is not None
    assert device.store.unfinished_erasure() is None
    assert not device.is_backup_due()
    # Without this, nothing above could fail.
    assert holding(device.home, device.keys, b"capucine") != []


def test_the_older_backups_go_14_days_after_the_erasure_even_when_nothing_is_saved_any_more(
    device: Session, held_time: HeldTime
) -> None:
    gone = save(device)
    device.back_up()
    held_time.advance(minutes=5)
    erase_visit(device, gone)
    before = [one.path.name for one in device.backups.all()]
    assert len(before) >= 2
    held_time.advance(days=13, hours=23)
    again(device).close()
    assert [one.path.name for one in device.backups.all()] == before
    held_time.advance(hours=2)
    again(device).close()
    assert [one.path.name for one in device.backups.all()] == before[:1]
    assert readable_in(device) == []


def test_an_old_backup_that_holds_nobody_erased_stays_the_last_but_one(
    device: Session, held_time: HeldTime
) -> None:
    gone = save(device)
    erase_visit(device, gone)
    held_time.advance(minutes=5)
    save(device, "Capucine")
    device.back_up()
    before = [one.path.name for one in device.backups.all()]
    held_time.advance(days=40)
    again(device).close()
    assert [one.path.name for one in device.backups.all()] == before[:2]


def test_the_last_sound_backup_is_never_given_up_for_one_that_is_damaged(
    device: Session, held_time: HeldTime
) -> None:
    gone = save(device)
    device.back_up()
    held_time.advance(minutes=5)
    erase_visit(device, gone)
    newest, older, *_ = (one.path for one in device.backups.all())
    content = bytearray(newest.read_bytes())
    content[-5000] ^= 1
    newest.write_bytes(content)
    held_time.advance(days=15)
    again(device).close()
    assert older.exists()


def test_what_the_centre_erased_is_erased_and_finished_alike(device: Session, held_time: HeldTime) -> None:
    device.store.take_hello(hello())
    gone = save(device)
    device.back_up()
    held_time.advance(minutes=5)
    older = device.backups.all()[0].path
    device.store.apply(answer(State(gone, VISIT, erased=True)))
    assert device.is_backup_due()
    device.close()
    assert readable_in(device) == [f"backups/{older.name}"]
    assert gone in ErasedList.of(device.home, device.keys).read()


def test_a_disk_that_refuses_the_backup_leaves_the_erasure_to_be_finished(
    device: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreUnavailable("Le disque est plein.")

    gone = save(device)
    (device.home / "quarantine").mkdir()
    (device.home / "quarantine" / "ops-1-aa.fsj").write_bytes(b"kept until a sound backup exists")
    with monkeypatch.context() as patch:
        patch.setattr("fsbus.actions.session.back_up", full)
        assert erase_visit(device, gone) == 2
        assert device.is_backup_due()
        assert list((device.home / "quarantine").iterdir())
        drop(device)
    with again(device) as session:
        assert session.store.unfinished_erasure() is None
        assert not list((device.home / "quarantine").iterdir())


def test_what_was_put_aside_goes_after_30_days(device: Session, held_time: HeldTime) -> None:
    aside = device.home / "quarantine" / "20261101T000000Z-00000000"
    aside.mkdir(parents=True)
    (aside / STORE).write_bytes(b"damaged")
    held_time.advance(days=20)
    again(device).close()
    assert (aside / STORE).exists()
    held_time.advance(days=20)
    again(device).close()
    assert not aside.exists()


def erase_among_many(device: Session, count: int) -> None:
    """Texts of one word each, so that words begin pages and segments of the index; a third or 250 are erased."""
    chance = random.Random(20261124)
    words = ["".join(chance.choices("bcdfghjklmnprstv", k=9)) for _ in range(count)]
    visits = [save(device, word) for word in words]
    device.store.maintain(lambda db: db.conn.execute("INSERT INTO texts (texts) VALUES ('optimize')"))
    step = max(3, count // 250)
    gone = words[::step]
    for number in range(0, count, step):
        if number % 2:
            device.store.erase({visits[number]: VISIT}, actor=AGENT_ID)
        else:
            device.store.apply(answer(State(visits[number], VISIT, erased=True)))
    device.store.close()
    dump = pages(device.home / STORE, device.keys.subkey("db")).lower()
    assert [word for word in gone if word.encode() in dump] == []
    assert all(word.encode() in dump for word in words if word not in gone)


def test_no_page_of_the_index_keeps_a_word_of_the_erased(device: Session) -> None:
    device.store.take_hello(hello())
    erase_among_many(device, 90)


@pytest.mark.torture
def test_no_page_of_a_large_index_keeps_a_word_of_the_erased(device: Session) -> None:
    device.store.take_hello(hello())
    erase_among_many(device, 3_000)


# --- killed ------------------------------------------------------------------------------------------------


def erase_in_child(home: Path, keys: str, gone: str, die_at: int) -> int:
    """How many fsyncs, renames and removals it lived to see; 0 when it was killed before it confirmed."""
    program = [sys.executable, "-m", "tests.store.erasing_child", str(home), keys, gone, str(die_at)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in (0, 9), done.stderr
    return int(done.stdout.split()[1]) if done.stdout else 0


def kill_everywhere(device: Session, folder: Path, step: int) -> Iterator[bool]:
    """Kill an erasure at every ``step``-th boundary; whether it was done at all, each time."""
    gone = save(device)
    device.back_up()
    held = device.home / "quarantine"
    held.mkdir()
    shutil.copy(device.home / STORE, held / "aside.db")
    drop(device)
    keys = text_of(device.keys)
    whole = shutil.copytree(device.home, folder / "whole")
    boundaries = erase_in_child(whole, keys, gone, 0)
    assert boundaries >= 8
    for die_at in range(1, boundaries + 1, step):
        home = shutil.copytree(device.home, folder / f"home-{die_at}")
        erase_in_child(home, keys, gone, die_at)
        with enter(home, device.keys, clock=device.clock, ids=device.ids) as session:
            is_erased = gone in erased_ids(session.store.db)
            assert (queries.visit(session.store.db, gone) is None) == is_erased
            if is_erased:
                assert session.store.unfinished_erasure() is None
                newest = session.backups.all()[0].path.name
                left = [name for name in readable_in(session) if not name.startswith("backups/bak-")]
                assert left == [], die_at
                assert f"backups/{newest}" not in readable_in(session)
                assert gone in ErasedList.of(home, device.keys).read()
        shutil.rmtree(home)
        yield is_erased


def test_an_erasure_that_was_killed_is_finished_at_the_next_opening(device: Session, tmp_path: Path) -> None:
    assert True in set(kill_everywhere(device, tmp_path, 6))


@pytest.mark.torture
def test_an_erasure_killed_at_every_boundary_is_finished_at_the_next_opening(
    device: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = list(kill_everywhere(device, tmp_path, 1))
    with capsys.disabled():
        sys.stdout.write(f"\nerasures killed: {len(found)}, found erased and finished: {sum(found)}\n")
