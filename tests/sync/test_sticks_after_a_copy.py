"""A laptop that was put back from a copy reads its feeds by stick before it sends what waits."""

from pathlib import Path

import msgspec

from fsbus.server.bundles import answer_bundle
from fsbus.server.direct import DirectApi
from fsbus.store.database import Database
from fsbus.store.link import READ_FIRST
from fsbus.sync.bundles import Written, read_bundle, write_bundle
from fsbus.wire.codec import decode_op, encode_op
from tests.sync.accidents import put_back, set_aside
from tests.sync.carrier import StickLaptop
from tests.sync.equal import central_states, differences, replica_states
from tests.sync.world import World


def test_what_its_author_had_seen_of_others_is_told_before_it_is_sent(
    world: World, laptop: StickLaptop, tmp_path: Path
) -> None:
    other = StickLaptop(world, "deux")
    visit = laptop.record("la première")
    laptop.sync()
    other.sync()
    kept = set_aside(laptop)
    other.amend(visit, note="dite par l’autre")
    other.sync()
    laptop.sync()
    laptop.amend(visit, minutes=33)
    (_, typed) = laptop.store.pending(after=laptop.store.link().acked, max_bytes=1_000_000)[-1]
    put_back(laptop, kept)
    do_again(laptop, visit, typed)
    laptop.store.rotate_replica()

    assert carried(laptop, tmp_path).changes == 0
    assert laptop.store.setting(READ_FIRST) is None
    assert carried(laptop, tmp_path).changes == 1
    assert [(line["note"], line["minutes"]) for line in laptop.lines()] == [("dite par l’autre", 33)]
    centre = central_states(DirectApi(world.centre, laptop.device, world.clock))
    assert differences(replica_states(laptop.store.db), centre) == {}
    other.close()


def do_again(laptop: StickLaptop, visit: str, line: bytes) -> None:
    """As from the journal: with the version that its author had seen, which the copy does not show."""
    laptop.amend(visit, minutes=33)

    def write(db: Database) -> None:
        again = encode_op(msgspec.structs.replace(decode_op(line), seq=laptop.store.last_seq))
        db.conn.execute("UPDATE operations SET line = ? WHERE seq = ?", (again, laptop.store.last_seq))

    laptop.store.maintain(write)


def carried(laptop: StickLaptop, folder: Path) -> Written:
    """A file to the centre, and its answer back."""
    asked, given, clock = folder / "demande.fsb", folder / "réponse.fsb", laptop.world.clock
    written = write_bundle(laptop.store, asked, clock=clock)
    given.write_bytes(answer_bundle(laptop.world.centre, asked.read_bytes(), clock=clock).sealed)
    read_bundle(laptop.store, given, clock=clock)
    return written
