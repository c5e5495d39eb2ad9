"""Altered, empty, huge, hostile files: readers refuse them in their own words, and soon."""

import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fsbus.actions.session import Session
from fsbus.actions.visits import erase_visit
from fsbus.core.errors import FsbusError
from fsbus.store import drafts, keyfile, keyring, private_keys, recovery_file
from fsbus.store.backup import Backups
from fsbus.store.drafts import Draft
from fsbus.store.erased_list import NAME, ErasedList
from fsbus.store.journal import Journals
from fsbus.store.key_slots import MAGIC as KEY_MAGIC
from fsbus.store.keyfile import Keys
from fsbus.store.recovery_file import open_recovery_key
from fsbus.store.sealed import MAGIC as SEALED_MAGIC
from fsbus.store.throttle import Throttle
from fsbus.store.write_ahead import hides_commits
from tests.fakes import HeldTime
from tests.store.erased_person import save

SLOW = 5.0
"""Seconds of this process that one input may take at most: others use the machine too."""
HUGE = 300 * 2**20
MOST_MEMORY = 64 * 2**20


@dataclass(frozen=True)
class Reader:
    """``read`` gives what a file says, to be compared: what is not among ``known`` was never written."""

    path: Path
    read: Callable[[], object]
    magic: bytes = b""


def quick(password: bytes, salt: bytes, *_: object, **__: object) -> bytes:
    """In the place of the half second of Argon2id; what follows it is real."""
    return (password + salt + bytes(32))[:32]


@pytest.fixture
def readers(
    device: Session, tmp_path: Path, held_time: HeldTime, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Reader]:
    """A file of each format, and who reads it."""
    gone = save(device)
    save(device, "Capucine")
    erase_visit(device, gone)
    made = device.back_up().path
    # Two backups hold what came before: this journal is the only one.
    save(device, "Capucine")
    keys, folder = device.keys, tmp_path / "files"
    folder.mkdir()
    monkeypatch.setattr(keyfile, "argon2id", quick)
    monkeypatch.setattr(private_keys, "argon2id", quick)
    recovery_file.make_recovery_key(folder / "secours.fsr", "brume sept")
    keyring.create_keyfile(folder / "keys.fsk", "brume sept lanternes", keys.agent_id)
    [journal, *_] = Journals.of(device.home, keys).paths()
    for source, name in ((journal, journal.name), (made, made.name), (device.home / NAME, NAME)):
        (folder / name).write_bytes(source.read_bytes())
    wal = device.home / "fsbus.db-wal"
    save(device, "Capucine")
    (folder / "fsbus.db-wal").write_bytes(wal.read_bytes()[: 32 + 3 * (24 + 4096)])
    drafts.write_draft(folder, keys, keys.agent_id, Draft(gone, held_time.now(), {"note": "Mimosa"}))
    draft = drafts.path_of(folder, keys, keys.agent_id)
    throttle = folder / "throttle.json"
    throttle.write_bytes(b'{"v":1,"fails":5,"left":15,"seen":"2026-11-24T11:00:00Z"}')
    return {
        "keys": Reader(folder / "keys.fsk", lambda: opened(folder / "keys.fsk"), KEY_MAGIC),
        "journal": Reader(folder / journal.name, lambda: lines(folder, keys), SEALED_MAGIC),
        "erased": Reader(folder / NAME, ErasedList.of(folder, keys).read, SEALED_MAGIC),
        "backup": Reader(folder / made.name, lambda: Backups(folder, keys).verify(folder / made.name)),
        "log": Reader(folder / "fsbus.db-wal", lambda: hides_commits(folder / "fsbus.db-wal", 0)),
        "draft": Reader(draft, lambda: form_of(drafts.read_draft(folder, keys, keys.agent_id)), SEALED_MAGIC),
        "recovery": Reader(
            folder / "secours.fsr", lambda: open_recovery_key(folder / "secours.fsr", "brume sept"), b"FSBR"
        ),
        "throttle": Reader(throttle, Throttle(throttle, HeldTime().now).wait),
    }


NAMES = ("keys", "journal", "erased", "backup", "draft", "recovery", "log", "throttle")


def form_of(draft: Draft | None) -> object:
    assert draft is not None
    return draft.form


def opened(path: Path) -> bytes:
    return keyring.unlock(path, "brume sept lanternes").subkey("db")


DAMAGED = b"what a journal says of itself"


def lines(folder: Path, keys: Keys) -> frozenset[bytes]:
    found = Journals.of(folder, keys).read()
    said = {entry.line for one in found for entry in one.entries()}
    return frozenset(said | {DAMAGED for one in found if one.is_damaged})


def must_stand(name: str, said: object, true: object) -> None:
    """What a reader took from an altered file: what was really written, part of it, or nothing."""
    if name in ("journal", "erased"):
        assert isinstance(said, frozenset)
        assert isinstance(true, frozenset)
        assert said - {DAMAGED} <= true
        assert name == "journal" or said in (frozenset(), true)
    elif name in ("keys", "backup", "draft", "recovery"):
        assert said == true


def read_all(name: str, reader: Reader, contents: Iterator[bytes]) -> tuple[int, int, float]:
    """How many were read, how many refused, and the seconds of the slowest."""
    true, refused, count, slowest = reader.read(), 0, 0, 0.0
    beside = sorted(path.name for path in reader.path.parent.iterdir())
    for content in contents:
        reader.path.write_bytes(content)
        began = time.process_time()
        try:
            said = reader.read()
            must_stand(name, said, true)
            refused += said != true
        except FsbusError:
            refused += 1
        slowest = max(slowest, time.process_time() - began)
        count += 1
        if name != "throttle":  # which begins a wait anew, when the clock went back
            assert reader.path.read_bytes() == content
        assert sorted(path.name for path in reader.path.parent.iterdir()) == beside
    assert slowest < SLOW
    return count, refused, slowest


# --- every bit ---------------------------------------------------------------------------------------------


def altered(content: bytes, step: int) -> Iterator[bytes]:
    """The content with one bit changed, for each ``step``-th bit."""
    for bit in range(0, len(content) * 8, step):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def alter(readers: dict[str, Reader], name: str, most: int) -> tuple[int, int, float]:
    reader = readers[name]
    content = reader.path.read_bytes()
    # An odd step meets every bit of a byte, and every place of a page.
    step = max(1, len(content) * 8 // most) | 1
    return read_all(name, reader, altered(content, step))


@pytest.mark.parametrize("name", ["keys", "journal", "erased", "backup", "draft", "recovery"])
def test_an_altered_bit_is_refused_and_changes_nothing(readers: dict[str, Reader], name: str) -> None:
    count, refused, _ = alter(readers, name, 120)
    assert count >= 100
    # A changed bit of the version or the suite is mended: the frames prove the header.
    assert count - refused <= (16 if name == "erased" else 0)


@pytest.mark.torture
@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("keys", 10**9),
        ("journal", 10**9),
        ("erased", 10**9),
        ("draft", 10**9),
        ("recovery", 10**9),
        ("backup", 20_000),
    ],
)
def test_every_altered_bit_is_refused_and_changes_nothing(
    readers: dict[str, Reader], name: str, most: int, capsys: pytest.CaptureFixture[str]
) -> None:
    count, refused, slowest = alter(readers, name, most)
    tell(
        capsys, f"{name}: {count} bits altered, {refused} refused, the others mended; slowest {slowest:.2f} s"
    )
    # A changed bit of the version or the suite is mended: the frames prove the header.
    assert count - refused <= (16 if name == "erased" else 0)


# --- mutants -----------------------------------------------------------------------------------------------


def mutants(content: bytes, magic: bytes, count: int, seed: str) -> Iterator[bytes]:
    """Inputs that no program wrote: changed, cut, doubled, interleaved, of chance, of nothing."""
    chance = random.Random(seed)
    for _ in range(count):
        made = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(made) + 1)
            length = chance.choice((0, 1, 2, 4, 8, 16, 62, 100, chance.randrange(len(content) + 1)))
            match chance.randrange(8):
                case 0 if made:
                    made[place % len(made)] ^= 1 << chance.randrange(8)
                case 1:
                    del made[place:]
                case 2:
                    del made[place : place + length]
                case 3:
                    made[place:place] = made[place : place + length]
                case 4:
                    made[place : place + length] = bytes(min(length, len(made) - place))
                case 5:
                    made[place : place + length] = chance.randbytes(length)
                case 6:
                    made[place : place + 4] = chance.choice(
                        (b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\x10", b"\0\x10\0\0")
                    )
                case _:
                    made = bytearray(magic + chance.randbytes(chance.randrange(2_000)))
        yield bytes(made)


@pytest.mark.parametrize("name", NAMES)
def test_no_mutant_gives_another_error_than_ours(readers: dict[str, Reader], name: str) -> None:
    fuzz(readers, name, 60 if name == "backup" else 250)


@pytest.mark.torture
@pytest.mark.parametrize("name", NAMES)
def test_no_mutant_of_20_000_gives_another_error_than_ours(
    readers: dict[str, Reader], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    began = memory()
    count, refused, slowest = fuzz(readers, name, 20_000)
    grown = memory() - began
    tell(
        capsys,
        f"{name}: {count} mutants, {refused} refused, slowest {slowest:.2f} s, memory +{grown // 2**20} MB",
    )
    assert grown < MOST_MEMORY


def fuzz(readers: dict[str, Reader], name: str, count: int) -> tuple[int, int, float]:
    reader = readers[name]
    return read_all(name, reader, mutants(reader.path.read_bytes(), reader.magic, count, f"{name} 20261124"))


def memory() -> int:
    """The most that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def tell(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


# --- empty and huge ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_file_is_refused_or_says_nothing(readers: dict[str, Reader], name: str) -> None:
    read_all(name, readers[name], iter([b"", b"\0", b"\xff" * 70]))


@pytest.mark.parametrize("name", NAMES)
def test_a_huge_file_takes_neither_time_nor_memory(readers: dict[str, Reader], name: str) -> None:
    """The true beginning, then nothing for 300 MB (a hole: it takes no disk)."""
    reader = readers[name]
    true = reader.read()
    with reader.path.open("r+b") as file:
        file.truncate(HUGE)
    before, began = memory(), time.process_time()
    try:
        said = reader.read()
        assert said in (true, frozenset(), frozenset({DAMAGED}), 0, False, True)
    except FsbusError:
        pass
    assert time.process_time() - began < SLOW
    assert memory() - before < MOST_MEMORY
    reader.path.unlink()


def test_rubble_behind_a_true_beginning_does_not_hang_the_opening(device: Session) -> None:
    """A journal whose rest is made so that a frame seems to begin at every byte."""
    save(device)
    [path] = Journals.of(device.home, device.keys).paths()
    whole = path.read_bytes()
    path.write_bytes(whole + b"\0\x04\0\0\0\0\0\0" * 200_000)
    began = time.process_time()
    [journal] = Journals.of(device.home, device.keys).read()
    assert time.process_time() - began < SLOW
    assert journal.is_damaged or len(journal.frames) == 1
    assert len(journal.frames) == 1
