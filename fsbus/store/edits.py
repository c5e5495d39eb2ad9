"""Writes one thing into the rows: the same code for a save and for what the journal does again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from fsbus.core.changes import CREATE, DELETE, ERASE, SET
from fsbus.core.entities import CONFLICT, DELETABLE, ENTITIES
from fsbus.core.errors import InvalidInput
from fsbus.core.redaction import redacted
from fsbus.store import deleting
from fsbus.store.database import Database
from fsbus.store.erasing import erase_record, is_held
from fsbus.store.rows import SHAPES

_GONE = "Cette fiche n’existe plus : elle a été effacée."


@redacted("verb", "kind", "record_id")
@dataclass(frozen=True)
class Edit:
    """One thing to write. ``create`` has all the fields, as clean JSON values; ``set`` the new ones only, and
    none to bring back a deleted record; ``delete`` has none."""

    kind: str
    record_id: str
    verb: str
    fields: Mapping[str, object] = field(default_factory=dict)
    why: str = ""
    feed: str = ""
    """Where the record was, when a witness gives it back; a new one that hangs on another needs none."""


@redacted("record_id", "kind", "base")
class Written(NamedTuple):
    """One operation that an edit makes; ``fields`` is its ``set``."""

    record_id: str
    kind: str
    base: int
    fields: Mapping[str, object]


Writes = Callable[[Database, Edit], list[Written]]
"""Writes one edit into the rows; the operations that it makes."""


def write_row(db: Database, edit: Edit) -> list[Written]:
    """Write one edit, in a transaction; the operations that it makes.

    Raises InvalidInput when the record to change is not there.
    """
    shape, execute = SHAPES[edit.kind], db.conn.execute
    if edit.verb == CREATE:
        execute(shape.insert, (edit.record_id, *shape.values_of(edit.fields)))
        parent = ENTITIES[edit.kind].parent
        if parent is not None and edit.kind in DELETABLE:
            deleting.bring_back(db, str(edit.fields[parent]))
        return [Written(edit.record_id, edit.kind, 0, edit.fields)]
    if edit.verb == SET:
        came_back = deleting.bring_back(db, edit.record_id)
        if not edit.fields and not came_back:
            return []
        values = [shape.value_of(name, value) for name, value in edit.fields.items()]
        sql = _update(edit.kind, tuple(edit.fields))
        found = execute(sql, (*values, edit.record_id)).fetchall()
        if not found:
            raise InvalidInput({"id": _GONE})
        return [Written(edit.record_id, edit.kind, found[0][0], edit.fields)]
    if edit.verb == DELETE and edit.kind in DELETABLE:
        return _delete(db, edit)
    if edit.verb == ERASE:
        if not is_held(db, edit.record_id):
            # Remembered as erased here only, it would be refused when it comes: replicas would differ.
            return []
        erased = erase_record(db, edit.record_id)
        # The centre erases the conflicts, which it made, by itself.
        return [Written(record_id, kind, 0, {}) for kind, record_id in erased if kind != CONFLICT]
    raise ValueError(f"not a verb that a laptop writes: {edit.verb}")


def _delete(db: Database, edit: Edit) -> list[Written]:
    found = deleting.deleted_record(db, edit.record_id)
    if found is not None and found.own:
        return []
    if found is not None:
        db.conn.execute("UPDATE deleted SET own = 1 WHERE id = ?", (edit.record_id,))
        return [Written(edit.record_id, edit.kind, found.version, {})]
    # Read before it goes: what its author had seen of what goes with it.
    seen = deleting.versions_hanging_on(db, edit.record_id)
    if not deleting.move_aside(db, edit.kind, edit.record_id, own=True):
        raise InvalidInput({"id": _GONE})
    (base,) = db.conn.execute("SELECT version FROM deleted WHERE id = ?", (edit.record_id,)).fetchone()
    return [Written(edit.record_id, edit.kind, base, seen)]


@lru_cache(maxsize=256)
def _update(kind: str, names: tuple[str, ...]) -> str:
    shape = SHAPES[kind]
    unknown = set(names) - set(shape.columns)
    if unknown:
        raise ValueError(f"not fields of {kind}: {sorted(unknown)}")
    assigned = ", ".join(f"{name} = ?" for name in names) or "version = version"
    return f"UPDATE {shape.table} SET {assigned} WHERE id = ? RETURNING version"
