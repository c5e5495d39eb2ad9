"""Several people get in, each with their own secret; a damaged key file is put right from its twin."""

import hmac
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from fsbus.core.errors import InvalidInput, KeysDamaged, StoreTooNew, StoreUnavailable, WrongPassphrase
from fsbus.store import keyring
from fsbus.store.key_slots import FLOOR, MOST_SLOTS, PASSPHRASE, Cost, Header, parse
from fsbus.store.keyfile import Keys, agent_slot, packed
from fsbus.store.keyring import create_keyfile, unlock

CAMILLE, DENIS, SACHA = (f"01a20000-0000-7000-8000-00000000a9e{last}" for last in "123")
OF_CAMILLE, OF_DENIS, OF_SACHA = "brume sept lanternes", "quai des tilleuls gris", "mousse aux trois ponts"
HEADER, SLOT = 52, 308


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Keys]:
    """A key file of Camille and Denis, and Camille's keys."""
    path = tmp_path_factory.mktemp("keys") / "keys.fsk"
    keys = create_keyfile(path, OF_CAMILLE, CAMILLE)
    keyring.add_agent(path, keys, DENIS, OF_DENIS, created=7)
    return path.read_bytes(), keys


@pytest.fixture
def path(tmp_path: Path, two: tuple[bytes, Keys]) -> Path:
    target = tmp_path / "keys.fsk"
    target.write_bytes(two[0])
    return target


def opened_by(path: Path, *secrets: str) -> list[str]:
    found = []
    for secret in secrets:
        try:
            found.append(unlock(path, secret).agent_id)
        except WrongPassphrase:
            found.append("")
    return found


def test_each_agent_opens_the_same_vault_and_is_known_by_the_slot(
    path: Path, two: tuple[bytes, Keys]
) -> None:
    keys = unlock(path, OF_DENIS)
    assert (keys.agent_id, keys.subkey("db")) == (DENIS, two[1].subkey("db"))
    assert opened_by(path, OF_CAMILLE, OF_DENIS, OF_SACHA) == [CAMILLE, DENIS, ""]
    assert [(one.agent_id, one.invited, one.created) for one in keyring.members(path, keys)] == [
        (CAMILLE, False, 0),
        (DENIS, False, 7),
    ]


def test_nobody_is_added_twice_nor_beyond_the_last_slot(path: Path, two: tuple[bytes, Keys]) -> None:
    with pytest.raises(InvalidInput):
        keyring.add_agent(path, two[1], DENIS, OF_SACHA)
    header, slots = parse(path.read_bytes())
    path.write_bytes(packed(header, [slots[0]] * MOST_SLOTS, two[1]))
    with pytest.raises(InvalidInput, match="32"):
        keyring.add_agent(path, two[1], SACHA, OF_SACHA)


def test_a_passphrase_is_changed_without_the_others(path: Path) -> None:
    before = parse(path.read_bytes())
    keyring.change_passphrase(path, OF_DENIS, OF_SACHA)
    after = parse(path.read_bytes())
    assert opened_by(path, OF_CAMILLE, OF_DENIS, OF_SACHA) == [CAMILLE, "", DENIS]
    assert after[1][0] == before[1][0]
    assert after[0].generation == before[0].generation + 1
    assert opened_by(keyring.before(path), OF_DENIS) == [""]  # given up there too


def test_a_changed_passphrase_never_costs_less(path: Path, two: tuple[bytes, Keys]) -> None:
    header, slots = parse(path.read_bytes())
    dear = agent_slot(header, two[1], DENIS, OF_DENIS, cost=Cost(80 * 1024, 4, 4))
    path.write_bytes(packed(header, (slots[0], dear), two[1]))
    keyring.change_passphrase(path, OF_DENIS, OF_SACHA, cost=Cost(96 * 1024, 3, 4))
    assert parse(path.read_bytes())[1][1].cost == Cost(96 * 1024, 4, 4)


def test_an_invitation_opens_nothing_but_the_way_to_a_passphrase_and_only_once(
    path: Path, two: tuple[bytes, Keys]
) -> None:
    code = keyring.invite_agent(path, two[1], SACHA)
    assert len(bytes.fromhex(code.replace("-", ""))) == 16
    assert opened_by(path, code, OF_SACHA) == ["", ""]
    assert [one.invited for one in keyring.members(path, two[1])] == [False, False, True]
    with pytest.raises(WrongPassphrase):
        keyring.accept_invitation(path, "0" * 32, OF_SACHA)
    keys = keyring.accept_invitation(path, f" {code.upper()} ", OF_SACHA)
    assert (keys.agent_id, keys.subkey("db")) == (SACHA, two[1].subkey("db"))
    assert opened_by(path, OF_CAMILLE, OF_SACHA) == [CAMILLE, SACHA]
    for file in (path, keyring.before(path)):
        with pytest.raises(WrongPassphrase):
            keyring.accept_invitation(file, code, "une autre phrase encore")


def test_the_coordinators_key_opens_without_any_passphrase(path: Path, two: tuple[bytes, Keys]) -> None:
    private = X25519PrivateKey.generate()
    keyring.set_recovery(path, two[1], private.public_key().public_bytes_raw())
    keyring.set_recovery(path, two[1], private.public_key().public_bytes_raw())
    assert len(parse(path.read_bytes())[1]) == 3
    keys = keyring.recover(path, private.private_bytes_raw())
    assert keys.subkey("db") == two[1].subkey("db")
    assert [one.agent_id for one in keyring.members(path, keys)] == [CAMILLE, DENIS]
    with pytest.raises(WrongPassphrase):
        keyring.recover(path, X25519PrivateKey.generate().private_bytes_raw())


def test_the_next_epoch_is_passed_on_to_all_but_one(path: Path, two: tuple[bytes, Keys]) -> None:
    private = X25519PrivateKey.generate()
    keyring.set_recovery(path, two[1], private.public_key().public_bytes_raw())
    new = two[1].next_epoch()
    keyring.pass_on(path, two[1], new, without=DENIS)
    assert opened_by(path, OF_CAMILLE, OF_DENIS) == [CAMILLE, ""]
    assert unlock(path, OF_CAMILLE).subkey("db") == new.subkey("db") != two[1].subkey("db")
    assert keyring.recover(path, private.private_bytes_raw()).epoch == 2
    with pytest.raises(InvalidInput):
        keyring.pass_on(path, new, new.next_epoch(), without=CAMILLE)
    assert opened_by(path, OF_CAMILLE) == [CAMILLE]


def test_who_may_write_the_file_cannot_plant_a_key_for_the_next_change(
    path: Path, two: tuple[bytes, Keys]
) -> None:
    header, slots = parse(path.read_bytes())
    stranger = Keys(SACHA, two[1].vault_id, 1, bytes(32))
    planted = agent_slot(header, stranger, SACHA, OF_SACHA, cost=FLOOR)
    content = packed(header, (*slots, planted), stranger)
    path.write_bytes(content)
    for change in (
        lambda: keyring.pass_on(path, two[1], two[1].next_epoch(), without=DENIS),
        lambda: keyring.add_agent(path, two[1], SACHA, OF_SACHA),
        lambda: keyring.members(path, two[1]),
    ):
        with pytest.raises(KeysDamaged):
            change()
    assert path.read_bytes() == content


def test_a_slot_below_the_floor_is_neither_written_nor_read(path: Path, two: tuple[bytes, Keys]) -> None:
    header, slots = parse(path.read_bytes())
    for cheap in (Cost(64 * 1024 - 1, 3, 4), Cost(64 * 1024, 2, 4), Cost(64 * 1024, 3, 3)):
        with pytest.raises(ValueError, match="out of bounds"):
            agent_slot(header, two[1], SACHA, OF_SACHA, cost=cheap)
        lowered = replace(
            slots[0], memory_kib=cheap.memory_kib, rounds=cheap.rounds, lanes=cheap.lanes
        )  # even by someone who holds the keys
        path.write_bytes(packed(header, (lowered, slots[1]), two[1]))
        with pytest.raises(KeysDamaged):
            unlock(path, OF_CAMILLE)


# --- the file and its copy ---------------------------------------------------------------------------------


def test_the_generation_before_stays_until_somebody_got_in(path: Path, two: tuple[bytes, Keys]) -> None:
    keyring.add_agent(path, two[1], SACHA, OF_SACHA)
    assert keyring.before(path).read_bytes() == two[0]
    keys = unlock(path, OF_SACHA)
    keyring.confirm(path, keys)
    assert keyring.before(path).read_bytes() == path.read_bytes() != two[0]


@pytest.mark.parametrize("place", [0, 6, 28, HEADER + 100, HEADER + 170, HEADER + 290, -1])
def test_a_damaged_key_file_is_put_right_from_its_twin(
    path: Path, two: tuple[bytes, Keys], place: int
) -> None:
    keyring.confirm(path, two[1])
    content = bytearray(two[0])
    content[place] ^= 1
    path.write_bytes(content)
    keys = unlock(path, OF_CAMILLE)
    assert path.read_bytes() == content  # nothing is written before the database opened
    keyring.confirm(path, keys)
    assert path.read_bytes() == keyring.before(path).read_bytes() == two[0]
    assert [file.read_bytes() for file in path.parent.glob("keys.fsk.abime-*")] == [bytes(content)]


@pytest.mark.parametrize("left", [b"", b"FSBK", bytes(700)])
def test_a_lost_or_emptied_key_file_is_put_right_too(
    path: Path, two: tuple[bytes, Keys], left: bytes
) -> None:
    keyring.confirm(path, two[1])
    for damage in (path.unlink, lambda: path.write_bytes(left)):
        damage()
        assert keyring.has_keys(path)
        with pytest.raises((KeysDamaged, WrongPassphrase)):
            unlock(path, OF_SACHA)
        keyring.confirm(path, unlock(path, OF_DENIS))
        assert path.read_bytes() == two[0]


def test_a_passphrase_given_up_does_not_come_back_by_the_copy(path: Path, two: tuple[bytes, Keys]) -> None:
    keyring.before(path).write_bytes(two[0])
    header, slots = parse(two[0])
    path.write_bytes(packed(replace(header, generation=9), slots[:1], two[1]))  # Denis is gone, same epoch
    assert opened_by(path, OF_DENIS, OF_CAMILLE) == ["", CAMILLE]
    keyring.pass_on(path, two[1], two[1].next_epoch(), without=DENIS)
    keyring.before(path).write_bytes(two[0])
    assert opened_by(path, OF_DENIS, OF_CAMILLE) == ["", CAMILLE]


def test_a_damaged_copy_harms_nothing(path: Path, two: tuple[bytes, Keys]) -> None:
    for content in (b"", bytes(900), two[0][:-1]):
        keyring.before(path).write_bytes(content)
        keyring.confirm(path, unlock(path, OF_CAMILLE))
        assert keyring.before(path).read_bytes() == two[0]


def test_without_any_key_file_there_is_no_laptop(tmp_path: Path) -> None:
    assert not keyring.has_keys(tmp_path / "keys.fsk")
    with pytest.raises(StoreUnavailable, match="Aucun poste ici"):
        unlock(tmp_path / "keys.fsk", OF_CAMILLE)


# --- every bit ---------------------------------------------------------------------------------------------


def alter_bits(path: Path, made: tuple[bytes, Keys], step: int) -> int:
    """Alter every ``step``-th bit alone; none may open by Camille's slot, nothing may be written."""
    content, rejected = made[0], 0
    for bit in range(0, len(content) * 8, step):
        altered = bytearray(content)
        altered[bit // 8] ^= 1 << bit % 8
        path.write_bytes(altered)
        with pytest.raises((KeysDamaged, WrongPassphrase, StoreTooNew)):
            unlock(path, OF_CAMILLE)
        with pytest.raises(KeysDamaged):
            keyring.add_agent(path, made[1], SACHA, OF_SACHA)
        assert path.read_bytes() == altered
        assert [file.name for file in path.parent.iterdir()] == ["keys.fsk"]
        rejected += 1
    return rejected


def test_an_altered_bit_is_rejected_and_changes_nothing(path: Path, two: tuple[bytes, Keys]) -> None:
    assert alter_bits(path, two, 47) >= 100


@pytest.mark.torture
def test_every_altered_bit_is_rejected_and_changes_nothing(path: Path, two: tuple[bytes, Keys]) -> None:
    assert alter_bits(path, two, 1) == len(two[0]) * 8


def test_the_trailer_is_an_hmac_of_all_before_it(two: tuple[bytes, Keys]) -> None:
    content, keys = two
    assert hmac.digest(keys.subkey("keyfile-mac"), content[:-32], "sha256") == content[-32:]
    assert isinstance(parse(content)[0], Header)
    assert {slot.type for slot in parse(content)[1]} == {PASSPHRASE}
