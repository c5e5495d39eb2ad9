"""Whatever is restored or copied, in whatever order, is healed without a question; nothing is twice."""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from fsbus.core.errors import DeviceRevoked
from fsbus.server import tables
from fsbus.server.database import update
from fsbus.store.checking import log_problems
from fsbus.store.former import former_to_ask
from fsbus.store.pruning import is_emptied
from tests.sync.accidents import (
    begin_new_life,
    cloned,
    put_back,
    put_centre_back,
    set_aside,
    set_centre_aside,
    settle,
)
from tests.sync.world import LaptopUnderTest, World

LATER = timedelta(days=31)


@pytest.fixture
def laptop(world: World) -> LaptopUnderTest:
    return world.laptop("un")


def notes(laptop: LaptopUnderTest) -> list[str]:
    return sorted(str(line["note"]) for line in laptop.lines())


def make_durable(world: World) -> None:
    """As a verified backup of the centre does."""
    with world.centre.database.write() as connection:
        connection.execute(update(tables.replicas).values(durable_seq=tables.replicas.c.last_seq))


def lines_in(laptop: LaptopUnderTest) -> list[bytes]:
    found = laptop.store.db.conn.execute("SELECT line FROM operations ORDER BY replica, seq")
    return [bytes(line) for (line,) in found]


def forget(laptop: LaptopUnderTest) -> None:
    """Take a new name, as after a restoring that the laptop knows of."""
    laptop.store.rotate_replica()


def test_a_centre_restored_from_before_a_rotation_gets_what_stood_under_the_older_name(
    world: World, laptop: LaptopUnderTest
) -> None:
    laptop.record("avant la copie du centre")
    laptop.sync()
    kept = set_centre_aside(world)
    visit = laptop.record("confirmée sous l’ancien nom")
    laptop.sync()
    forget(laptop)
    laptop.amend(visit, note="corrigée sous le nouveau nom")
    laptop.sync()
    put_centre_back(world, kept)
    laptop.sync()
    assert notes(laptop) == ["avant la copie du centre", "corrigée sous le nouveau nom"]
    assert laptop.lines() == world.central_lines()
    assert len(world.central_log()) == len(set(world.central_log()))
    assert laptop.sync().conflicts == 0


def test_three_names_in_a_row_are_brought_back_in_their_order(world: World, laptop: LaptopUnderTest) -> None:
    kept = set_centre_aside(world)
    visit = laptop.record("nom 1")
    laptop.sync()
    for number in (2, 3):
        forget(laptop)
        laptop.amend(visit, note=f"nom {number}")
        laptop.sync()
    put_centre_back(world, kept)
    assert laptop.sync().quarantined == 0
    assert notes(laptop) == ["nom 3"]
    assert laptop.lines() == world.central_lines()


def test_a_cut_while_older_names_are_brought_back_is_resumed(world: World, laptop: LaptopUnderTest) -> None:
    kept = set_centre_aside(world)
    for number in range(6):
        laptop.record(f"note {number}")
    laptop.sync()
    forget(laptop)
    laptop.record("la suite")
    laptop.sync()
    put_centre_back(world, kept)
    fates = ["lost answer", "good", "lost request", "twice", "good"] * 3
    laptop.sync(fates, chunk=900)
    laptop.sync()
    assert len(notes(laptop)) == 7
    assert laptop.lines() == world.central_lines()
    assert len(world.central_log()) == len(set(world.central_log()))


ACCIDENTS = ("client restored", "cloned", "centre restored")


@pytest.mark.parametrize("order", list(itertools.permutations(ACCIDENTS)), ids=", ".join)
@pytest.mark.parametrize("synced", [True, False], ids=["met between", "not met between"])
def test_every_order_of_accidents_is_healed_without_a_question(
    world: World, laptop: LaptopUnderTest, order: tuple[str, ...], synced: bool
) -> None:
    other = world.laptop("deux")
    laptops = [laptop, other]
    laptop.record("au début")
    settle(*laptops)
    of_laptop, of_centre = set_aside(laptop), set_centre_aside(world)
    laptop.record("depuis les copies")
    laptop.sync()
    other.record("de l’autre")
    settle(*laptops)
    happens: dict[str, Callable[[], None]] = {
        "client restored": lambda: put_back(laptop, of_laptop),
        "cloned": lambda: laptops.append(cloned(laptop, "clone")),
        "centre restored": lambda: put_centre_back(world, of_centre),
    }
    written = {"au début", "depuis les copies", "de l’autre"}
    for number, accident in enumerate(order):
        happens[accident]()
        for one in laptops:
            note = f"{one.name} {number}"
            one.record(note)
            written.add(note)
            if synced:
                one.sync()
    settle(*laptops)
    # What was written on a file before another was put in its place, and never sent, is nowhere any more.
    before = order[: order.index("client restored")]
    gone = set() if synced else {f"un {number}" for number in range(len(before))}
    central = [str(line["note"]) for line in world.central_lines()]
    assert written - gone <= set(central) <= written
    assert len(central) == len(set(central))
    for one in laptops:
        assert one.lines() == world.central_lines()
        assert one.store.pending_count() == 0
        assert log_problems(one.store.db) == []
    assert len(world.central_log()) == len(set(world.central_log()))
    for one in laptops[1:]:
        one.close()


def test_another_laptop_that_carries_on_a_dead_one_gives_back_what_stood_under_its_name(
    world: World, laptop: LaptopUnderTest
) -> None:
    kept = set_centre_aside(world)
    laptop.record("du poste perdu")
    laptop.sync()
    heir = cloned(laptop, "héritier")
    heir.signing_key = bytes(range(32))
    heir.device = world.enrol("héritier", heir.signing_key)
    forget(heir)
    heir.record("du nouveau")
    heir.sync()
    put_centre_back(world, kept)
    heir.device = world.enrol("héritier", heir.signing_key)
    laptop.device = world.enrol("un", laptop.signing_key)
    settle(heir, laptop)
    settle(laptop, heir)
    assert notes(laptop) == notes(heir) == ["du nouveau", "du poste perdu"]
    assert heir.lines() == laptop.lines() == world.central_lines()
    heir.close()


def test_a_centre_restored_from_before_an_enrolment_takes_all_again_after_a_fresh_code(
    world: World,
) -> None:
    kept = set_centre_aside(world)
    laptop = world.laptop("tard venu")
    laptop.record("une")
    laptop.sync()
    forget(laptop)
    laptop.record("deux")
    laptop.sync()
    put_centre_back(world, kept)
    laptop.record("trois")
    with pytest.raises(DeviceRevoked):
        laptop.sync()
    assert notes(laptop) == ["deux", "trois", "une"]
    assert world.enrol(laptop.name, laptop.signing_key) == laptop.device
    laptop.sync()
    assert notes(laptop) == ["deux", "trois", "une"]
    assert laptop.lines() == world.central_lines()
    laptop.close()


def test_lines_stay_until_a_verified_backup_holds_them_and_thirty_days_passed(
    world: World, laptop: LaptopUnderTest
) -> None:
    laptop.record("gardée")
    laptop.sync()
    world.time.at += LATER
    laptop.sync()
    assert not any(map(is_emptied, lines_in(laptop)))
    make_durable(world)
    laptop.record("trop jeune")
    laptop.sync()
    young = lines_in(laptop)[-3:]
    assert all(map(is_emptied, lines_in(laptop)[:-3]))
    assert not any(map(is_emptied, young))
    assert log_problems(laptop.store.db) == []
    assert len(notes(laptop)) == 2
    laptop.amend(str(laptop.lines()[0]["visit_id"]), minutes=44)
    laptop.sync()
    assert laptop.lines() == world.central_lines()


def test_lines_under_an_older_name_are_emptied_too(world: World, laptop: LaptopUnderTest) -> None:
    laptop.record("sous l’ancien nom")
    laptop.sync()
    forget(laptop)
    laptop.sync()
    make_durable(world)
    world.time.at += LATER
    laptop.sync()
    laptop.sync()
    assert all(map(is_emptied, lines_in(laptop)))
    assert former_to_ask(laptop.store.db, date(2026, 12, 31).isoformat()) is None


def test_an_emptied_creation_that_the_centre_lost_is_written_again_from_the_record(
    world: World, laptop: LaptopUnderTest
) -> None:
    kept = set_centre_aside(world)
    visit = laptop.record("vidée")
    laptop.amend(visit, note="vidée, corrigée")
    laptop.sync()
    make_durable(world)
    world.time.at += LATER
    laptop.sync()
    assert all(map(is_emptied, lines_in(laptop)))
    laptop.amend(visit, minutes=33)
    put_centre_back(world, kept)
    assert laptop.sync().quarantined == 0
    assert notes(laptop) == ["vidée, corrigée"]
    assert [line["minutes"] for line in laptop.lines()] == [33]
    assert laptop.lines() == world.central_lines()


def test_an_operation_put_aside_keeps_its_line(world: World, laptop: LaptopUnderTest) -> None:
    visit = laptop.record("une")
    laptop.sync()
    # Against the rules, as a laptop of another release may send it.
    laptop.store.maintain(lambda db: db.conn.execute("PRAGMA ignore_check_constraints = ON"))
    laptop.amend(visit, minutes=0)
    laptop.sync()
    make_durable(world)
    world.time.at += LATER
    laptop.sync()
    assert [is_emptied(line) for line in lines_in(laptop)] == [True, True, True, True, False]


def test_a_new_life_alone_costs_one_question_for_each_older_name(
    world: World, laptop: LaptopUnderTest
) -> None:
    laptop.record("une")
    laptop.sync()
    forget(laptop)
    laptop.sync()
    begin_new_life(world)
    before = world.central_log()
    report = laptop.sync()
    assert (report.pushed, report.requests) == (0, 5)  # refused, greeted, asked about, read, compared
    assert world.central_log() == before


def test_the_day_of_an_acknowledgement_is_kept_once(world: World, laptop: LaptopUnderTest) -> None:
    world.time.at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    for number in range(3):
        laptop.record(f"note {number}")
        laptop.sync()
    kept = laptop.store.db.conn.execute("SELECT day, seq FROM acknowledged").fetchall()
    assert kept == [("2026-11-24", laptop.store.last_seq)]
