"""The coordinator's key: opened by its passphrase, refused when one bit changed, the same for ever."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsbus.core.errors import InvalidInput, StoreTooNew, StoreUnavailable, WrongPassphrase
from fsbus.store.key_slots import FLOOR
from fsbus.store.keyfile import public_key_of
from fsbus.store.recovery_file import (
    fingerprint,
    make_recovery_key,
    open_recovery_key,
    public_file,
    read_public_key,
    signing_key_of,
)  # fmt: skip
from fsbus.store.root_file import make_root_key, open_root_key
from fsbus.wire import signing

GOLDEN = Path(__file__).parent.parent / "golden" / "recovery" / "v1.fsr"
PHRASE = "grelot fanion sillage ardoise torchis ibis"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recovery") / "secours.fsr"
    make_recovery_key(path, PHRASE)
    return path


def test_the_private_half_is_that_of_the_public_one(key: Path) -> None:
    public = read_public_key(public_file(key))
    assert public_key_of(open_recovery_key(key, f"  {PHRASE} ")) == public
    assert key.stat().st_mode & 0o077 == 0
    with pytest.raises(WrongPassphrase):
        open_recovery_key(key, "une autre phrase que celle-là")


def test_a_key_is_never_written_over_another(key: Path) -> None:
    before = key.read_bytes()
    with pytest.raises(StoreUnavailable):
        make_recovery_key(key, PHRASE)
    assert key.read_bytes() == before


def test_the_golden_file_still_opens() -> None:
    private = open_recovery_key(GOLDEN, PHRASE)
    assert public_key_of(private) == read_public_key(public_file(GOLDEN))
    assert fingerprint(public_key_of(private)) == "krrho zo2um 4gxom gsst3 wv6lk"
    signs = signing.public_key_of(signing_key_of(private))
    assert signs.hex() == "c916bae357b984b016bd51b69cfa075744a5af55f1004ecd52c0c69c79838e96"


def test_the_golden_root_still_opens_and_is_no_recovery_key() -> None:
    root = GOLDEN.with_suffix(".fst")
    public = signing.public_key_of(open_root_key(root, PHRASE))
    assert public.hex() == "442fb07547e76126a0cf1d72c1d535c0ddcffd5b04bdc49fdfe6a349dbb01084"
    with pytest.raises(InvalidInput, match="secours"):
        open_recovery_key(root, PHRASE)
    with pytest.raises(InvalidInput, match="racine"):
        open_root_key(GOLDEN, PHRASE)
    with pytest.raises(StoreUnavailable):
        make_root_key(root, PHRASE)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bit=st.integers(0, 8 * len(GOLDEN.read_bytes()) - 1))
def test_every_changed_bit_is_refused(tmp_path: Path, bit: int) -> None:
    content = bytearray(GOLDEN.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    changed = tmp_path / "changed.fsr"
    changed.write_bytes(content)
    with pytest.raises((WrongPassphrase, InvalidInput, StoreTooNew)):
        open_recovery_key(changed, PHRASE)


@pytest.mark.parametrize("content", [b"", b"FSBR", b"FSBR\1\1", b"fsbus-recovery-1 AAAA\n", b"\0" * 138])
def test_what_is_no_key_is_refused_and_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="file"):
        open_recovery_key(path, PHRASE)
    with pytest.raises(InvalidInput, match="file"):
        read_public_key(path)


def test_the_private_half_given_for_the_public_one_is_told_apart(key: Path) -> None:
    with pytest.raises(InvalidInput, match="privée"):
        read_public_key(key)


def test_a_cost_below_the_floor_is_never_tried(tmp_path: Path) -> None:
    content = bytearray(GOLDEN.read_bytes())
    content[6:10] = (FLOOR.memory_kib // 2).to_bytes(4, "big")
    path = tmp_path / "cheap.fsr"
    path.write_bytes(content)
    with pytest.raises(InvalidInput):
        open_recovery_key(path, PHRASE)
