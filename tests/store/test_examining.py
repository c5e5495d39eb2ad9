"""What an opening looks at: damage is met, a sound store is left alone, a doubtful one is told apart."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fsbus.actions.session import STORE, Session, place_of
from fsbus.core.errors import StoreDamaged
from fsbus.store import queries
from fsbus.store.database import checkpoint, open_database, rows
from fsbus.store.examining import Doubtful, examine
from fsbus.store.home_lock import Presence
from fsbus.store.journal import Journals
from fsbus.store.restore import open_or_restore
from tests.builders import AGENT_ID, edits_of, recorded
from tests.devices import drop

ROOT = Path(__file__).parents[2]


def save(session: Session) -> str:
    one = recorded(note="pervenche")
    session.store.save(edits_of(one), actor=AGENT_ID)
    return one.visit.id


def left_by_a_kill(device: Session, saves: int = 6) -> Path:
    """A copy of the laptop's files with a write-ahead log beside the database."""
    checkpoint(device.store.db)
    for _ in range(saves):
        save(device)
    return shutil.copytree(device.home, device.home.with_name("killed"))


def look(home: Path, device: Session) -> None:
    examine(home / STORE, device.keys.subkey("db"), Journals.of(home, device.keys))


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_a_sound_store_is_left_as_it_is_whether_it_was_closed_or_killed(device: Session) -> None:
    home = left_by_a_kill(device)
    look(home, device)
    look(home, device)


def test_commits_hidden_in_the_log_are_doubtful_and_nothing_is_touched(device: Session) -> None:
    home = left_by_a_kill(device)
    log = home / f"{STORE}-wal"
    flip(log, log.stat().st_size // 3)
    before = {path.name: path.read_bytes() for path in (home / STORE, log)}
    with pytest.raises(Doubtful):
        look(home, device)
    assert {path.name: path.read_bytes() for path in (home / STORE, log)} == before


def test_a_database_behind_its_journal_by_several_saves_is_doubtful(device: Session) -> None:
    home = left_by_a_kill(device)
    (home / f"{STORE}-wal").unlink()
    with pytest.raises(Doubtful):
        look(home, device)


def test_a_database_behind_its_journal_by_the_save_under_way_is_sound(device: Session) -> None:
    home = left_by_a_kill(device, saves=1)
    (home / f"{STORE}-wal").unlink()
    look(home, device)


@pytest.mark.parametrize("killed", [False, True])
def test_a_changed_page_is_damage_and_not_doubt(device: Session, killed: bool) -> None:
    home = left_by_a_kill(device)
    if not killed:
        look(home, device)
        assert not (home / f"{STORE}-wal").exists()
    # No page of the log covers the middle of the index of procedures.
    flip(home / STORE, (home / STORE).stat().st_size - 5_000 if not killed else 20_000)
    if killed:
        (home / f"{STORE}-wal").unlink()
    with pytest.raises(StoreDamaged) as met:
        look(home, device)
    assert not isinstance(met.value, Doubtful)


def test_a_file_cut_between_two_pages_is_damage(device: Session) -> None:
    home = left_by_a_kill(device)
    look(home, device)
    content = (home / STORE).read_bytes()
    (home / STORE).write_bytes(content[: len(content) - 3 * 4096])
    with pytest.raises(StoreDamaged):
        look(home, device)


def cut_while_keys_change(device: Session) -> Path:
    """A copy of the files with the database half written and the journal that takes it back."""
    db = open_database(device.home / STORE, device.keys.subkey("db"))
    device.store.close()
    for statement in ("PRAGMA journal_mode = DELETE", "PRAGMA cache_size = 1", "BEGIN IMMEDIATE"):
        db.conn.execute(statement).fetchone()
    for number in range(300):
        db.conn.execute("INSERT INTO settings (name, value) VALUES (?, ?)", (str(number), "x" * 900))
    home = shutil.copytree(device.home, device.home.with_name("cut"))
    db.conn.execute("ROLLBACK")
    db.conn.close()
    assert (home / f"{STORE}-journal").stat().st_size > 4_096
    flip(home / STORE, 2_000)
    return home


def test_a_database_half_written_while_its_keys_changed_is_taken_back_and_not_restored(
    device: Session,
) -> None:
    kept = save(device)
    home = cut_while_keys_change(device)
    place = place_of(home, device.keys, device.clock)
    store, restored = open_or_restore(place, Journals.of(home, device.keys))
    assert restored is None
    assert queries.visit(store.db, kept) is not None
    assert store.setting("0") is None
    store.close()


def test_a_restored_store_meets_no_rollback_journal_of_the_one_before(device: Session) -> None:
    kept = save(device)
    device.back_up()
    home = cut_while_keys_change(device)
    (home / STORE).write_bytes(b"nothing that a journal could mend" * 1_000)
    (home / f"{STORE}-journal").write_bytes((home / f"{STORE}-journal").read_bytes()[:5_000])
    store, restored = open_or_restore(
        place_of(home, device.keys, device.clock), Journals.of(home, device.keys)
    )
    assert restored is not None
    assert queries.visit(store.db, kept) is not None
    store.close()
    assert not (home / f"{STORE}-journal").exists()


def test_a_row_without_its_operation_is_damage_after_a_kill(device: Session) -> None:
    home = left_by_a_kill(device)
    db = open_database(home / STORE, device.keys.subkey("db"))
    db.conn.execute("DELETE FROM operations WHERE seq = (SELECT max(seq) FROM operations)")
    log = (home / f"{STORE}-wal").read_bytes()
    database = (home / STORE).read_bytes()
    db.conn.close()
    (home / STORE).write_bytes(database)
    (home / f"{STORE}-wal").write_bytes(log)
    with pytest.raises(StoreDamaged):
        look(home, device)


def test_whoever_comes_while_another_process_has_it_open_does_not_look(device: Session) -> None:
    """That process looked; a log in use is not to be judged, nor a file to be replaced, under its feet."""
    save(device)
    code = (
        "import sys; from pathlib import Path; from fsbus.store.home_lock import Presence;"
        "p = Presence(Path(sys.argv[1])); print('here', flush=True); sys.stdin.read()"
    )
    [(page, size)] = rows(
        device.store.db,
        "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'workshops_by_day'",
    )
    drop(device)
    with (device.home / STORE).open("r+b") as file:
        # A page that no opening reads.
        file.seek((page - 1) * int(size) + 100)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    place, journals = (
        place_of(device.home, device.keys, device.clock),
        Journals.of(device.home, device.keys),
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(device.home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"here\n"
        store, restored = open_or_restore(place, journals)
        assert restored is None
        store.close()
        # Its end, however it comes, is the end of its presence.
        other.kill()
    store, restored = open_or_restore(place, journals)
    assert restored is not None
    store.close()
    Presence(device.home).leave()
