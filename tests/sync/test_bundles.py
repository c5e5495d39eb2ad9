"""The exchange by stick: the same result as over the network, twice, late, or in any order."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from fsbus.core.errors import DeviceRevoked, InvalidInput, NotAllowed, SyncError
from fsbus.core.lease import DAY, LASTS
from fsbus.server.lost_device import revoke
from fsbus.store import queries
from fsbus.store.standing import REVOKED, read_standing
from fsbus.store.store import Store
from fsbus.sync import bundles
from fsbus.wire import age
from fsbus.wire import bundle as wire
from fsbus.wire.codec import decode_request
from tests.sync.carrier import StickLaptop, answer, equal_to_centre, unlike_any_other
from tests.sync.equal import replica_states, whole_hash
from tests.sync.world import World


def test_a_day_goes_to_the_centre_and_back_by_stick(world: World, laptop: StickLaptop) -> None:
    other = StickLaptop(world, "deux")
    other.record("chez l’autre")
    other.sync()
    laptop.record("sur la route")
    taken = laptop.carry()
    assert (taken.acked, taken.changes, taken.more) == (3, 4, False)
    assert laptop.store.pending_count() == 0
    equal_to_centre(world, laptop)
    other.close()


def test_what_was_read_from_a_stick_is_read_again_without_any_effect(
    world: World, laptop: StickLaptop
) -> None:
    laptop.record("une")
    asked = laptop.write()
    first, second = answer(world, asked), answer(world, asked)
    laptop.read(first.sealed)
    before = replica_states(laptop.store.db)
    for again in (first, second, first):
        assert laptop.read(again.sealed).acked == 0
    assert replica_states(laptop.store.db) == before
    assert len(world.central_lines()) == 1


def test_a_stick_that_comes_after_the_network_changes_nothing(world: World, laptop: StickLaptop) -> None:
    visit = laptop.record("une")
    asked = laptop.write()
    laptop.sync()
    laptop.amend(visit, note="deux")
    laptop.sync()
    laptop.read(answer(world, asked).sealed)
    equal_to_centre(world, laptop)
    assert laptop.store.pending_count() == 0


def test_days_of_work_leave_in_requests_of_bounded_size(
    world: World, laptop: StickLaptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LARGEST_CHUNK", 2_000)
    for number in range(40):
        laptop.record(f"note {number} {unlike_any_other()}")
    written = laptop.write_file()
    assert (written.changes, written.left) == (laptop.store.last_seq - 0 - laptop.store.link().acked, 0)
    sealed = (laptop.stick / "bus.fsb").read_bytes()
    found = wire.unpack(sealed, world.centre.private_key, wire.REQUESTS)
    requests = [decode_request(part.body) for part in found.parts]
    assert len(requests) > 5
    assert all(len(part.body) <= 2_000 for part in found.parts)
    assert all(not request.header.pull for request in requests[:-1])
    assert requests[-1].header.pull
    taken = laptop.read(answer(world, sealed).sealed)
    assert taken.acked == written.changes
    equal_to_centre(world, laptop)


def test_what_finds_no_room_leaves_with_the_next_file(
    world: World, laptop: StickLaptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LARGEST_CHUNK", 1_000)
    monkeypatch.setattr(bundles, "MOST_REQUESTS", 2)
    for number in range(20):
        laptop.record(f"note {number} {unlike_any_other()}")
    written = laptop.write_file()
    assert written.left > 0
    assert written.changes + written.left == laptop.store.pending_count()
    rounds = 0
    while laptop.store.pending_count():
        laptop.carry()
        rounds += 1
    assert rounds > 3
    equal_to_centre(world, laptop)


def contradict(world: World, laptop: StickLaptop) -> None:
    """Have this laptop and another set the same note; the other's has come to the centre."""
    other = StickLaptop(world, "deux")
    visit = laptop.record("d’abord")
    laptop.sync()
    other.sync()
    other.amend(visit, note="la sienne")
    other.sync()
    other.close()
    laptop.amend(visit, note="la mienne")


def test_conflicts_and_what_is_put_aside_are_told_by_stick(world: World, laptop: StickLaptop) -> None:
    contradict(world, laptop)
    taken = laptop.carry()
    assert (taken.acked, taken.conflicts, taken.quarantined) == (1, 1, 0)
    assert [line["note"] for line in laptop.lines()] == ["la sienne"]
    assert len(list(queries.open_conflicts(laptop.store.db))) == 1


def test_answers_read_in_the_wrong_order_lose_no_result(world: World, laptop: StickLaptop) -> None:
    contradict(world, laptop)
    first = answer(world, laptop.write())
    laptop.record("plus tard")
    second = answer(world, laptop.write())
    assert laptop.read(second.sealed).conflicts == 1
    assert laptop.read(first.sealed).conflicts == 0
    laptop.sync()
    equal_to_centre(world, laptop)


# --- who may read, and what is believed --------------------------------------------------------------------------------


def test_no_word_of_a_stick_can_be_read_by_who_finds_it(world: World, laptop: StickLaptop) -> None:
    laptop.record("Odile Vasseur, allocation")
    asked = laptop.write()
    given = answer(world, asked).sealed
    for sealed in (asked, given):
        assert b"Odile" not in sealed
        with pytest.raises(wire.BadBundle):
            wire.unpack(sealed, bytes(32), wire.REQUESTS)


def test_an_answer_to_another_laptop_or_to_a_forgotten_request_is_refused(
    world: World, laptop: StickLaptop
) -> None:
    other = StickLaptop(world, "deux")
    other.sync()
    laptop.record("une")
    asked = laptop.write()
    given = answer(world, asked)
    before = whole_hash(other.store.db)
    with pytest.raises(InvalidInput):
        other.read(given.sealed)
    assert whole_hash(other.store.db) == before
    laptop.store.maintain(lambda db: db.conn.execute("DELETE FROM sent_by_stick"))
    before = whole_hash(laptop.store.db)
    with pytest.raises(InvalidInput, match="30 jours"):
        laptop.read(given.sealed)
    assert whole_hash(laptop.store.db) == before
    other.close()


def test_requests_are_remembered_for_thirty_days(world: World, laptop: StickLaptop) -> None:
    old = answer(world, laptop.write())
    world.clock.now.at += timedelta(days=31)  # type: ignore[attr-defined]  # the world's own clock
    laptop.write()
    with pytest.raises(InvalidInput, match="30 jours"):
        laptop.read(old.sealed)


def test_an_answer_signed_by_anyone_else_changes_nothing(world: World, laptop: StickLaptop) -> None:
    laptop.record("une")
    given = answer(world, laptop.write())
    mine = laptop.enrolment.signing_key
    found = wire.unpack(given.sealed, mine, wire.ANSWERS)
    before = whole_hash(laptop.store.db)
    swapped = replace(found, parts=found.parts[::-1])
    unsigned = replace(found, parts=[replace(part, body=part.body[:-1] + b"\0") for part in found.parts])
    for wrong in (swapped, unsigned):
        with pytest.raises(InvalidInput):
            laptop.read(wire.pack(wrong, wire.seal_recipient(mine)))
    assert whole_hash(laptop.store.db) == before


def test_a_request_heard_on_the_network_brings_nothing_to_who_puts_it_on_a_stick(
    world: World, laptop: StickLaptop
) -> None:
    laptop.record("secret")
    heard = wire.unpack(laptop.write(), world.centre.private_key, wire.REQUESTS)
    thief = age.new_identity()
    stolen = wire.pack(replace(heard, reply=age.recipient_of(thief)), world.centre.seal)
    given = answer(world, stolen)
    assert set(given.refused) == {"malformed"}
    assert given.changes == 0
    assert b"secret" not in age.open_sealed(given.sealed, thief)
    assert world.central_lines() == []


def test_a_revoked_laptop_is_told_so_and_nothing_of_its_stick_is_taken(
    world: World, laptop: StickLaptop
) -> None:
    laptop.record("une")
    asked = laptop.write()
    revoke(world.centre, laptop.device)
    given = answer(world, asked)
    assert given.refused == {"revoked": given.parts}
    with pytest.raises(DeviceRevoked):
        laptop.read(given.sealed)
    assert world.central_lines() == []
    assert laptop.store.pending_count() > 0
    standing = read_standing(laptop.store)
    assert standing is not None
    assert standing.problem == REVOKED


def test_a_centre_of_another_epoch_asks_for_one_exchange_by_the_network(
    world: World, laptop: StickLaptop
) -> None:
    laptop.record("une")
    asked = laptop.write()
    world.centre = replace(world.centre, epoch="another life")
    given = answer(world, asked)
    assert set(given.refused) == {"epoch"}
    with pytest.raises(SyncError, match="réseau"):
        laptop.read(given.sealed)
    assert laptop.store.pending_count() > 0


def test_a_laptop_without_its_centres_seal_is_told_to_exchange_once(world: World) -> None:
    fresh = StickLaptop(world, "neuf")
    with pytest.raises(NotAllowed, match="une fois"):
        fresh.write_file()
    fresh.sync()
    # Enrolled before there were sticks: the next exchange brings what is needed.
    fresh.store.set_enrolment(replace(fresh.enrolment, seal=""))
    with pytest.raises(NotAllowed, match="une fois"):
        fresh.write_file()
    fresh.sync()
    assert fresh.write_file().bytes > 0
    fresh.close()


def test_a_copied_laptop_takes_a_new_name_by_stick_and_loses_nothing(
    world: World, laptop: StickLaptop
) -> None:
    laptop.record("d’abord")
    laptop.sync()
    copy = world.folder / "copie.db"
    laptop.close()
    shutil.copy(laptop.path, copy)
    laptop.store = Store.open(laptop.path, laptop.key, clock=world.clock)
    laptop.record("sur l’un")
    laptop.sync()
    laptop.close()
    shutil.copy(copy, laptop.path)
    laptop.store = Store.open(laptop.path, laptop.key, clock=world.clock)
    laptop.record("sur la copie")
    with pytest.raises(SyncError, match="copie"):
        laptop.carry()
    # It reads first what the copy may not show.
    assert laptop.carry().acked == 0
    laptop.carry()
    assert {line["note"] for line in world.central_lines()} == {"d’abord", "sur l’un", "sur la copie"}
    equal_to_centre(world, laptop)


# --- the lease ---------------------------------------------------------------------------------------------------------


def test_an_answer_held_back_for_two_weeks_renews_nothing(world: World, laptop: StickLaptop) -> None:
    given = answer(world, laptop.write())
    lease = laptop.store.lease()
    assert lease is not None
    world.clock.now.at += timedelta(days=15)  # type: ignore[attr-defined]  # the world's own clock
    later = laptop.store.change_lease(
        lambda kept: replace(kept or lease, flow=lease.flow + 15 * DAY, wall=lease.wall + 15 * DAY)
    )
    assert later.expired
    laptop.read(given.sealed)
    read = laptop.store.lease()
    assert read is not None
    assert read.expired
    laptop.carry()
    fresh = laptop.store.lease()
    assert fresh is not None
    assert abs(fresh.left - LASTS) < 3_600
