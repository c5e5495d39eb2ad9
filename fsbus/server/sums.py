"""Lets a laptop compare a feed with its own records: sums of buckets, of records, and states by id."""

from collections.abc import Iterator, Sequence

from fsbus.core.ids import is_id
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.copies import load_bodies
from fsbus.server.database import Connection, one_of, select
from fsbus.server.devices import Device
from fsbus.server.feed import newest, pages_of, state_lines
from fsbus.wire.api import Problem, Refused, StatesHeader, SumsAnswer
from fsbus.wire.sums import BUCKETS, bucket_of, bucket_sums, record_sum, written

MOST_STATES = 500
"""Records that may be asked for at a time."""


def sums(centre: Centre, device: Device, feed: str) -> SumsAnswer:
    """The sum of each bucket of this feed. Raises Refused."""
    device.check_feed(feed)
    with centre.database.read() as connection:
        to = newest(connection, [feed])[feed]
        return SumsAnswer(
            centre.epoch, to, bucket_sums((key, number) for key, _, number in _summed(connection, feed))
        )


def bucket(centre: Centre, device: Device, feed: str, number: int) -> SumsAnswer:
    """Each record of one bucket of this feed. Raises Refused."""
    device.check_feed(feed)
    if not 0 <= number < BUCKETS:
        raise Refused(Problem("malformed", "bucket"))
    with centre.database.read() as connection:
        to = newest(connection, [feed])[feed]
        listed = [
            (key, version, written(total))
            for key, version, total in _summed(connection, feed, f"%{number:02x}")
            if bucket_of(key) == number
        ]
        return SumsAnswer(centre.epoch, to, records=listed)


def states(centre: Centre, device: Device, feed: str, ids: Sequence[str]) -> tuple[StatesHeader, list[bytes]]:
    """The records of this feed under these ids, as lines; those that it has not are left out. Raises Refused."""
    device.check_feed(feed)
    if len(ids) > MOST_STATES or not all(map(is_id, ids)):
        raise Refused(Problem("malformed", "ids"))
    table = tables.records
    with centre.database.read() as connection:
        statement = select(table).where(table.c.feed == feed, one_of(connection, table.c.id, ids))
        rows = connection.execute(statement.order_by(table.c.feed_seq)).all()
        lines = state_lines(connection, rows, device.feed)
        return StatesHeader(centre.epoch, newest(connection, [feed])[feed]), lines


def _summed(connection: Connection, feed: str, like: str = "%") -> Iterator[tuple[str, int, int]]:
    """Id, version and sum of each living record of the feed whose id is like this."""
    table = tables.records
    for rows in pages_of(connection, feed, table.c.erased_at.is_(None) & table.c.id.like(like)):
        bodies = load_bodies(connection, rows)
        for row in rows:
            body = bodies[feed, row.id]
            state = {"deleted": body} if row.deleted else body
            yield row.id, row.version, record_sum(row.id, row.version, state)
