"""Deletes a record with all that hangs on it in view, and brings one back because of what hangs on it."""

from collections.abc import Iterable, Iterator

from fsbus.core import merge
from fsbus.core.changes import CREATE, SET, WITNESS, Change
from fsbus.core.entities import DELETABLE
from fsbus.core.merge import Merge
from fsbus.server import choosing, tables
from fsbus.server.chunk import Chunk
from fsbus.server.copies import Held
from fsbus.wire.api import Op


def parents_of_changed(chunk: Chunk, ops: Iterable[Op]) -> Iterator[str]:
    """What the records that these operations change hang on: it may be deleted."""
    for op in ops:
        held = chunk.held.get(op.record) if op.verb in (CREATE, SET) and op.kind in DELETABLE else None
        parent = held and held.copy.body.get(tables.PARENTS[op.kind] or "")
        if parent is not None:
            yield str(parent)


def delete_held(chunk: Chunk, held: Held | None, change: Change) -> Merge:
    """As `merge.merge` for a ``delete``, by all that hangs on the record."""
    if held is None or held.copy.kind != change.kind:
        return merge.merge(None if held is None else held.copy, change)
    hanging = (chunk.held[key].copy for key in chunk.hanging_on(held.copy.id, held.feed))
    return merge.delete(held.copy, change, [one for one in hanging if one.kind in DELETABLE])


def deleted_parent(chunk: Chunk, op: Op, merged: Merge) -> Held | None:
    """The deleted record that this change brings back, because the changed one hangs on it.

    What a laptop gives back after a loss says what was, and changes nothing; nor does what its author says again.
    """
    if op.verb not in (CREATE, SET) or op.kind not in DELETABLE or op.why == WITNESS or merged.copy is None:
        return None
    parent = chunk.held.get(str(merged.copy.body.get(tables.PARENTS[op.kind] or "")))
    if parent is None or not parent.copy.deleted:
        return None
    is_said_again = merge.is_told_deleted(parent.copy) and not (merged.changed or merged.proposals)
    return None if is_said_again else parent


def bring_back(chunk: Chunk, parent: Held, op: Op, change: Change) -> None:
    """Bring it back, and say so when its deletion was another's."""
    came = merge.bring_back(parent.copy, change)
    if came.copy is None:
        return
    chunk.keep(Held(came.copy, parent.feed, stored=parent.stored))
    for proposal in came.proposals:
        chunk.keep(Held(choosing.conflict(chunk, op, proposal, came.copy, parent.feed), parent.feed))
