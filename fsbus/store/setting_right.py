"""Sends again what stands here of a record that the centre put aside, or takes that as given up."""

from fsbus.core.changes import CREATE, DELETE, SET
from fsbus.store import deleting
from fsbus.store.database import Database
from fsbus.store.edits import Edit, Written
from fsbus.store.rows import SHAPES
from fsbus.store.sums import want_comparison
from fsbus.wire.codec import decode_op

SENT_AGAIN, GIVEN_UP = "sent_again", "given_up"
"""Results that only this laptop gives: an operation put aside that somebody has seen to."""
_ASIDE = "SELECT kind, verb, line FROM operations WHERE record_id = ? AND result = 'quarantined' ORDER BY replica, seq"
_SETTLE = "UPDATE operations SET result = ? WHERE record_id = ? AND result = 'quarantined'"


def is_new(db: Database, record_id: str) -> bool:
    """Whether the centre never took the record: what was put aside is its creation."""
    return any(verb == CREATE for _, verb, _ in db.conn.execute(_ASIDE, (record_id,)))


def edits_again(db: Database, record_id: str) -> list[Edit]:
    """What to send again: the whole record when its creation was put aside, else the fields of those operations, as
    they stand now; empty when nothing was put aside, or the record is no longer here."""
    aside = db.conn.execute(_ASIDE, (record_id,)).fetchall()
    if not aside:
        return []
    kind, verbs = str(aside[0][0]), {verb for _, verb, _ in aside}
    gone = deleting.deleted_record(db, record_id)
    body = gone.body if gone is not None else _body(db, kind, record_id)
    if body is None:
        return []
    edits = []
    if CREATE in verbs:
        edits.append(Edit(kind, record_id, CREATE, body))
    elif SET in verbs:
        named = {name for _, verb, line in aside if verb == SET for name in decode_op(bytes(line)).set}
        edits.append(
            Edit(kind, record_id, SET, {name: value for name, value in body.items() if name in named})
        )
    if gone is not None and gone.own:
        edits.append(Edit(kind, record_id, DELETE))
    return edits


def as_it_stands(db: Database, edit: Edit) -> list[Written]:
    """How `Store.save` writes such an operation: the rows show it already."""
    gone = deleting.deleted_record(db, edit.record_id)
    if gone is not None:
        base = gone.version
    else:
        sql = f"SELECT version FROM {SHAPES[edit.kind].table} WHERE id = ?"
        (base,) = db.conn.execute(sql, (edit.record_id,)).fetchone()
    fields = deleting.versions_hidden_by(db, edit.record_id) if edit.verb == DELETE else edit.fields
    return [Written(edit.record_id, edit.kind, 0 if edit.verb == CREATE else base, fields)]


def settle_put_aside(db: Database, record_id: str, result: str) -> int:
    """Take what the centre put aside of a record as seen to, in a transaction; how many operations.

    What was given up is to be replaced by what the centre has: a comparison follows the next exchange.
    """
    removed = any(verb == DELETE for _, verb, _ in db.conn.execute(_ASIDE, (record_id,)))
    settled = db.conn.execute(_SETTLE, (result, record_id)).rowcount
    if result == GIVEN_UP:
        if removed:
            deleting.bring_back(db, record_id)
        want_comparison(db)
    return int(settled)


def _body(db: Database, kind: str, record_id: str) -> dict[str, object] | None:
    shape = SHAPES.get(kind)
    row = None if shape is None else db.conn.execute(shape.select_one, (record_id,)).fetchone()
    return None if shape is None or row is None else shape.body_of(row)
