"""Knows what the log says of the records of one chunk; of each it is read once, however often asked."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from fsbus.core.changes import CREATE, DELETE, SET
from fsbus.core.entities import DELETED
from fsbus.core.merge import Rival
from fsbus.core.redaction import redacted
from fsbus.core.upcasting import Upcasting
from fsbus.server import tables
from fsbus.server.database import Condition, Connection, select
from fsbus.wire.api import Op
from fsbus.wire.codec import Malformed, decode_op
from fsbus.wire.shapes import as_of_today

Author = tuple[str, str, str]
"""The home feed of a laptop, who used it, and when."""
_encode = msgspec.json.Encoder(order="sorted").encode


@redacted()
@dataclass
class History:
    """The log before this chunk, as what came by ``replica`` and by others of its home feed.

    Asked at each operation of a hostile chunk, and read each time, it would take hours while all others wait.
    """

    connection: Connection
    replica: str
    feed: str
    upcasting: Upcasting
    _others: dict[str, frozenset[bytes]] = field(default_factory=dict)
    _mine: dict[str, dict[str, object]] = field(default_factory=dict)
    _authors: dict[tuple[str, str], dict[str, Author]] = field(default_factory=dict)
    _place: int = 0
    """How many operations of the chunk are in ``_mine``, for the records that it has."""
    _in_chunk: dict[str, dict[str, object]] = field(default_factory=dict)

    def is_reissued(self, op: Op) -> bool:
        """Whether another replica of this home feed brought this very operation before: its record, stamp, author and values."""
        if not op.hlc:
            return False
        known = self._others.get(op.record)
        if known is None:
            log = tables.log
            of_others = (log.c.feed == self.feed, log.c.record_id == op.record, log.c.replica != self.replica)
            known = frozenset(_key(one) for _, one in self._read(*of_others))
            self._others[op.record] = known
        return _key(op) in known

    def said_before(self, record_id: str, chunk: Sequence[Op | None], place: int) -> Mapping[str, object]:
        """The value that this replica gave last to each field of a record: in the log, then in the chunk before ``place``."""
        if record_id not in self._mine:
            log = tables.log
            mine = (log.c.feed == self.feed, log.c.replica == self.replica, log.c.record_id == record_id)
            said: dict[str, object] = {}
            for _, one in self._read(*mine):
                _take(said, one)
            self._mine[record_id] = said
        for op in chunk[self._place : place]:
            if op is not None:
                _take(self._in_chunk.setdefault(op.record, {}), op)
        self._place = max(self._place, place)
        return self._mine[record_id] | self._in_chunk.get(record_id, {})

    def author(self, rival: Rival) -> Author:
        """Who said the value that stands, by the log; empty when its line is no longer there."""
        key = (rival.record_id, rival.replica)
        if key not in self._authors:
            log = tables.log
            found: dict[str, Author] = {}
            for feed, op in self._read(log.c.record_id == rival.record_id, log.c.replica == rival.replica):
                found |= dict.fromkeys(_wrote(op), (feed, op.actor, op.hlc))
            self._authors[key] = found
        return self._authors[key].get(rival.field, ("", "", ""))

    def _read(self, *wanted: Condition) -> Iterator[tuple[str, Op]]:
        """The home feed and the operation of each line that can be read, as today's schema says it, oldest first."""
        log = tables.log
        for row in self.connection.execute(
            select(log.c.feed, log.c.line).where(*wanted).order_by(log.c.replica, log.c.seq)
        ):
            try:
                op = decode_op(bytes(row.line))
            except Malformed:
                continue
            yield row.feed, as_of_today(op, self.upcasting) if self.upcasting.knows(op.schema) else op


def _take(said: dict[str, object], op: Op) -> None:
    if op.verb in (CREATE, SET):
        said |= op.set


def _wrote(op: Op) -> Sequence[str]:
    """The fields that an operation gave a value to."""
    if op.verb == DELETE or (op.verb == SET and not op.set):
        return (DELETED,)
    return tuple(op.set) if op.verb in (CREATE, SET) else ()


def _key(op: Op) -> bytes:
    """The same for the same operation, whatever its name and number."""
    return hashlib.sha256(_encode([op.verb, op.hlc, op.actor, op.set])).digest()
