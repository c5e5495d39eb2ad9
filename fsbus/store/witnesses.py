"""Asks what else knows of a store that is put back from a backup: the present file, newer backups.

Each says what it can before its own damage. What was erased anywhere stays erased; operations that a witness
holds and the backup lacks are done again; the newest witness says who this laptop is at the centre.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fsbus.core.changes import CREATE, SET, VOID
from fsbus.core.errors import FsbusError
from fsbus.core.merge import PLAIN
from fsbus.core.redaction import redacted
from fsbus.store.backup import Backups
from fsbus.store.database import Database, DatabaseError, close_database, open_unchanged, rows
from fsbus.store.erasing import UNFINISHED, erased_ids
from fsbus.store.journal import Entry
from fsbus.store.rows import SHAPES
from fsbus.wire.codec import Malformed, decode_op

_LINK = "SELECT replica, acked, enrolment FROM link"
_RESULTS = "SELECT seq, result, why FROM operations WHERE replica = ? AND seq <= ? AND result IS NOT NULL ORDER BY seq"


@redacted("replica", "acked")
@dataclass(frozen=True, repr=False)
class Identity:
    """Who a store is at the centre, and what it keeps for itself: ``settings`` by name, ``enrolment`` as JSON."""

    replica: str
    acked: int
    enrolment: str | None
    settings: tuple[tuple[str, str], ...]
    results: tuple[tuple[int, str, str | None], ...] = ()
    """Number, result and reason of each operation that the centre confirmed to this name."""

    def give_to(self, db: Database) -> None:
        """Make this the identity of another store, in a transaction; the replica stays its own."""
        db.conn.execute("UPDATE link SET enrolment = ?", (self.enrolment,))
        db.conn.executemany(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            self.settings,
        )

    def tell_acknowledged(self, db: Database) -> None:
        """What the centre confirmed to this identity under the same numbers is not sent again: it would be
        taken there for the work of another. In a transaction, before the store takes a new name."""
        known = db.conn.execute("SELECT acked FROM link WHERE replica = ?", (self.replica,)).fetchone()
        if known is None:
            return
        for seq, result, why in self.results:
            if seq > known[0]:
                _take_result(db, self.replica, seq, result, why)
        db.conn.execute(
            "UPDATE link SET acked = max(acked, min(?, (SELECT coalesce(max(seq), 0) FROM operations"
            " WHERE replica = link.replica)))",
            (self.acked,),
        )


def _take_result(db: Database, replica: str, seq: int, result: str, why: str | None) -> None:
    """What the centre said of one operation; a plain one counts a version more on a record that stands here as
    its author saw it. Counted when its author had seen more, it would hide what this store has yet to see."""
    found = db.conn.execute(
        "UPDATE operations SET result = ?, why = ? WHERE replica = ? AND seq = ? RETURNING line",
        (result, why, replica, seq),
    ).fetchall()
    for (line,) in found if result == PLAIN else ():
        op = decode_op(bytes(line))
        if op.kind in SHAPES and op.verb in (CREATE, SET):
            db.conn.execute(SHAPES[op.kind].count_one, (op.record, op.base))


@redacted()
@dataclass(frozen=True, repr=False)
class Testimony:
    """What one witness said. ``identity`` is None when not even that could be read."""

    erased: frozenset[str] = frozenset()
    entries: tuple[Entry, ...] = ()
    identity: Identity | None = None


def of_present(path: Path, key: bytes) -> Testimony:
    """What the store that is to be replaced still says; not one byte of it is changed."""
    if not path.exists():
        return Testimony()
    with contextlib.suppress(FsbusError, DatabaseError):
        db = open_unchanged(path, key)
        try:
            return _told(db)
        finally:
            close_database(db)
    return Testimony()


def of_newer(backups: Backups, backup: Path) -> Testimony:
    """What the backups at hand that are newer than this one say together, the newest's identity first."""
    erased: frozenset[str] = frozenset()
    entries: list[Entry] = []
    identity: Identity | None = None
    for one in backups.newer_than(backup):
        with contextlib.suppress(FsbusError, DatabaseError), backups.opened(one.path) as db:
            told = _told(db)
            erased |= told.erased
            entries += told.entries
            identity = identity or told.identity
    return Testimony(erased, tuple(entries), identity)


def _told(db: Database) -> Testimony:
    erased: frozenset[str] = frozenset()
    identity: Identity | None = None
    with contextlib.suppress(FsbusError, DatabaseError):
        erased = erased_ids(db)
    with contextlib.suppress(FsbusError, DatabaseError):
        replica, acked, enrolment = next(rows(db, _LINK))
        settings = rows(db, "SELECT name, value FROM settings WHERE name <> ?", (UNFINISHED,))
        kept = tuple((str(name), str(value)) for name, value in settings)
        identity = Identity(replica, acked, enrolment, kept, tuple(rows(db, _RESULTS, (replica, acked))))
    entries: list[Entry] = []
    with contextlib.suppress(FsbusError, DatabaseError):
        for entry in _operations(db):
            if entry.op.verb != VOID:
                entries.append(entry)
            else:
                erased |= {entry.op.record}
    return Testimony(erased, tuple(entries), identity)


def _operations(db: Database) -> Iterator[Entry]:
    for replica, line in rows(db, "SELECT replica, line FROM operations ORDER BY replica, seq"):
        # A line that was emptied says nothing that the centre has not.
        with contextlib.suppress(Malformed):
            yield Entry(str(replica), decode_op(bytes(line)), bytes(line))
