"""Writes one thing into the rows: the same code for a save and for what the journal does again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from fsbus.core.changes import CREATE, ERASE, SET
from fsbus.core.entities import CONFLICT
from fsbus.core.errors import InvalidInput
from fsbus.core.redaction import redacted
from fsbus.store.database import Database
from fsbus.store.erasing import erase_record, is_held
from fsbus.store.rows import SHAPES

_GONE = "Cette fiche n’existe plus : elle a été effacée."


@redacted("verb", "kind", "record_id")
@dataclass(frozen=True)
class Edit:
    """One thing to write. ``create`` has all the fields, as clean JSON values; ``set`` the new ones only."""

    kind: str
    record_id: str
    verb: str
    fields: Mapping[str, object] = field(default_factory=dict)
    why: str = ""


Writes = Callable[[Database, Edit], list[tuple[str, str, int]]]
"""Writes one edit into the rows; (record, kind, base) of each operation that it makes."""


def write_row(db: Database, edit: Edit) -> list[tuple[str, str, int]]:
    """Write one edit, in a transaction; (record, kind, base) of each operation that it makes.

    Raises InvalidInput when the record to change is not there.
    """
    shape, execute = SHAPES[edit.kind], db.conn.execute
    if edit.verb == CREATE:
        execute(shape.insert, (edit.record_id, *shape.values_of(edit.fields)))
        return [(edit.record_id, edit.kind, 0)]
    if edit.verb == SET:
        values = [shape.value_of(name, value) for name, value in edit.fields.items()]
        sql = _update(edit.kind, tuple(edit.fields))
        found = execute(sql, (*values, edit.record_id)).fetchall()
        if not found:
            raise InvalidInput({"id": _GONE})
        return [(edit.record_id, edit.kind, found[0][0])]
    if edit.verb == ERASE:
        if not is_held(db, edit.record_id):
            # Remembered as erased here only, it would be refused when it comes: replicas would differ.
            return []
        erased = erase_record(db, edit.record_id)
        # The centre erases the conflicts, which it made, by itself.
        return [(record_id, kind, 0) for kind, record_id in erased if kind != CONFLICT]
    raise ValueError(f"not a verb that a laptop writes: {edit.verb}")


@lru_cache(maxsize=256)
def _update(kind: str, names: tuple[str, ...]) -> str:
    shape = SHAPES[kind]
    unknown = set(names) - set(shape.columns)
    if unknown or not names:
        raise ValueError(f"not fields of {kind}: {sorted(unknown)}")
    assigned = ", ".join(f"{name} = ?" for name in names)
    return f"UPDATE {shape.table} SET {assigned} WHERE id = ? RETURNING version"
