"""What one chunk of operations has at hand: the copies that it touches, as they are changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fsbus.core.changes import WITNESS, Change
from fsbus.core.choosing import is_open
from fsbus.core.entities import CONFLICT, ENTITIES, Entity
from fsbus.core.ids import is_id
from fsbus.core.redaction import redacted
from fsbus.core.upcasting import TODAY, Upcasting
from fsbus.core.whole_bodies import WholeReader
from fsbus.server import tables
from fsbus.server.copies import Held, children_of, load_copies
from fsbus.server.database import Connection
from fsbus.server.history import History
from fsbus.wire.api import Op

_PARENTS = frozenset(entity.parent for entity in ENTITIES.values() if entity.parent)


@redacted()
@dataclass
class Chunk:
    """The copies that one chunk of operations of one replica touches, changed as they are applied.

    ``feed`` is where new records go that hang on none; a record outside ``feeds``, the granted ones,
    does not exist here.
    """

    connection: Connection
    replica: str
    feed: str
    feeds: Sequence[str]
    upcasting: Upcasting = TODAY
    held: dict[str, Held] = field(default_factory=dict)
    order: dict[str, None] = field(default_factory=dict)
    """Ids of the changed records, by their last change."""
    erased: set[str] = field(default_factory=set)
    _readers: dict[str, WholeReader] = field(default_factory=dict)
    _children: dict[str, set[str]] = field(default_factory=dict)
    _proposed: dict[str, set[str]] = field(default_factory=dict)
    history: History = field(init=False)

    def __post_init__(self) -> None:
        self.history = History(self.connection, self.replica, self.feed, self.upcasting)

    @property
    def changed(self) -> list[Held]:
        """What is to be written, by its last change."""
        return [self.held[key] for key in self.order]

    def reader_of(self, entity: Entity) -> WholeReader:
        """Reads the new records of this kind in this chunk."""
        reader = self._readers.get(entity.kind)
        if reader is None:
            reader = self._readers[entity.kind] = WholeReader(entity)
        return reader

    def keep_fresh(self, held: Held, parent_id: str | None) -> None:
        """Take a record that neither the database nor this chunk held."""
        key = held.copy.id
        held.changed = held.is_fresh = True
        self.held[key] = held
        self.order[key] = None
        if parent_id is not None:
            self._children.setdefault(parent_id, set()).add(key)

    def feed_of(self, op: Op) -> str:
        """Where the record is; a new one goes where the record is that it hangs on, else home."""
        held = self.held.get(op.record) or self.held.get(parent_of(op) or "")
        return self.feed_told(op) if held is None else held.feed

    def feed_told(self, op: Op) -> str:
        """Where a record goes that hangs on nothing known here: where its author says, when it may say so.

        What a witness gives back goes where it was, and what hangs on a record that the centre lost goes where
        that was, and will be again: a coordinator's own feed is not that of a bus.
        """
        may_say = op.why == WITNESS or parent_of(op) is not None
        return op.feed if may_say and op.feed in self.feeds else self.feed

    def hanging_on(self, record_id: str, feed: str) -> list[str]:
        """The records that hang on this one, directly, loaded."""
        stored = children_of(self.connection, feed, record_id)
        self.load(stored)
        return sorted({*stored, *self._children.get(record_id, ())})

    def tell_again(self, held: Held) -> None:
        """Tell a record to its feed once more, as it is."""
        self.keep(Held(held.copy, held.feed, stored=held.stored))

    def keep(self, held: Held) -> None:
        """Take a changed copy: to be written, and told to its feed."""
        held.changed = True
        key = held.copy.id
        self.held[key] = held
        self.order.pop(key, None)
        self.order[key] = None
        self._note_parent(held)

    def own_proposals(self, record_id: str) -> list[str]:
        """The open conflicts about this record that hold what this very replica proposed: one for each field."""
        mine = self._proposed.get(record_id, ())
        # One that was erased by itself says nothing any more, not even what it was about.
        return sorted(key for key in mine if is_open(self.held[key].copy.body))

    def _note_parent(self, held: Held) -> None:
        copy = held.copy
        parent = copy.body.get(tables.PARENTS.get(copy.kind) or "")
        if parent is None:
            return
        self._children.setdefault(str(parent), set()).add(copy.id)
        if copy.kind == CONFLICT and copy.creator == self.replica:
            mine = self._proposed.setdefault(str(parent), set())
            (mine.add if is_open(copy.body) else mine.discard)(copy.id)

    def load(self, ids: Iterator[str] | Sequence[str]) -> None:
        """Have these records at hand, as the centre holds them."""
        missing = {key for key in ids if key not in self.held}
        loaded = load_copies(self.connection, self.feeds, missing)
        self.held.update(loaded)
        for held in loaded.values():
            self._note_parent(held)

    def change_of(self, op: Op, fields: Mapping[str, object]) -> Change:
        """The change that this operation asks for, with these clean fields."""
        return Change(self.replica, op.seq, op.record, op.kind, op.verb, op.base, fields, why=op.why)


def parent_of(op: Op) -> str | None:
    """The record that the one of this operation hangs on, by its kind; by any name that a parent has, for a kind
    that is not known here."""
    entity = ENTITIES.get(op.kind)
    for name in sorted(_PARENTS) if entity is None else (entity.parent,):
        value = op.set.get(name or "")
        if value is not None and is_id(value):
            return str(value)
    return None
