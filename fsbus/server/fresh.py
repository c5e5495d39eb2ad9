"""Takes the commonest operation the short way: a new record, whole and right.

Nothing is allowed here that the ordinary way refuses: whatever is not plainly so is left to it, which
also says what is wrong.
"""

from fsbus.core.changes import CREATE
from fsbus.core.entities import CONFLICT, ENTITIES
from fsbus.core.ids import is_id
from fsbus.core.merge import Copy
from fsbus.server.bodies import rule_problems
from fsbus.server.chunk import Chunk
from fsbus.server.copies import Held
from fsbus.wire.api import Op


def take(chunk: Chunk, op: Op) -> str | None:
    """The feed of the new record that this operation made; None when it is for the ordinary way."""
    entity = ENTITIES.get(op.kind)
    if (
        op.verb != CREATE
        or entity is None
        or op.kind == CONFLICT
        or op.why
        or op.record in chunk.held
        or op.set.keys() != entity.fields.keys()
    ):
        return None
    feed, parent_id = chunk.feed, None
    if entity.parent is not None:
        parent_id = op.set[entity.parent]
        if not is_id(parent_id):
            return None
        feed = chunk.feed_told(op)
        parent = chunk.held.get(parent_id)
        if parent is not None:
            if not parent.is_fresh:
                # It may be erased, or otherwise not to be hung on.
                return None
            feed = parent.feed
    clean = chunk.reader_of(entity).read(op.set)
    if clean is None or rule_problems(entity, clean):
        return None
    chunk.keep_fresh(Held(Copy(op.record, op.kind, 1, chunk.replica, clean), feed, chunk.replica), parent_id)
    return feed
