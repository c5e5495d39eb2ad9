"""One exchange with one replica: takes its operations in one transaction, then reads its feeds."""

import re
from collections.abc import Sequence
from datetime import datetime

from fsbus.core.clock import as_utc_text
from fsbus.core.merge import PLAIN
from fsbus.server import aside, tables
from fsbus.server.applying import Applying, Arrived
from fsbus.server.centre import Centre
from fsbus.server.chunk import Chunk
from fsbus.server.copies import empty_log, forget_snapshots, lock_feeds, number_and_write, write_bodies
from fsbus.server.database import AnyRow, Connection, select, text, update
from fsbus.server.devices import Device, note_seen
from fsbus.server.feed import MOST_BYTES, count_records, newest, read_feeds
from fsbus.server.ledger import keep_erased
from fsbus.server.looking_aside import Looked, LookFirst, look
from fsbus.server.trusting import approval_of, newest_trust
from fsbus.wire.api import AnswerHeader, HelloAnswer, OpResult, Problem, Refused, Request, RequestHeader
from fsbus.wire.codec import Malformed, decode_op, op_digest
from fsbus.wire.version import OLDEST_PULL

_REPLICA = re.compile(r"[0-9a-f]{32}")
_LARGEST = 2**53 - 1


def hello(centre: Centre, device: Device, replica: str, now: datetime) -> HelloAnswer:
    """What the centre holds of this replica, and where the device's feeds are. Raises Refused."""
    _check_replica(replica)
    device.check()
    with centre.database.read() as connection:
        row = _replica_row(connection, replica, device)
        trust = newest_trust(connection)
        return HelloAnswer(
            epoch=centre.epoch,
            t=_milliseconds(now),
            device=device.id,
            feeds=newest(connection, device.feeds),
            writes=device.feed,
            last_seq=0 if row is None else row.last_seq,
            approval=approval_of(device.approval),
            trust=0 if trust is None else trust.version,
            records=count_records(connection, device.feeds),
            seal=centre.seal,
        )


def exchange(
    centre: Centre, device: Device, request: Request, now: datetime, most: int = MOST_BYTES
) -> tuple[AnswerHeader, list[bytes]]:
    """What PROTOCOL.md « Exchange » says: the answer's header and its lines of record states.

    Every operation of the request is durable when this returns. ``most`` bytes of states are given, before
    compression, whatever the laptop asks. Raises Refused, with nothing written, DevicePending, or
    DeviceRevoked: what a revoked device sent is kept aside.
    """
    header = request.header
    if device.revoked:
        aside.keep(centre.database, device, request, now)
    device.check()
    _check_header(header)
    if header.epoch != centre.epoch:
        raise Refused(Problem("epoch"))
    with centre.database.read() as connection:
        row = _replica_row(connection, header.replica, device)
    if row is None or request.ops:
        acked, durable, results = push(centre, device, request, now)
    else:
        if header.first > row.last_seq + 1:
            # Nothing to take, but something was lost here: the laptop is to know at once.
            raise Refused(Problem("expect", expect=row.last_seq + 1))
        acked, durable, results = row.last_seq, row.durable_seq, []
    if header.proto < OLDEST_PULL and header.pull:
        raise Refused(Problem("upgrade"))
    with centre.database.read() as connection:
        budget = min(header.max, most)
        places, lines = read_feeds(connection, device.feeds, header.pull, header.replica, budget)
    # A laptop that asks for none (from a stick) hears nothing of it; the others ask hello.
    moved = bool(header.pull) and header.pull.keys() != set(device.feeds)
    granted = list(device.feeds) if moved else []
    answer = AnswerHeader(centre.epoch, _milliseconds(now), acked, durable, results, places, granted)
    return answer, lines


def push(centre: Centre, device: Device, request: Request, now: datetime) -> tuple[int, int, list[OpResult]]:
    """The highest operation held, the highest durable one, and the results that are not plain."""

    def taken(looked: Looked | None) -> tuple[int, int, list[OpResult], bool, dict[str, int]]:
        return centre.database.run(
            lambda connection: _take(centre, connection, device, request, as_utc_text(now), looked)
        )

    try:
        last, durable, results, erased, numbers = taken(None)
    except LookFirst:
        # It erases what a revoked laptop may have sent too: that is looked through while others write.
        last, durable, results, erased, numbers = taken(look(centre.database))
    if centre.lives is not None:
        centre.lives.note(numbers)
    if erased:
        centre.database.forget_erased()
    return last, durable, results


def _take(
    centre: Centre,
    connection: Connection,
    device: Device,
    request: Request,
    moment: str,
    looked: Looked | None,
) -> tuple[int, int, list[OpResult], bool, dict[str, int]]:
    header = request.header
    row = _own_replica(connection, header.replica, device)
    last = row.last_seq
    if header.first > last + 1:
        raise Refused(Problem("expect", expect=last + 1))
    known = min(len(request.ops), last + 1 - header.first) if request.ops else 0
    results = _tell_again(connection, device.feed, header, request.ops[:known])
    lock_feeds(connection, device.feeds)
    chunk = Chunk(connection, header.replica, device.feed, device.feeds, centre.upcasting)
    arrived = Applying(chunk).apply(header.first + known, request.ops[known:])
    _append(centre, connection, device.feed, header.replica, arrived, request.ops[known:], moment)
    if chunk.erased:
        erased = [chunk.held[key] for key in sorted(chunk.erased)]
        aside.empty_aside(connection, chunk.erased, looked)
        keep_erased(centre.ledger, erased)
        empty_log(connection, erased)
    write_bodies(centre.database, connection, chunk.changed)
    last += len(arrived)
    connection.execute(
        update(tables.replicas).where(tables.replicas.c.id == header.replica).values(last_seq=last)
    )
    note_seen(connection, device.id, moment)
    numbers = number_and_write(centre.database, connection, chunk.changed, moment)
    if chunk.erased:
        forget_snapshots(connection, {held.feed for held in chunk.changed if held.copy.erased})
    results += [OpResult(item.seq, item.result, item.why) for item in arrived if item.result != PLAIN]
    return last, row.durable_seq, results, bool(chunk.erased), numbers


def _tell_again(
    connection: Connection, feed: str, header: RequestHeader, lines: Sequence[bytes]
) -> list[OpResult]:
    """The results of operations that came before; Refused when they are not the same operations."""
    if not lines:
        return []
    log = tables.log
    mine = (
        log.c.feed == feed,
        log.c.replica == header.replica,
        log.c.seq.between(header.first, header.first + len(lines) - 1),
    )
    held = connection.execute(
        select(log.c.seq, log.c.digest, log.c.record_id, log.c.result, log.c.why)
        .where(*mine)
        .order_by(log.c.seq)
    ).all()
    emptied = []
    for row, line in zip(held, lines, strict=True):
        if op_digest(line) == row.digest:
            continue
        if not _is_void(line, row.seq, row.record_id):
            raise Refused(Problem("forked"))
        emptied.append(row.seq)
    if emptied:
        connection.execute(update(log).where(*mine, log.c.seq.in_(emptied)).values(line=b""))
    return [OpResult(row.seq, row.result, row.why) for row in held if row.result]


def _is_void(line: bytes, seq: int, record_id: str) -> bool:
    try:
        op = decode_op(line)
    except Malformed:
        return False
    # A line that was never understood names no record here: its author may still take it back.
    return op.verb == "void" and op.seq == seq and record_id in ("", op.record)


def _append(
    centre: Centre,
    connection: Connection,
    feed: str,
    replica: str,
    arrived: Sequence[Arrived],
    lines: Sequence[bytes],
    moment: str,
) -> None:
    rows = [
        (
            feed,
            replica,
            item.seq,
            item.feed,
            item.record_id,
            op_digest(line),
            "" if item.result == PLAIN else item.result,
            item.why,
            item.parent_id,
            moment,
            item.line,
        )
        for item, line in zip(arrived, lines, strict=True)
    ]
    centre.database.insert_rows(connection, tables.log, rows)


def _replica_row(
    connection: Connection, replica: str, device: Device, *, lock: bool = False
) -> AnyRow | None:
    """The replica's row, None when it is new; Refused when it belongs to another device."""
    statement = select(tables.replicas).where(tables.replicas.c.id == replica)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is not None and row.device_id != device.id:
        raise Refused(Problem("forked"))
    return row


def _own_replica(connection: Connection, replica: str, device: Device) -> AnyRow:
    """The replica's row, locked; made when it is new. Raises Refused."""
    row = _replica_row(connection, replica, device, lock=True)
    if row is None:
        # Another request of the same laptop may make it at this moment: then it is there to be locked.
        connection.execute(
            text(
                "INSERT INTO replicas (id, device_id, last_seq, durable_seq, feed) "
                "VALUES (:id, :device, 0, 0, :feed) ON CONFLICT (id) DO NOTHING"
            ),
            {"id": replica, "device": device.id, "feed": device.feed},
        )
        row = _replica_row(connection, replica, device, lock=True)
    if row is None:
        raise AssertionError("the replica was made just now")
    return row


def _check_replica(replica: str) -> None:
    if _REPLICA.fullmatch(replica) is None:
        raise Refused(Problem("malformed", "replica"))


def _check_header(header: RequestHeader) -> None:
    _check_replica(header.replica)
    if header.n and not 1 <= header.first <= _LARGEST:
        raise Refused(Problem("malformed", "first"))
    if not all(0 <= position <= _LARGEST for position in header.pull.values()):
        raise Refused(Problem("malformed", "pull"))


def _milliseconds(now: datetime) -> int:
    return int(now.timestamp() * 1000)
