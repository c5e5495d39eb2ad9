"""Asks every place that can still speak what it holds: the centre, and the laptops that it accepts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fsbus.core.changes import CREATE, ERASE, SET
from fsbus.core.entities import CONFLICT
from fsbus.server import tables
from fsbus.server.database import select
from fsbus.wire.codec import Malformed, decode_op
from tests.simulation.laptop import SimulatedLaptop
from tests.simulation.truth import Key, Remembered
from tests.simulation.world import LAPTOPS, World
from tests.sync.equal import ERASED, States, replica_states


def remembered(world: World) -> Remembered:
    """All that can still reach the centre, or is there."""
    found = Remembered()
    for laptop in world.at_work():
        db = laptop.store.db
        _take_lines(found, (line for (line,) in db.conn.execute("SELECT line FROM operations").fetchall()))
        shown = replica_states(db)
        found.records.update(standing(shown))
        found.values |= values_in(shown)
        found.erasures.update(one for one, state in shown.items() if state == ERASED)
    with world.centre.database.read() as connection:
        _take_lines(found, (row.line for row in connection.execute(select(tables.log.c.line))))
        erased = select(tables.records.c.id).where(tables.records.c.erased_at.is_not(None))
        found.erasures.update(connection.execute(erased).scalars())
    states = states_of_centre(world)
    found.records.update(states)
    found.values |= values_in(states)
    return found


def states_of_centre(world: World) -> States:
    """What the centre holds, all feeds together."""
    return world.states_of(*LAPTOPS.values())


@dataclass(frozen=True)
class Standing:
    """A record that is not erased, as the centre or a laptop has it."""

    kind: str
    version: int
    body: dict[str, Any]
    deleted: bool


def standing(states: States) -> dict[str, Standing]:
    """The records that are not erased."""
    return {one: Standing(*state) for one, state in states.items() if isinstance(state, list)}


def values_in(states: States) -> set[Key]:
    """The values that stand in the records, or in their conflicts, decided or not."""
    found: set[Key] = set()
    for record_id, one in standing(states).items():
        body = one.body
        if one.kind == CONFLICT:
            found |= {(body["record_id"], body["field"], repr(body[side])) for side in ("local", "central")}
        else:
            found |= {(record_id, name, repr(value)) for name, value in body.items()}
    return found


def set_aside(world: World) -> set[Key]:
    """The values of operations that the centre put aside whole."""
    found = Remembered()
    with world.centre.database.read() as connection:
        lines = connection.execute(select(tables.log.c.line).where(tables.log.c.result == "quarantined"))
        _take_lines(found, (row.line for row in lines))
    return found.values


def words_in(laptop: SimulatedLaptop) -> str:
    """Everything that is in the laptop's database, rows, texts and operations, as one text."""
    conn = laptop.store.db.conn
    tables_here = conn.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'texts_%'"
    )
    said = [repr(conn.execute(f'SELECT * FROM "{table}"').fetchall()) for (table,) in tables_here.fetchall()]
    return "\n".join(said)


def _take_lines(found: Remembered, lines: Iterable[bytes]) -> None:
    for line in lines:
        try:
            op = decode_op(bytes(line))
        except Malformed:
            continue
        if op.verb == ERASE:
            found.erasures.add(op.record)
        if op.verb == CREATE:
            found.records.add(op.record)
        if op.verb in (CREATE, SET):
            found.values |= {(op.record, name, repr(value)) for name, value in op.set.items()}
