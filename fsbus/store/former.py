"""Knows the names that this store had before, and what the centre holds of each.

A restored or copied database goes on under a new name; what was acknowledged stays under the old one. A
centre that was restored from before that may lack it: the old names are asked for again in each new life.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from fsbus.core.ids import new_replica
from fsbus.core.redaction import redacted
from fsbus.store.database import Database, rows
from fsbus.store.link import read_first
from fsbus.store.pruning import EMPTIED_BYTES, note_acknowledged, write_again
from fsbus.wire.api import AnswerHeader
from fsbus.wire.codec import decode_op, encode_op

_TO_ASK = """
    SELECT f.replica, f.acked, f.durable, f.epoch = link.epoch,
        (SELECT max(seq) FROM operations AS o WHERE o.replica = f.replica) AS newest
    FROM former_replicas AS f JOIN link ON true
    WHERE newest IS NOT NULL
        AND (f.epoch <> link.epoch OR f.acked < newest OR (f.durable < newest AND f.asked_on <> ?))
    ORDER BY f.n LIMIT 1"""
_LINES = "SELECT seq, line FROM operations WHERE replica = ? AND seq > ? ORDER BY seq"


@redacted("replica", "acked", "durable", "newest", "is_told")
@dataclass(frozen=True)
class Former:
    """One former name. ``acked`` and ``durable``: what the centre said of it; ``is_told``: in its present
    life; ``newest``: its last operation here."""

    replica: str
    acked: int
    durable: int
    is_told: bool
    newest: int


def remember(db: Database, replica: str, acked: int, durable: int) -> None:
    """Keep a name that is given up, inside a transaction: the centre is to be asked about it."""
    db.conn.execute(
        "INSERT OR IGNORE INTO former_replicas (replica, acked, durable) VALUES (?, ?, ?)",
        (replica, acked, durable),
    )


def former_to_ask(db: Database, day: str) -> Former | None:
    """The oldest name to ask the centre about: in each new life, until it holds all; then once a day, until
    all is durable. ``day`` is today, as ISO text."""
    found = next(rows(db, _TO_ASK, (day,)), None)
    if found is None:
        return None
    replica, acked, durable, is_told, newest = found
    return Former(str(replica), int(acked), int(durable), bool(is_told), int(newest))


def lines_of(db: Database, former: Former, max_bytes: int) -> list[tuple[int, bytes]]:
    """(seq, line) that the centre lacks, oldest first, at least one and ``max_bytes`` at most."""
    return list(_upto(rows(db, _LINES, (former.replica, former.acked)), max_bytes))


def take_hello(db: Database, former: Former, epoch: str, last_seq: int) -> None:
    """The centre's word on a former name, in its present life. Inside a transaction."""
    acked = min(last_seq, former.newest)
    if acked < former.newest:
        write_again(db, former.replica, acked)
    db.conn.execute(
        "UPDATE former_replicas SET epoch = ?, acked = ?, durable = min(durable, ?) WHERE replica = ?",
        (epoch, acked, acked, former.replica),
    )


def take_answer(db: Database, former: Former, header: AnswerHeader, day: str) -> None:
    """What became of operations that were sent under a former name. Inside a transaction.

    Versions come with the records: to a former name the centre leaves none of them out.
    """
    acked = min(header.acked, former.newest)
    db.conn.executemany(
        "UPDATE operations SET result = ?, why = ? WHERE replica = ? AND seq = ?",
        [
            (result.r, result.why or None, former.replica, result.seq)
            for result in header.results
            if result.seq <= acked
        ],
    )
    if acked > former.acked:
        note_acknowledged(db, former.replica, day, acked)
    db.conn.execute(
        "UPDATE former_replicas SET acked = ?, durable = ?, asked_on = ? WHERE replica = ?",
        (acked, min(header.durable, acked), day, former.replica),
    )


def ask_again(db: Database, former: Former) -> None:
    """What the centre said of this name is not so any more. Inside a transaction."""
    db.conn.execute("UPDATE former_replicas SET epoch = '' WHERE replica = ?", (former.replica,))


def give_up(db: Database, former: Former, common: int) -> str:
    """The centre holds other operations above ``common`` under this name: ours are issued again under a new
    present name, before all that waits. Inside a transaction; the new name.

    All of them, emptied ones written again first: what stayed behind would leave gaps between the numbers of this
    name, where its lines would be taken for others, and would have it asked about for ever.
    """
    epoch = db.conn.execute("SELECT epoch FROM link").fetchone()[0]
    write_again(db, former.replica, common)
    renewed = reissue(db, (former.replica, common))
    db.conn.execute(
        "UPDATE former_replicas SET epoch = ?, acked = ?, durable = min(durable, ?) WHERE replica = ?",
        (epoch, common, common, former.replica),
    )
    return renewed


def reissue(db: Database, *older: tuple[str, int]) -> str:
    """Go on as a new replica, inside a transaction; its name.

    What the centre has not acknowledged is issued again under the new name, from 1 and in order, after what
    stands under ``older`` names above a number. The rest stays under the old names, which are remembered.
    """
    replica, acked, durable = db.conn.execute("SELECT replica, acked, durable FROM link").fetchone()
    renewed = new_replica()
    spans = (*older, (replica, acked))
    moved = [(name, seq, line) for name, after in spans for seq, line in _all_lines(db, name, after)]
    for number, (name, seq, line) in enumerate(moved, 1):
        again = msgspec.structs.replace(decode_op(line), seq=number)
        db.conn.execute(
            "UPDATE operations SET replica = ?, seq = ?, line = ?, result = NULL, why = NULL"
            " WHERE replica = ? AND seq = ?",
            (renewed, number, encode_op(again), name, seq),
        )
    remember(db, replica, acked, durable)
    read_first(db)
    db.conn.execute("UPDATE link SET replica = ?, acked = 0, durable = 0", (renewed,))
    return renewed


def _all_lines(db: Database, replica: str, after: int) -> Sequence[tuple[int, bytes]]:
    found: Sequence[tuple[int, bytes]] = db.conn.execute(
        "SELECT seq, line FROM operations WHERE replica = ? AND seq > ? AND length(line) <> ? ORDER BY seq",
        (replica, after, EMPTIED_BYTES),
    ).fetchall()
    return found


def _upto(found: Iterator[tuple[int, bytes]], max_bytes: int) -> Iterator[tuple[int, bytes]]:
    size = 0
    for seq, line in found:
        size += len(line)
        if size > max_bytes and size > len(line):
            return
        yield int(seq), bytes(line)
