"""One file of a laptop is damaged, cut or gone: nothing confirmed is lost, and it mends itself."""

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from fsbus.actions.session import KEYS, STORE, Session, open_session, place_of
from fsbus.core.entities import VISIT
from fsbus.core.errors import StoreDamaged
from fsbus.store import queries
from fsbus.store.checking import log_problems
from fsbus.store.database import checkpoint, problems_in, rows
from fsbus.store.erased_list import NAME, ErasedList
from fsbus.store.journal import Journals
from fsbus.store.restore import restore
from fsbus.store.store import Store
from tests.builders import AGENT_ID, edits_of, recorded
from tests.devices import PASSPHRASE, MakeDevice, Template, drop
from tests.fakes import HeldTime
from tests.store.busy_laptop import Busy, busy_laptop, noted
from tests.store.busy_laptop import everything as all_visits
from tests.store.damage import FILES, HARMS, Harm, damage, file_of, flip

FLIPS = 2_000


def save(session: Session, note: str = "") -> str:
    one = recorded(note=note)
    session.store.save(edits_of(one), actor=AGENT_ID)
    return one.visit.id


def everything(store: Store) -> list[str]:
    found = queries.visits_between(store.db, "0001-01-01", "9999-12-31")
    return sorted(repr(one.id) + str(sorted(record.id for record in records)) for one, records in found)


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


def open_again(home: Path, device: Session) -> Session:
    from fsbus.actions import session as sessions

    # Without the half second of the passphrase.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "unlock", lambda *_given: device.keys)
        return open_session(home, PASSPHRASE, clock=device.clock, ids=device.ids)


@dataclass(frozen=True)
class Killed:
    """A laptop as a kill leaves it, a write-ahead log of four saves beside its database; what it held."""

    laptop: Busy
    home: Path
    visits: str
    gone: frozenset[str]


@pytest.fixture(scope="module")
def killed(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    folder = tmp_path_factory.mktemp("killed")
    laptop = busy_laptop(template, folder / "laptop")
    with laptop.opened() as session:
        session.back_up()
        for _ in range(4):
            save(session, "pervenche")
        home = shutil.copytree(laptop.home, folder / "home")
        gone = ErasedList.of(home, session.keys).read()
        assert gone
        return Killed(laptop, home, repr(all_visits(session.store.db)), gone)


def how_detected(session: Session, path: Path | None, harmed: bytes | None, what: str) -> str:
    """By what an opening shows that it met the damage; empty when nothing does."""
    recovered = session.store.recovered
    if session.notice is not None:
        return "restored"
    if recovered.damaged or recovered.torn or recovered.operations:
        return "journals and database set right by each other"
    if what == "backup" and path is not None and path.exists():
        # Not looked at by an opening: when it is used, and by the weekly verification.
        with pytest.raises(StoreDamaged):
            session.backups.verify(path)
        return "refused when opened"
    if path is None or not path.exists() or path.read_bytes() != harmed:
        return "written anew"
    return ""


def harm_and_compare(
    killed: Killed, folder: Path, what: str, harms: Sequence[Harm], times: int
) -> Counter[str]:
    """So many copies, one file harmed in each; opening alone must mend it. How it was detected."""
    met: Counter[str] = Counter()
    chance = random.Random(f"{what} 20261124")
    for number in range(times):
        home = shutil.copytree(killed.home, folder / "home")
        path, harm = file_of(home, what), harms[number % len(harms)]
        assert path is not None
        damage(path, harm, chance)
        harmed = path.read_bytes() if path.exists() else None
        with noted(f"{harm.__name__}, number {number}"), killed.laptop.opened(home) as session:
            met[how_detected(session, path, harmed, what)] += 1
            assert repr(all_visits(session.store.db)) == killed.visits
            assert problems_in(session.store.db) + log_problems(session.store.db) == []
            assert ErasedList.of(home, session.keys).read() == killed.gone
        shutil.rmtree(home)
    return met


@pytest.mark.parametrize("what", FILES)
def test_one_damaged_file_is_mended_by_opening(killed: Killed, fast_folder: Path, what: str) -> None:
    met = harm_and_compare(killed, fast_folder, what, HARMS, 3)
    assert met.total() == 3


@pytest.mark.parametrize("what", FILES)
def test_each_of_3_bit_flips_is_detected(killed: Killed, fast_folder: Path, what: str) -> None:
    assert not harm_and_compare(killed, fast_folder, what, [flip], 3)[""]


@pytest.mark.parametrize("place", [4, 5])
def test_an_erased_list_of_another_version_by_damage_is_written_anew(
    killed: Killed, fast_folder: Path, place: int
) -> None:
    """Its frames prove that it is ours: what it says is taken, and the file is not left as it is."""
    home = shutil.copytree(killed.home, fast_folder / "home")
    path = home / NAME
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with killed.laptop.opened(home) as session:
        assert path.read_bytes() != content
        assert ErasedList.of(home, session.keys).read() == killed.gone


@pytest.mark.torture
@pytest.mark.parametrize("what", FILES)
def test_each_of_2000_bit_flips_is_detected(
    killed: Killed, fast_folder: Path, what: str, figures: Callable[[str], None]
) -> None:
    met = harm_and_compare(killed, fast_folder, what, [flip], FLIPS)
    figures(f"R7 bit flips, {what}: {dict(met)}")
    assert not met[""]


@pytest.mark.torture
def test_50_mb_are_restored_in_less_than_10_seconds(
    device: Session, held_time: HeldTime, figures: Callable[[str], None]
) -> None:
    """Of the processor: how long a shared machine lets it wait is no property of the code."""
    chance, words = (
        random.Random(20261124),
        ["relevé", "carrière", "dossier", "logement", "caisse", "attestation", "avis"],
    )
    while (device.home / STORE).stat().st_size < 50e6:
        with device.store.batch():
            for _ in range(200):
                save(device, " ".join(chance.choices(words, k=chance.randrange(60))))
        checkpoint(device.store.db)
    # As in a day's use: the last two hold what there is, and the journals what came since.
    device.back_up()
    held_time.advance(minutes=1)
    device.back_up()
    held = device.store.last_seq
    for _ in range(25):
        save(device)
    drop(device)
    with (device.home / STORE).open("r+b") as file:
        file.seek(30_000_000)
        file.write(b"damage")
    began, processor = time.perf_counter(), time.process_time()
    session = open_again(device.home, device)
    lasted, worked = time.perf_counter() - began, time.process_time() - processor
    figures(f"R7 restoring {held} operations, 50 MB: {lasted:.1f} s, {worked:.1f} s of the processor")
    assert session.notice is not None
    assert session.store.last_seq == held + 75
    assert worked < 10
    session.close()


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
