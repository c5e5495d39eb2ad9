"""Prepares the file of a whole feed, in parts that any process can serve, for new laptops."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backports import zstd

from fsbus.core.clock import as_utc_text
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import AnyRow, Connection, delete, insert, select
from fsbus.server.devices import Device
from fsbus.server.feed import count_records, newest, pages_of, state_lines
from fsbus.wire.api import Problem, Refused, SnapshotAnswer
from fsbus.wire.codec import LEVEL

PART = 256 * 1024
"""Bytes of one stored part."""
LARGEST_RANGE = 1024 * 1024
"""Bytes given at a time."""
RECENT = 0.1
"""A snapshot is recent while fewer changes came after it than this share of its records."""
FEWEST_LATER = 1_000
"""Changes that a laptop reads after a snapshot without any harm."""
KEPT = 2
"""The newest ones of a feed that are kept: a laptop may be amid the one before."""
MOST_TRIES = 5


@redacted("to", "records")
@dataclass(frozen=True)
class _Made:
    parts: Sequence[bytes]
    to: int
    records: int
    sha256: str

    @property
    def size(self) -> int:
        return sum(map(len, self.parts))


def snapshot(centre: Centre, device: Device, feed: str, now: datetime) -> SnapshotAnswer:
    """The recent snapshot of this feed, made when there is none. Raises Refused."""
    device.check_feed(feed)
    with centre.database.read() as connection:
        found = _recent(connection, centre, feed)
    for _ in range(MOST_TRIES):
        if found is not None:
            return SnapshotAnswer(
                found.id, found.epoch, found.to_seq, found.size, found.sha256, found.records
            )
        # Outside of a writing transaction: it takes seconds, and everybody would wait.
        found = _keep(centre, feed, _make(centre, feed), now)
    raise Refused(Problem("busy"))


def snapshot_range(
    centre: Centre, device: Device, feed: str, snapshot_id: str, start: int, end: int
) -> bytes:
    """The bytes ``start`` to ``end``, both included, fewer at the end of the file. Raises Refused."""
    device.check_feed(feed)
    table, parts = tables.snapshots, tables.snapshot_parts
    with centre.database.read() as connection:
        mine = (table.c.feed == feed, table.c.id == snapshot_id, table.c.epoch == centre.epoch)
        size = connection.execute(select(table.c.size).where(*mine)).scalar_one_or_none()
        if size is None:
            raise Refused(Problem("gone"))
        end = min(end, size - 1, start + LARGEST_RANGE - 1)
        if not 0 <= start <= end:
            raise Refused(Problem("range", "not in the file"))
        first, last = start // PART, end // PART
        statement = (
            select(parts.c.bytes)
            .where(parts.c.feed == feed, parts.c.id == snapshot_id, parts.c.number.between(first, last))
            .order_by(parts.c.number)
        )
        whole = b"".join(map(bytes, connection.execute(statement).scalars()))
    return whole[start - first * PART : end + 1 - first * PART]


def _recent(connection: Connection, centre: Centre, feed: str) -> AnyRow | None:
    table = tables.snapshots
    statement = select(table).where(table.c.feed == feed, table.c.epoch == centre.epoch)
    row = connection.execute(statement.order_by(table.c.to_seq.desc(), table.c.id).limit(1)).one_or_none()
    if row is None:
        return None
    later = newest(connection, [feed])[feed] - row.to_seq
    return row if later <= max(FEWEST_LATER, RECENT * row.records) else None


def _make(centre: Centre, feed: str) -> _Made:
    """All records of the feed, as they stand in one snapshot of the database."""
    with centre.database.read(patient=True) as connection:
        to = newest(connection, [feed])[feed]
        records = count_records(connection, [feed])[feed]
        compressor = zstd.ZstdCompressor(LEVEL)
        waiting, parts = bytearray(), list[bytes]()
        opening = b""
        for rows in pages_of(connection, feed):
            waiting += compressor.compress(opening + b"\n".join(state_lines(connection, rows, feed)))
            opening = b"\n"
            while len(waiting) >= PART:
                parts.append(bytes(waiting[:PART]))
                del waiting[:PART]
        waiting += compressor.flush()
    parts += [bytes(waiting[at : at + PART]) for at in range(0, len(waiting), PART)]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return _Made(parts, to, records, digest.hexdigest())


def _keep(centre: Centre, feed: str, made: _Made, now: datetime) -> AnyRow | None:
    """The row of the snapshot, once it is kept; None when somebody was erased while it was being made."""
    return centre.database.run(lambda connection: _keep_once(centre, connection, feed, made, now))


def _keep_once(
    centre: Centre, connection: Connection, feed: str, made: _Made, now: datetime
) -> AnyRow | None:
    table, records = tables.snapshots, tables.records
    # An erasure that begins now waits for us at the feed's counter, and then takes this snapshot away.
    connection.execute(select(tables.feeds).where(tables.feeds.c.name == feed).with_for_update())
    erased = (records.c.feed == feed, records.c.feed_seq > made.to, records.c.erased_at.is_not(None))
    if connection.execute(select(records.c.id).where(*erased).limit(1)).first() is not None:
        return None
    name = secrets.token_hex(16)
    values = {
        "feed": feed,
        "id": name,
        "epoch": centre.epoch,
        "to_seq": made.to,
        "size": made.size,
        "sha256": made.sha256,
        "records": made.records,
        "made_at": as_utc_text(now),
    }
    connection.execute(insert(table).values(values))
    rows = [(feed, name, number, part) for number, part in enumerate(made.parts)]
    centre.database.insert_rows(connection, tables.snapshot_parts, rows)
    _forget_older(connection, feed)
    return connection.execute(select(table).where(table.c.feed == feed, table.c.id == name)).one()


def _forget_older(connection: Connection, feed: str) -> None:
    table, parts = tables.snapshots, tables.snapshot_parts
    by_age = (
        select(table.c.id).where(table.c.feed == feed).order_by(table.c.to_seq.desc(), table.c.made_at.desc())
    )
    for name in connection.execute(by_age.offset(KEPT)).scalars().all():
        connection.execute(delete(parts).where(parts.c.feed == feed, parts.c.id == name))
        connection.execute(delete(table).where(table.c.feed == feed, table.c.id == name))
