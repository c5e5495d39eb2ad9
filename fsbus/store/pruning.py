"""Empties the lines of operations that the centre keeps, and writes them again if it lost them.

Number, record, verb and result stay, and in the place of the line its digest as a JSON string. Such a line had
content (create, set), was acknowledged 30 days ago or more, and is inside a verified backup of the centre.
What the centre put aside keeps its line.
"""

import contextlib
import re
from datetime import date, timedelta

import msgspec

from fsbus.core.changes import CREATE, SCHEMA, VOID, WITNESS
from fsbus.store.database import Database, rows
from fsbus.store.deleting import deleted_record
from fsbus.store.elsewhere import feed_above
from fsbus.store.rows import SHAPES
from fsbus.wire.api import Op
from fsbus.wire.codec import Malformed, decode_op, encode_op, op_digest

DAYS = 30
EMPTIED_BYTES = 18
"""Length of a digest between quotes; every operation is longer."""
_EMPTIED = re.compile(rb'"[0-9a-f]{16}"')
BATCH = 400
"""Lines emptied in one transaction, so that no save waits long."""
_SAFE = """
    SELECT replica, min(safe, (SELECT coalesce(max(seq), 0) FROM acknowledged AS a
                               WHERE a.replica = known.replica AND a.day <= ?))
    FROM (SELECT replica, min(acked, durable) AS safe FROM link
          UNION ALL SELECT replica, min(acked, durable) FROM former_replicas) AS known"""
_FULL = """
    SELECT seq, line FROM operations WHERE replica = ? AND seq <= ? AND length(line) <> ?
        AND verb IN ('create', 'set') AND result IS NOT 'quarantined' ORDER BY seq LIMIT ?"""


def note_acknowledged(db: Database, replica: str, day: str, seq: int) -> None:
    """Keep on which day (ISO text) the centre acknowledged up to ``seq``. Inside a transaction."""
    db.conn.execute(
        "INSERT INTO acknowledged (replica, day, seq) SELECT ?, ?, ?"
        " WHERE ? > (SELECT coalesce(max(seq), 0) FROM acknowledged WHERE replica = ?)"
        " ON CONFLICT (replica, day) DO UPDATE SET seq = excluded.seq",
        (replica, day, seq, seq, replica),
    )


def empty_lines(db: Database, today: date, most: int = BATCH) -> int:
    """Empty up to ``most`` lines that need not be kept any more, inside a transaction; how many."""
    last_day = (today - timedelta(days=DAYS)).isoformat()
    emptied: list[tuple[bytes, str, int]] = []
    known = list(rows(db, _SAFE, (last_day,)))
    for replica, safe in known:
        found = list(rows(db, _FULL, (replica, safe, EMPTIED_BYTES, most - len(emptied))))
        emptied += [(emptied_line(bytes(line)), replica, seq) for seq, line in found]
    db.conn.executemany("UPDATE operations SET line = ? WHERE replica = ? AND seq = ?", emptied)
    if len(emptied) < most:
        # Said and done: the lines are not looked through again for these days.
        db.conn.executemany(
            "DELETE FROM acknowledged WHERE replica = ? AND day <= ? AND seq <= ?",
            [(replica, last_day, safe) for replica, safe in known],
        )
    return len(emptied)


def emptied_line(line: bytes) -> bytes:
    """What stays of a line: the digest of its content, the same whatever number it was given."""
    with contextlib.suppress(Malformed):  # a damaged line is known by its bytes
        line = encode_op(msgspec.structs.replace(decode_op(line), seq=0))
    return msgspec.json.encode(op_digest(line))


def is_emptied(line: bytes) -> bool:
    """Whether only the digest is left of a line."""
    return _EMPTIED.fullmatch(line) is not None


def write_again(db: Database, replica: str, last: int) -> None:
    """Give lines again to the emptied operations above ``last``, which the centre lost. Inside a transaction.

    A creation is written anew from the record as it stands here, so that what follows finds it; of the
    others only the number is kept, and what they said is compared record by record (« Repair »).
    """
    emptied = db.conn.execute(
        "SELECT seq, record_id, kind, verb FROM operations WHERE replica = ? AND seq > ? AND length(line) = ?",
        (replica, last, EMPTIED_BYTES),
    ).fetchall()
    for seq, record_id, kind, verb in emptied:
        body = _present_body(db, kind, record_id) if verb == CREATE else None
        if body is None:
            op = Op(seq=seq, record=record_id, kind=kind, verb=VOID)
        else:
            op = Op(seq=seq, record=record_id, kind=kind, verb=CREATE, set=body, schema=SCHEMA, why=WITNESS)
            op.feed = feed_above(db, kind, body)
        db.conn.execute(
            "UPDATE operations SET line = ?, verb = ? WHERE replica = ? AND seq = ?",
            (encode_op(op), op.verb, replica, seq),
        )


def _present_body(db: Database, kind: str, record_id: str) -> dict[str, object] | None:
    shape = SHAPES.get(kind)
    row = None if shape is None else db.conn.execute(shape.select_one, (record_id,)).fetchone()
    if shape is None or row is None:
        deleted = deleted_record(db, record_id)
        return None if deleted is None else {**deleted.body, **deleted.extra}
    (extra,) = db.conn.execute(shape.select_extra, (record_id,)).fetchone()
    return {**shape.body_of(row), **msgspec.json.decode(extra)}
