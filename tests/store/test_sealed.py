"""A sealed file opens for its key, whole or cut; whatever was changed in it is refused."""

import hashlib
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.errors import StoreTooNew
from fsbus.store.sealed import Contents, Frame, SealKey, Unreadable, seal, unseal

KEY = SealKey(vault_id=bytes(range(16)), epoch=1, key=bytes(range(32)))
REPLICA = "0123456789abcdef0123456789abcdef"
FRAMES = (Frame(1, b"[]"), Frame(2, "Élodie".encode() * 9), Frame(7, b""))
GOLDEN = Path(__file__).parents[1] / "golden" / "journal" / "v1.fsj"
GOLDEN_FINGERPRINT = "8a2407baa2128ce2cf9fecc13fd6a3438c52e7472948c39977f2aca248c858a6"
GOLDEN_LINES = (
    b'[{"seq":1,"record":"01a20000-0000-7000-8000-000000000001","kind":"visit","verb":"set","set":{"minutes":30}}]',
    b'[{"seq":2,"record":"01a20000-0000-7000-8000-000000000001","kind":"visit","verb":"set","set":{"minutes":35}},'
    b'{"seq":3,"record":"01a20000-0000-7000-8000-000000000002","kind":"visit","verb":"erase"}]',
)


def contents(found: Contents) -> list[tuple[int, bytes]]:
    return [(frame.number, frame.content) for frame in found.frames]


def expected(*frames: Frame) -> list[tuple[int, bytes]]:
    return [(frame.number, frame.content) for frame in frames]


def test_what_was_sealed_is_read_again() -> None:
    _, sealed = seal(KEY, REPLICA, FRAMES)
    found = unseal(KEY, sealed)
    assert (found.replica, found.is_broken, found.is_torn) == (REPLICA, False, False)
    assert contents(found) == expected(*FRAMES)
    assert b"lodie" not in sealed


def test_the_golden_journal_of_version_1_is_read() -> None:
    content = GOLDEN.read_bytes()
    assert hashlib.sha256(content).hexdigest() == GOLDEN_FINGERPRINT
    found = unseal(KEY, content)
    assert (found.replica, found.is_broken, found.is_torn) == (REPLICA, False, False)
    assert contents(found) == [(1, GOLDEN_LINES[0]), (2, GOLDEN_LINES[1])]


def test_the_golden_journal_is_what_the_format_says_without_our_code() -> None:
    content = GOLDEN.read_bytes()
    header, rest = content[:62], content[62:]
    assert header[:6] == b"FSBJ\x01\x01"
    assert header[6:22] == KEY.vault_id
    assert header[22:26] == b"\0\0\0\x01"
    assert header[26:42].hex() == REPLICA
    assert header[58:] == bytes(4)
    cipher = AESGCMSIV(HKDF(algorithm=SHA256(), length=32, salt=None, info=header[42:58]).derive(KEY.key))
    tag, read = hashlib.sha256(header).digest()[:16], []
    while rest:
        length, number = struct.unpack(">IQ", rest[:12])
        sealed = rest[24 : 24 + length]
        read.append((number, cipher.decrypt(rest[12:24], sealed, header + tag + rest[:12])))
        tag, rest = sealed[-16:], rest[24 + length :]
    assert read == [(1, GOLDEN_LINES[0]), (2, GOLDEN_LINES[1])]


def test_every_bit_that_is_changed_is_noticed_and_costs_two_frames_at_most() -> None:
    _, sealed = seal(KEY, REPLICA, FRAMES)
    whole = expected(*FRAMES)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            found = unseal(KEY, bytes(changed))
        except Unreadable:
            assert bit < 62 * 8
            continue
        assert found.is_broken or found.is_torn
        kept = contents(found)
        # Another version or suite: what the frames prove says that it is damage, and nothing is lost.
        assert len(kept) < len(whole) or bit // 8 in (4, 5)
        assert [one for one in whole if one in kept] == kept
        if bit >= 62 * 8:
            assert len(kept) >= len(whole) - 2


@given(st.integers(min_value=0))
def test_a_file_cut_anywhere_gives_its_beginning(length: int) -> None:
    _, sealed = seal(KEY, REPLICA, FRAMES)
    cut = sealed[: length % len(sealed)]
    try:
        found = unseal(KEY, cut)
    except Unreadable:
        assert len(cut) < 62
        return
    kept = contents(found)
    assert kept == expected(*FRAMES)[: len(kept)]
    assert not found.is_broken


def test_behind_a_large_damaged_frame_the_next_is_found_at_once() -> None:
    _, sealed = seal(KEY, REPLICA, (Frame(1, bytes(20 * 2**20)), *FRAMES))
    changed = bytearray(sealed)
    changed[2**20] ^= 1
    found = unseal(KEY, bytes(changed))
    assert found.is_broken
    # The frame behind follows the tag of the damaged one, which is as it was.
    assert contents(found) == expected(*FRAMES)


@pytest.mark.parametrize("place", [4, 5])
def test_a_newer_version_or_suite_is_told_and_a_lower_one_is_rubble(place: int) -> None:
    _, sealed = seal(KEY, REPLICA, FRAMES)
    newer = bytearray(sealed)
    newer[place] = 2
    newer[62:] = bytes(len(newer) - 62)  # whatever its frames are like
    with pytest.raises(StoreTooNew, match="plus récente"):
        unseal(KEY, bytes(newer))
    newer[4] = 0
    with pytest.raises(Unreadable):
        unseal(KEY, bytes(newer))


def test_frames_do_not_change_places_nor_files() -> None:
    (_, one), (_, two) = seal(KEY, REPLICA, FRAMES[:1]), seal(KEY, REPLICA, FRAMES[:1])
    assert unseal(KEY, one[:62] + two[62:]).frames == ()
    assert contents(unseal(KEY, one + one[62:])) == expected(FRAMES[0])


@pytest.mark.parametrize(
    "other",
    [
        SealKey(KEY.vault_id, 1, bytes(32)),
        SealKey(bytes(16), 1, KEY.key),
        SealKey(KEY.vault_id, 2, KEY.key),
    ],
)
def test_another_key_reads_nothing(other: SealKey) -> None:
    _, sealed = seal(KEY, REPLICA, FRAMES)
    try:
        assert unseal(other, sealed).frames == ()
    except Unreadable:
        assert other.key == KEY.key


def test_two_files_of_the_same_words_differ_and_the_key_stays_out_of_sight() -> None:
    assert seal(KEY, REPLICA, FRAMES)[1][62:] != seal(KEY, REPLICA, FRAMES)[1][62:]
    assert "key" not in repr(KEY)
