"""A store held in memory, of files that cannot be written: all is read, nothing is recorded.

The memory holds enciphered pages under the key of the database, and goes with the process. An exchange runs on it
unchanged: the centre receives what waits. That it did is forgotten with the process, and told
again by the centre when the same operations are sent another time.
"""

import contextlib
import functools
import itertools
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from fsbus.core.clock import Clock
from fsbus.core.errors import FsbusError, ReadOnly, StoreDamaged, StoreError, StoreTooNew, StoreUnavailable
from fsbus.store.checking import log_problems
from fsbus.store.database import (
    Database,
    DatabaseError,
    copy_into,
    copy_to_memory,
    open_memory,
    open_unchanged,
    problems_in,
    rows,
    transaction,
)
from fsbus.store.erasing import erase_record
from fsbus.store.journal import Journals
from fsbus.store.known_erased import erased_in_backups, erased_in_files
from fsbus.store.migrations import MIGRATIONS, migrate, version_of
from fsbus.store.replay import replay
from fsbus.store.restore import Place
from fsbus.store.store import Store
from fsbus.wire.api import Answer, HelloAnswer, RequestHeader, State

NOTHING_RECORDED = "Rien n’a été enregistré."
_T = TypeVar("_T")
_COLUMNS = (
    "SELECT t.name, c.name FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c"
    " WHERE t.type = 'table' AND t.name NOT LIKE 'texts_%'"
)


class ReadOnlyStore(Store):
    """One connection to a store in memory. What an agent would write is refused with ``reason``, at once.

    ``may_exchange``: False for the store of a newer fsbus, which alone knows what its operations mean.
    """

    lasts = False

    def __init__(
        self, name: str, key: bytes, db: Database, path: Path, clock: Clock, reason: str, may_exchange: bool
    ) -> None:
        super().__init__(path, key, db, clock)
        self.reason = reason
        self.name, self._may_exchange, self._is_allowed = name, may_exchange, False

    def reopen(self) -> "ReadOnlyStore":
        """A second connection to the same memory, for another thread, which closes it."""
        db = open_memory(self.name, self._key)
        return ReadOnlyStore(
            self.name, self._key, db, self._path, self._clock, self.reason, self._may_exchange
        )

    def close(self) -> None:
        """Leave the memory; it goes with its last connection."""
        self.db.conn.close()

    def take_hello(self, hello: HelloAnswer) -> None:
        """As any store, in memory."""
        with self._exchanging():
            super().take_hello(hello)

    def apply(
        self, answer: Answer, *, asked: RequestHeader | None = None, carried: bool = False
    ) -> frozenset[str]:
        """As any store, in memory."""
        with self._exchanging():
            return super().apply(answer, asked=asked, carried=carried)

    def take(self, states: Sequence[State]) -> frozenset[str]:
        """As any store, in memory."""
        with self._exchanging():
            return super().take(states)

    def rotate_replica(self) -> None:
        """As any store, in memory."""
        with self._exchanging():
            super().rotate_replica()

    def maintain(self, work: Callable[[Database], _T]) -> _T:
        """As any store, in memory."""
        with self._allowing():
            return super().maintain(work)

    def pending(self, *, after: int, max_bytes: int) -> list[tuple[int, bytes]]:
        """As any store."""
        with self._exchanging():
            return super().pending(after=after, max_bytes=max_bytes)

    @contextlib.contextmanager
    def _exchanging(self) -> Iterator[None]:
        if not self._may_exchange:
            raise ReadOnly(self.reason)
        with self._allowing():
            yield

    @contextlib.contextmanager
    def _allowing(self) -> Iterator[None]:
        before, self._is_allowed = self._is_allowed, True
        try:
            yield
        finally:
            self._is_allowed = before

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._is_allowed:
            raise ReadOnly(f"{NOTHING_RECORDED} {self.reason}")
        with super()._writing():
            yield


def held_in_memory(place: Place, reason: str, *, may_exchange: bool = True) -> ReadOnlyStore:
    """The store of these files as far as it can be read, with what the journals have more.

    From the database; when it is damaged or absent, from the newest sound backup. No file is changed.
    Raises StoreDamaged or StoreUnavailable when nothing can be read, StoreTooNew when a newer fsbus gave the
    store tables that this one cannot read.
    """
    key = place.keys.subkey("db")
    first: FsbusError | None = None
    sources = _sources(place, key)
    # The backups of a newer store are older: showing them would hide what was recorded since.
    for source in sources if may_exchange else itertools.islice(sources, 1):
        try:
            held = source(reason, may_exchange)
        except (StoreError, DatabaseError) as error:
            first = first or (error if isinstance(error, StoreError) else StoreDamaged(_DAMAGED))
            continue
        try:
            _complete(held.db, place, is_known=may_exchange)
            return held
        except StoreTooNew:
            held.close()
            raise
        except (StoreError, DatabaseError) as error:
            held.close()
            first = first or (error if isinstance(error, StoreError) else StoreDamaged(_DAMAGED))
    raise first or StoreDamaged(_DAMAGED)


def spare_copy(path: Path, key: bytes, clock: Clock) -> ReadOnlyStore:
    """An open store as it stands now, to exchange on while the disk takes nothing more."""
    held = _of_database(path, key, clock, _NOT_HERE, True)
    held.db.conn.execute("PRAGMA query_only = ON")
    return held


def _of_database(path: Path, key: bytes, clock: Clock, reason: str, may_exchange: bool) -> ReadOnlyStore:
    with contextlib.ExitStack() as stack:
        held = _empty(stack, path, key, clock, reason, may_exchange)
        db = open_unchanged(path, key)
        try:
            copy_to_memory(db, held.name)
        finally:
            db.conn.close()
        stack.pop_all()
        return held


def _of_backup(place: Place, backup: Path, reason: str, may_exchange: bool) -> ReadOnlyStore:
    key = place.keys.subkey("db")
    with contextlib.ExitStack() as stack:
        held = _empty(stack, place.path, key, place.clock, reason, may_exchange)
        with place.backups.opened(backup) as db:
            copy_into(db, held.db)
        stack.pop_all()
        return held


def _empty(
    stack: contextlib.ExitStack, path: Path, key: bytes, clock: Clock, reason: str, may_exchange: bool
) -> ReadOnlyStore:
    name = f"fsbus-{secrets.token_hex(8)}"
    held = ReadOnlyStore(name, key, open_memory(name, key), path, clock, reason, may_exchange)
    stack.callback(held.close)
    return held


_NOT_HERE = "Cette copie ne sert qu’à l’échange avec le centre."
_DAMAGED = "La base de ce poste ne peut pas être lue : n’effacez rien et appelez le coordinateur."
_Source = Callable[[str, bool], ReadOnlyStore]


def _sources(place: Place, key: bytes) -> Iterator[_Source]:
    yield functools.partial(_of_database, place.path, key, place.clock)
    for backup in place.backups.all():
        yield functools.partial(_of_backup, place, backup.path)


def _complete(db: Database, place: Place, *, is_known: bool) -> None:
    """Prove the copy, bring it to this release's tables, and do again what it lacks; all in memory."""
    if not is_known:
        if version_of(db) < len(MIGRATIONS):
            migrate(db)  # what is newer stands beside it: of the store itself this release knows every table
        _require_tables(db)
        return
    migrate(db)
    if problems_in(db) or log_problems(db):
        raise StoreDamaged(_DAMAGED)
    with transaction(db):
        for record_id in erased_in_backups(place.backups) | _erased_in_files(place):
            erase_record(db, record_id)
        with contextlib.suppress(StoreUnavailable):
            journals = Journals.of(place.home, place.keys).read()
            replay(db, [entry for journal in journals for entry in journal.entries()])
    db.conn.execute("PRAGMA query_only = ON")


def _erased_in_files(place: Place) -> frozenset[str]:
    with contextlib.suppress(StoreUnavailable):
        return erased_in_files(place.home, place.keys)
    return frozenset()


def _require_tables(db: Database) -> None:
    """Raise StoreTooNew unless every table and column that this release reads is there."""
    key = secrets.token_bytes(32)
    fresh = open_memory(f"fsbus-{secrets.token_hex(8)}", key)
    try:
        migrate(fresh)
        if not _columns(fresh) <= _columns(db):
            raise StoreTooNew(
                "Cette base a été écrite par une version plus récente de fsbus, qui seule sait la lire : "
                "installez-la. Rien n’a été changé."
            )
    finally:
        fresh.conn.close()
    db.conn.execute("PRAGMA query_only = ON")


def _columns(db: Database) -> set[tuple[str, str]]:
    return {(str(table), str(column)) for table, column in rows(db, _COLUMNS)}
