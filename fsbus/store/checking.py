"""Looks for what cannot be: a hole in the operation log, a row without one, a full-text index that lies."""

from fsbus.store.database import Database, DatabaseError, rows
from fsbus.store.migrations import REFILL_TEXTS, TRIGGERS, restore_triggers
from fsbus.store.rows import SHAPES
from fsbus.wire.codec import Malformed, decode_op

_TEXTS = ("visits_text", "records_text")
_INDEX_CHECKS = {
    "visits_text": "INSERT INTO visits_text (visits_text, rank) VALUES ('integrity-check', 1)",
    "records_text": "INSERT INTO records_text (records_text, rank) VALUES ('integrity-check', 1)",
}
_EMPTY = (
    "INSERT INTO visits_text (visits_text) VALUES ('rebuild')",
    "INSERT INTO records_text (records_text) VALUES ('rebuild')",
    "DELETE FROM visits_text",
    "DELETE FROM records_text",
)
"""A rebuild first: a damaged index could not even be emptied."""
_MISMATCHES = {
    "visits_text": """
        SELECT count(*) FROM visits LEFT JOIN visits_text AS t ON t.rowid = visits.n
        WHERE visits.note <> coalesce(t.note, '')""",
    "records_text": """
        SELECT count(*) FROM procedure_records AS r LEFT JOIN records_text AS t ON t.rowid = r.n
        WHERE r.precise_answer <> coalesce(t.answer, '')""",
}
_ORPHANS = {
    "visits_text": "SELECT count(*) FROM visits_text WHERE rowid NOT IN (SELECT n FROM visits)",
    "records_text": "SELECT count(*) FROM records_text WHERE rowid NOT IN (SELECT n FROM procedure_records)",
}


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
        try:
            op = decode_op(bytes(line))
        except Malformed:
            found.append(f"operations {name[:8]}: {number} is unreadable")
            continue
        if (op.seq, op.record) != (number, record_id):
            found.append(f"operations {name[:8]}: {number} is not what it says")
    for kind, shape in SHAPES.items():
        table = shape.table
        unexplained = (
            f"SELECT count(*) FROM {table} WHERE version = 0 AND id NOT IN (SELECT record_id FROM operations)"
        )
        (count,) = next(rows(db, unexplained))
        if count:
            found.append(f"{kind}: {count} rows without an operation")
    return found


def fulltext_problems(db: Database) -> list[str]:
    """Where the full-text index differs from the rows. Inside a transaction that may write."""
    found: list[str] = []
    present = {str(name) for (name,) in rows(db, "SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    found += [f"trigger {name} is missing" for name in TRIGGERS if name not in present]
    for name in _TEXTS:
        try:
            db.conn.execute(_INDEX_CHECKS[name])
        except DatabaseError:
            found.append(f"{name}: the index is damaged")
            continue
        (lacking,) = next(rows(db, _MISMATCHES[name]))
        (orphans,) = next(rows(db, _ORPHANS[name]))
        if lacking or orphans:
            found.append(f"{name}: {lacking} texts missing or stale, {orphans} left over")
    return found


def rebuild_fulltext(db: Database) -> None:
    """Fill the full-text index anew from the rows. Inside a transaction that may write."""
    restore_triggers(db)
    for statement in (*_EMPTY, *REFILL_TEXTS):
        db.conn.execute(statement)
