"""Erases a record for good: its row, what hangs on it, its text index, the content of its operations."""

from collections.abc import Iterator

from fsbus.core.changes import VOID
from fsbus.core.entities import ENTITIES
from fsbus.store.database import Database, rows
from fsbus.store.rows import SHAPES
from fsbus.wire.api import Op
from fsbus.wire.codec import encode_op

_PARENTS = sorted({entity.parent for entity in ENTITIES.values() if entity.parent is not None})
UNFINISHED = "erasure_unfinished"
"""The setting that says that backups and files put aside are still to follow; its number grows with each id."""
_SAY_UNFINISHED = (
    "INSERT INTO settings (name, value) VALUES (?, '1')"
    " ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
)
_UNSHOWN = ("strangers", "deleted")
"""Tables that hold records of any kind, each with its body."""


def erase_record(db: Database, record_id: str) -> list[tuple[str, str]]:
    """Erase a record and all that hangs on it, in a transaction; (kind, id) of each row that stood here.

    The bare ids are kept, so that what comes later for them is refused. Operations that carried
    their content become void and keep their number. A new id says, in the same transaction, that the
    erasure is to be finished elsewhere: `Session.back_up` does.
    """
    erased: list[tuple[str, str]] = []
    for one in (record_id, *_hanging_on(db, record_id)):
        for kind, shape in SHAPES.items():
            if db.conn.execute(shape.delete, (one,)).rowcount:
                erased.append((kind, one))
        for table in _UNSHOWN:
            gone = db.conn.execute(f"DELETE FROM {table} WHERE id = ? RETURNING kind", (one,)).fetchall()
            erased.extend((kind, one) for (kind,) in gone)
        if db.conn.execute("INSERT OR IGNORE INTO erased (id) VALUES (?)", (one,)).rowcount:
            db.conn.execute(_SAY_UNFINISHED, (UNFINISHED,))
        _void_operations(db, one)
    return erased


def is_held(db: Database, record_id: str) -> bool:
    """Whether a record of this id stands here, shown or not."""
    tables = [shape.table for shape in SHAPES.values()] + [*_UNSHOWN]
    return any(
        db.conn.execute(f"SELECT 1 FROM {table} WHERE id = ?", (record_id,)).fetchone() is not None
        for table in tables
    )


def is_erased(db: Database, record_id: str) -> bool:
    """Whether this id was erased here or at the centre."""
    return db.conn.execute("SELECT 1 FROM erased WHERE id = ?", (record_id,)).fetchone() is not None


def erased_ids(db: Database) -> frozenset[str]:
    """Every id that was erased here or at the centre, as this store or backup knows it."""
    return frozenset(str(row[0]) for row in rows(db, "SELECT id FROM erased"))


def count_erased(db: Database) -> int:
    """How many ids were erased here or at the centre."""
    return int(next(rows(db, "SELECT count(*) FROM erased"))[0])


def _hanging_on(db: Database, record_id: str) -> Iterator[str]:
    for shape in SHAPES.values():
        if shape.children is not None:
            for (child,) in db.conn.execute(shape.children, (record_id,)).fetchall():
                yield child
                yield from _hanging_on(db, child)
    for table in _UNSHOWN:
        for parent in _PARENTS:
            sql = f"SELECT id FROM {table} WHERE json_extract(body, ?) = ?"
            for (child,) in db.conn.execute(sql, (f"$.{parent}", record_id)).fetchall():
                yield child
                yield from _hanging_on(db, child)


def _void_operations(db: Database, record_id: str) -> None:
    found = db.conn.execute(
        "SELECT replica, seq, kind FROM operations WHERE record_id = ? AND verb IN ('create', 'set')",
        (record_id,),
    ).fetchall()
    db.conn.executemany(
        "UPDATE operations SET line = ?, verb = 'void' WHERE replica = ? AND seq = ?",
        [
            (encode_op(Op(seq=seq, record=record_id, kind=kind, verb=VOID)), replica, seq)
            for replica, seq, kind in found
        ],
    )
