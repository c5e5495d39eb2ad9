"""Reads what is compared with the centre: each record's version and sum, and its body to give back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from fsbus.core.changes import CREATE, DELETE, ERASE, SET, WITNESS
from fsbus.core.merge import MERGED, UNKNOWN_RECORD
from fsbus.core.redaction import redacted
from fsbus.store import deleting
from fsbus.store.database import Database, rows
from fsbus.store.edits import Edit, Written
from fsbus.store.elsewhere import of_feed
from fsbus.store.rows import SHAPES
from fsbus.wire.codec import decode_op
from fsbus.wire.sums import record_sum

COMPARE = "compare_with_centre"
"""The setting that says that the centre may have lost something: to be compared once all was exchanged."""
_ASIDE = "SELECT DISTINCT record_id FROM operations WHERE result = 'quarantined' AND why IS NOT ?"
_WAITING = "SELECT line FROM operations JOIN link USING (replica) WHERE seq > acked AND record_id = ?"
_NO_MORE_ASIDE = "UPDATE operations SET result = ?, why = NULL WHERE record_id = ? AND why IS ?"


@redacted("id", "kind", "version", "sum", "deleted")
@dataclass(frozen=True)
class Held:
    """A record as this laptop holds it from the centre."""

    id: str
    kind: str
    version: int
    sum: int
    body: Mapping[str, object] = field(repr=False)
    deleted: bool = False


def want_comparison(db: Database) -> None:
    """Compare with the centre at the end of the next exchange, in a transaction."""
    db.conn.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, '1')", (COMPARE,))


def held_records(db: Database, feed: str, home: str, ids: Collection[str] | None = None) -> Iterator[Held]:
    """Every record of a feed that the centre is known to have had, kind by kind, those that others hang on first.

    ``home`` is the feed that this laptop writes to; ``ids`` keeps those of these ids. One at a time: together
    their bodies may be larger than the memory that a laptop has to spare.
    """
    condition, parameters = of_feed(feed, home)
    if ids is not None:
        condition += " AND id IN (SELECT value FROM json_each(?))"
        parameters = (*parameters, msgspec.json.encode(sorted(ids)).decode())
    here = {
        str(row[0])
        for row in rows(db, f"SELECT id FROM deleted WHERE version > 0 AND {condition}", parameters)
    }
    for kind, shape in SHAPES.items():
        columns = ", ".join(("id", *shape.columns, "version", "extra"))
        found = rows(db, f"SELECT {columns} FROM {shape.table} WHERE version > 0 AND {condition}", parameters)
        for *row, version, extra in found:
            body = shape.body_of(row)
            if extra != "{}":
                body |= msgspec.json.decode(extra)
            yield Held(row[0], kind, version, record_sum(row[0], version, body), body)
        for gone in deleting.deleted_records(db, kind) if here else ():
            if gone.id in here:
                body = {**gone.body, **gone.extra}
                state = {"deleted": body} if gone.own else body
                total = record_sum(gone.id, gone.version, state)
                yield Held(gone.id, kind, gone.version, total, body, gone.own)


def put_aside(db: Database) -> frozenset[str]:
    """The records of which the centre put an operation aside: people see to those.

    But for one that it had lost and was told a change of: that one is given back.
    """
    return frozenset(str(row[0]) for row in rows(db, _ASIDE, (UNKNOWN_RECORD,)))


@redacted()
@dataclass(frozen=True)
class GivingBack:
    """How `Store.save` writes operations that give back what the rows already show.

    ``bases``: the version that the centre has of a record; none for one that it has lost. ``seen``: the one that
    stood here, which says what of others it holds. ``passed_over``: the records that somebody changed here since
    they were compared: what is to be given back is no longer what they show.
    """

    bases: Mapping[str, int]
    seen: Mapping[str, int] = field(default_factory=dict)
    passed_over: set[str] = field(default_factory=set)

    def __call__(self, db: Database, edit: Edit) -> list[Written]:
        """The version becomes the one that the centre has, so that it is counted from there."""
        base = self.bases.get(edit.record_id, 0)
        fields = edit.fields
        if edit.verb != ERASE and _is_changed_here(db, edit.record_id):
            self.passed_over.add(edit.record_id)
            return []
        if edit.verb in (CREATE, SET, DELETE):
            for put in (SHAPES[edit.kind].put_version, deleting.PUT_VERSION):
                db.conn.execute(put, (base, edit.record_id))
            # Its change is in what is given back: nobody has to see to it any more.
            db.conn.execute(_NO_MORE_ASIDE, (MERGED, edit.record_id, UNKNOWN_RECORD))
        elif edit.verb != ERASE:
            raise ValueError(f"not given back: {edit.verb}")
        if edit.verb == DELETE:
            fields = deleting.versions_hidden_by(db, edit.record_id)
        seen = min(base, self.seen.get(edit.record_id, base))
        return [Written(edit.record_id, edit.kind, seen, fields)]


def _is_changed_here(db: Database, record_id: str) -> bool:
    """Whether a change that a person made to the record still waits."""
    return any(decode_op(bytes(line)).why != WITNESS for (line,) in rows(db, _WAITING, (record_id,)))


def erased_here(db: Database, ids: Sequence[str]) -> frozenset[str]:
    """Which of these ids were erased here."""
    wanted = msgspec.json.encode(list(ids)).decode()
    return frozenset(
        str(row[0])
        for row in rows(db, "SELECT id FROM erased WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    )
