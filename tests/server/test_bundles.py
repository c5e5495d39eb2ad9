"""Hostile sticks at a real centre and on a real laptop: refused part by part, nothing believed."""

import random
import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from backports import zstd

from fsbus.core.errors import FsbusError
from fsbus.server.bundles import answer_bundle
from fsbus.wire import bundle as wire
from fsbus.wire import signing
from fsbus.wire.version import CONTENT_TYPE
from tests.sync.carrier import StickLaptop, answer, unlike_any_other
from tests.sync.equal import whole_hash
from tests.sync.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def laptop(world: World) -> Iterator[StickLaptop]:
    made = StickLaptop(world, "un")
    made.sync()
    made.record("une")
    yield made
    made.close()


def signed(laptop: StickLaptop, body: bytes) -> wire.Part:
    """A part that this laptop really signed, whatever its body."""
    enrolled = laptop.enrolment
    headers = signing.sign_request(
        method="POST",
        path=wire.PATH,
        query="",
        content_type=CONTENT_TYPE,
        body=body,
        audience=enrolled.audience,
        device=enrolled.device,
        private_key=enrolled.signing_key,
        created=1_764_000_000,
    )
    return wire.Part(headers, body)


def changed(chance: random.Random, raw: bytes) -> bytes:
    """One to three bytes changed, taken away or added."""
    made = bytearray(raw)
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(made) + 1)
        match chance.randrange(4):
            case 0:
                made[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del made[place : place + chance.randrange(1, 30)]
            case 2:
                made[place:place] = chance.randbytes(chance.randrange(1, 30))
            case _:
                del made[place:]
    return bytes(made)


def hostile_part(chance: random.Random, part: wire.Part, laptop: StickLaptop) -> wire.Part:
    """A part changed after it was signed, or signed by a laptop that lies."""
    match chance.randrange(5):
        case 0:
            return replace(part, body=changed(chance, part.body))
        case 1:
            name = chance.choice(sorted(part.headers))
            value = changed(chance, part.headers[name].encode()).decode("latin-1")
            return replace(part, headers={**part.headers, name: value})
        case 2:
            name = chance.choice(sorted(part.headers))
            return replace(part, headers={key: value for key, value in part.headers.items() if key != name})
        case 3:
            return signed(laptop, changed(chance, part.body))
        case _:
            return signed(laptop, zstd.compress(changed(chance, zstd.decompress(part.body))))


def statuses(world: World, laptop: StickLaptop, count: int) -> set[int]:
    """The statuses that the centre gave to so many hostile sticks, each answered whole."""
    centre = world.centre
    whole = wire.unpack(laptop.write(), centre.private_key, wire.REQUESTS)
    mine = laptop.enrolment.signing_key
    chance, found = random.Random(7141), set[int]()
    for _ in range(count):
        parts = [hostile_part(chance, part, laptop) for part in whole.parts]
        given = answer_bundle(centre, wire.pack(replace(whole, parts=parts), centre.seal), clock=world.clock)
        found |= {part.status for part in wire.unpack(given.sealed, mine, wire.ANSWERS).parts}
    return found


def laptop_stands(world: World, laptop: StickLaptop, count: int) -> None:
    """Hostile answers, sealed as they must be, change not one row of the laptop."""
    enrolled = laptop.enrolment
    given = wire.unpack(answer(world, laptop.write()).sealed, enrolled.signing_key, wire.ANSWERS)
    chance, before = random.Random(1417), whole_hash(laptop.store.db)
    for _ in range(count):
        place = chance.randrange(len(given.parts))
        part = given.parts[place]
        while (wrong := hostile_part(chance, part, laptop)) == part:
            continue
        parts = [*given.parts[:place], wrong, *given.parts[place + 1 :]]
        sealed = wire.pack(replace(given, parts=parts), wire.seal_recipient(enrolled.signing_key))
        with pytest.raises(FsbusError):
            laptop.read(sealed)
    assert whole_hash(laptop.store.db) == before


def test_hostile_parts_are_each_refused_and_none_is_a_bug(world: World, laptop: StickLaptop) -> None:
    found = statuses(world, laptop, 120)
    assert {400, 401} <= found
    assert max(found) < 500


def test_hostile_answers_change_nothing_on_the_laptop(world: World, laptop: StickLaptop) -> None:
    laptop_stands(world, laptop, 120)


@pytest.mark.torture
def test_ten_thousand_hostile_sticks_on_both_sides(world: World, laptop: StickLaptop) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    laptop_stands(world, laptop, 5_000)
    # Last: what it signs is taken for its own, and the laptop is then a copy of itself.
    found = statuses(world, laptop, 5_000)
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"statuses {sorted(found)}, {more:.0f} MiB more")  # noqa: T201 -- the figures
    assert max(found) < 500
    assert more < 64


def test_a_bomb_inside_a_signed_part_is_refused(world: World, laptop: StickLaptop) -> None:
    centre = world.centre
    whole = wire.unpack(laptop.write(), centre.private_key, wire.REQUESTS)
    bomb = signed(laptop, zstd.compress(bytes(200_000_000)))
    given = answer_bundle(centre, wire.pack(replace(whole, parts=[bomb]), centre.seal), clock=world.clock)
    assert set(given.refused) == {"too_large"}


def test_a_stick_whose_answers_would_not_fit_is_refused(
    world: World, laptop: StickLaptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        laptop.record(f"{number} {unlike_any_other()}")
    laptop.sync()
    laptop.store.maintain(lambda db: db.conn.execute("UPDATE link SET replica = ?, acked = 0", ("ab" * 16,)))
    laptop.store.maintain(lambda db: db.conn.execute("UPDATE positions SET position = 0"))
    whole = wire.unpack(laptop.write(), world.centre.private_key, wire.REQUESTS)
    sealed = wire.pack(replace(whole, parts=list(whole.parts) * 9), world.centre.seal)
    monkeypatch.setattr(wire, "LARGEST_FILE", len(sealed))
    with pytest.raises(wire.BundleTooLarge, match="answers"):
        answer(world, sealed)


def test_a_reply_that_is_no_recipient_takes_nothing_in(world: World, laptop: StickLaptop) -> None:
    whole = wire.unpack(laptop.write(), world.centre.private_key, wire.REQUESTS)
    with pytest.raises(wire.BadBundle):
        answer(world, wire.pack(replace(whole, reply="age1nobody"), world.centre.seal))
    assert world.central_lines() == []


def test_an_answer_larger_than_a_message_is_asked_again_in_smaller(
    world: World, laptop: StickLaptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsbus.server import bundles

    other = StickLaptop(world, "deux")
    for number in range(20):
        other.record(f"note {number}")
    other.sync()
    monkeypatch.setattr(bundles, "MOST_LINES", 10)
    taken = laptop.carry()
    assert 0 < taken.changes < 9
    assert taken.more
    while laptop.carry().more:
        pass
    assert {line["note"] for line in laptop.lines()} == {line["note"] for line in world.central_lines()}
    other.close()


def test_a_header_field_of_a_newer_laptop_is_ignored(world: World, laptop: StickLaptop) -> None:
    whole = wire.unpack(laptop.write(), world.centre.private_key, wire.REQUESTS)
    first = whole.parts[0]
    lines = zstd.decompress(first.body).split(b"\n")
    lines[0] = msgspec.json.encode(msgspec.json.decode(lines[0]) | {"newer": 1})
    newer = signed(laptop, zstd.compress(b"\n".join(lines)))
    given = answer(world, wire.pack(replace(whole, parts=[newer, *whole.parts[1:]]), world.centre.seal))
    assert not given.refused
