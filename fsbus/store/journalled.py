"""A connection whose transactions are journalled, durably, before they are committed."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from fsbus.core.clock import Clock
from fsbus.core.errors import DiskFailing, StoreError
from fsbus.store.ballast import retried
from fsbus.store.connecting import existing
from fsbus.store.database import FAILING, Database, DatabaseError, checkpoint, close_database, transaction
from fsbus.store.erased_list import ErasedList
from fsbus.store.erasing import count_erased, erase_record, erased_ids, is_erased
from fsbus.store.journal import Journals, Writer
from fsbus.store.quarantine import QUARANTINE
from fsbus.store.replay import Recovered, is_settled, is_written, replay
from fsbus.store.slices import Slices
from fsbus.store.turns import Turns

_T = TypeVar("_T")


class Journalled:
    """What `Store` stands on: its file and key, its transactions, its journals and what they recover."""

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

    def _take_turns(self, steps: Iterable[Callable[[Database], set[str]]]) -> frozenset[str]:
        """Take in what the centre says, each step in a transaction that lets those go first who save; the kinds of
        record that changed. The journals follow what it erased."""
        changed, before = set[str](), count_erased(self.db)
        try:
            for step in steps:
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
        self.recovered = replayed.with_journals(found)

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
