"""Takes in record states as the centre has them, many at once, our own waiting changes laid over."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fsbus.core.changes import CREATE, SET
from fsbus.core.entities import ENTITIES
from fsbus.core.fields import read_all
from fsbus.core.lives import is_ahead
from fsbus.core.upcasting import TODAY, Upcasting
from fsbus.core.whole_bodies import WholeReader
from fsbus.store import deleting
from fsbus.store.database import Database, rows
from fsbus.store.elsewhere import note_feeds
from fsbus.store.erasing import erase_record
from fsbus.store.rows import SHAPES, Value
from fsbus.wire.api import State
from fsbus.wire.codec import decode_op
from fsbus.wire.shapes import as_of_today

_ERASED = "SELECT id FROM erased WHERE id IN (SELECT value FROM json_each(?))"
_WAITING = (
    "SELECT record_id, line FROM operations JOIN link USING (replica)"
    " WHERE seq > acked AND record_id IN (SELECT value FROM json_each(?)) ORDER BY seq"
)
_PUT_STRANGER = (
    "INSERT INTO strangers (id, kind, version, body) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body"
)
_DELETED_VERSIONS = "SELECT id, version FROM deleted WHERE id IN (SELECT value FROM json_each(?))"
_NOT_DELETED = "DELETE FROM deleted WHERE id IN (SELECT value FROM json_each(?))"
_NOT_STRANGE = "DELETE FROM strangers WHERE id IN (SELECT value FROM json_each(?))"


def take_states(db: Database, states: Sequence[State], upcasting: Upcasting = TODAY) -> set[str]:
    """Take in these records, each once, inside a transaction; the kinds that changed here.

    What stands here at a higher version stays.

    Each statement is run once for all of them: one record at a time, a new laptop would wait for minutes.
    """
    changed: set[str] = set()
    for state in states:
        if state.erased:
            changed |= {kind for kind, _ in erase_record(db, state.id)}
    alive = [state for state in states if not state.erased]
    if not alive:
        return changed
    gone = _erased_among(db, alive)
    waiting = _waiting_for(db, alive)
    newer = _newer_here(db, alive)
    readers: dict[str, WholeReader] = {}
    puts: dict[str, list[tuple[Value, ...]]] = {}
    strangers: list[tuple[str, str, int, str]] = []
    settled: dict[str, tuple[str, bool]] = {}
    out_of_sight: list[State] = []
    taken: list[str] = []
    any_deleted = next(rows(db, "SELECT 1 FROM deleted LIMIT 1"), None) is not None
    for state in alive:
        if state.id in gone or state.id in newer or _parent_of(state) in gone:
            continue
        taken.append(state.id)
        lines = waiting.get(state.id, ())
        body = _laid_over(state.body, lines, upcasting)
        deleted = state.deleted
        if any_deleted or deleted or lines:
            deleted = deleting.is_deleted_after(deleted, lines)
            settled[state.id] = (state.kind, deleted)
        understood = _understood(db, state.kind, state.id, body, readers)
        if understood is None:
            if deleted:
                out_of_sight.append(state)
            else:
                strangers.append((state.id, state.kind, state.version, msgspec.json.encode(body).decode()))
            settled.pop(state.id, None)
            continue
        clean, extra = understood
        kept = msgspec.json.encode(extra).decode() if extra else "{}"
        values = SHAPES[state.kind].values_of(clean)
        puts.setdefault(state.kind, []).append((state.id, *values, state.version, kept))
    if any_deleted:
        db.conn.execute(_NOT_DELETED, (_listed(taken),))
    for kind, made in puts.items():
        db.conn.executemany(SHAPES[kind].put, made)
        db.conn.execute(_NOT_STRANGE, (_listed(str(row[0]) for row in made),))
    db.conn.executemany(_PUT_STRANGER, strangers)
    for state in out_of_sight:
        deleting.put_deleted(db, state.kind, state.id, state.version, state.body, "{}")
    note_feeds(db, alive)
    deleting.settle(db, settled, (_parent_of(state) for state in alive if state.id in settled))
    return changed | puts.keys()


def _erased_among(db: Database, states: Sequence[State]) -> frozenset[str]:
    """Which of these records, or of those that they hang on, were erased here or at the centre."""
    wanted = {state.id for state in states} | {_parent_of(state) for state in states}
    return frozenset(row[0] for row in db.conn.execute(_ERASED, (_listed(wanted),)))


def _newer_here(db: Database, states: Sequence[State]) -> frozenset[str]:
    """Which of these stand here at a higher version: told late (a stick, a snapshot), or lost by the centre since."""
    told: dict[str, dict[str, int]] = {}
    for state in states:
        told.setdefault(state.kind, {})[state.id] = state.version
    newer: set[str] = set()
    for kind in told.keys() & SHAPES.keys():
        versions = told[kind]
        held = db.conn.execute(SHAPES[kind].versions, (_listed(versions),))
        newer |= {record_id for record_id, version in held if is_ahead(version, versions[record_id])}
    every = {state.id: state.version for state in states}
    held = db.conn.execute(_DELETED_VERSIONS, (_listed(every),))
    newer |= {record_id for record_id, version in held if is_ahead(version, every[record_id])}
    return frozenset(newer)


def _waiting_for(db: Database, states: Sequence[State]) -> dict[str, list[bytes]]:
    """The lines about these records that the centre does not hold yet, oldest first."""
    found: dict[str, list[bytes]] = {}
    for record_id, line in db.conn.execute(_WAITING, (_listed(state.id for state in states),)):
        found.setdefault(record_id, []).append(line)
    return found


def _parent_of(state: State) -> str:
    """The record that this one hangs on; empty when it hangs on none."""
    parent = ENTITIES[state.kind].parent if state.kind in ENTITIES else None
    return "" if parent is None else str(state.body.get(parent))


def _laid_over(body: Mapping[str, object], lines: Sequence[bytes], upcasting: Upcasting) -> dict[str, object]:
    shown = dict(body)
    for line in lines:
        op = as_of_today(decode_op(line), upcasting)
        if op.verb in (CREATE, SET):
            shown |= op.set
    return shown


def _understood(
    db: Database, kind: str, record_id: str, body: Mapping[str, object], readers: dict[str, WholeReader]
) -> tuple[dict[str, object], dict[str, object]] | None:
    """The fields that this release can hold, and the others as they came; None when it cannot show it.

    A newer fsbus may add a kind, a field or a code. The old value of such a field stays shown, if there is one.
    """
    if kind not in SHAPES:
        return None
    shape, fields = SHAPES[kind], ENTITIES[kind].fields
    if body.keys() == fields.keys():
        if kind not in readers:
            readers[kind] = WholeReader(ENTITIES[kind])
        whole = readers[kind].read(body)
        if whole is not None:
            return whole, {}
    extra = {name: value for name, value in body.items() if name not in fields}
    known = {name: value for name, value in body.items() if name in fields} if extra else body
    problems: dict[str, str] = {}
    clean = read_all(fields, known, problems)
    if not problems:
        return clean, extra
    # A problem may be told of a part of a field (a list's third item): each field is asked again alone.
    row = db.conn.execute(shape.select_one, (record_id,)).fetchone()
    for name, field in fields.items():
        found: dict[str, str] = {}
        field.read(body.get(name), name, found)
        if found:
            extra[name] = body.get(name)
            unsaid: dict[str, str] = {}
            clean[name] = shape.body_of(row)[name] if row else field.read(None, name, unsaid)
            if unsaid:
                return None
    return clean, extra


def _listed(ids: Iterable[str]) -> str:
    """Many ids as one parameter."""
    return msgspec.json.encode(list(ids)).decode()
