"""Reads what is compared with the centre: each record's version and sum, and its body to give back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from fsbus.core.changes import CREATE, ERASE, SET
from fsbus.core.merge import MERGED, UNKNOWN_RECORD
from fsbus.core.redaction import redacted
from fsbus.store.database import Database, rows
from fsbus.store.edits import Edit
from fsbus.store.elsewhere import of_feed
from fsbus.store.rows import SHAPES
from fsbus.wire.sums import record_sum

COMPARE = "compare_with_centre"
"""The setting that says that the centre may have lost something: to be compared once all was exchanged."""
_ASIDE = "SELECT DISTINCT record_id FROM operations WHERE result = 'quarantined' AND why IS NOT ?"

_NO_MORE_ASIDE = "UPDATE operations SET result = ?, why = NULL WHERE record_id = ? AND why IS ?"


@redacted("id", "kind", "version", "sum")
@dataclass(frozen=True)
class Held:
    """A record as this laptop holds it from the centre."""

    id: str
    kind: str
    version: int
    sum: int
    body: Mapping[str, object] = field(repr=False)


def want_comparison(db: Database) -> None:
    """Compare with the centre at the end of the next exchange, in a transaction."""
    db.conn.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, '1')", (COMPARE,))


def held_records(db: Database, feed: str, home: str) -> Iterator[Held]:
    """Every record of a feed that the centre is known to have had, kind by kind, those that others hang on first.

    ``home`` is the feed that this laptop writes to.
    """
    condition, parameters = of_feed(feed, home)
    for kind, shape in SHAPES.items():
        columns = ", ".join(("id", *shape.columns, "version", "extra"))
        found = rows(db, f"SELECT {columns} FROM {shape.table} WHERE version > 0 AND {condition}", parameters)
        for *row, version, extra in found:
            body = shape.body_of(row)
            if extra != "{}":
                body |= msgspec.json.decode(extra)
            yield Held(row[0], kind, version, record_sum(row[0], version, body), body)


def put_aside(db: Database) -> frozenset[str]:
    """The records of which the centre put an operation aside: people see to those.

    But for one that it had lost and was told a change of: that one is given back.
    """
    return frozenset(str(row[0]) for row in rows(db, _ASIDE, (UNKNOWN_RECORD,)))


@redacted()
@dataclass(frozen=True)
class GivingBack:
    """How `Store.save` writes operations that give back what the rows already show.

    ``bases``: the version that the centre has of a record; none for one that it has lost.
    """

    bases: Mapping[str, int]

    def __call__(self, db: Database, edit: Edit) -> list[tuple[str, str, int]]:
        """The version goes back to the one the centre has, so that it is counted from there."""
        base = self.bases.get(edit.record_id, 0)
        if edit.verb in (CREATE, SET):
            db.conn.execute(SHAPES[edit.kind].lower_version, (base, edit.record_id))
            # Its change is in what is given back: nobody has to see to it any more.
            db.conn.execute(_NO_MORE_ASIDE, (MERGED, edit.record_id, UNKNOWN_RECORD))
        elif edit.verb != ERASE:
            raise ValueError(f"not given back: {edit.verb}")
        return [(edit.record_id, edit.kind, base)]


def erased_here(db: Database, ids: Sequence[str]) -> frozenset[str]:
    """Which of these ids were erased here."""
    wanted = msgspec.json.encode(list(ids)).decode()
    return frozenset(
        str(row[0])
        for row in rows(db, "SELECT id FROM erased WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    )
