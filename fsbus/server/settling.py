"""Erases again, in a database that was put back, what the ledger says."""

from collections.abc import Iterable, Mapping

from fsbus.core.changes import ERASE
from fsbus.server.applying import Applying
from fsbus.server.aside import empty_aside
from fsbus.server.chunk import Chunk
from fsbus.server.copies import empty_log, forget_snapshots, lock_feeds, number_and_write, write_bodies
from fsbus.server.database import Connection, Database, pages, select
from fsbus.server.ledger import Erased, Ledger
from fsbus.server.tables import records
from fsbus.wire.api import Op
from fsbus.wire.codec import encode_op

NOBODY = "0" * 32
"""The replica of what the centre does by itself."""
_AT_ONCE = 500


def settle(
    database: Database, connection: Connection, ledger: Ledger, moment: str, others: Iterable[Ledger] = ()
) -> int:
    """Erase again what any ledger holds and the database does not, and give this ledger what it lacks.

    In the caller's transaction; how many records were erased again. Raises StoreError.
    """
    ledger.make()
    held, _ = ledger.read()
    wanted = held.union(*(other.read()[0] for other in others))
    known = erased_in(connection)
    ledger.append((wanted | known) - held)
    by_feed: dict[str, list[Erased]] = {}
    for one in sorted(wanted - known, key=lambda one: (one.feed, one.id)):
        by_feed.setdefault(one.feed, []).append(one)
    for feed, listed in by_feed.items():
        for start in range(0, len(listed), _AT_ONCE):
            kinds = {one.id: one.kind for one in listed[start : start + _AT_ONCE]}
            _erase_again(database, connection, feed, kinds, moment)
    return len(wanted - known)


def erased_in(connection: Connection) -> set[Erased]:
    """What is erased in the database."""
    statement = select(records.c.feed, records.c.id, records.c.kind).where(records.c.erased_at.is_not(None))
    return {Erased(*row) for page in pages(connection, statement) for row in page}


def _erase_again(
    database: Database, connection: Connection, feed: str, kinds: Mapping[str, str], moment: str
) -> None:
    """Erase these records of a feed (id to kind), and all that hangs on them; known ones or not.

    In the caller's transaction, which does nothing after.
    """
    lock_feeds(connection, [feed])
    chunk = Chunk(connection, NOBODY, feed, [feed])
    ops = [
        Op(seq=number, record=key, kind=kinds[key], verb=ERASE) for number, key in enumerate(sorted(kinds), 1)
    ]
    Applying(chunk).apply(1, [encode_op(op) for op in ops])
    empty_log(connection, [chunk.held[key] for key in sorted(chunk.erased)])
    write_bodies(database, connection, chunk.changed)
    empty_aside(connection, chunk.erased, {})
    number_and_write(database, connection, chunk.changed, moment)
    forget_snapshots(connection, [feed])
