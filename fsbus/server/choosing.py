"""Makes the record of a conflict, with both authors, and settles it by the first choice that comes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fsbus.core.changes import CREATE, SET, WITNESS, Change
from fsbus.core.choosing import chosen_conflict, is_open, side_taken
from fsbus.core.entities import AGENT, CENTRAL, CONFLICT, OPEN
from fsbus.core.ids import is_id
from fsbus.core.merge import Copy, Proposal
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.chunk import Chunk
from fsbus.server.copies import Held
from fsbus.server.database import Connection, one_of, select
from fsbus.wire.api import Op

_LONGEST = 40
"""Characters kept of an author or of a time stamp."""


@redacted()
@dataclass(frozen=True)
class Choice:
    """The conflict that an operation settles, and the side that it takes."""

    conflict: Held
    side: str

    @property
    def is_late(self) -> bool:
        """Whether somebody chose before: then nothing moves."""
        return not is_open(self.conflict.copy.body)

    def settled(self, replica: str) -> Held:
        """The conflict once settled: from here on, with the value itself, whatever comes between the two operations."""
        copy = self.conflict.copy
        version = copy.version + 1
        after = replace(
            copy,
            version=version,
            body={**copy.body, "status": self.side},
            writers={**copy.writers, "status": (version, replica)},
        )
        return Held(after, self.conflict.feed, stored=self.conflict.stored)


def choice_of(chunk: Chunk, op: Op, change: Change) -> Choice | None:
    """What this operation settles; None for one that is no choice, or not about the conflict that it names."""
    held = chunk.held.get(chosen_conflict(op.why) or "")
    if held is None or held.copy.erased or held.copy.kind != CONFLICT:
        return None
    side = side_taken(held.copy.body, change)
    return None if side is None else Choice(held, side)


def conflict(chunk: Chunk, op: Op, proposal: Proposal, about: Copy, feed: str) -> Copy:
    """The record of a conflict about this copy of this feed: both values, each with its author and moment."""
    home, actor, hlc = chunk.history.author(proposal.rival)
    body = {
        "record_id": about.id,
        "record_kind": about.kind,
        "field": proposal.field,
        "local": proposal.local,
        "central": proposal.central,
        "actor": _as_told(chunk, op.actor, chunk.feed, feed),
        "hlc": op.hlc[:_LONGEST],
        "central_actor": _as_told(chunk, actor, home, feed),
        "central_hlc": hlc[:_LONGEST],
        "status": OPEN,
    }
    return Copy(proposal.id, CONFLICT, 1, chunk.replica, body)


def disputed(connection: Connection, feeds: Sequence[str], ops: Sequence[Op]) -> list[str]:
    """The open conflicts about records that these operations change."""
    changed = sorted({op.record for op in ops if op.verb == SET and is_id(op.record)})
    if not changed:
        return []
    table = tables.TYPED[CONFLICT]
    about = (table.c.feed.in_(feeds), table.c.status == OPEN, one_of(connection, table.c.record_id, changed))
    return list(connection.execute(select(table.c.id).where(*about)).scalars())


def withdraw(chunk: Chunk, op: Op) -> None:
    """Settle what the author of this operation had proposed for the fields that it sets: they say otherwise now.

    They saw the value that they had proposed: on their laptop it stands. It stays in the conflict, for whoever reads it.
    """
    if op.verb != SET:
        return
    for key in chunk.own_proposals(op.record):
        held = chunk.held[key]
        if held.copy.body["field"] in op.set:
            chunk.keep(Choice(held, CENTRAL).settled(chunk.replica))


def is_given_back(chunk: Chunk, op: Op) -> bool:
    """Whether a witness gives back a conflict that the centre had lost, about a record that stands here."""
    about = chunk.held.get(str(op.set.get("record_id")))
    return op.verb == CREATE and op.why == WITNESS and about is not None and not about.copy.erased


def _as_told(chunk: Chunk, actor: str, home: str, feed: str) -> str:
    """An author whose laptop has this home feed, as the readers of ``feed`` know them: the id where the agent's record
    is there too, else the name. A coordinator's record does not travel to the buses of the region."""
    if not is_id(actor):
        return ""
    if home == feed:
        return actor
    held = chunk.held.get(actor)
    if held is not None and (held.copy.kind, held.feed) == (AGENT, home):
        # Of this very chunk, it may not be written yet.
        name = str(held.copy.body.get("name", ""))
    else:
        agents = tables.TYPED[AGENT]
        known = select(agents.c.name).where(agents.c.feed == home, agents.c.id == actor)
        name = chunk.connection.execute(known).scalar() or ""
    told = " ".join(name.split())[:_LONGEST]
    return told if told and told.isprintable() else actor
