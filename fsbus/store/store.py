"""The only writer of the local store: a row and its operation in one transaction, durable on return."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from fsbus.core.changes import CREATE, ERASE, SET
from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.entities import CONFLICT
from fsbus.core.errors import InvalidInput, StoreDamaged, StoreUnavailable
from fsbus.store import applying
from fsbus.store.database import Database, checkpoint, close_database, open_database, rows, transaction
from fsbus.store.erasing import erase_record, is_held
from fsbus.store.link import Enrolment, Link, read_link, write_enrolment
from fsbus.store.migrations import migrate, version_of
from fsbus.store.rows import SHAPES
from fsbus.wire.api import Answer, HelloAnswer, Op
from fsbus.wire.codec import encode_op

__all__ = ["Edit", "Enrolment", "Link", "Store"]

_T = TypeVar("_T")
_NEXT = "SELECT replica, (SELECT max(seq) FROM operations WHERE replica = link.replica) FROM link"
_LOG = "INSERT INTO operations (replica, seq, record_id, kind, verb, line) VALUES (?, ?, ?, ?, ?, ?)"
_GONE = "Cette fiche n’existe plus : elle a été effacée."


@dataclass(frozen=True, repr=False)
class Edit:
    """One thing to write. ``create`` has all the fields, as clean JSON values; ``set`` the new ones only."""

    kind: str
    record_id: str
    verb: str
    fields: Mapping[str, object] = field(default_factory=dict)
    why: str = ""

    def __repr__(self) -> str:
        return f"Edit({self.verb} {self.kind} {self.record_id})"


class Store:
    """One connection to the encrypted store, for the thread that opened it."""

    def __init__(self, path: Path, key: bytes, db: Database, clock: Clock) -> None:
        self.db = db
        """For queries only: it refuses to write outside of the methods of this class."""
        self._path, self._key, self._clock = path, key, clock

    @classmethod
    def create(cls, path: Path, key: bytes, *, clock: Clock) -> "Store":
        """A new and empty store, under a new replica. Raises StoreUnavailable when the file exists."""
        if path.exists():
            raise StoreUnavailable(f"Une base existe déjà : {path.name}. Rien n’a été changé.")
        return cls._ready(path, key, open_database(path, key), clock)

    @classmethod
    def open(cls, path: Path, key: bytes, *, clock: Clock) -> "Store":
        """The store of this file, brought to this release's tables.

        Raises StoreUnavailable, StoreDamaged, or StoreTooNew with nothing changed.
        """
        db = open_database(path, key, must_exist=True)
        if version_of(db) == 0:
            close_database(db)
            raise StoreDamaged("La base de ce poste est vide : n’effacez rien et appelez le coordinateur.")
        return cls._ready(path, key, db, clock)

    @classmethod
    def _ready(cls, path: Path, key: bytes, db: Database, clock: Clock) -> "Store":
        try:
            migrate(db)
            # A write that forgot its operation would never reach the centre: nobody else may write.
            db.conn.execute("PRAGMA query_only = ON")
        except BaseException:
            close_database(db)
            raise
        return cls(path, key, db, clock)

    def reopen(self) -> "Store":
        """A second connection to the same store, for another thread, which closes it."""
        return Store.open(self._path, self._key, clock=self._clock)

    def close(self) -> None:
        """Leave the store; everything saved stays."""
        close_database(self.db)

    @property
    def replica(self) -> str:
        """The name of this incarnation of the local database."""
        return str(next(rows(self.db, "SELECT replica FROM link"))[0])

    @property
    def last_seq(self) -> int:
        """The number of the newest operation of this replica; 0 when it has none."""
        return int(next(rows(self.db, _NEXT))[1] or 0)

    def save(self, edits: Sequence[Edit], *, actor: str) -> None:
        """Write rows and operations together, in this order; durable on return, or nothing was written.

        Raises InvalidInput when the record to change was erased meanwhile, StoreUnavailable when
        the disk refuses. ``actor`` is the id of the agent.
        """
        with self._writing():
            execute = self.db.conn.execute
            replica, newest = execute(_NEXT).fetchone()
            number = newest or 0
            log: list[tuple[str, int, str, str, str, bytes]] = []
            for edit in edits:
                for record_id, kind, base in self._write_row(edit):
                    number += 1
                    line = encode_op(
                        Op(
                            seq=number,
                            record=record_id,
                            kind=kind,
                            verb=edit.verb,
                            base=base,
                            set=dict(edit.fields),
                            actor=actor,
                            hlc=self._clock.stamp(),
                            why=edit.why,
                        )
                    )
                    log.append((replica, number, record_id, kind, edit.verb, line))
            self.db.conn.executemany(_LOG, log)

    def erase(self, record_ids: Mapping[str, str], *, actor: str) -> int:
        """Erase records (id to kind) and all that hangs on them, here now and at the centre by sync.

        Returns how many visits and procedure records were erased; ids that are not here count for nothing.
        """
        with self._writing():
            _, before = next(rows(self.db, _NEXT))
            self.save([Edit(kind, one, ERASE) for one, kind in record_ids.items()], actor=actor)
            _, after = next(rows(self.db, _NEXT))
        checkpoint(self.db)
        return int(after or 0) - int(before or 0)

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """Several `save` calls with one durable commit at its end; each one fails or holds alone until then."""
        with self._writing():
            yield

    def setting(self, name: str) -> str | None:
        """A local, unsynced setting, or None."""
        found = next(rows(self.db, "SELECT value FROM settings WHERE name = ?", (name,)), None)
        return None if found is None else str(found[0])

    def set_setting(self, name: str, value: str | None) -> None:
        """Keep a local setting; None forgets it."""
        with self._writing():
            self.db.conn.execute("DELETE FROM settings WHERE name = ?", (name,))
            if value is not None:
                self.db.conn.execute("INSERT INTO settings (name, value) VALUES (?, ?)", (name, value))

    def pending(self, *, after: int, max_bytes: int) -> list[tuple[int, bytes]]:
        """(seq, line) of this replica above ``after``, oldest first, at least one and ``max_bytes`` at most."""
        found: list[tuple[int, bytes]] = []
        size = 0
        waiting = rows(
            self.db,
            "SELECT seq, line FROM operations WHERE replica = (SELECT replica FROM link) AND seq > ? ORDER BY seq",
            (after,),
        )
        for seq, line in waiting:
            size += len(line)
            if found and size > max_bytes:
                break
            found.append((int(seq), bytes(line)))
        waiting.close()
        return found

    def pending_count(self) -> int:
        """Operations that the centre has not acknowledged."""
        counted = "SELECT count(*) FROM operations JOIN link USING (replica) WHERE seq > acked"
        return int(next(rows(self.db, counted))[0])

    def link(self) -> Link:
        """How far each side has come."""
        return read_link(self.db)

    def set_enrolment(self, enrolment: Enrolment) -> None:
        """Attach this store to a centre. Another centre than before is met as a new one."""
        with self._writing():
            known = read_link(self.db).enrolment
            write_enrolment(self.db, enrolment)
            if known is not None and known.server_key != enrolment.server_key:
                self.db.conn.execute("UPDATE link SET epoch = ''")

    def take_hello(self, hello: HelloAnswer) -> None:
        """Take the centre's word on what it holds; see `fsbus.store.applying.take_hello`."""
        with self._writing():
            applying.take_hello(self.db, hello)

    def apply(self, answer: Answer) -> frozenset[str]:
        """Take in one answer in one transaction; the kinds of record that changed here. Raises SyncError."""
        with self._writing():
            return applying.apply_answer(self.db, answer, as_utc_text(self._clock.now()))

    def rotate_replica(self) -> None:
        """Go on as a new replica, after the centre said that this database was copied or restored."""
        with self._writing():
            applying.rotate(self.db)

    def maintain(self, work: Callable[[Database], _T]) -> _T:
        """Run upkeep of what is derived (the full-text index) in one transaction; it changes no record."""
        with self._writing():
            return work(self.db)

    def _write_row(self, edit: Edit) -> list[tuple[str, str, int]]:
        """Write one edit; (record, kind, base) of each operation that it makes."""
        shape, execute = SHAPES[edit.kind], self.db.conn.execute
        if edit.verb == CREATE:
            execute(shape.insert, (edit.record_id, *shape.values_of(edit.fields)))
            return [(edit.record_id, edit.kind, 0)]
        if edit.verb == SET:
            values = [shape.value_of(name, value) for name, value in edit.fields.items()]
            sql = _update(edit.kind, tuple(edit.fields))
            found = execute(sql, (*values, edit.record_id)).fetchall()
            if not found:
                raise InvalidInput({"id": _GONE})
            return [(edit.record_id, edit.kind, found[0][0])]
        if edit.verb == ERASE:
            if not is_held(self.db, edit.record_id):
                # Remembered as erased here only, it would be refused when it comes: replicas would differ.
                return []
            erased = erase_record(self.db, edit.record_id)
            # The centre erases the conflicts, which it made, by itself.
            return [(record_id, kind, 0) for kind, record_id in erased if kind != CONFLICT]
        raise ValueError(f"not a verb that a laptop writes: {edit.verb}")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        conn = self.db.conn
        outermost = not conn.in_transaction
        if outermost:
            conn.execute("PRAGMA query_only = OFF")
        try:
            with transaction(self.db):
                yield
        finally:
            if outermost:
                conn.execute("PRAGMA query_only = ON")


@lru_cache(maxsize=256)
def _update(kind: str, names: tuple[str, ...]) -> str:
    shape = SHAPES[kind]
    unknown = set(names) - set(shape.columns)
    if unknown or not names:
        raise ValueError(f"not fields of {kind}: {sorted(unknown)}")
    assigned = ", ".join(f"{name} = ?" for name in names)
    return f"UPDATE {shape.table} SET {assigned} WHERE id = ? RETURNING version"
