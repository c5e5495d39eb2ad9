"""What may happen in a world, each with how often it is drawn; the world's chance chooses."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from fsbus.core.entities import AGENT, CENTRAL, LOCAL, PROCEDURE_RECORD, VISIT
from fsbus.core.errors import DeviceRevoked, Interrupted, InvalidInput, NotAllowed, SyncError
from fsbus.store import queries
from tests.simulation.invariants import what_stands_here, what_was_confirmed_is_there
from tests.simulation.laptop import TEXTS, SimulatedLaptop
from tests.simulation.memory import remembered
from tests.simulation.world import World
from tests.sync.doors import GOOD, LOST_ANSWER, LOST_REQUEST, MEANWHILE, TWICE

MOST_LAPTOPS = 6
CHUNKS = (1, 700, 2_500, 320_000)
JUMPS = (
    timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1), timedelta(),
    timedelta(days=-20_000), timedelta(days=4_400),
)  # fmt: skip
"""Summer time, a wrong day, right again, 1972, 2038."""

Action = Callable[[World], str]
"""Does one thing; what happened, in few words, for the story."""


def record(world: World) -> str:
    laptop = _anybody(world)
    visit = laptop.record(world.chance.randrange(3))
    return f"{laptop.name} records {visit[-6:]}"


def amend(world: World) -> str:
    laptop = _anybody(world)
    return _amend(world, laptop)


def _amend(world: World, laptop: SimulatedLaptop) -> str:
    kind = world.chance.choices((VISIT, PROCEDURE_RECORD, AGENT), (8, 1, 1))[0]
    found = laptop.records(kind)
    if not found:
        return f"{laptop.name} has nothing to amend"
    # The oldest is where colleagues meet.
    one = world.chance.choice((found[0], found[0], found[-1], world.chance.choice(found)))
    name = world.chance.choice(("minutes", "satisfaction", "note", "note")) if kind == VISIT else TEXTS[kind]
    return f"{laptop.name} amends {one[-6:]} {name} = {laptop.amend(one, kind, name)}"


def erase(world: World) -> str:
    laptop = _anybody(world)
    kind = world.chance.choice((VISIT, PROCEDURE_RECORD))
    found = laptop.records(kind)
    if not found:
        return f"{laptop.name} has nothing to erase"
    one = world.chance.choice(found)
    laptop.erase(one, kind)
    return f"{laptop.name} erases {one[-6:]}"


def delete(world: World) -> str:
    laptop = _anybody(world)
    kind = world.chance.choice((VISIT, VISIT, PROCEDURE_RECORD))
    found = laptop.records(kind)
    if not found:
        return f"{laptop.name} has nothing to delete"
    one = world.chance.choice(found)
    laptop.delete(one, kind)
    return f"{laptop.name} deletes {one[-6:]}"


def choose(world: World) -> str:
    laptop = _anybody(world)
    found = sorted(queries.open_conflicts(laptop.store.db), key=lambda conflict: conflict.id)
    if not found:
        return f"{laptop.name} has nothing to choose"
    conflict, side = world.chance.choice(found), world.chance.choice((LOCAL, CENTRAL))
    taken = laptop.choose(conflict, side)
    return f"{laptop.name} chooses {side} of {conflict.id[-6:]}{'' if taken else ': not possible here'}"


def meet(world: World) -> str:
    """Somebody records, and everybody has it: colleagues may then disagree."""
    said = record(world)
    for _ in range(2):
        for laptop in world.at_work():
            world.settle(laptop)
    return f"{said}, and everybody exchanges"


def sync(world: World) -> str:
    return _sync(world, _anybody(world))


def _sync(world: World, laptop: SimulatedLaptop, *, simple: bool = False) -> str:
    chance = world.chance
    fates = [] if simple else [_fate(world) for _ in range(chance.randrange(6))]
    if not simple and chance.random() < 0.15:
        # The link is gone after some exchanges, for this time.
        fates += [LOST_REQUEST] * 9
    chunk = chance.choice(CHUNKS)
    said: list[str] = []
    try:
        report = world.sync(laptop, fates, chunk, lambda: said.append(_meanwhile(world, laptop)))
        outcome = f"{report.pushed} up, {report.pulled} down, {report.conflicts} conflicts"
    except Interrupted:
        outcome = "cut"
    except DeviceRevoked:
        if not laptop.revoked:
            raise
        outcome = "refused"
    what_was_confirmed_is_there(world, laptop)
    what_stands_here(laptop)
    return f"{laptop.name} syncs by {chunk}, {fates} {said}: {outcome}"


def _fate(world: World) -> str:
    return world.chance.choices((GOOD, LOST_REQUEST, LOST_ANSWER, TWICE, MEANWHILE), (6, 2, 3, 1, 2))[0]


def _meanwhile(world: World, laptop: SimulatedLaptop) -> str:
    """Something between two instructions of an exchange: the agent goes on, a colleague comes in between."""
    others = [other for other in world.at_work() if other is not laptop]
    match world.chance.randrange(5):
        case 0:
            laptop.record(1)
            return "meanwhile: records"
        case 1 | 2:
            return f"meanwhile: {_amend(world, laptop)}"
        case 3 if others:
            return f"meanwhile: {_sync(world, world.chance.choice(others), simple=True)}"
        case _:
            return f"meanwhile: {deliver_late(world)}"


def deliver_late(world: World) -> str:
    if not world.sent:
        return "nothing was ever sent"
    place = world.chance.randrange(len(world.sent))
    return f"request {place} arrives once more: {world.deliver_late(*world.sent[place])}"


def kill(world: World) -> str:
    laptop = _anybody(world)
    laptop.kill()
    return f"{laptop.name} is killed"


def kill_within_save(world: World) -> str:
    laptop = _anybody(world)
    work: Callable[[], object] = (
        (lambda: laptop.record(1)) if world.chance.random() < 0.5 else (lambda: _amend(world, laptop))
    )
    laptop.kill_within_save(work)
    return f"{laptop.name} is killed within a save"


def back_up(world: World) -> str:
    laptop = _anybody(world)
    laptop.back_up()
    return f"{laptop.name} makes a backup"


def restore(world: World) -> str:
    laptop = _anybody(world)
    found = laptop.backups.all()
    if not found:
        return f"{laptop.name} has no backup"
    number = world.chance.randrange(len(found))
    laptop.restore(number)
    what_stands_here(laptop)
    return f"{laptop.name} restores backup {number} of {len(found)}"


def photograph(world: World) -> str:
    laptop = _anybody(world)
    laptop.photograph()
    return f"the disk of {laptop.name} is copied"


def put_back(world: World) -> str:
    laptop = _anybody(world)
    if not laptop.images:
        return f"{laptop.name} has no image"
    number = world.chance.randrange(len(laptop.images))
    laptop.put_back(laptop.images[number])
    world.truth.excuse_what_is_not_in(remembered(world))
    return f"the disk of {laptop.name} goes back to image {number}"


def clone(world: World) -> str:
    laptop = _anybody(world)
    if len(world.laptops) >= MOST_LAPTOPS:
        return "enough laptops"
    name = f"twin{len(world.laptops)}"
    world.laptops[name] = laptop.clone(name, world.folder / name)
    return f"{name} is a clone of {laptop.name}"


def copy_centre(world: World) -> str:
    world.copy_centre()
    return "the centre is copied"


def put_centre_back(world: World) -> str:
    if not world.copies:
        return "the centre has no copy"
    number = world.chance.randrange(len(world.copies))
    world.put_centre_back(world.copies[number])
    world.truth.excuse_what_is_not_in(remembered(world))
    return f"the centre goes back to copy {number}"


def restart_centre(world: World) -> str:
    world.restart_centre()
    return "the centre begins again"


def revoke(world: World) -> str:
    at_work = world.at_work()
    devices = sorted({laptop.device for laptop in at_work})
    if len(devices) < 2:
        return "somebody must stay"
    laptop = world.chance.choice(at_work)
    world.revoke(laptop.device)
    world.truth.excuse_what_is_not_in(remembered(world))
    return f"{laptop.name} is revoked"


def write_stick(world: World) -> str:
    laptop = _anybody(world)
    try:
        world.sticks.append((laptop.device, laptop.write_stick()))
    except NotAllowed:
        return f"{laptop.name} never met the centre: no stick"
    return f"{laptop.name} writes stick {len(world.sticks) - 1}"


def answer_stick(world: World) -> str:
    if not world.sticks:
        return "no stick was written"
    number = world.chance.choice((len(world.sticks) - 1, world.chance.randrange(len(world.sticks))))
    world.answer_stick(*world.sticks[number])
    return f"the centre answers stick {number} by {len(world.answers) - 1}"


def read_stick(world: World) -> str:
    if not world.answers:
        return "no stick was answered"
    number = world.chance.choice((len(world.answers) - 1, world.chance.randrange(len(world.answers))))
    device, sealed = world.answers[number]
    laptop = world.chance.choice([one for _, one in sorted(world.laptops.items()) if one.device == device])
    try:
        taken = laptop.read_stick(sealed)
        outcome = f"{taken.acked} up, {taken.changes} down, {taken.conflicts} conflicts"
    except (InvalidInput, SyncError) as refused:
        outcome = type(refused).__name__
    what_was_confirmed_is_there(world, laptop)
    what_stands_here(laptop)
    return f"{laptop.name} reads answer {number}: {outcome}"


def jump(world: World) -> str:
    laptop = _anybody(world)
    laptop.offset = world.chance.choice(JUMPS)
    return f"the clock of {laptop.name} is off by {laptop.offset}"


def _anybody(world: World) -> SimulatedLaptop:
    return world.chance.choice([laptop for _, laptop in sorted(world.laptops.items())])


ORDINARY: Mapping[str, tuple[Action, float]] = {
    "record": (record, 4), "amend": (amend, 16), "sync": (sync, 14), "erase": (erase, 1),
    "delete": (delete, 1), "choose": (choose, 2),
}  # fmt: skip
"""In every world."""
ACCIDENTS: Mapping[str, tuple[Action, float]] = {
    "deliver late": (deliver_late, 2), "kill": (kill, 1.5), "kill within save": (kill_within_save, 1),
    "back up": (back_up, 1), "restore": (restore, 0.7), "photograph": (photograph, 1.2), "put back": (put_back, 1),
    "clone": (clone, 0.6), "copy centre": (copy_centre, 1), "put centre back": (put_centre_back, 0.7),
    "restart centre": (restart_centre, 0.5), "revoke": (revoke, 0.25), "jump": (jump, 1),
}  # fmt: skip
"""Each world has about half of them: a fault needs few, and often."""
STICKS: Mapping[str, tuple[Action, float]] = {
    "write stick": (write_stick, 1), "answer stick": (answer_stick, 1), "read stick": (read_stick, 1)
}  # fmt: skip
"""In half of the worlds, together."""
ACTIONS: Mapping[str, Action] = {
    "meet": meet, **{name: action for name, (action, _) in {**ORDINARY, **ACCIDENTS, **STICKS}.items()}
}  # fmt: skip
