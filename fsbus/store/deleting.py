"""Keeps records recorded by mistake out of what is shown, searched or counted, and brings them back.

A deleted record keeps its content in the table `deleted`. ``own`` says whether it is deleted itself, or only
hangs on a record that is: then it comes back with it.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from fsbus.core.changes import CREATE, DELETE, SET
from fsbus.core.entities import DELETABLE, ENTITIES
from fsbus.core.redaction import redacted
from fsbus.store.database import Database, rows
from fsbus.store.rows import SHAPES
from fsbus.wire.codec import decode_op

_PUT = (
    "INSERT INTO deleted (id, kind, version, own, body, extra) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET version = excluded.version, own = excluded.own,"
    " body = excluded.body, extra = excluded.extra"
)
_SELECT = "SELECT id, kind, version, own, body, extra FROM deleted"
_HIDDEN = "SELECT id, kind FROM deleted WHERE json_extract(body, ?) = ? AND own = 0"
_PARENTS = {kind: entity.parent for kind, entity in ENTITIES.items() if kind in DELETABLE and entity.parent}
"""Kinds that hang on a record that may be deleted, each with the field that names it."""
COUNT_PLAIN = """
    UPDATE deleted SET version = version + counted.times
    FROM (SELECT record_id, count(*) AS times FROM operations
          WHERE replica = ? AND seq > ? AND seq <= ? AND result = 'plain'
          AND verb IN ('create', 'set', 'delete') GROUP BY record_id) AS counted
    WHERE deleted.id = counted.record_id"""
"""As `Shape.count_plain`, for the deleted records of all kinds. Parameters: replica, from (excluded), to."""
LOWER_VERSION = "UPDATE deleted SET version = min(version, ?) WHERE id = ?"
"""As `Shape.lower_version`."""
PUT_VERSION = "UPDATE deleted SET version = ? WHERE id = ?"
"""As `Shape.put_version`."""


@redacted("id", "kind", "version", "own")
class DeletedRecord(msgspec.Struct, frozen=True):
    """A record that is kept without being shown; ``body`` has its fields, ``extra`` those of a newer fsbus."""

    id: str
    kind: str
    version: int
    own: bool
    body: Mapping[str, object]
    extra: Mapping[str, object]


def deleted_record(db: Database, record_id: str) -> DeletedRecord | None:
    """One deleted record, or None."""
    return next(_read(rows(db, f"{_SELECT} WHERE id = ?", (record_id,))), None)


def deleted_records(db: Database, kind: str | None = None) -> Iterator[DeletedRecord]:
    """All of them, or those of one kind, by id."""
    return _read(rows(db, f"{_SELECT} WHERE kind = coalesce(?, kind) ORDER BY id", (kind,)))


def move_aside(db: Database, kind: str, record_id: str, *, own: bool) -> bool:
    """Take a record, and what hangs on it, out of what is shown; False when it is not shown. In a transaction."""
    shape = SHAPES[kind]
    named = ", ".join(("id", *shape.columns))
    sql = f"DELETE FROM {shape.table} WHERE id = ? RETURNING {named}, version, extra"
    row = db.conn.execute(sql, (record_id,)).fetchone()
    if row is None:
        return False
    *values, version, extra = row
    body = msgspec.json.encode(shape.body_of(values)).decode()
    db.conn.execute(_PUT, (record_id, kind, version, own, body, extra))
    for child_kind, child in _shown_on(db, record_id):
        move_aside(db, child_kind, child, own=False)
    return True


def put_deleted(
    db: Database, kind: str, record_id: str, version: int, body: Mapping[str, object], extra: str
) -> None:
    """Keep a record as deleted itself, as the centre has it. In a transaction."""
    db.conn.execute(_PUT, (record_id, kind, version, True, msgspec.json.encode(body).decode(), extra))


def bring_back(db: Database, record_id: str) -> bool:
    """Show a deleted record again, with what hangs on it and with what it hangs on; False when it is not
    deleted. In a transaction."""
    found = deleted_record(db, record_id)
    if found is None:
        return False
    db.conn.execute("DELETE FROM deleted WHERE id = ?", (record_id,))
    _show(db, found)
    parent = _PARENTS.get(found.kind)
    if parent is not None:
        bring_back(db, str(found.body.get(parent)))
    bring_back_hidden(db, record_id)
    return True


def bring_back_hidden(db: Database, record_id: str) -> None:
    """Show again what was hidden because this record was deleted."""
    for parent in sorted(set(_PARENTS.values())):
        for child, _ in db.conn.execute(_HIDDEN, (f"$.{parent}", record_id)).fetchall():
            hidden = deleted_record(db, child)
            db.conn.execute("DELETE FROM deleted WHERE id = ?", (child,))
            if hidden is not None:
                _show(db, hidden)


def is_deleted(db: Database, record_id: str) -> bool:
    """Whether this record is kept without being shown."""
    return db.conn.execute("SELECT 1 FROM deleted WHERE id = ?", (record_id,)).fetchone() is not None


def versions_hanging_on(db: Database, record_id: str) -> dict[str, object]:
    """The version of each shown record that hangs on this one and goes with it, by id."""
    return {
        child: db.conn.execute(f"SELECT version FROM {SHAPES[kind].table} WHERE id = ?", (child,)).fetchone()[
            0
        ]
        for kind, child in _shown_on(db, record_id)
    }


def versions_hidden_by(db: Database, record_id: str) -> dict[str, object]:
    """The version of each record that is out of sight because this one is deleted, by id."""
    return {
        child: version
        for name in sorted(set(_PARENTS.values()))
        for child, version in db.conn.execute(
            "SELECT id, version FROM deleted WHERE json_extract(body, ?) = ? AND own = 0",
            (f"$.{name}", record_id),
        )
    }


def settle(db: Database, taken: Mapping[str, tuple[str, bool]], parents: Iterable[str]) -> None:
    """After states were taken in as if all were shown: hide what is not to be. In a transaction.

    ``taken``: id to (kind, whether it is deleted once our own waiting changes are laid over);
    ``parents``: what those records hang on.
    """
    hiding = _hiding(db) if taken else frozenset()
    for record_id, (kind, deleted) in taken.items():
        if deleted and not _is_changed_below(db, record_id):
            if not move_aside(db, kind, record_id, own=True):
                # It went with the record that it hangs on, a moment ago.
                db.conn.execute("UPDATE deleted SET own = 1 WHERE id = ?", (record_id,))
        elif record_id in hiding:
            bring_back_hidden(db, record_id)
    for parent in set(parents) - {""}:
        if is_deleted(db, parent):
            for kind, child in _shown_on(db, parent):
                move_aside(db, kind, child, own=False)


def is_deleted_after(deleted: bool, lines: Iterable[bytes]) -> bool:
    """Whether a record is deleted once these operations, oldest first, are laid over what the centre says."""
    for line in lines:
        verb = decode_op(line).verb
        deleted = verb == DELETE if verb in (CREATE, SET, DELETE) else deleted
    return deleted


def _hiding(db: Database) -> frozenset[str]:
    """What the records hang on that are out of sight because of it."""
    return frozenset(
        str(parent)
        for name in set(_PARENTS.values())
        for (parent,) in db.conn.execute(
            "SELECT json_extract(body, ?) FROM deleted WHERE own = 0", (f"$.{name}",)
        )
    )


def _is_changed_below(db: Database, record_id: str) -> bool:
    """Whether a change of ours to what hangs on the record is still to be sent: it will bring the record back."""
    for _, child in _shown_on(db, record_id):
        waiting = db.conn.execute(
            "SELECT 1 FROM operations JOIN link USING (replica) WHERE seq > acked AND record_id = ?"
            " AND verb IN ('create', 'set') AND seq > (SELECT coalesce(max(seq), 0) FROM operations AS o"
            " WHERE o.replica = link.replica AND o.record_id = ? AND o.verb = 'delete')",
            (child, record_id),
        )
        if waiting.fetchone() is not None:
            return True
    return False


def _shown_on(db: Database, record_id: str) -> list[tuple[str, str]]:
    """(kind, id) of the shown records that hang on this one and go with it."""
    return [
        (kind, str(child))
        for kind in _PARENTS
        for (child,) in db.conn.execute(SHAPES[kind].children or "", (record_id,)).fetchall()
    ]


def _show(db: Database, found: DeletedRecord) -> None:
    shape = SHAPES[found.kind]
    # A field of a later migration was not there when the record went.
    body = {
        name: found.body[name] if name in found.body else field.read(None, name, {})
        for name, field in ENTITIES[found.kind].fields.items()
    }
    extra = msgspec.json.encode(found.extra).decode()
    db.conn.execute(shape.put, (found.id, *shape.values_of(body), found.version, extra))


def _read(found: Iterable[tuple[object, ...]]) -> Iterator[DeletedRecord]:
    for key, kind, version, own, body, extra in found:
        yield DeletedRecord(
            str(key), str(kind), int(str(version)), bool(own), _decoded(body), _decoded(extra)
        )


def _decoded(text: object) -> dict[str, object]:
    return msgspec.json.decode(str(text), type=dict[str, object])
