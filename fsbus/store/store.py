"""The only writer of the local store: a row and its operation in one transaction, durable on return."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from fsbus.core.changes import ERASE
from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.errors import DiskFailing, StoreError, StoreUnavailable
from fsbus.core.lease import Lease
from fsbus.store import applying
from fsbus.store.answers import Intake
from fsbus.store.ballast import retried
from fsbus.store.connecting import existing, made_ready
from fsbus.store.database import (
    FAILING,
    Database,
    DatabaseError,
    checkpoint,
    close_database,
    open_database,
    rows,
    transaction,
)
from fsbus.store.edits import Edit, write_row
from fsbus.store.erased_list import ErasedList
from fsbus.store.erasing import UNFINISHED, count_erased, erase_record, erased_ids, is_erased
from fsbus.store.journal import Journals, Writer
from fsbus.store.leasing import begin_lease, change_lease, read_lease, renew_lease
from fsbus.store.link import Enrolment, Link, read_link, write_enrolment
from fsbus.store.outbox import count_waiting, waiting_lines
from fsbus.store.quarantine import QUARANTINE
from fsbus.store.replay import Recovered, is_settled, is_written, replay
from fsbus.store.slices import Slices
from fsbus.store.trusting import require_trusted_centre
from fsbus.store.turns import Turns
from fsbus.wire.api import Answer, HelloAnswer, Op
from fsbus.wire.codec import encode_op

__all__ = ["QUARANTINE", "Edit", "Enrolment", "Link", "Recovered", "Store"]

_T = TypeVar("_T")
_NEXT = "SELECT replica, (SELECT max(seq) FROM operations WHERE replica = link.replica) FROM link"
_LOG = "INSERT INTO operations (replica, seq, record_id, kind, verb, line) VALUES (?, ?, ?, ?, ?, ?)"


class Store:
    """One connection to the encrypted store, for the thread that opened it."""

    def __init__(
        self,
        path: Path,
        key: bytes,
        db: Database,
        clock: Clock,
        journals: Journals | None = None,
        erased: ErasedList | None = None,
        turns: Turns | None = None,
    ) -> None:
        self.db = db
        """For queries only: it refuses to write outside of the methods of this class."""
        self.recovered = Recovered()
        """What opening it did again from the journals."""
        self.saved = 0
        """How many durable commits of records this connection made."""
        self._path, self._key, self._clock = path, key, clock
        self._journals, self._erased_list = journals, erased
        self._writer = None if journals is None else Writer(journals)
        self._turns, self._slices = turns or Turns(), Slices()
        self._unwritten: list[tuple[str, int, bytes]] = []
        """(replica, number, line) of the transaction under way."""
        self._in_doubt = False
        """Whether the disk failed under this connection: what it takes for written may not be."""

    @classmethod
    def create(cls, path: Path, key: bytes, *, clock: Clock) -> "Store":
        """A new and empty store, under a new replica. Raises StoreUnavailable when the file exists."""
        if path.exists():
            raise StoreUnavailable(f"Une base existe déjà : {path.name}. Rien n’a été changé.")
        return cls(path, key, made_ready(open_database(path, key), None), clock)

    @classmethod
    def open(
        cls,
        path: Path,
        key: bytes,
        *,
        clock: Clock,
        journals: Journals | None = None,
        erased: ErasedList | None = None,
        prepare: Callable[[Database], None] | None = None,
        before_migration: Callable[[Database], object] | None = None,
    ) -> "Store":
        """The store of this file, brought to this release's tables, and with all that its journals hold.

        Without ``journals``, nothing is journalled: for a copy, or a measurement. ``prepare`` is run
        in a transaction before they are looked at. Raises StoreUnavailable, StoreDamaged, or
        StoreTooNew with nothing changed.
        """
        store = cls(path, key, existing(path, key, before_migration), clock, journals, erased)
        try:
            if prepare is not None:
                store.maintain(prepare)
            store._recover()
        except BaseException:
            store.close()
            raise
        return store

    def reopen(self) -> "Store":
        """A second connection to the same store, for another thread, which closes it."""
        db = existing(self._path, self._key, None)
        return Store(self._path, self._key, db, self._clock, self._journals, self._erased_list, self._turns)

    def close(self) -> None:
        """Leave the store; everything saved stays."""
        close_database(self.db)

    @property
    def folder(self) -> Path:
        """Where the file is, and all that stands beside it."""
        return self._path.parent

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is under way."""
        return bool(self.db.conn.in_transaction)

    @property
    def replica(self) -> str:
        """The name of this incarnation of the local database."""
        return str(next(rows(self.db, "SELECT replica FROM link"))[0])

    @property
    def last_seq(self) -> int:
        """The number of the newest operation of this replica; 0 when it has none."""
        return int(next(rows(self.db, _NEXT))[1] or 0)

    @retried
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
                for record_id, kind, base in write_row(self.db, edit):
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
            self._unwritten += [(replica, number, line) for _, number, _, _, _, line in log]

    def erase(self, record_ids: Mapping[str, str], *, actor: str) -> int:
        """Erase records (id to kind) and all that hangs on them, here now and at the centre by sync.

        Returns how many visits and procedure records were erased; ids that are not here count for nothing.
        """
        erased = self._erase(record_ids, actor)
        self._void_journals()
        return erased

    @retried
    def _erase(self, record_ids: Mapping[str, str], actor: str) -> int:
        with self._writing():
            before = self.last_seq
            self.save([Edit(kind, one, ERASE) for one, kind in record_ids.items()], actor=actor)
            return self.last_seq - before

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """Several `save` calls with one durable commit at its end; each one fails or holds alone until then."""
        with self._writing():
            yield

    def setting(self, name: str) -> str | None:
        """A local, unsynced setting, or None."""
        found = next(rows(self.db, "SELECT value FROM settings WHERE name = ?", (name,)), None)
        return None if found is None else str(found[0])

    @retried
    def set_setting(self, name: str, value: str | None) -> None:
        """Keep a local setting; None forgets it."""
        with self._writing():
            self.db.conn.execute("DELETE FROM settings WHERE name = ?", (name,))
            if value is not None:
                self.db.conn.execute("INSERT INTO settings (name, value) VALUES (?, ?)", (name, value))

    def pending(self, *, after: int, max_bytes: int) -> list[tuple[int, bytes]]:
        """(seq, line) of this replica above ``after``, oldest first, at least one and ``max_bytes`` at most."""
        return waiting_lines(self.db, after=after, max_bytes=max_bytes)

    def pending_count(self) -> int:
        """Operations that the centre has not acknowledged."""
        return count_waiting(self.db)

    def link(self) -> Link:
        """How far each side has come."""
        return read_link(self.db)

    @retried
    def set_enrolment(self, enrolment: Enrolment) -> None:
        """Attach this store to a centre; its lease begins. Another centre than before is met as a new one.

        Raises NotAllowed when a trust file is known and the centre is not in it.
        """
        with self._writing():
            require_trusted_centre(self.db, enrolment.server_key)
            known = read_link(self.db).enrolment
            write_enrolment(self.db, enrolment)
            begin_lease(self.db, self._wall())
            self.saved += 1
            if known is not None and known.server_key != enrolment.server_key:
                self.db.conn.execute("UPDATE link SET epoch = ''")

    def forget_enrolment(self) -> None:
        """Belong to no centre, until the next enrolment."""
        self._once(lambda db: write_enrolment(db, None))

    @retried
    def take_hello(self, hello: HelloAnswer) -> None:
        """Take the centre's word on what it holds; see `fsbus.store.applying.take_hello`. Renews the lease."""
        with self._writing():
            applying.take_hello(self.db, hello)
            renew_lease(self.db, hello.t, self._wall())

    def apply(self, answer: Answer, *, asked_as: str | None = None) -> frozenset[str]:
        """Take in one answer; the kinds of record that changed here. Raises SyncError. See `fsbus.store.answers`.

        In short transactions. The answer must be proved, and to a request made just now: it renews the lease
        too. ``asked_as`` is the replica that asked; under another name by now, nothing is taken.
        """
        changed, before = set[str](), count_erased(self.db)
        intake = Intake(answer, asked_as or self.replica, as_utc_text(self._clock.now()), self._wall())
        try:
            for step in intake.steps(self._slices):
                self._turns.give_way()
                with self._slices.measured():
                    changed |= self._once(step)
        finally:
            if count_erased(self.db) != before:
                self._void_journals()
        return frozenset(changed)

    @retried
    def _once(self, step: Callable[[Database], _T]) -> _T:
        with self._writing():
            return step(self.db)

    def lease(self) -> Lease | None:
        """The lease as last kept; None before the enrolment."""
        return read_lease(self.db)

    def change_lease(self, change: Callable[[Lease | None], Lease]) -> Lease:
        """Change the lease in one durable transaction of its own."""
        return self._once(lambda db: change_lease(db, change))

    def rotate_replica(self) -> None:
        """Go on as a new replica, after the centre said that this database was copied or restored."""
        self._once(applying.rotate)

    def maintain(self, work: Callable[[Database], _T]) -> _T:
        """Run upkeep of what is derived (the full-text index) in one transaction; it changes no record."""
        return self._once(work)

    @retried
    def cover(self, work: Callable[[Database, Journals], int]) -> int:
        """Run ``work``, which deletes journals that are safe elsewhere, under the write lock."""
        if self._journals is None:
            return 0
        with self._writing():
            return work(self.db, self._journals)

    def unfinished_erasure(self) -> str | None:
        """What to give to `finish_erasure` once backups and files put aside have followed; None when they have."""
        return self.setting(UNFINISHED)

    def finish_erasure(self, seen: str) -> None:
        """Nothing is left to do, unless more was erased since ``seen`` was read."""
        with self._writing():
            self.db.conn.execute("DELETE FROM settings WHERE name = ? AND value = ?", (UNFINISHED, seen))

    @retried
    def _void_journals(self) -> None:
        """Take out of the log and of every journal what they say of erased records; again at the next
        opening if it is cut."""
        checkpoint(self.db)
        with self._writing():
            self._forget_erased()

    def _forget_erased(self) -> None:
        if self._erased_list is not None:
            ids, listed = erased_ids(self.db), self._erased_list.read()
            # The list knows more than a database of another day that was put here: it wins, for ever.
            for record_id in listed - ids:
                erase_record(self.db, record_id)
            if ids - listed or self._erased_list.is_damaged():
                self._erased_list.write(erased_ids(self.db) | listed)
        if self._journals is not None:
            self._journals.void(lambda record_id: is_erased(self.db, record_id))

    def _recover(self) -> None:
        """Do again what the journals hold and the database lacks, and put damaged journals aside."""
        journals = self._journals
        if journals is None:
            return
        erased = self._erased_list
        if erased is not None and (erased.read() != erased_ids(self.db) or erased.is_damaged()):
            self._void_journals()
        if all(is_settled(self.db, journal) for journal in journals.read()):
            return
        with self._writing():
            # Under the lock: what was read before may have been a save that was not committed yet.
            found = journals.read()
            replayed = replay(self.db, [entry for journal in found for entry in journal.entries()])
        with self._writing():
            found = journals.read()
            for journal in found:
                if journal.is_damaged:
                    journals.put_aside(journal, self._path.parent / QUARANTINE)
                elif journal.is_torn:
                    journals.cut_off(journal)
            self._forget_erased()
        damaged = tuple(journal.path.name for journal in found if journal.is_damaged)
        torn = tuple(journal.path.name for journal in found if journal.is_torn and not journal.is_damaged)
        self.recovered = Recovered(replayed.operations, replayed.renumbered, damaged, torn)

    def _wall(self) -> int:
        return int(self._clock.now().timestamp())

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction; the outermost one journals what was saved, durably, before it is committed."""
        if self._in_doubt and not self.is_writing:
            self._begin_anew()
        conn = self.db.conn
        outermost, before = not conn.in_transaction, len(self._unwritten)
        mark = None if self._writer is None else self._writer.mark
        if outermost:
            conn.execute("PRAGMA query_only = OFF")
        try:
            with self._turns.taken() if outermost else contextlib.nullcontext(), transaction(self.db):
                yield
                if outermost:
                    self._journal()
        except BaseException as error:
            self._in_doubt |= isinstance(error, DiskFailing)
            lost = self._unwritten[before:]
            del self._unwritten[before:]
            # By what was written, not by what was told: an interruption may come between the two.
            if (
                lost
                and self._writer is not None
                and self._writer.mark != mark
                and not is_written(self.db, lost[-1])
            ):
                self._writer.take_back()
            raise
        finally:
            if outermost:
                self.saved += bool(self._unwritten)
                self._unwritten.clear()
                conn.execute("PRAGMA query_only = ON")

    def _begin_anew(self) -> None:
        """Go on with another connection after the disk failed: an fsync that is tried again says that all is
        well although nothing was written. Raises DiskFailing while there is none to be had."""
        try:
            db = existing(self._path, self._key, None)
        except (StoreError, DatabaseError) as error:
            raise DiskFailing(FAILING) from error
        left, self.db, self._in_doubt = self.db, db, False
        with contextlib.suppress(DatabaseError):
            left.conn.close()

    def _journal(self) -> None:
        """Append what the transaction under way saved, if anything."""
        if self._writer is None or not self._unwritten:
            return
        replica, number, _ = self._unwritten[0]
        self._writer.append(replica, number, [line for _, _, line in self._unwritten])
