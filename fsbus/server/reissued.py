"""Knows again what a restored laptop said before, under its new name or under the one it had."""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from fsbus.core.changes import Change
from fsbus.core.merge import CONFLICTED, MERGED, Copy, Merge, merge
from fsbus.core.upcasting import TODAY, Upcasting
from fsbus.server import tables
from fsbus.server.database import Connection, select
from fsbus.wire.api import Op
from fsbus.wire.codec import Malformed, decode_op
from fsbus.wire.shapes import as_of_today


def is_reissued(
    connection: Connection, feed: str, replica: str, op: Op, upcasting: Upcasting = TODAY
) -> bool:
    """Whether another replica of this home feed brought this very operation before: its record, stamp, author and values.

    Only what disagrees with the centre's copy is worth looking up: one query on the record's own operations.
    """
    if not op.hlc:
        return False
    log = tables.log
    held = connection.execute(
        select(log.c.line).where(log.c.feed == feed, log.c.record_id == op.record, log.c.replica != replica)
    )
    return any(_is_same(bytes(row.line), op, upcasting) for row in held)


def said_before(
    connection: Connection,
    feed: str,
    replica: str,
    record_id: str,
    in_chunk: Iterable[Op | None],
    upcasting: Upcasting = TODAY,
) -> dict[str, object]:
    """The value that this replica gave last to each field of a record: in the log, then in its chunk so far."""
    log, said = tables.log, dict[str, object]()
    mine = (log.c.feed == feed, log.c.replica == replica, log.c.record_id == record_id)
    for row in connection.execute(select(log.c.line).where(*mine).order_by(log.c.seq)):
        with contextlib.suppress(Malformed):
            op = decode_op(bytes(row.line))
            said |= (as_of_today(op, upcasting) if upcasting.knows(op.schema) else op).set
    for one in in_chunk:
        if one is not None and one.record == record_id:
            said |= one.set
    return said


def merge_knowing(copy: Copy, change: Change, said: Mapping[str, object]) -> Merge:
    """Merge a change whose author replaces own words: a field that the centre has as this replica said it last.

    A restored laptop brings its operations again under a new name; they change nothing, and their first author
    is another replica. What it says next is in no conflict with them.
    """
    own = {name for name in change.fields if name in said and said[name] == copy.body.get(name)}
    first = {name: value for name, value in change.fields.items() if name in own}
    others = {name: value for name, value in change.fields.items() if name not in own}
    seen = merge(copy, replace(change, base=copy.version, fields=first))
    rest = merge(seen.copy, replace(change, fields=others))
    result = CONFLICTED if rest.proposals else MERGED
    return replace(rest, result=result, changed=seen.changed or rest.changed)


def _is_same(line: bytes, op: Op, upcasting: Upcasting) -> bool:
    try:
        other = decode_op(line)
    except Malformed:
        return False
    if upcasting.knows(other.schema):
        other = as_of_today(other, upcasting)
    return (other.verb, other.hlc, other.actor, other.set) == (op.verb, op.hlc, op.actor, op.set)
