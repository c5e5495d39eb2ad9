"""Reads a feed: the states of its records above a position, in order."""

from collections.abc import Iterator, Mapping, Sequence

from fsbus.server import tables
from fsbus.server.copies import load_bodies
from fsbus.server.database import AnyRow, Condition, Connection, func, select
from fsbus.wire.api import FeedPosition, State
from fsbus.wire.codec import encode_state

PAGE = 400
"""Records read from the database at a time."""
MOST_BYTES = 4 * 1024 * 1024
"""Bytes of states in one answer, before compression, whatever the laptop asks."""


def newest(connection: Connection, feeds: Sequence[str]) -> dict[str, int]:
    """The last number of each of these feeds; 0 for one that nothing was written to."""
    table = tables.feeds
    rows = connection.execute(select(table.c.name, table.c.seq).where(table.c.name.in_(feeds)))
    found = {row.name: row.seq for row in rows}
    return {feed: found.get(feed, 0) for feed in feeds}


def read_feeds(
    connection: Connection, granted: Sequence[str], positions: Mapping[str, int], replica: str, budget: int
) -> tuple[dict[str, FeedPosition], list[bytes]]:
    """Where each feed asked for and granted (its home first) comes to, and the lines of its states, in ``budget`` bytes.

    At least one record is given when there is one, so that a large one stops nobody.
    """
    asked = [feed for feed in granted if feed in positions]
    ends = newest(connection, asked)
    places: dict[str, FeedPosition] = {}
    lines: list[bytes] = []
    left = max(1, budget)
    for feed in asked:
        places[feed], taken = _read_one(
            connection, feed, granted[0], positions[feed], ends[feed], replica, left
        )
        lines += taken
        left -= sum(map(len, taken))
    return places, lines


def count_records(connection: Connection, feeds: Sequence[str]) -> dict[str, int]:
    """How many records each of these feeds holds, erased ones too."""
    table = tables.records
    statement = select(table.c.feed, func.count()).where(table.c.feed.in_(feeds)).group_by(table.c.feed)
    found = {row[0]: row[1] for row in connection.execute(statement)}
    return {feed: found.get(feed, 0) for feed in feeds}


def state_lines(connection: Connection, rows: Sequence[AnyRow], home: str) -> list[bytes]:
    """The lines of these rows of `records`, in their order; those of another feed than ``home`` name theirs."""
    bodies = load_bodies(connection, rows)
    return [
        encode_state(
            State(
                row.id,
                row.kind,
                row.version,
                bodies.get((row.feed, row.id), {}),
                row.erased_at is not None,
                row.deleted,
                feed="" if row.feed == home else row.feed,
            )
        )
        for row in rows
    ]


def pages_of(connection: Connection, feed: str, only: Condition | None = None) -> Iterator[Sequence[AnyRow]]:
    """All rows of `records` of one feed (``only`` those of a condition), in its order, some at a time."""
    table, after = tables.records, 0
    while True:
        statement = select(table).where(table.c.feed == feed, table.c.feed_seq > after)
        if only is not None:
            statement = statement.where(only)
        rows = connection.execute(statement.order_by(table.c.feed_seq).limit(PAGE)).all()
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = rows[-1].feed_seq


def _read_one(
    connection: Connection, feed: str, home: str, after: int, end: int, replica: str, budget: int
) -> tuple[FeedPosition, list[bytes]]:
    table = tables.records
    lines: list[bytes] = []
    to, size = max(0, after), 0
    while size < budget:
        statement = (
            select(table)
            .where(table.c.feed == feed, table.c.feed_seq > to, table.c.plain_for.is_distinct_from(replica))
            .order_by(table.c.feed_seq)
            .limit(PAGE)
        )
        rows = connection.execute(statement).all()
        for row, line in zip(rows, state_lines(connection, rows, home), strict=True):
            if lines and size + len(line) > budget:
                return FeedPosition(to, more=True), lines
            lines.append(line)
            size += len(line)
            to = row.feed_seq
        if len(rows) < PAGE:
            return FeedPosition(end), lines
    return FeedPosition(to, more=to < end), lines
