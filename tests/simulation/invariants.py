"""What must hold in every world: during it, and once everybody alive has exchanged."""

from fsbus.core.entities import CONFLICT
from fsbus.core.lives import LIFE
from fsbus.server import admin, tables
from fsbus.server.database import func, select
from fsbus.store.checking import fulltext_problems, log_problems
from fsbus.store.database import problems_in
from fsbus.wire.codec import op_digest
from tests.simulation.laptop import SimulatedLaptop
from tests.simulation.memory import set_aside, standing, states_of_centre, values_in, words_in
from tests.simulation.world import World
from tests.sync.equal import ERASED, States, differences, replica_states

MOST_ROUNDS = 6


def heal(world: World) -> None:
    """Everybody alive exchanges, in any order, until all show what the centre has; whoever does exchanges once."""
    busy = world.at_work()
    for _ in range(MOST_ROUNDS):
        world.chance.shuffle(busy)
        for laptop in busy:
            world.settle(laptop)
            what_was_confirmed_is_there(world, laptop)
        busy = [laptop for laptop in world.at_work() if not _is_quiet(world, laptop)]
        if not busy:
            return
    for laptop in world.at_work():
        assert laptop.store.pending_count() == 0, f"{laptop.name} still waits"
        unlike = differences(replica_states(laptop.store.db), world.shown_to(laptop))
        assert not unlike, f"{laptop.name} and the centre differ (laptop, centre): {unlike}"


def _is_quiet(world: World, laptop: SimulatedLaptop) -> bool:
    return laptop.store.pending_count() == 0 and replica_states(laptop.store.db) == world.shown_to(laptop)


def what_was_confirmed_is_there(world: World, laptop: SimulatedLaptop) -> None:
    """Each operation that the laptop takes for acknowledged is at the centre, to the byte or emptied."""
    link = laptop.store.link()
    if link.epoch != world.centre.epoch:
        return
    sql = "SELECT seq, line, verb FROM operations WHERE replica = ? AND seq <= ?"
    mine = laptop.store.db.conn.execute(sql, (laptop.store.replica, link.acked)).fetchall()
    with world.centre.database.read() as connection:
        log = tables.log
        held = {
            row.seq: (row.digest, row.line)
            for row in connection.execute(
                select(log.c.seq, log.c.digest, log.c.line).where(log.c.replica == laptop.store.replica)
            )
        }
    for seq, line, verb in mine:
        assert seq in held, f"{laptop.name} believes that the centre holds its operation {seq}"
        digest, _ = held[seq]
        assert verb == "void" or digest == op_digest(bytes(line)), (
            f"{laptop.name}: another operation is {seq}"
        )


def what_stands_here(laptop: SimulatedLaptop) -> None:
    """A laptop agrees with itself."""
    found = log_problems(laptop.store.db) + laptop.store.maintain(fulltext_problems)
    assert not found, f"{laptop.name}: {found}"


def all_is_well(world: World) -> None:
    """Everything that must hold after `heal`."""
    heal(world)
    states = states_of_centre(world)
    _nothing_is_lost(world, states)
    _nothing_is_taken_twice(world, states)
    _nobody_disagrees_with_themselves(world, states)
    _the_erased_are_nowhere(world, states)
    assert admin.check(world.centre).problems == ()
    for laptop in world.at_work():
        what_stands_here(laptop)
        assert problems_in(laptop.store.db) == []


def _nothing_is_lost(world: World, states: States) -> None:
    truth = world.truth
    missing = {one for one in truth.must_stand() if states.get(one, ERASED) == ERASED}
    assert not missing, f"confirmed, and not at the centre: {sorted(missing)}"
    lost = truth.not_covered(values_in(states) | set_aside(world))
    assert not lost, f"values that nobody replaced are nowhere: {lost}"


def _nothing_is_taken_twice(world: World, states: States) -> None:
    log = tables.log
    changes = select(log.c.record_id, func.count(log.c.seq).label("times")).group_by(log.c.record_id)
    with world.centre.database.read() as connection:
        times = {row.record_id: row.times for row in connection.execute(changes)}
    for record_id, one in standing(states).items():
        # A change of what hangs on a deleted record brings that one back.
        hanging = sum(times.get(child, 0) for child in world.truth.children(record_id))
        # A conflict is made, and settled by what its author says next, without an operation of its own.
        most = times.get(record_id, 0) + hanging + 2 * (one.kind == CONFLICT)
        assert one.version % LIFE <= most, f"{record_id} has version {one.version} after {most} changes"


def _nobody_disagrees_with_themselves(world: World, states: States) -> None:
    """One laptop alone changed a record, and was never put back or cloned as a whole disk: no conflict.

    In a new life of the centre, colleagues may have given back its last word before it brought the first again.
    """
    if world.lives:
        return
    for one in standing(states).values():
        if one.kind == CONFLICT:
            record = one.body["record_id"]
            # Who changes what hangs on a record is at odds with who deletes it.
            by = set[str]().union(
                *(world.truth.touched_by.get(each, ()) for each in (record, *world.truth.children(record)))
            )
            alone = len(by) == 1 and not by & world.truth.rolled_back
            assert not alone, f"{by} is in conflict with itself: {one.body}"


def _the_erased_are_nowhere(world: World, states: States) -> None:
    truth = world.truth
    gone = truth.must_be_erased()
    alive = {one for one in gone if states.get(one, ERASED) != ERASED}
    assert not alive, f"erased, and alive at the centre: {sorted(alive)}"
    standing = truth.must_stand()
    marks = {truth.marks[one] for one in gone} - {truth.marks[one] for one in standing if one in truth.marks}
    if not marks:
        return
    world.restart_centre()
    said = {file.name: file.read_bytes().decode("latin-1") for file in world.folder.glob("centre.db*")}
    said |= {laptop.name: words_in(laptop) for laptop in world.at_work()}
    for laptop in world.at_work():
        for journal in laptop.journals.read():
            said[f"{laptop.name} {journal.path.name}"] = repr([entry.line for entry in journal.entries()])
    found = {(mark, place) for mark in marks for place, words in said.items() if mark in words}
    assert not found, f"texts of erased records are still there: {sorted(found)}"
