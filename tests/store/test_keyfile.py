"""The key file gives its keys to the passphrase alone, and tells damage, age and mistyping apart."""

import hmac
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.errors import StoreDamaged, StoreTooNew, StoreUnavailable, WrongPassphrase
from fsbus.store import key_slots
from fsbus.store.key_slots import Header, Slot, parse
from fsbus.store.keyfile import Keys
from fsbus.store.keyring import create_keyfile, unlock

AGENT = "01a20000-0000-7000-8000-00000000a9e7"
PASSPHRASE = "Camélia brume sept lanternes"
HEADER, SLOT, MAC = 52, 308, 32


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Keys]:
    path = tmp_path_factory.mktemp("keys") / "keys.fsk"
    keys = create_keyfile(path, PASSPHRASE, AGENT, created=1_795_000_000)
    return path.read_bytes(), keys


@pytest.fixture
def path(tmp_path: Path, made: tuple[bytes, Keys]) -> Path:
    target = tmp_path / "keys.fsk"
    target.write_bytes(made[0])
    return target


def test_the_passphrase_gives_back_the_same_keys(path: Path, made: tuple[bytes, Keys]) -> None:
    keys = unlock(path, PASSPHRASE)
    assert keys == made[1]
    assert keys.agent_id == AGENT
    assert keys.subkey("db") == made[1].subkey("db")
    assert len({keys.subkey(label) for label in ("db", "reference", "journal", "keyfile-mac")}) == 4
    assert {len(keys.subkey(label)) for label in ("db", "reference")} == {32}


@pytest.mark.parametrize(
    "typed",
    [
        "Came\u0301lia brume sept lanternes",  # é as macOS types it
        "  Camélia  brume\tsept lanternes \n",
    ],
)
def test_the_same_passphrase_typed_on_another_system_opens_too(path: Path, typed: str) -> None:
    assert unlock(path, typed).agent_id == AGENT


@pytest.mark.parametrize("typed", ["camélia brume sept lanternes", "", "\ud800"])
def test_another_passphrase_opens_nothing(path: Path, typed: str) -> None:
    with pytest.raises(WrongPassphrase):
        unlock(path, typed)


def test_the_file_has_the_sizes_and_the_order_of_version_1(made: tuple[bytes, Keys]) -> None:
    content, keys = made
    assert len(content) == HEADER + SLOT + MAC
    assert content[:8] == b"FSBK\x01\x01\x01\x00"
    assert content[8:24] == keys.vault_id
    assert struct.unpack(">IQ", content[24:36]) == (1, 1)
    slot = content[HEADER:-MAC]
    assert slot[16:20] == b"\x01\x01\x00\x00"
    assert slot[20:36].hex() == AGENT.replace("-", "")
    assert struct.unpack(">IIB", slot[36:45]) == (65_536, 3, 4)
    assert slot[45:48] == b"\0\0\0"
    assert struct.unpack(">Q", slot[-8:]) == (1_795_000_000,)
    assert hmac.digest(keys.subkey("keyfile-mac"), content[:-MAC], "sha256") == content[-MAC:]


def test_header_and_slot_are_packed_as_they_are_parsed(made: tuple[bytes, Keys]) -> None:
    header, slots = parse(made[0])
    assert header.pack() + b"".join(slot.pack() for slot in slots) == made[0][:-MAC]


@pytest.mark.parametrize(
    ("place", "value", "error"),
    [
        (0, 0x47, StoreDamaged),  # magic
        (4, 2, StoreTooNew),
        (5, 2, StoreTooNew),
        (6, 2, StoreDamaged),  # slots announced
        (6, 0, StoreDamaged),
        (7, 1, StoreDamaged),  # flags
        (HEADER + 17, 7, StoreDamaged),  # state of the slot
        (HEADER + 18, 1, StoreDamaged),  # reserved
        (HEADER + 36, 0xFF, StoreDamaged),  # memory that would hang the laptop
        (HEADER + 37, 0, StoreDamaged),  # memory that makes guessing cheap: 0 KiB
        (HEADER + 43, 2, StoreDamaged),  # rounds
        (HEADER + 44, 9, StoreDamaged),  # lanes
        (HEADER + 45, 1, StoreDamaged),  # reserved
    ],
)
def test_structure_and_bounds_are_checked_before_any_derivation(
    made: tuple[bytes, Keys], place: int, value: int, error: type[Exception]
) -> None:
    content = bytearray(made[0])
    content[place] = value
    with pytest.raises(error):
        parse(bytes(content))


@pytest.mark.parametrize("place", [28, HEADER + 299, -1])
def test_the_whole_file_is_proved_once_the_passphrase_has_opened_it(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        unlock(path, PASSPHRASE)


def test_a_sealed_master_key_that_does_not_open_is_damage_not_a_mistyped_passphrase(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[HEADER + 250] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        unlock(path, PASSPHRASE)


@given(content=st.binary(max_size=500) | st.binary(max_size=500).map(lambda rest: b"FSBK\x01\x01" + rest))
def test_any_other_bytes_are_refused_by_name(content: bytes) -> None:
    with pytest.raises((StoreDamaged, StoreTooNew)):
        parse(content)


def test_a_slot_of_another_kind_is_read_over(path: Path, made: tuple[bytes, Keys]) -> None:
    content, keys = made
    header, (slot,) = parse(content)
    recovery = replace(slot, slot_id=bytes(16), type=0x10, memory_kib=0, rounds=0, lanes=0)
    switched_off = replace(slot, slot_id=bytes(15) + b"\1", state=0)
    body = replace(header, slots=3).pack() + recovery.pack() + switched_off.pack() + slot.pack()
    path.write_bytes(body + hmac.digest(keys.subkey("keyfile-mac"), body, "sha256"))
    assert unlock(path, PASSPHRASE).subkey("db") == keys.subkey("db")


def test_a_key_file_is_never_written_over(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable):
        create_keyfile(path, PASSPHRASE, AGENT)
    assert path.read_bytes() == before


def test_a_missing_file_says_that_no_laptop_is_here(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="Aucun poste ici"):
        unlock(tmp_path / "keys.fsk", PASSPHRASE)


def test_a_file_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(StoreUnavailable):
        create_keyfile(tmp_path / "keys.fsk", PASSPHRASE, AGENT)
    assert list(tmp_path.iterdir()) == []


def test_neither_keys_nor_passphrase_show_in_a_traceback(made: tuple[bytes, Keys]) -> None:
    shown = repr(made[1])
    assert "_master" not in shown
    assert PASSPHRASE not in shown


def test_sizes_are_those_of_the_format() -> None:
    header = Header(1, bytes(16), 1, 1, bytes(16))
    slot = Slot(
        bytes(16),
        1,
        1,
        bytes(16),
        65_536,
        3,
        4,
        bytes(16),
        bytes(32),
        bytes(32),
        bytes(12),
        bytes(80),
        bytes(80),
    )
    assert (len(header.pack()), len(slot.pack())) == (HEADER, SLOT)
    assert key_slots.LARGEST == HEADER + 32 * SLOT + MAC
