"""Takes in what the centre says: acknowledgements, results, record states, positions, a new epoch."""

from dataclasses import replace

from fsbus.core.changes import VOID
from fsbus.core.errors import SyncError
from fsbus.core.merge import ERASED, PLAIN, QUARANTINED
from fsbus.store import deleting
from fsbus.store.database import Database
from fsbus.store.elsewhere import forget_feeds
from fsbus.store.erasing import erase_record
from fsbus.store.former import reissue
from fsbus.store.incoming import LARGE_FEED, want_snapshot
from fsbus.store.link import read_first, read_link, write_enrolment
from fsbus.store.pruning import note_acknowledged, write_again
from fsbus.store.rows import SHAPES
from fsbus.store.sums import want_comparison
from fsbus.store.trusting import note_newest
from fsbus.wire.api import AnswerHeader, HelloAnswer, RequestHeader
from fsbus.wire.codec import decode_op

_MOVE = """
    INSERT INTO positions (feed, position) VALUES (?1, ?2)
    ON CONFLICT (feed) DO UPDATE SET position = excluded.position WHERE position BETWEEN ?3 AND excluded.position"""


def require_epoch(db: Database, epoch: str) -> None:
    """Raise SyncError when an answer comes from another life of the centre than the one last met."""
    (known,) = db.conn.execute("SELECT epoch FROM link").fetchone()
    if epoch != known:
        raise SyncError("Le centre a changé pendant l’échange : synchronisez à nouveau.")


def take_acknowledged(db: Database, header: AnswerHeader, asked: RequestHeader | None = None) -> set[str]:
    """Take what the centre says of our operations, inside a transaction; the kinds of record that changed.

    Of what was ``asked`` only: the centre may hold more, whose results it told to other requests.

    Before any record state: own operations that are still on their way are laid over those.
    """
    replica, acked = db.conn.execute("SELECT replica, acked FROM link").fetchone()
    if header.acked > _newest(db, replica):
        # The centre holds operations that this store no longer has: it is a restored copy. The answer
        # leaves out what the old name was thought to show: it is asked again under the new one.
        rotate(db)
        return set()
    changed: set[str] = set()
    told = header.acked if asked is None else _told_up_to(header, asked, acked)
    if told > acked:
        changed = _take_results(db, replica, acked, told, header)
        db.conn.execute("UPDATE link SET acked = ?", (told,))
    return changed


def take_positions(db: Database, header: AnswerHeader, at: str, asked: RequestHeader | None = None) -> None:
    """Say that all of an answer was taken in at ``at`` (UTC text), inside a transaction.

    A position moves forward only, and only when nothing is missing here below what was ``asked`` from.
    """
    for feed, place in header.pull.items():
        if asked is None or feed in asked.pull:
            db.conn.execute(_MOVE, (feed, place.to, 0 if asked is None else asked.pull[feed]))
    replica, acked = db.conn.execute("SELECT replica, acked FROM link").fetchone()
    note_acknowledged(db, replica, at[:10], acked)
    durable = min(header.durable, acked)
    db.conn.execute("UPDATE link SET durable = max(durable, ?), last_sync_at = ?", (durable, at))


def take_hello(db: Database, hello: HelloAnswer) -> None:
    """Take the centre's word on what it holds, inside a transaction.

    What it no longer holds waits again. What it holds beyond our last acknowledgement is sent again all
    the same: only then does it tell their results, and whether they are ours or those of a copy. After
    a new epoch, or a loss, the centre may have numbered its feeds anew: they are read from the start.
    """
    link = read_link(db)
    (replica,) = db.conn.execute("SELECT replica FROM link").fetchone()
    if hello.last_seq > _newest(db, replica):
        rotate(db)
    else:
        _wait_again(db, replica, hello.last_seq, link.acked)
        acked = min(hello.last_seq, link.acked)
        db.conn.execute("UPDATE link SET acked = ?, durable = min(durable, ?)", (acked, acked))
    is_new_life = hello.epoch != link.epoch or hello.last_seq < link.acked
    if is_new_life:
        # Versions are told anew with the records: nothing is counted before they were read.
        read_first(db)
    forget_feeds(db, link.positions.keys() - hello.feeds.keys())
    db.conn.execute("DELETE FROM positions")
    db.conn.executemany(
        "INSERT INTO positions (feed, position) VALUES (?, ?)",
        [
            # A position that the feed has not reached was given by a life that nobody remembers.
            (feed, 0 if is_new_life or newest < position else position)
            for feed, newest in hello.feeds.items()
            for position in (link.positions.get(feed, 0),)
        ],
    )
    if is_new_life and link.epoch:
        want_comparison(db)
    db.conn.execute("DELETE FROM incoming WHERE feed NOT IN (SELECT feed FROM positions WHERE position = 0)")
    # What came of a feed that left is not to be read here any more, whole or not.
    db.conn.execute("DELETE FROM incoming_parts WHERE feed NOT IN (SELECT feed FROM incoming)")
    for feed, held in hello.records.items():
        if held > LARGE_FEED and (is_new_life or not link.positions.get(feed)):
            want_snapshot(db, feed)
    note_newest(db, hello.trust)
    db.conn.execute("UPDATE link SET epoch = ?", (hello.epoch,))
    if link.enrolment is not None:
        kept = replace(link.enrolment, feeds=tuple(hello.feeds), writes=hello.writes, seal=hello.seal)
        write_enrolment(db, kept)


def rotate(db: Database) -> str:
    """Go on as a new replica, inside a transaction; its name.

    The operations that the centre has not acknowledged are issued again under the new name, from
    1 and in order; the acknowledged ones stay under the old one.
    """
    return reissue(db)


def _told_up_to(header: AnswerHeader, asked: RequestHeader, acked: int) -> int:
    """The last operation whose result this answer tells; what is acknowledged already when it leaves a hole."""
    if asked.first > acked + 1:
        return acked
    return min(header.acked, asked.first + asked.n - 1)


def _newest(db: Database, replica: str) -> int:
    (newest,) = db.conn.execute("SELECT max(seq) FROM operations WHERE replica = ?", (replica,)).fetchone()
    return int(newest or 0)


def _take_results(db: Database, replica: str, acked: int, told: int, header: AnswerHeader) -> set[str]:
    """Results of the operations above ``acked``, up to ``told``; the kinds that changed."""
    span = (replica, acked, told)
    listed = [result for result in header.results if acked < result.seq <= told]
    db.conn.executemany(
        "UPDATE operations SET result = ?, why = ? WHERE replica = ? AND seq = ?",
        [(result.r, result.why or None, replica, result.seq) for result in listed],
    )
    db.conn.execute(
        "UPDATE operations SET result = ? WHERE replica = ? AND seq > ? AND seq <= ? AND result IS NULL",
        (PLAIN, *span),
    )
    for shape in SHAPES.values():
        db.conn.execute(shape.count_plain, (*span, shape.kind))
    db.conn.execute(deleting.COUNT_PLAIN, span)
    changed: set[str] = set()
    for result in listed:
        if result.r in (ERASED, QUARANTINED):
            record_id, kind = db.conn.execute(
                "SELECT record_id, kind FROM operations WHERE replica = ? AND seq = ?", (replica, result.seq)
            ).fetchone()
            changed.add(kind)
            if result.r == ERASED:
                changed |= {erased for erased, _ in erase_record(db, record_id)}
    return changed


def _wait_again(db: Database, replica: str, last: int, acked: int) -> None:
    """Operations that the centre held and has lost are to be sent again.

    What they had counted on their records is taken back: the centre will count it anew.
    """
    write_again(db, replica, last)
    lost = db.conn.execute(
        "SELECT record_id, kind, line FROM operations WHERE replica = ? AND seq > ? AND seq <= ? ORDER BY seq",
        (replica, last, acked),
    ).fetchall()
    seen: set[str] = set()
    for record_id, kind, line in lost:
        op = decode_op(line)
        if record_id not in seen and kind in SHAPES and op.verb != VOID:
            seen.add(record_id)
            for lower in (SHAPES[kind].lower_version, deleting.LOWER_VERSION):
                db.conn.execute(lower, (op.base, record_id))
    db.conn.execute(
        "UPDATE operations SET result = NULL, why = NULL WHERE replica = ? AND seq > ?", (replica, last)
    )
