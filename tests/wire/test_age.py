"""age v1: the project's own vectors, two independent programs, and hostile files."""

import hashlib
import io
import random
import shutil
import subprocess
import tracemalloc
import zlib
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.wire import age, bech32

GOLDEN = Path(__file__).parents[1] / "golden" / "age"
VECTORS = sorted(path.name for path in GOLDEN.iterdir() if not path.suffix)
SIZES = [0, 1, 2, 15, 16, 17, 4096, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 200_000]
EXPECTED = {
    "header failure": age.BadHeader,
    "HMAC failure": age.BadMac,
    "no match": age.NotForUs,
    "payload failure": age.BadPayload,
}


def vector(name: str) -> tuple[dict[str, list[str]], bytes]:
    """What the vector says of itself, and its age file."""
    head, _, sealed = (GOLDEN / name).read_bytes().partition(b"\n\n")
    said: dict[str, list[str]] = {}
    for line in head.decode().split("\n"):
        key, value = line.split(": ", 1)
        said.setdefault(key, []).append(value)
    return said, zlib.decompress(sealed) if "compressed" in said else sealed


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_of_the_age_project_is_opened_or_refused_as_it_says(name: str) -> None:
    said, sealed = vector(name)
    identities = [age.read_identity(text) for text in said.get("identity", [])] or [age.new_identity()]
    (expected,) = said["expect"]
    if expected == "success":
        opened = [age.open_sealed(sealed, identity) for identity in identities]
        assert [hashlib.sha256(plain).hexdigest() for plain in opened] == said["payload"] * len(identities)
        return
    for identity in identities:
        with pytest.raises(EXPECTED[expected]):
            age.open_sealed(sealed, identity)


def test_every_vector_that_applies_is_here() -> None:
    assert len(VECTORS) == 67


def test_a_reader_gives_the_chunks_before_a_broken_one_and_then_refuses() -> None:
    identity, plain = age.new_identity(), random.Random(1).randbytes(3 * age.CHUNK)
    sealed = bytearray(age.seal(plain, [age.recipient_of(identity)]))
    sealed[-1] ^= 1
    chunks = age.SealedReader(io.BytesIO(bytes(sealed)), identity).chunks()
    assert next(chunks) + next(chunks) == plain[: 2 * age.CHUNK]
    with pytest.raises(age.BadPayload):
        next(chunks)


@pytest.mark.parametrize("size", SIZES)
def test_each_size_is_opened_again(size: int) -> None:
    identity = age.new_identity()
    plain = random.Random(size).randbytes(size)
    assert age.open_sealed(age.seal(plain, [age.recipient_of(identity)]), identity) == plain


@given(st.lists(st.integers(0, 150_000), max_size=4), st.integers(1, 100_000))
def test_what_is_written_by_pieces_is_read_by_pieces(pieces: list[int], size: int) -> None:
    identity, file = age.new_identity(), io.BytesIO()
    chance = random.Random(size)
    written = [chance.randbytes(piece) for piece in pieces]
    with age.SealedWriter(file, [age.recipient_of(identity)]) as sealed:
        for piece in written:
            assert sealed.write(piece) == len(piece)
    file.seek(0)
    reader = age.SealedReader(file, identity)
    assert b"".join(iter(lambda: reader.read(size), b"")) == b"".join(written)


def test_a_file_whose_writer_failed_cannot_be_opened() -> None:
    identity, file = age.new_identity(), io.BytesIO()

    def write_until_the_disk_is_full() -> None:
        with age.SealedWriter(file, [age.recipient_of(identity)]) as sealed:
            sealed.write(bytes(200_000))
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        write_until_the_disk_is_full()
    with pytest.raises(age.BadPayload):
        age.open_sealed(file.getvalue(), identity)


def test_each_of_several_recipients_opens_it_and_nobody_else() -> None:
    identities = [age.new_identity() for _ in range(3)]
    sealed = age.seal(b"bonjour", [age.recipient_of(one) for one in identities])
    assert [age.open_sealed(sealed, one) for one in identities] == [b"bonjour"] * 3
    with pytest.raises(age.NotForUs):
        age.open_sealed(sealed, age.new_identity())


def test_every_bit_of_a_small_file_counts() -> None:
    identity = age.new_identity()
    sealed = age.seal(b"Jean Dupont, RSA", [age.recipient_of(identity)])
    for place in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(age.AgeRefused):
            age.open_sealed(bytes(changed), identity)


def test_a_file_cut_at_any_byte_or_lengthened_is_refused() -> None:
    identity = age.new_identity()
    sealed = age.seal(b"Jean Dupont, RSA", [age.recipient_of(identity)])
    for wrong in [*(sealed[:size] for size in range(len(sealed))), sealed + b"\0", sealed + sealed]:
        with pytest.raises(age.AgeRefused):
            age.open_sealed(wrong, identity)


def test_an_endless_header_is_refused_after_its_bound() -> None:
    endless = io.BytesIO(b"age-encryption.org/v1\n" + b"-> a\n\n" * 1_000_000)
    with pytest.raises(age.BadHeader):
        age.SealedReader(endless, age.new_identity())
    assert endless.tell() <= age.LARGEST_HEADER


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_with_our_own_error(noise: bytes) -> None:
    for sealed in (noise, b"age-encryption.org/v1\n" + noise, b"age-encryption.org/v1\n-> X25519 " + noise):
        with pytest.raises(age.AgeRefused):
            age.open_sealed(sealed, bytes(range(32)))


def test_sealing_a_large_file_holds_a_few_chunks_in_memory(tmp_path: Path) -> None:
    identity, path = age.new_identity(), tmp_path / "large.age"
    piece = bytes(1_000_000)
    tracemalloc.start()
    with path.open("wb") as file, age.SealedWriter(file, [age.recipient_of(identity)]) as sealed:
        for _ in range(32):
            sealed.write(piece)
    with path.open("rb") as written:
        size = sum(len(chunk) for chunk in age.SealedReader(written, identity).chunks())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 32_000_000
    assert peak < 3_000_000


# --- two independent programs ------------------------------------------------------------------------------------------


def both_ways_with_pyrage(count: int) -> int:
    """Files that each side sealed and the other opened; the sizes of SIZES first, then drawn ones."""
    chance = random.Random(count)
    for number in range(count):
        size = SIZES[number] if number < len(SIZES) else chance.randrange(3 * age.CHUNK)
        plain, identity = chance.randbytes(size), age.new_identity()
        theirs = pyrage.x25519.Identity.from_str(age.identity_text(identity))
        assert str(theirs.to_public()) == age.recipient_of(identity)
        assert pyrage.decrypt(age.seal(plain, [age.recipient_of(identity)]), [theirs]) == plain
        assert age.open_sealed(pyrage.encrypt(plain, [theirs.to_public()]), identity) == plain
    return count


def test_pyrage_opens_ours_and_we_open_its() -> None:
    assert both_ways_with_pyrage(60) == 60


@pytest.mark.torture
def test_pyrage_opens_a_thousand_of_ours_and_we_a_thousand_of_its() -> None:
    print("sealed and opened both ways with pyrage:", both_ways_with_pyrage(1_000))  # noqa: T201 -- the figure


@pytest.mark.skipif(shutil.which("age") is None, reason="the tool age is not installed")
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_the_tool_age_opens_ours_and_we_open_its(tmp_path: Path, size: int) -> None:
    plain, identity = random.Random(size).randbytes(size), age.new_identity()
    key = tmp_path / "key.txt"
    key.write_text(age.identity_text(identity) + "\n")
    ours = subprocess.run(
        ["age", "-d", "-i", key],
        input=age.seal(plain, [age.recipient_of(identity)]),
        capture_output=True,
        check=True,
    )
    assert ours.stdout == plain
    theirs = subprocess.run(
        ["age", "-r", age.recipient_of(identity)], input=plain, capture_output=True, check=True
    )
    assert age.open_sealed(theirs.stdout, identity) == plain


# --- keys as text ------------------------------------------------------------------------------------------------------


def test_keys_are_read_as_they_are_written() -> None:
    identity = bytes(range(32))
    assert age.read_identity(age.identity_text(identity)) == identity
    assert len(age.read_recipient(age.recipient_of(identity))) == 32


@pytest.mark.parametrize("text", [
    "", "age", "age1", "age1q", "AGE1QQQQQQ", age.identity_text(bytes(32)).lower(), age.recipient_of(bytes(32)).upper(),
    age.recipient_of(bytes(32))[:-1], age.recipient_of(bytes(32)) + "q", age.recipient_of(bytes(32)).replace("q", "p", 1),
    bech32.write("age", bytes(31)), bech32.write("bge", bytes(32)), "é" + age.recipient_of(bytes(32)),
])  # fmt: skip
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    for read in (age.read_recipient, age.read_identity):
        with pytest.raises(age.BadHeader):
            read(text)


@given(st.binary(max_size=60))
def test_bech32_reads_what_it_wrote_and_finds_every_wrong_sign(raw: bytes) -> None:
    text = bech32.write("age", raw)
    assert bech32.read(text) == ("age", raw)
    for place in range(4, len(text)):
        wrong = "q" if text[place] != "q" else "p"
        with pytest.raises(bech32.BadBech32):
            bech32.read(text[:place] + wrong + text[place + 1 :])


def test_bech32_reads_the_valid_strings_of_bip_173_whose_length_is_whole() -> None:
    assert bech32.read("A12UEL5L") == ("a", b"")
    for wrong in ("10a06t8", "1qzzfhee", "A1G7SGD8", "pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "de1lg7wt\xff"):
        with pytest.raises(bech32.BadBech32):
            bech32.read(wrong)
