"""Knows again an operation that a restored laptop sends once more under its new name."""

from fsbus.server import tables
from fsbus.server.database import Connection, select
from fsbus.wire.api import Op
from fsbus.wire.codec import Malformed, decode_op


def is_reissued(connection: Connection, feed: str, replica: str, op: Op) -> bool:
    """Whether another replica of this home feed brought this very operation before: its record, stamp, author and values.

    Only what disagrees with the centre's copy is worth looking up: one query on the record's own operations.
    """
    if not op.hlc:
        return False
    log = tables.log
    held = connection.execute(
        select(log.c.line).where(log.c.feed == feed, log.c.record_id == op.record, log.c.replica != replica)
    )
    return any(_is_same(bytes(row.line), op) for row in held)


def _is_same(line: bytes, op: Op) -> bool:
    try:
        other = decode_op(line)
    except Malformed:
        return False
    return (other.verb, other.hlc, other.actor, other.set) == (op.verb, op.hlc, op.actor, op.set)
