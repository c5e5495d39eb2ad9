"""A snapshot on its way: its parts, kept in the encrypted store until all are there and were taken in."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from backports import zstd

from fsbus.core.redaction import redacted
from fsbus.store.database import Database, rows
from fsbus.wire.api import SnapshotAnswer, State
from fsbus.wire.codec import Malformed, decode_state

LARGE_FEED = 2_000
"""Records of a feed from which a laptop that has none asks for a snapshot."""
_AT_ONCE = 1024 * 1024
"""Bytes decompressed at a time, so that memory stays flat."""
_LONGEST_LINE = 4 * 1024 * 1024


@redacted("id", "position", "size", "received")
@dataclass(frozen=True)
class Incoming:
    """A feed that is to be filled from a snapshot. ``id`` is empty until one was chosen."""

    feed: str
    id: str
    position: int
    size: int
    sha256: str
    received: int

    @property
    def is_whole(self) -> bool:
        return bool(self.id) and self.received == self.size


def want_snapshot(db: Database, feed: str) -> None:
    """Fill this feed from a snapshot, in a transaction; what was on its way goes on."""
    db.conn.execute("INSERT OR IGNORE INTO incoming (feed) VALUES (?)", (feed,))


def read_incoming(db: Database) -> Incoming | None:
    """The first feed that waits for its snapshot, and how far it has come."""
    found = next(
        rows(
            db,
            "SELECT feed, id, position, size, sha256,"
            " (SELECT coalesce(sum(length(bytes)), 0) FROM incoming_parts AS part WHERE part.feed = incoming.feed)"
            " FROM incoming ORDER BY feed LIMIT 1",
        ),
        None,
    )
    return None if found is None else Incoming(*found)


def wanted_feeds(db: Database) -> frozenset[str]:
    """The feeds that wait for a snapshot."""
    return frozenset(str(row[0]) for row in rows(db, "SELECT feed FROM incoming"))


def choose_snapshot(db: Database, feed: str, chosen: SnapshotAnswer) -> None:
    """Begin with this snapshot, in a transaction; parts of another one are given up."""
    db.conn.execute("DELETE FROM incoming_parts WHERE feed = ?", (feed,))
    db.conn.execute(
        "UPDATE incoming SET id = ?, position = ?, size = ?, sha256 = ? WHERE feed = ?",
        (chosen.id, chosen.to, chosen.size, chosen.sha256, feed),
    )


def give_up_snapshot(db: Database, feed: str) -> None:
    """Choose again, in a transaction."""
    choose_snapshot(db, feed, SnapshotAnswer(id="", epoch="", to=0, size=0, sha256="", records=0))


def arrive(db: Database, taken: Incoming) -> None:
    """All of it was taken in: the feed goes on from there, in a transaction."""
    db.conn.execute(
        "UPDATE positions SET position = max(position, ?) WHERE feed = ?", (taken.position, taken.feed)
    )
    db.conn.execute("DELETE FROM incoming_parts WHERE feed = ?", (taken.feed,))
    db.conn.execute("DELETE FROM incoming WHERE feed = ?", (taken.feed,))


def keep_part(db: Database, incoming: Incoming, part: bytes) -> None:
    """Keep the bytes that follow those received, in a transaction."""
    db.conn.execute(
        "INSERT INTO incoming_parts (feed, start, bytes) VALUES (?, ?, ?)",
        (incoming.feed, incoming.received, part),
    )


def is_sound(db: Database, incoming: Incoming) -> bool:
    """Whether what was received is, to the byte, what the centre announced."""
    digest = hashlib.sha256()
    for part in _parts(db, incoming.feed):
        digest.update(part)
    return digest.hexdigest() == incoming.sha256


def incoming_states(db: Database, feed: str) -> Iterator[State]:
    """The records of a whole and sound snapshot, one after another. Raises Malformed."""
    left = b""
    for plain in _decompressed(_parts(db, feed)):
        *lines, left = (left + plain).split(b"\n")
        if len(left) > _LONGEST_LINE:
            raise Malformed("a line without end")
        yield from map(decode_state, lines)
    if left:
        yield decode_state(left)


def _decompressed(parts: Iterator[bytes]) -> Iterator[bytes]:
    opened = zstd.ZstdDecompressor()
    try:
        for part in parts:
            yield opened.decompress(part, _AT_ONCE)
            while not opened.eof and not opened.needs_input:
                yield opened.decompress(b"", _AT_ONCE)
    except (zstd.ZstdError, EOFError) as error:
        raise Malformed(str(error)) from None
    if not opened.eof:
        raise Malformed("the snapshot is cut")


def _parts(db: Database, feed: str) -> Iterator[bytes]:
    for start in [
        row[0] for row in rows(db, "SELECT start FROM incoming_parts WHERE feed = ? ORDER BY start", (feed,))
    ]:
        (part,) = db.conn.execute(
            "SELECT bytes FROM incoming_parts WHERE feed = ? AND start = ?", (feed, start)
        ).fetchone()
        yield bytes(part)
