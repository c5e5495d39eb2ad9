"""Applies the operations of one chunk, in order and in memory, to the copies that they touch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fsbus.core.changes import CREATE, DELETE, ERASE, VERBS, VOID
from fsbus.core.choosing import chosen_conflict
from fsbus.core.entities import CONFLICT, DELETABLE, DELETED, ENTITIES, Entity
from fsbus.core.ids import is_id
from fsbus.core.lives import is_ahead
from fsbus.core.merge import ERASED, MERGED, PLAIN, QUARANTINED, UNCHANGED, Copy, merge
from fsbus.core.redaction import redacted
from fsbus.core.upcasting import Upcasting
from fsbus.server import choosing, deleting, fresh, tables
from fsbus.server.bodies import read_fields, rule_problems
from fsbus.server.chunk import Chunk, parent_of
from fsbus.server.copies import Held
from fsbus.server.reissued import merge_knowing
from fsbus.wire.api import Op
from fsbus.wire.codec import Malformed, decode_op
from fsbus.wire.shapes import as_of_today

LARGEST_OPERATION = 256 * 1024
"""Bytes of one operation line; a larger one is put aside."""
_LARGEST_VERSION = 2**31 - 1
_LONGEST_WORD = 40
"""Characters of who made an operation, and of when."""


@redacted()
@dataclass(slots=True)
class Arrived:
    """One operation as it came, and what became of it."""

    seq: int
    line: bytes
    op: Op | None = None
    result: str = PLAIN
    why: str = ""
    parent_id: str | None = None
    """For an operation put aside: the record that it hangs on, so that erasure finds it."""
    feed: str = ""
    """Where its record is, or would be."""

    @property
    def record_id(self) -> str:
        """Empty when the line names none that can be read."""
        return "" if self.op is None else self.op.record


class Applying:
    """Applies the operations of one replica to what the chunk has at hand."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._first = 0
        self._ops: Sequence[Op | None] = ()

    def apply(self, first: int, lines: Sequence[bytes]) -> list[Arrived]:
        """Apply the operations ``first``, ``first + 1``…; a bad one is put aside and stops nothing."""
        arrived = [_read(first + place, line, self._chunk.upcasting) for place, line in enumerate(lines)]
        self._first, self._ops = first, [item.op for item in arrived]
        ops = [op for op in self._ops if op is not None]
        self._chunk.load(key for op in ops for key in _touched(op))
        self._chunk.load(deleting.parents_of_changed(self._chunk, ops))
        self._chunk.load(choosing.disputed(self._chunk.connection, self._chunk.feeds, ops))
        for item in arrived:
            if item.op is None:
                item.feed = self._chunk.feed
                continue
            feed = fresh.take(self._chunk, item.op)
            if feed is not None:
                item.feed = feed
                continue
            item.result, item.why = self._apply_one(item.op)
            item.feed = self._chunk.feed_of(item.op)
            if item.result == QUARANTINED:
                item.parent_id = parent_of(item.op)
        for item in arrived if self._chunk.erased or any(one.result == ERASED for one in arrived) else ():
            if (
                item.record_id in self._chunk.erased
                or item.parent_id in self._chunk.erased
                or item.result == ERASED
            ):
                item.line = b""
        return arrived

    def _apply_one(self, op: Op) -> tuple[str, str]:
        held = self._chunk.held.get(op.record)
        if op.verb == VOID:
            return PLAIN, ""
        if held is not None and held.copy.erased:
            return merge(held.copy, self._chunk.change_of(op, {})).result, ""
        if op.verb == ERASE:
            if held is None and op.kind not in ENTITIES:
                return QUARANTINED, "unknown kind"
            self._erase(op.record, op.kind if held is None else held.copy.kind)
            return PLAIN, ""
        entity = ENTITIES.get(op.kind)
        if entity is None:
            return QUARANTINED, "unknown kind"
        if (
            op.kind == CONFLICT
            and (op.verb == CREATE or not op.set.keys() <= {"status"})
            and not choosing.is_given_back(self._chunk, op)
        ):
            return QUARANTINED, "not allowed: conflicts are made by the centre"
        if op.verb == DELETE and op.kind not in DELETABLE:
            return QUARANTINED, "not allowed: this kind is not deleted"
        if op.verb != DELETE and DELETED in op.set:
            return QUARANTINED, "not allowed: deleted is no field"
        if entity.parent in op.set:
            verdict = self._check_parent(entity, op, held)
            if verdict is not None:
                return verdict
        return self._merge(entity, op, held)

    def _check_parent(self, entity: Entity, op: Op, held: Held | None) -> tuple[str, str] | None:
        parent_id = parent_of(op)
        if held is not None:
            moved = held.copy.body.get(entity.parent or "") != parent_id
            return (QUARANTINED, f"not allowed: {entity.parent} cannot change") if moved else None
        parent = self._chunk.held.get(parent_id or "")
        if parent is not None and parent.copy.erased:
            self._chunk.keep(Held(Copy(op.record, op.kind, 1, self._chunk.replica, erased=True), parent.feed))
            self._chunk.erased.add(op.record)
            return ERASED, ""
        return None

    def _merge(self, entity: Entity, op: Op, held: Held | None) -> tuple[str, str]:
        clean, wrong = dict(op.set), list[str]()
        if op.verb != DELETE:
            clean, wrong = read_fields(entity, op.verb, op.set)
        if wrong:
            return QUARANTINED, _why(wrong)
        change = self._chunk.change_of(op, clean)
        copy = None if held is None else held.copy
        choice = choosing.choice_of(self._chunk, op, change)
        if choice is not None and choice.is_late and held is not None:
            self._chunk.tell_again(held)
            return MERGED, ""
        merged = deleting.delete_held(self._chunk, held, change) if op.verb == DELETE else merge(copy, change)
        if merged.result == QUARANTINED or merged.copy is None:
            return merged.result, merged.why
        hidden = deleting.deleted_parent(self._chunk, op, merged)
        if (
            (merged.proposals or hidden is not None)
            and held is not None
            and self._chunk.history.is_reissued(op)
        ):
            # A restored laptop is in no conflict with what it said itself: told how the record stands now.
            self._chunk.tell_again(held)
            return MERGED, ""
        if merged.proposals and copy is not None and op.verb != DELETE:
            said = self._chunk.history.said_before(op.record, self._ops, op.seq - self._first)
            if any(said.get(one.field, ...) == one.central for one in merged.proposals):
                disputed = tuple(one for one in merged.proposals if one.field == DELETED)
                known = merge_knowing(copy, change, said)
                merged = replace(known, proposals=(*known.proposals, *disputed))
        if merged.copy is None:
            return merged.result, merged.why
        result = merged.result
        if merged.changed:
            broken = rule_problems(entity, merged.copy.body)
            # What was already so when it came is not the fault of this operation.
            if broken and (copy is None or not set(broken) <= set(rule_problems(entity, copy.body))):
                return QUARANTINED, _why(broken)
            is_shown = (
                held is None
                or held.plain_for == self._chunk.replica
                or not is_ahead(held.copy.version, op.base)
            )
            if result == PLAIN and (hidden is not None or not is_shown):
                # What its author has yet to be told of this record would be left out as told.
                result = MERGED
            self._chunk.keep(
                Held(
                    merged.copy,
                    self._chunk.feed_of(op),
                    self._chunk.replica if result == PLAIN else None,
                    stored=held is not None and held.stored,
                )
            )
        elif held is not None and (merged.proposals or (op.kind == CONFLICT and result == MERGED)):
            # Its author may have passed this number already, own value laid over: told once more, it goes.
            self._chunk.tell_again(held)
        choosing.withdraw(self._chunk, op)
        for proposal in merged.proposals:
            feed = self._chunk.feed_of(op)
            self._chunk.keep(Held(choosing.conflict(self._chunk, op, proposal, merged.copy, feed), feed))
        if hidden is not None:
            deleting.bring_back(self._chunk, hidden, op, change)
            result = MERGED if result == UNCHANGED else result
        if choice is not None:
            self._chunk.keep(choice.settled(self._chunk.replica))
        return result, ""

    def _erase(self, record_id: str, kind: str) -> None:
        """Erase a record and all that hangs on it; only the record itself is known to its author."""
        stack: list[tuple[str, str | None]] = [(record_id, self._chunk.replica)]
        while stack:
            key, plain_for = stack.pop()
            held = self._chunk.held.get(key)
            if held is not None and held.copy.erased:
                continue
            if held is None:
                copy, feed, stored = Copy(key, kind, 0, self._chunk.replica), self._chunk.feed, False
            else:
                copy, feed, stored = held.copy, held.feed, held.stored
            gone = replace(copy, version=copy.version + 1, body={}, writers={}, erased=True, deleted=False)
            self._chunk.keep(Held(gone, feed, plain_for, stored=stored))
            self._chunk.erased.add(key)
            stack += [(child, None) for child in self._chunk.hanging_on(key, feed)]


def _read(seq: int, line: bytes, upcasting: Upcasting) -> Arrived:
    """The line decoded, or put aside with the reason; nothing that it says is repeated in the reason."""
    if len(line) > LARGEST_OPERATION:
        # Its digest is kept, not its bytes: a few kilobytes may become 64 MiB, in each backup too.
        return Arrived(seq, b"", None, QUARANTINED, "too large")
    try:
        op = decode_op(line)
    except Malformed:
        return Arrived(seq, line, None, QUARANTINED, "malformed")
    if not (_is_word(op.actor) and _is_word(op.hlc)):
        return Arrived(seq, line, None, QUARANTINED, "invalid: actor or hlc")
    if (
        op.seq == seq
        and op.verb in VERBS
        and upcasting.knows(op.schema)
        and 0 <= op.base <= _LARGEST_VERSION
        and is_id(op.record)
    ):
        return Arrived(seq, line, as_of_today(op, upcasting))
    return Arrived(seq, line, None, QUARANTINED, "invalid: seq, verb, schema, base or record")


def _is_word(text: str) -> bool:
    # An empty text is printable.
    return len(text) <= _LONGEST_WORD and text.isprintable()


def _touched(op: Op) -> Iterator[str]:
    yield op.record
    chosen = chosen_conflict(op.why)
    if chosen is not None and is_id(chosen):
        yield chosen
    parent = op.set.get(tables.PARENTS.get(op.kind) or "")
    if parent is not None and is_id(parent):
        yield parent


def _why(names: Sequence[str]) -> str:
    return f"invalid: {', '.join(sorted(names))}"[:200]
