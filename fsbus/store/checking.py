"""Looks for what cannot be: a hole in the operation log, a row without one, an index that lies."""

from fsbus.core.changes import CREATE
from fsbus.store.database import Database, DatabaseError, rows
from fsbus.store.migrations import (
    FIRST_KINDS,
    RECORD_TEXT,
    REFILL_TEXTS,
    SINCE_DELETED,
    SINCE_THE_DAY,
    TRIGGERS,
    restore_triggers,
    version_of,
)
from fsbus.store.pruning import is_emptied
from fsbus.store.rows import SHAPES
from fsbus.wire.codec import Malformed, decode_op

_INDEX_CHECK = "INSERT INTO texts (texts, rank) VALUES ('integrity-check', 1)"
_EMPTY = ("INSERT INTO texts (texts) VALUES ('rebuild')", "DELETE FROM texts")
"""A rebuild first: a damaged index could not even be emptied."""
_MISMATCHES = f"""
    SELECT (SELECT count(*) FROM visits AS v LEFT JOIN texts AS t ON t.rowid = v.n * 2
            WHERE v.note <> coalesce(t.note, ''))
         + (SELECT count(*) FROM procedure_records AS new LEFT JOIN texts AS t ON t.rowid = new.n * 2 + 1
            WHERE ({RECORD_TEXT}) IS NOT (coalesce(t.answer, ''), coalesce(t.referral, ''), t.documents))"""
_ORPHANS = """
    SELECT count(*) FROM texts
    WHERE rowid NOT IN (SELECT n * 2 FROM visits UNION ALL SELECT n * 2 + 1 FROM procedure_records)"""


def log_problems(db: Database) -> list[str]:
    """Holes and unreadable lines in the operation log, and rows that no operation or feed explains."""
    found: list[str] = []
    expected: dict[str, int] = {}
    for replica, seq, record_id, line in rows(
        db, "SELECT replica, seq, record_id, line FROM operations ORDER BY replica, seq"
    ):
        name, number = str(replica), int(str(seq))
        if number != expected.get(name, 0) + 1:
            found.append(f"operations {name[:8]}: {expected.get(name, 0) + 1} is missing")
        expected[name] = number
        if is_emptied(bytes(line)):
            continue  # the centre keeps it for good
        try:
            op = decode_op(bytes(line))
        except Malformed:
            found.append(f"operations {name[:8]}: {number} is unreadable")
            continue
        if (op.seq, op.record) != (number, record_id):
            found.append(f"operations {name[:8]}: {number} is not what it says")
    # A backup of an earlier release has no deleted records, and not every kind.
    version = version_of(db)
    keeps_deleted = version >= SINCE_DELETED
    shapes = {
        kind: shape for kind, shape in SHAPES.items() if version >= SINCE_THE_DAY or kind in FIRST_KINDS
    }
    unshown = ["deleted"] if keeps_deleted else []
    for table in (*(shape.table for shape in shapes.values()), *unshown):
        unexplained = (
            f"SELECT count(*) FROM {table} WHERE version = 0 AND id NOT IN (SELECT record_id FROM operations)"
        )
        (count,) = next(rows(db, unexplained))
        if count:
            found.append(f"{table}: {count} rows without an operation")
    for kind, shape in shapes.items():
        table = shape.table
        unwritten = (
            "SELECT count(*) FROM operations WHERE kind = ? AND verb = ?"
            f" AND record_id NOT IN (SELECT id FROM {table}) AND record_id NOT IN (SELECT id FROM erased)"
            + (" AND record_id NOT IN (SELECT id FROM deleted)" if keeps_deleted else "")
        )
        (count,) = next(rows(db, unwritten, (kind, CREATE)))
        if count:
            found.append(f"{kind}: {count} operations without a row")
        for unshown_table in unshown:
            twice = f"SELECT count(*) FROM {table} WHERE id IN (SELECT id FROM {unshown_table})"
            (count,) = next(rows(db, twice))
            if count:
                found.append(f"{kind}: {count} rows shown and {unshown_table}")
    return found


def is_of_fulltext(problem: str) -> bool:
    """Whether what SQLite found wrong is in the full-text index, which can be built anew."""
    return problem.endswith(('table "texts"', "FTS5 table main.texts"))


def fulltext_problems(db: Database) -> list[str]:
    """Where the full-text index differs from the rows. Inside a transaction that may write."""
    found: list[str] = []
    present = {str(name) for (name,) in rows(db, "SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    found += [f"trigger {name} is missing" for name in TRIGGERS if name not in present]
    try:
        db.conn.execute(_INDEX_CHECK)
    except DatabaseError:
        return [*found, "the index is damaged"]
    (lacking,) = next(rows(db, _MISMATCHES))
    (orphans,) = next(rows(db, _ORPHANS))
    if lacking or orphans:
        found.append(f"{lacking} texts missing or stale, {orphans} left over")
    return found


def rebuild_fulltext(db: Database) -> None:
    """Fill the full-text index anew from the rows. Inside a transaction that may write."""
    restore_triggers(db)
    for statement in (*_EMPTY, *REFILL_TEXTS):
        db.conn.execute(statement)
