"""Loads the centre's copies of records, and writes the changed ones back in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fsbus.core.merge import Copy
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.bodies import body_of_row, extra_of, read_writers, row_of, writers_text
from fsbus.server.database import (
    AnyRow,
    Connection,
    Database,
    delete,
    literal,
    one_of,
    or_,
    select,
    text,
    update,
)  # fmt: skip


@redacted()
@dataclass
class Held:
    """A copy with its place: its feed, and the replica that already shows it as it is."""

    copy: Copy
    feed: str
    plain_for: str | None = None
    changed: bool = False
    """Since it was loaded: to be written, and told to its feed."""
    stored: bool = False
    """Whether the database holds it, so that erasing it must reach there."""
    is_fresh: bool = False
    """Made by the chunk under way, and not touched since."""


def load_copies(connection: Connection, feeds: Sequence[str], ids: Iterable[str]) -> dict[str, Held]:
    """What the centre holds under these ids in these feeds, the home feed first; others do not exist.

    One query on all records, one on each kind that is there in each feed.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    table = tables.records
    rows = connection.execute(
        select(table).where(table.c.feed.in_(feeds), one_of(connection, table.c.id, wanted))
    ).all()
    rank = {feed: place for place, feed in enumerate(feeds)}
    rows = sorted(rows, key=lambda row: rank[row.feed], reverse=True)
    bodies = load_bodies(connection, rows)
    return {
        row.id: Held(_copy(row, bodies.get((row.feed, row.id), {})), row.feed, row.plain_for, stored=True)
        for row in rows
    }


def load_bodies(connection: Connection, rows: Sequence[AnyRow]) -> dict[tuple[str, str], dict[str, object]]:
    """The bodies behind rows of `records`, by feed and id; erased ones have none."""
    wanted: dict[tuple[str, str], dict[str, str | None]] = {}
    for row in rows:
        if row.erased_at is None:
            wanted.setdefault((row.feed, row.kind), {})[row.id] = row.extra
    found: dict[tuple[str, str], dict[str, object]] = {}
    for (feed, kind), extras in wanted.items():
        table = tables.TYPED[kind]
        statement = select(table).where(table.c.feed == feed, one_of(connection, table.c.id, list(extras)))
        for body in connection.execute(statement):
            found[feed, body.id] = body_of_row(kind, body, extras[body.id])
    return found


def children_of(connection: Connection, feed: str, record_id: str) -> list[str]:
    """The stored records of the feed that hang on this one, directly."""
    found: list[str] = []
    for kind, table in tables.TYPED.items():
        parent = tables.PARENTS[kind]
        if parent is not None:
            of_it = (table.c.feed == feed) & (table.c[parent] == record_id)
            found += connection.execute(select(table.c.id).where(of_it)).scalars()
    return found


def write_bodies(database: Database, connection: Connection, changed: Sequence[Held]) -> None:
    """Write the fields of the changed copies, and take those of the erased ones away."""
    alive: dict[str, list[tuple[object, ...]]] = {}
    gone: dict[tuple[str, str], list[str]] = {}
    for held in changed:
        copy = held.copy
        if not copy.erased:
            alive.setdefault(copy.kind, []).append(row_of(copy.kind, held.feed, copy.id, copy.body))
        elif held.stored and copy.kind in tables.TYPED:
            gone.setdefault((held.feed, copy.kind), []).append(copy.id)
    for kind, rows in alive.items():
        database.upsert_rows(connection, tables.TYPED[kind], rows)
    for (feed, kind), ids in gone.items():
        table = tables.TYPED[kind]
        connection.execute(delete(table).where(table.c.feed == feed, one_of(connection, table.c.id, ids)))


def empty_log(connection: Connection, erased: Sequence[Held]) -> None:
    """Take away the content of every operation on these records; what it was on, and its digest, stay."""
    log = tables.log
    by_feed: dict[str, list[str]] = {}
    for held in erased:
        by_feed.setdefault(held.feed, []).append(held.copy.id)
    for feed, ids in sorted(by_feed.items()):
        on_them = or_(one_of(connection, log.c.record_id, ids), one_of(connection, log.c.parent_id, ids))
        # Whoever made it: a coordinator's operation stands under another home than the record.
        statement = update(log).where(log.c.record_feed == feed, on_them)
        connection.execute(statement.values(line=literal(b"")))


def forget_snapshots(connection: Connection, feeds: Iterable[str]) -> None:
    """Take away the snapshots of these feeds, because somebody was erased: in the transaction that erases, once
    it holds the feeds' counters."""
    for feed in sorted(set(feeds)):
        for table in (tables.snapshot_parts, tables.snapshots):
            connection.execute(delete(table).where(table.c.feed == feed))


def number_and_write(
    database: Database, connection: Connection, changed: Sequence[Held], moment: str
) -> dict[str, int]:
    """Give each changed record the next number of its feed, and write it; the newest number of each feed.

    The last statements of a transaction: from the first counter on, nobody else writes to that feed.
    """
    by_feed: dict[str, list[Held]] = {}
    for held in changed:
        by_feed.setdefault(held.feed, []).append(held)
    rows = []
    numbers: dict[str, int] = {}
    for feed, helds in sorted(by_feed.items()):
        numbers[feed] = newest = raise_counter(connection, feed, len(helds))
        rows += [_row(held, newest - len(helds) + place, moment) for place, held in enumerate(helds, 1)]
    database.upsert_rows(connection, tables.records, rows)
    return numbers


def lock_feeds(connection: Connection, feeds: Iterable[str]) -> None:
    """From here to its end, no other transaction changes a record of these feeds.

    Two who read the same copy and both wrote it would lose a change; one who erases a record would not
    see the child that another adds. Always in sorted order, so that no two wait for each other. SQLite
    has one writer anyway.
    """
    table, wanted = tables.feeds, sorted(feeds)
    statement = select(table.c.name).where(table.c.name.in_(wanted)).order_by(table.c.name)
    held = set(connection.execute(statement.with_for_update()).scalars())
    for feed in wanted:
        if feed not in held:
            raise_counter(connection, feed, 0)


def raise_counter(connection: Connection, feed: str, by: int) -> int:
    """The newest number of the feed, once ``by`` more are taken."""
    statement = text(
        "INSERT INTO feeds (name, seq) VALUES (:feed, :by) "
        "ON CONFLICT (name) DO UPDATE SET seq = feeds.seq + excluded.seq RETURNING seq"
    )
    return int(connection.execute(statement, {"feed": feed, "by": by}).scalar_one())


def _copy(row: AnyRow, body: dict[str, object]) -> Copy:
    return Copy(
        row.id,
        row.kind,
        row.version,
        row.creator,
        body,
        read_writers(row.writers),
        erased=row.erased_at is not None,
        deleted=row.deleted,
    )


def _row(held: Held, number: int, moment: str) -> tuple[object, ...]:
    copy = held.copy
    return (
        held.feed,
        copy.id,
        copy.kind,
        number,
        copy.version,
        copy.creator,
        writers_text(copy.writers),
        None if copy.erased else extra_of(copy.kind, copy.body),
        copy.deleted,
        moment if copy.erased else None,
        held.plain_for,
    )
