"""The container of a stick: its released bytes, its bounds, and malformed ones on both readers."""

import os
import random
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.wire import age, signing
from fsbus.wire import bundle as wire
from fsbus.wire.bundle import ANSWERS, REQUESTS, BadBundle, Bundle, BundleTooLarge, Part, pack, unpack

GOLDEN = Path(__file__).parents[1] / "golden" / "wire" / "v1"
LAPTOP, CENTRE = bytes(range(32)), bytes(range(32, 64))


def bundle(kind: int = REQUESTS, parts: int = 2) -> Bundle:
    return Bundle(
        kind=kind,
        id="0123456789abcdef0123456789abcdef",
        device="3s74vi6i2agqt7gb4slzb5g2o",
        audience="fsbus-0123456789ab",
        epoch="6c0e48f83c628e84",
        created="2026-11-24T08:00:00Z",
        reply=wire.seal_recipient(LAPTOP) if kind == REQUESTS else "",
        parts=tuple(Part({"content-type": "text/plain"}, b"part %d" % number) for number in range(parts)),
    )


def resealed(plain: bytes) -> bytes:
    """Any content, sealed as it must be: only its inside is wrong."""
    return age.seal(plain, [wire.seal_recipient(CENTRE)])


def plain_of(sealed: bytes) -> bytes:
    return age.open_sealed(sealed, wire.seal_identity(CENTRE))


def with_header(**changes: object) -> bytes:
    plain = plain_of(pack(bundle(), wire.seal_recipient(CENTRE)))
    length = struct.unpack(">I", plain[6:10])[0]
    header = msgspec.json.decode(plain[10 : 10 + length]) | changes
    written = msgspec.json.encode(header)
    return resealed(plain[:6] + struct.pack(">I", len(written)) + written + plain[10 + length :])


def test_what_is_packed_is_unpacked_by_who_it_is_sealed_to_and_nobody_else() -> None:
    for kind in (REQUESTS, ANSWERS):
        sealed = pack(bundle(kind), wire.seal_recipient(CENTRE))
        assert unpack(sealed, CENTRE, kind) == bundle(kind)
        with pytest.raises(BadBundle):
            unpack(sealed, LAPTOP, kind)
        with pytest.raises(BadBundle):
            unpack(sealed, CENTRE, REQUESTS + ANSWERS - kind)


@pytest.mark.parametrize(
    ("name", "kind", "key"), [("requests", REQUESTS, CENTRE), ("answers", ANSWERS, LAPTOP)]
)
def test_a_released_stick_is_opened_and_its_content_written_the_same(
    name: str, kind: int, key: bytes
) -> None:
    sealed = (GOLDEN / f"{name}.fsb").read_bytes()
    found = unpack(sealed, key, kind)
    plain = (GOLDEN / f"{name}.fsb.plain").read_bytes()
    assert age.open_sealed(sealed, wire.seal_identity(key)) == plain
    again = pack(found, wire.seal_recipient(key))
    assert age.open_sealed(again, wire.seal_identity(key)) == plain
    assert [part.body for part in found.parts] == [(GOLDEN / _BODIES[name]).read_bytes()]


_BODIES = {"requests": "request.zst", "answers": "answer.zst"}


def test_the_released_stick_holds_the_released_signatures() -> None:
    asked = unpack((GOLDEN / "requests.fsb").read_bytes(), CENTRE, REQUESTS)
    given = unpack((GOLDEN / "answers.fsb").read_bytes(), LAPTOP, ANSWERS)
    (request,), (answer,) = asked.parts, given.parts
    signing.verify_request(
        method="POST",
        path=wire.PATH,
        query="",
        headers=request.headers,
        audience=asked.audience,
        public_key=signing.public_key_of(LAPTOP),
    )
    signing.verify_body(request.headers, request.body)
    signing.verify_answer(
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        answered=signing.request_signature(request.headers) or "",
        public_key=signing.public_key_of(CENTRE),
    )
    assert given.id == asked.id
    assert asked.reply == wire.seal_recipient(LAPTOP)


def test_the_recipients_of_a_released_stick_never_change() -> None:
    written = (GOLDEN / "seals.txt").read_text().split()
    assert [wire.seal_recipient(LAPTOP), wire.seal_recipient(CENTRE)] == written


def test_every_bound_is_held_when_written(monkeypatch: pytest.MonkeyPatch) -> None:
    to = wire.seal_recipient(CENTRE)
    many = replace(bundle(), parts=[Part({}, b"")] * (wire.MOST_PARTS + 1))
    named = replace(bundle(), parts=[Part({str(number): "x" for number in range(17)}, b"")])
    long = replace(bundle(), parts=[Part({"a": "x" * 3_000}, b"")])
    for wrong in (many, named, long, replace(bundle(), device="d" * 3_000)):
        with pytest.raises(BadBundle):
            pack(wrong, to)
    header = replace(bundle(), parts=[Part({"a": "x" * 2_000}, b"")] * 200)
    with pytest.raises(BundleTooLarge):
        pack(header, to)
    monkeypatch.setattr(wire, "LARGEST_FILE", 200_000)
    with pytest.raises(BundleTooLarge):
        pack(replace(bundle(), parts=[Part({}, bytes(150_000))] * 2), to)
    with pytest.raises(BundleTooLarge):
        unpack(bytes(200_001), CENTRE, REQUESTS)


@pytest.mark.parametrize("changes", [
    {"parts": [{"headers": {}, "status": 0, "size": 13}]},
    {"parts": [{"headers": {}, "status": 0, "size": -1}, {"headers": {}, "status": 0, "size": 13}]},
    {"parts": [{"headers": {}, "status": 0, "size": 2**40}]},
    {"parts": [{"headers": {}, "status": 1_000, "size": 12}]},
    {"parts": [{"headers": {"a": 1}, "status": 0, "size": 12}]},
    {"parts": [{"headers": {}, "size": 12}]},
    {"parts": {}}, {"parts": [{}] * 5_000}, {"id": "x" * 3_000}, {"id": None}, {"reply": 4},
])  # fmt: skip
def test_a_header_that_says_otherwise_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadBundle):
        unpack(with_header(**changes), CENTRE, REQUESTS)


def test_unknown_fields_of_a_header_are_ignored() -> None:
    assert unpack(with_header(newer=[1, {"a": 2}]), CENTRE, REQUESTS) == bundle()


@given(st.binary(max_size=300))
def test_any_content_is_refused_with_our_own_error(noise: bytes) -> None:
    for plain in (noise, b"FSBB\x01\x01" + noise, b"FSBB\x01\x01\x00\x00\x00\x02{}" + noise):
        with pytest.raises(BadBundle):
            unpack(resealed(plain), CENTRE, REQUESTS)


def malformed(count: int) -> Iterator[bytes]:
    """Changed, cut, lengthened and joined files; half of them wrong outside, half wrong inside a right seal."""
    chance = random.Random(20_261_123)
    to = wire.seal_recipient(CENTRE)
    whole = [pack(bundle(parts=parts), to) for parts in (0, 1, 7)]
    plains = [plain_of(sealed) for sealed in whole]
    for number in range(count):
        inside = number % 2 == 1
        made = bytearray(chance.choice(plains if inside else whole))
        before = bytes(made)
        while bytes(made) == before:
            for _ in range(chance.randrange(1, 4)):
                place = chance.randrange(len(made) + 1)
                match chance.randrange(6):
                    case 0:
                        made[place : place + 1] = bytes([chance.randrange(256)])
                    case 1:
                        del made[place:]
                    case 2:
                        made[place:place] = chance.randbytes(chance.randrange(1, 40))
                    case 3:
                        del made[place : place + chance.randrange(1, 40)]
                    case 4:
                        made[place:] = chance.choice(plains if inside else whole)[place:]
                    case _:
                        made[place : place + 1] = bytes(
                            [(made[place] if place < len(made) else 0) ^ 1 << chance.randrange(8)]
                        )
        yield resealed(bytes(made)) if inside else bytes(made)


def refused(count: int) -> tuple[int, int]:
    """How many were refused and how many read, when every reader may raise BadBundle and nothing else."""
    bad = 0
    for sealed in malformed(count):
        for key, kind in ((CENTRE, REQUESTS), (LAPTOP, ANSWERS)):
            try:
                unpack(sealed, key, kind)
            except BadBundle:
                bad += 1
    return bad, 2 * count - bad


def test_malformed_sticks_are_refused_and_nothing_else_is_raised() -> None:
    bad, read = refused(300)
    # A changed letter inside a right seal may still be a container; its parts are signed.
    assert bad > 400
    assert read < 200


@pytest.mark.torture
def test_ten_thousand_malformed_sticks_are_refused_in_bounded_memory() -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bad, read = refused(10_000)
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{bad} refused, {read} read, {more:.0f} MiB more")  # noqa: T201 -- the figures
    assert more < 64


def test_a_header_of_the_longest_length_said_is_refused_without_reading_it() -> None:
    with pytest.raises(BundleTooLarge):
        unpack(resealed(b"FSBB\x01\x01\xff\xff\xff\xff" + os.urandom(100)), CENTRE, REQUESTS)
