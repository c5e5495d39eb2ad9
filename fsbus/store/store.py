"""The only writer of the local store: a row and its operation in one transaction, durable on return."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from fsbus.core.changes import CREATE, ERASE, SCHEMA
from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.errors import StoreUnavailable
from fsbus.core.lease import Lease
from fsbus.store import applying
from fsbus.store.answers import Intake
from fsbus.store.ballast import retried
from fsbus.store.connecting import existing, made_ready
from fsbus.store.database import Database, open_database, rows
from fsbus.store.edits import Edit, Writes, write_row
from fsbus.store.elsewhere import feed_above
from fsbus.store.erased_list import ErasedList
from fsbus.store.erasing import UNFINISHED
from fsbus.store.journal import Journals
from fsbus.store.journalled import Journalled
from fsbus.store.leasing import begin_lease, change_lease, read_lease, renew_lease
from fsbus.store.link import Enrolment, Link, forget_setting, read_link, write_enrolment
from fsbus.store.outbox import count_waiting, waiting_lines
from fsbus.store.quarantine import QUARANTINE
from fsbus.store.replay import LOG, NEWEST, Recovered
from fsbus.store.taking import take_states
from fsbus.store.trusting import require_trusted_centre
from fsbus.wire.api import Answer, HelloAnswer, Op, RequestHeader, State
from fsbus.wire.codec import encode_op

__all__ = ["QUARANTINE", "Edit", "Enrolment", "Link", "Recovered", "Store"]

_T = TypeVar("_T")


class Store(Journalled):
    """One connection to the encrypted store, for the thread that opened it."""

    lasts = True
    """Whether what is written here stays; False for a copy in memory."""

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

    @property
    def replica(self) -> str:
        """The name of this incarnation of the local database."""
        return str(next(rows(self.db, "SELECT replica FROM link"))[0])

    @property
    def last_seq(self) -> int:
        """The number of the newest operation of this replica; 0 when it has none."""
        return int(next(rows(self.db, NEWEST))[1] or 0)

    @retried
    def save(self, edits: Sequence[Edit], *, actor: str, write: Writes = write_row) -> None:
        """Write rows and operations together, in this order; durable on return, or nothing was written.

        Raises InvalidInput when the record to change was erased meanwhile, StoreUnavailable when
        the disk refuses. ``actor`` is the id of the agent; ``write`` writes the rows of one edit.
        """
        with self._writing():
            execute = self.db.conn.execute
            replica, newest = execute(NEWEST).fetchone()
            number = newest or 0
            log: list[tuple[str, int, str, str, str, bytes]] = []
            for edit in edits:
                feed = edit.feed or (
                    feed_above(self.db, edit.kind, edit.fields) if edit.verb == CREATE else ""
                )
                for record_id, kind, base, fields in write(self.db, edit):
                    number += 1
                    line = encode_op(
                        Op(
                            seq=number,
                            record=record_id,
                            kind=kind,
                            verb=edit.verb,
                            base=base,
                            set=dict(fields),
                            actor=actor,
                            hlc=self._clock.stamp(),
                            schema=SCHEMA,
                            why=edit.why,
                            feed=feed,
                        )
                    )
                    log.append((replica, number, record_id, kind, edit.verb, line))
            self.db.conn.executemany(LOG, log)
            self._unwritten += [(replica, number, line) for _, number, _, _, _, line in log]

    def erase(self, record_ids: Mapping[str, str], *, actor: str, leaving: Sequence[Edit] = ()) -> int:
        """Erase records (id to kind) and all that hangs on them, here now and at the centre by sync.

        ``leaving`` is written in the same transaction: what stays in their place. Returns how many
        records were erased; ids that are not here count for nothing.
        """
        erased = self._erase(record_ids, actor, leaving)
        self._void_journals()
        return erased

    @retried
    def _erase(self, record_ids: Mapping[str, str], actor: str, leaving: Sequence[Edit]) -> int:
        with self._writing():
            self.save(leaving, actor=actor)
            before = self.last_seq
            self.save([Edit(kind, one, ERASE) for one, kind in record_ids.items()], actor=actor)
            return self.last_seq - before

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        """Several `save` calls with one durable commit at its end; each one fails or holds alone until then."""
        with self._writing():
            yield

    def setting(self, name: str) -> str | None:
        """A local, unsynced setting."""
        found = next(rows(self.db, "SELECT value FROM settings WHERE name = ?", (name,)), None)
        return None if found is None else str(found[0])

    @retried
    def set_setting(self, name: str, value: str | None) -> None:
        """Keep a local setting; None forgets it."""
        with self._writing():
            forget_setting(self.db, name)
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

    def apply(
        self, answer: Answer, *, asked: RequestHeader | None = None, carried: bool = False
    ) -> frozenset[str]:
        """Take in one proved answer to ``asked``, made just now or ``carried`` here since: see `Intake`.

        Gives the kinds of record that changed here. Raises SyncError.
        """
        at = as_utc_text(self._clock.now())
        intake = Intake(answer, self.replica, at, self._wall(), asked, carried)
        return self._take_turns(intake.steps(self._slices))

    def take(self, states: Sequence[State]) -> frozenset[str]:
        """Take in records that were asked for, in short transactions; the kinds that changed here."""
        return self._take_turns(partial(take_states, states=part) for part in self._slices.of(states))

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
        self._turns.give_way()
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

    def _wall(self) -> int:
        return int(self._clock.now().timestamp())
