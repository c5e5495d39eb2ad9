"""Keeps aside what revoked laptops send, until a coordinator decides about it.

It may be days of work, or the work of a thief: nobody is told any of it before a person decides.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from fsbus.core.changes import VOID
from fsbus.core.clock import as_utc_text
from fsbus.core.ids import is_id
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.applying import LARGEST_OPERATION
from fsbus.server.database import (
    AnyRow,
    Condition,
    Connection,
    Database,
    delete,
    func,
    insert,
    one_of,
    select,
    update,
)  # fmt: skip
from fsbus.server.devices import Device, device_called
from fsbus.server.looking_aside import Looked, hanging_in, hangs_on, look, ops_in, row_of, seen_in, those_kept
from fsbus.wire.api import Op, Request, RequestHeader
from fsbus.wire.codec import Malformed, decode_op, decode_request, encode_op, encode_request

MOST = 64 * 1024 * 1024
"""Bytes of operation lines, before compression, that are kept of one device; each line weighs ``LEAST`` more."""
LEAST = 64
PIECE = 4 * 1024 * 1024
"""The same of one row, at most: whatever comes for it, what is written is read again as a message."""
_REPLICA = re.compile(r"[0-9a-f]{32}")
_LARGEST = 2**53 - 1


@redacted("operations", "bytes")
@dataclass(frozen=True)
class AsideLine:
    """What is kept of one revoked laptop, for a listing. Moments are UTC."""

    device: str
    name: str
    feed: str
    operations: int
    bytes: int
    first_at: str
    last_at: str


def keep(database: Database, device: Device, request: Request, now: datetime) -> bool:
    """Keep the operations of a request of a revoked device that are not kept yet; whether there was room.

    What was erased at the centre is kept empty.
    """
    header = request.header
    if not request.ops or _REPLICA.fullmatch(header.replica) is None or not 1 <= header.first <= _LARGEST:
        return True
    looked = look(database, device.id, header.replica)
    ops = list(ops_in(request.ops))
    with database.write() as connection:
        _take_turn(connection)
        seen = seen_in(connection, looked, device.id, header.replica)
        # What is void in one place was erased, here or on the laptop: it is void everywhere.
        gone = {key for one in seen for key in one.void}
        gone |= erased_among(connection, device.feeds, _named(ops))
        gone = _with_what_hangs(gone, hanging_in(ops))
        # A line that nobody will ever take in keeps its place, no more.
        kept = (line if len(line) <= LARGEST_OPERATION else b"" for line in request.ops)
        lines = _emptied(dict(enumerate(kept, header.first)), gone)
        used = connection.execute(
            select(func.coalesce(func.sum(tables.aside.c.size), 0)).where(tables.aside.c.device == device.id)
        ).scalar_one()
        room = MOST - used
        for one in seen:
            if one.first < header.first + len(request.ops) and header.first <= one.last:
                room -= _lay_over(connection, row_of(connection, one.device, one.number), lines, room)
        for first, run in _runs(lines):
            for start, piece in _pieces(first, run):
                room -= _weight(piece)
                if room < 0:
                    return False
                _insert(connection, device.id, header.replica, start, piece, as_utc_text(now))
    return True


def listed(database: Database, device: str | None = None) -> list[AsideLine]:
    """What is kept, of one laptop or of all. Raises InvalidInput (``device``)."""
    devices, table = tables.devices, tables.aside
    with database.read() as connection:
        statement = select(devices).order_by(devices.c.feed, devices.c.name, devices.c.id)
        statement = statement.where(devices.c.id.in_(select(table.c.device)))
        if device is not None:
            statement = statement.where(devices.c.id == device_called(connection, device))
        found = []
        for known in connection.execute(statement).all():
            rows = _rows(connection, known.id)
            moments = [row.received_at for row in rows]
            lines = [line for row in rows for line in decode_request(row.body).ops]
            operations, size = len(lines), sum(map(len, lines))
            found.append(
                AsideLine(known.id, known.name, known.feed, operations, size, min(moments), max(moments))
            )
    return found


def drop(database: Database, device: str) -> str:
    """Forget what is kept of this laptop; its whole identifier. Raises InvalidInput (``device``)."""
    with database.write() as connection:
        wanted = device_called(connection, device)
        connection.execute(delete(tables.aside).where(tables.aside.c.device == wanted))
    database.forget_erased()
    return wanted


def empty_aside(connection: Connection, erased: Iterable[str], looked: Looked | None) -> None:
    """Take the content of erased records out of what is kept, with what hangs on them only there.

    ``looked`` is what was looked through before the transaction. Raises LookFirst when that is to be done (None).
    """
    _take_turn(connection)
    seen = seen_in(connection, looked)
    gone = _with_what_hangs(set(erased), (pair for one in seen for pair in one.hangs))
    for one in seen:
        if not gone.isdisjoint(one.named):
            row = row_of(connection, one.device, one.number)
            request = decode_request(row.body)
            lines = dict(enumerate(request.ops, request.header.first))
            _write(connection, row, request.header.first, list(_emptied(lines, gone).values()))


def erased_among(connection: Connection, feeds: Sequence[str], ids: Iterable[str]) -> set[str]:
    """Those of these records that were erased at the centre."""
    table = tables.records
    statement = select(table.c.id).where(
        table.c.feed.in_(feeds),
        table.c.erased_at.is_not(None),
        one_of(connection, table.c.id, sorted(set(ids))),
    )
    return set(connection.execute(statement).scalars())


def kept_of(connection: Connection, device_id: str) -> dict[str, list[tuple[int, list[bytes]]]]:
    """What is kept of a device: for each replica, its stretches of operations without a gap, in order."""
    found: dict[str, dict[int, bytes]] = {}
    for row in _rows(connection, device_id):
        request = decode_request(row.body)
        found.setdefault(row.replica, {}).update(enumerate(request.ops, request.header.first))
    return {replica: list(_runs(dict(sorted(lines.items())))) for replica, lines in found.items()}


def forget_up_to(database: Database, device_id: str, replica: str, last: int) -> None:
    """Drop the rows whose operations the centre holds now."""
    looked = look(database, device_id, replica)
    table = tables.aside
    with database.write() as connection:
        for one in seen_in(connection, looked, device_id, replica):
            if one.last <= last:
                mine = (table.c.device == one.device, table.c.number == one.number)
                connection.execute(delete(table).where(*mine))


def _take_turn(connection: Connection) -> None:
    """One at a time, until the transaction ends: else an erasure would not see what is being kept."""
    connection.execute(select(tables.centre.c.id).with_for_update())


def _rows(connection: Connection, device_id: str) -> list[AnyRow]:
    return list(connection.execute(those_kept(select(tables.aside), device_id)).all())


def _lay_over(connection: Connection, row: AnyRow, lines: dict[int, bytes], room: int) -> int:
    """Take what this row has already out of ``lines``; where it says otherwise, the newer line replaces it, as far
    as there is room. How much heavier the row became."""
    request = decode_request(row.body)
    kept = list(request.ops)
    before = weight = _weight(kept)
    most = max(before, min(PIECE, before + room))
    for place in range(len(kept)):
        newer = lines.pop(request.header.first + place, kept[place])
        grown = weight - len(kept[place]) + len(newer)
        if newer != kept[place] and grown <= most and not _is_void(kept[place]):
            kept[place], weight = newer, grown
    if kept != list(request.ops):
        _write(connection, row, request.header.first, kept)
    return weight - before


def _insert(
    connection: Connection, device_id: str, replica: str, first: int, lines: list[bytes], moment: str
) -> None:
    table = tables.aside
    newest = connection.execute(select(func.max(table.c.number)).where(table.c.device == device_id)).scalar()
    connection.execute(
        insert(table).values(
            device=device_id,
            number=(newest or 0) + 1,
            replica=replica,
            received_at=moment,
            size=_weight(lines),
            body=_body(replica, first, lines),
            edition=token_hex(8),
        )
    )


def _write(connection: Connection, row: AnyRow, first: int, lines: list[bytes]) -> None:
    values = {"size": _weight(lines), "body": _body(row.replica, first, lines), "edition": token_hex(8)}
    connection.execute(update(tables.aside).where(_is(row)).values(**values))


def _body(replica: str, first: int, lines: list[bytes]) -> bytes:
    return encode_request(Request(RequestHeader(replica, 0, first=first, n=len(lines)), lines))


def _is(row: AnyRow) -> Condition:
    same: Condition = (tables.aside.c.device == row.device) & (tables.aside.c.number == row.number)
    return same


def _runs(lines: Mapping[int, bytes]) -> Iterable[tuple[int, list[bytes]]]:
    run: list[bytes] = []
    start = 0
    for seq, line in lines.items():
        if run and seq != start + len(run):
            yield start, run
            run = []
        if not run:
            start = seq
        run.append(line)
    if run:
        yield start, run


def _weight(lines: Iterable[bytes]) -> int:
    return sum(len(line) + LEAST for line in lines)


def _pieces(first: int, run: list[bytes]) -> Iterable[tuple[int, list[bytes]]]:
    """A stretch of operations, cut where a row has its most."""
    piece: list[bytes] = []
    weight = 0
    for line in run:
        if piece and weight + len(line) + LEAST > PIECE:
            yield first, piece
            first, piece, weight = first + len(piece), [], 0
        piece.append(line)
        weight += len(line) + LEAST
    if piece:
        yield first, piece


def _named(ops: Iterable[Op]) -> set[str]:
    """The records that these operations are on, and those that they hang on."""
    return {key for op in ops for key in (op.record, hangs_on(op)) if is_id(key)}


def _with_what_hangs(gone: set[str], hanging: Iterable[tuple[str, str]]) -> set[str]:
    """These records, and those that hang on one of them, directly or not."""
    hangs: dict[str, set[str]] = {}
    for record, parent in hanging:
        hangs.setdefault(parent, set()).add(record)
    found = {key for key in gone if is_id(key)}
    left = list(found)
    while left:
        more = hangs.get(left.pop(), set()) - found
        found |= more
        left += more
    return found


def _is_void(line: bytes) -> bool:
    return any(op.verb == VOID for op in ops_in([line]))


def _emptied(lines: Mapping[int, bytes], gone: set[str]) -> dict[int, bytes]:
    """The lines, void where they are on a record that is gone, hang on one, or cannot be read and name one."""
    return {seq: _void(seq, line, gone) for seq, line in lines.items()} if gone else dict(lines)


def _void(seq: int, line: bytes, gone: set[str]) -> bytes:
    try:
        op = decode_op(line)
    except Malformed:
        named = any(key.encode() in line for key in gone)
        return encode_op(Op(seq=seq, record="", kind="", verb=VOID)) if named else line
    if op.record not in gone and hangs_on(op) not in gone:
        return line
    return encode_op(Op(seq=seq, record=op.record, kind=op.kind, verb=VOID))
