"""Whether two replicas hold the same: each synced record as one state, and all of them as one hash."""

import hashlib
import json
import secrets
from collections.abc import Mapping

from fsbus.core.ids import new_replica
from fsbus.store.database import Database
from fsbus.store.deleting import deleted_records
from fsbus.store.rows import SHAPES, Shape
from fsbus.wire.api import Request, RequestHeader, State, SyncApi

ERASED = "erased"

States = Mapping[str, object]
"""Record id to ``[kind, version, body, deleted]``, or « erased »."""


def replica_states(db: Database) -> States:
    """Every synced record of a local store, as the centre would tell it: rows, strangers, erased ids."""
    found: dict[str, object] = {}
    for shape in SHAPES.values():
        for *row, version, extra in db.conn.execute(_with(shape, "version, extra")).fetchall():
            body = shape.body_of(row) | json.loads(extra)
            found[row[0]] = [shape.kind, version, body, False]
    for record_id, kind, version, text in db.conn.execute("SELECT id, kind, version, body FROM strangers"):
        found[record_id] = [kind, version, json.loads(text), False]
    for gone in deleted_records(db):
        assert gone.id not in found, f"{gone.id} is shown and deleted"
        found[gone.id] = [gone.kind, gone.version, {**gone.body, **gone.extra}, gone.own]
    for (record_id,) in db.conn.execute("SELECT id FROM erased").fetchall():
        assert record_id not in found, f"{record_id} was erased and stands here"
        found[record_id] = ERASED
    return found


def central_states(door: SyncApi) -> States:
    """What the centre would tell a new laptop behind this door, of all its feeds, from their start."""
    replica = new_replica()
    hello = door.hello(replica)
    positions, found = dict.fromkeys(hello.feeds, 0), dict[str, object]()
    while True:
        header = RequestHeader(
            replica, 0, hello.epoch, 1, 0, dict(positions), max=8 * 1024 * 1024, nonce=secrets.token_hex(12)
        )
        answer = door.exchange(Request(header, []))
        for state in answer.states:
            found[state.id] = _told(state)
        positions |= {feed: position.to for feed, position in answer.header.pull.items()}
        if not any(position.more for position in answer.header.pull.values()):
            return found


def states_hash(states: States) -> str:
    """64 hex digits; equal when, and only when, the states are."""
    text = json.dumps(states, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def replica_hash(db: Database) -> str:
    """The hash of every synced record of a local store."""
    return states_hash(replica_states(db))


def whole_hash(db: Database) -> str:
    """The hash of every row of every table, what is local and the full-text index included: nothing moved at all."""
    tables = [
        name
        for (name,) in db.conn.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
        ).fetchall()
    ]
    digest = hashlib.sha256()
    for table in tables:
        digest.update(f"\n{table}\n".encode())
        for row in sorted(map(repr, db.conn.execute(f'SELECT * FROM "{table}"').fetchall())):
            digest.update(row.encode())
    return digest.hexdigest()


def differences(one: States, other: States) -> dict[str, tuple[object, object]]:
    """Id to both sides, for what is not the same: what an assertion should show."""
    return {
        record_id: (one.get(record_id), other.get(record_id))
        for record_id in sorted({*one, *other})
        if one.get(record_id) != other.get(record_id)
    }


def _with(shape: Shape, more: str) -> str:
    return shape.select.replace(" FROM ", f", {more} FROM ", 1)


def _told(state: State) -> object:
    if state.erased:
        return ERASED
    return [state.kind, state.version, dict(state.body), state.deleted]
