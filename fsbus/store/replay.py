"""Does again what journals hold and the database lacks: rows by the code that wrote them first."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec

from fsbus.core.changes import CREATE, DELETE, ERASE, SET, VOID
from fsbus.core.errors import InvalidInput
from fsbus.core.redaction import redacted
from fsbus.store import applying
from fsbus.store.database import Database, DatabaseError, rows
from fsbus.store.deleting import is_deleted
from fsbus.store.edits import Edit, write_row
from fsbus.store.erasing import erase_record, is_erased, is_held
from fsbus.store.journal import Entry, Journal, voided
from fsbus.store.link import read_first
from fsbus.store.pruning import emptied_line
from fsbus.store.rows import SHAPES
from fsbus.wire.api import Op
from fsbus.wire.codec import Malformed, decode_op, encode_op
from fsbus.wire.shapes import as_of_today

NEWEST = "SELECT replica, (SELECT max(seq) FROM operations WHERE replica = link.replica) FROM link"
LOG = "INSERT INTO operations (replica, seq, record_id, kind, verb, line) VALUES (?, ?, ?, ?, ?, ?)"
"""Write one operation: its replica, number, record, kind, verb and line."""


@redacted("operations", "renumbered")
@dataclass(frozen=True)
class Recovered:
    """What an opening did again from the journals. ``renumbered``: the store goes on as a new replica, because
    the numbers that the operations had could not be given to them again. ``damaged``: names of journals that
    were put aside; ``torn``: of those whose end could not be read, and was cut off."""

    operations: int = 0
    renumbered: bool = False
    damaged: tuple[str, ...] = ()
    torn: tuple[str, ...] = ()

    def with_journals(self, found: Iterable[Journal]) -> "Recovered":
        """The same, with the names of those among the journals found that were in no good state."""
        bad = [
            (journal.path.name, journal.is_damaged)
            for journal in found
            if journal.is_damaged or journal.is_torn
        ]
        damaged = tuple(name for name, is_damaged in bad if is_damaged)
        return replace(self, damaged=damaged, torn=tuple(name for name, is_damaged in bad if not is_damaged))


def is_written(db: Database, written: tuple[str, int, bytes]) -> bool:
    """Whether an operation (replica, number, line) is in the database: an interruption may come after the
    commit. In doubt, it is."""
    sql = "SELECT 1 FROM operations WHERE replica = ? AND seq = ? AND line = ?"
    try:
        return db.conn.execute(sql, written).fetchone() is not None
    except DatabaseError:
        return True


def is_kept(db: Database, entry: Entry) -> bool:
    """Whether the database holds this operation, under whatever number; an erased one needs not be held.

    An operation is known by its record, its time stamp and what it says: they outlive a new replica.
    """
    op = entry.op
    found = rows(db, "SELECT line FROM operations WHERE replica = ? AND seq = ?", (entry.replica, op.seq))
    for (line,) in found:
        if bytes(line) == entry.line:
            return True
        kept = _read(line)
        if kept is not None and kept.verb == VOID and kept.record == op.record:
            return True
    if op.verb == VOID or (op.verb in (CREATE, SET) and is_erased(db, op.record)):
        # Only its number is worth keeping, and only to leave no hole.
        replica, newest = next(rows(db, NEWEST))
        return replica != entry.replica or op.seq <= (newest or 0)
    emptied = emptied_line(entry.line)
    lines = rows(db, "SELECT line FROM operations WHERE record_id = ?", (op.record,))
    return any(bytes(line) == emptied or _is_same(_read(line), op) for (line,) in lines)


def is_settled(db: Database, journal: Journal) -> bool:
    """Whether nothing is to be done about a journal: whole, kept, and saying nothing of erased records."""
    return not (journal.is_damaged or journal.is_torn) and all(
        is_kept(db, entry) and not (entry.op.verb in (CREATE, SET) and is_erased(db, entry.op.record))
        for entry in journal.entries()
    )


def replay(db: Database, entries: Iterable[Entry]) -> Recovered:
    """Do again what is not kept, in its order, inside a transaction."""
    count, renumbered = 0, False
    for entry in _in_order(entries):
        if is_kept(db, entry):
            continue
        replica, newest = next(rows(db, NEWEST))
        number = (newest or 0) + 1
        renumbered |= (entry.replica, entry.op.seq) != (replica, number)
        op = _redone(db, entry)
        line = entry.line if op is entry.op else encode_op(op)
        if op.seq != number:
            line = encode_op(msgspec.structs.replace(op, seq=number))
        db.conn.execute(LOG, (replica, number, op.record, op.kind, op.verb, line))
        count += 1
    if count:
        # The database was of another moment than these operations.
        read_first(db)
    if renumbered:
        # The centre may hold other operations under these numbers.
        applying.rotate(db)
    return Recovered(count, renumbered)


def _redone(db: Database, entry: Entry) -> Op:
    """Write the row of an operation; the operation to keep, void when its record was erased meanwhile."""
    op = entry.op
    if op.verb in (CREATE, SET) and is_erased(db, op.record):
        return decode_op(voided(entry))
    if op.kind not in SHAPES or op.verb == VOID:
        return op
    if op.verb == ERASE:
        erase_record(db, op.record)
        return op
    columns = SHAPES[op.kind].columns
    fields = {name: value for name, value in as_of_today(op).set.items() if name in columns}
    verb = SET if op.verb == CREATE and is_held(db, op.record) else op.verb
    if op.verb == CREATE and is_deleted(db, op.record):
        # What made it came before what deleted it, however late it is found.
        return op
    if op.verb == DELETE and is_erased(db, op.record):
        return op
    if not fields and op.set and op.verb != DELETE:
        return op
    # A record of another laptop that this copy does not have yet: the change waits in the log,
    # and is laid over the record when it comes from the centre.
    with contextlib.suppress(InvalidInput):
        write_row(db, Edit(op.kind, op.record, verb, fields))
    return op


def _read(line: bytes) -> Op | None:
    """None for a line that is damaged: a check tells of it."""
    try:
        return decode_op(bytes(line))
    except Malformed:
        return None


def _is_same(one: Op | None, other: Op) -> bool:
    if one is None:
        return False
    return (one.verb, one.hlc, one.actor, one.set) == (other.verb, other.hlc, other.actor, other.set)


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By number within a replica; a replica that began earlier comes first."""
    found = list(entries)
    began: dict[str, str] = {}
    for entry in found:
        if entry.op.hlc:
            began[entry.replica] = min(entry.op.hlc, began.get(entry.replica, entry.op.hlc))
    return sorted(found, key=lambda e: (began.get(e.replica, ""), e.replica, e.op.seq, e.op.hlc))
