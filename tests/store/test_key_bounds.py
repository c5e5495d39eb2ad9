"""No edited key file makes guessing cheap, hangs the laptop, or eats its memory."""

import resource
import secrets
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fsbus.core.errors import KeysDamaged, StoreTooNew, WrongPassphrase
from fsbus.store import keyfile, keyring
from fsbus.store.key_slots import FLOOR, MOST_SLOTS, Cost, Slot, parse
from fsbus.store.keyfile import Keys, agent_slot, packed
from fsbus.store.keyring import create_keyfile, unlock

CAMILLE = "01a20000-0000-7000-8000-00000000a9e1"
PHRASE = "brume sept lanternes"
MIB = 1024
CHEAP = [Cost(64 * MIB - 1, 3, 4), Cost(64 * MIB, 2, 4), Cost(64 * MIB, 3, 3), Cost(19 * MIB, 2, 1), Cost(0, 0, 0), Cost(8, 1, 1)]  # fmt: skip
DEAR = [
    Cost(1024 * MIB + 1, 3, 4),
    Cost(64 * MIB, 11, 4),
    Cost(64 * MIB, 3, 9),
    Cost(2**32 - 1, 3, 4),
    Cost(64 * MIB, 2**32 - 1, 4),
    Cost(1024 * MIB, 10, 4),
    Cost(2**32 - 1, 2**32 - 1, 255),
]
ALLOWED = [FLOOR, Cost(512 * MIB, 3, 4), Cost(1024 * MIB, 4, 4), Cost(64 * MIB, 10, 8)]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Keys]:
    path = tmp_path_factory.mktemp("keys") / "keys.fsk"
    keys = create_keyfile(path, PHRASE, CAMILLE)
    return path.read_bytes(), keys


def with_cost(slot: Slot, cost: Cost) -> Slot:
    return replace(slot, memory_kib=cost.memory_kib, rounds=cost.rounds, lanes=cost.lanes)


def never(*_: object, **__: object) -> bytes:
    raise AssertionError("a derivation was begun")


@pytest.mark.parametrize("cost", CHEAP + DEAR)
def test_a_cost_out_of_bounds_is_neither_written_nor_derived_even_when_the_file_is_proved(
    tmp_path: Path, made: tuple[bytes, Keys], cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, keys = made
    header, (slot,) = parse(content)
    monkeypatch.setattr(keyfile, "argon2id", never)
    with pytest.raises(ValueError, match="out of bounds"):
        agent_slot(header, keys, CAMILLE, PHRASE, cost=cost)
    path = tmp_path / "keys.fsk"
    for state in (1, 0):  # a slot that is off is held to the same
        path.write_bytes(packed(header, [replace(with_cost(slot, cost), state=state)], keys))
        with pytest.raises(KeysDamaged):
            unlock(path, PHRASE)
        with pytest.raises(KeysDamaged):
            keyring.add_agent(path, keys, secrets.token_hex(16), "une autre phrase")
        assert [file.name for file in tmp_path.iterdir()] == ["keys.fsk"]


@pytest.mark.parametrize("cost", ALLOWED)
def test_what_may_be_written_may_be_read(made: tuple[bytes, Keys], cost: Cost) -> None:
    header, (slot,) = parse(made[0])
    assert parse(packed(header, [with_cost(slot, cost)], made[1]))[1][0].cost == cost


def test_a_file_full_of_the_dearest_slots_is_refused_before_the_first_derivation(
    tmp_path: Path, made: tuple[bytes, Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each slot alone would be allowed; tried one after the other they would take a quarter of an hour."""
    content, keys = made
    header, (slot,) = parse(content)
    monkeypatch.setattr(keyfile, "argon2id", never)
    path = tmp_path / "keys.fsk"
    path.write_bytes(packed(header, [with_cost(slot, Cost(1024 * MIB, 4, 4))] * MOST_SLOTS, keys))
    began = time.process_time()
    with pytest.raises(KeysDamaged):
        unlock(path, PHRASE)
    assert time.process_time() - began < 1
    parse(packed(header, [with_cost(slot, Cost(512 * MIB, 3, 4))] * MOST_SLOTS, keys))


def test_the_cost_of_a_slot_cannot_be_lowered_by_who_has_not_the_keys(
    tmp_path: Path, made: tuple[bytes, Keys]
) -> None:
    """From a dearer one to the floor: another cost gives another key, and the trailer does not hold."""
    content, keys = made
    header, _ = parse(content)
    dear = agent_slot(header, keys, CAMILLE, PHRASE, cost=Cost(96 * MIB, 3, 4))
    path = tmp_path / "keys.fsk"
    whole = packed(header, [dear], keys)
    lowered = with_cost(dear, FLOOR).pack()
    path.write_bytes(whole[:52] + lowered + whole[-32:])
    with pytest.raises(WrongPassphrase):
        unlock(path, PHRASE)
    assert [file.name for file in tmp_path.iterdir()] == ["keys.fsk"]


@pytest.mark.parametrize(
    "content", [b"", b"FSBK", b"FSBK\x01\x01", bytes(10**6), b"FSBK\x01\x01\xff" + bytes(10**7)]
)
def test_empty_and_huge_files_are_refused_at_once(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.fsk"
    path.write_bytes(content)
    began = time.process_time()
    with pytest.raises((KeysDamaged, StoreTooNew)):
        unlock(path, PHRASE)
    assert time.process_time() - began < 1


SCARCE = """
import resource, sys
from pathlib import Path
from fsbus.core.errors import StoreUnavailable
from fsbus.store.keyring import unlock
resource.setrlimit(resource.RLIMIT_AS, (700 * 2**20,) * 2)
try:
    unlock(Path(sys.argv[1]), sys.argv[2])
except StoreUnavailable as error:
    print(error)
    sys.exit(7)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_AS"), reason="this system cannot bound memory")
def test_a_laptop_without_memory_says_so_and_counts_no_guess(
    tmp_path: Path, made: tuple[bytes, Keys]
) -> None:
    header, (slot,) = parse(made[0])
    path = tmp_path / "keys.fsk"
    path.write_bytes(packed(header, [with_cost(slot, Cost(1024 * MIB, 3, 4))], made[1]))
    program = [sys.executable, "-c", SCARCE, str(path), PHRASE]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 7, done.stderr
    assert "mémoire" in done.stdout
