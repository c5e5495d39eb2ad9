"""Knows which records are of another feed than the laptop’s own, and forgets such a feed."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from fsbus.core.entities import ENTITIES
from fsbus.store.database import Database
from fsbus.store.rows import SHAPES
from fsbus.wire.api import State

TABLES = """
-- Records of other feeds than the one that new records go to: a coordinator's laptop holds several.
CREATE TABLE elsewhere (id TEXT PRIMARY KEY, feed TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX elsewhere_by_feed ON elsewhere (feed);
"""
_NOTE = "INSERT INTO elsewhere (id, feed) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET feed = excluded.feed"
_AT_HOME = "DELETE FROM elsewhere WHERE id IN (SELECT value FROM json_each(?))"
_LEFT = "SELECT id FROM elsewhere WHERE feed IN (SELECT value FROM json_each(?))"
_CHILDREN = (
    "INSERT OR IGNORE INTO elsewhere (id, feed) SELECT child.id, parent.feed FROM {table} AS child"
    " JOIN elsewhere AS parent ON child.{column} = parent.id"
)

_BODY_CHILDREN = (
    "INSERT OR IGNORE INTO elsewhere (id, feed) SELECT child.id, parent.feed FROM {table} AS child"
    " JOIN elsewhere AS parent ON json_extract(child.body, ?) = parent.id WHERE child.kind = ?"
)
_WITH_BODIES = ("strangers", "deleted")
"""Tables that hold records of any kind, as JSON."""


def note_feeds(db: Database, states: Sequence[State]) -> None:
    """Keep where these records are, as their states say, inside a transaction."""
    away = [(state.id, state.feed) for state in states if state.feed]
    if away:
        db.conn.executemany(_NOTE, away)
    home = [state.id for state in states if not state.feed]
    if home:
        db.conn.execute(_AT_HOME, (msgspec.json.encode(home).decode(),))


def feed_above(db: Database, kind: str, fields: Mapping[str, object]) -> str:
    """The feed of the record that a new one of this kind and these fields hangs on; empty for the laptop's own.

    The centre may have lost that record when it hears of the new one: its feed is to be told with it.
    """
    parent = fields.get(ENTITIES[kind].parent or "") if kind in ENTITIES else None
    if parent is None:
        return ""
    found = db.conn.execute("SELECT feed FROM elsewhere WHERE id = ?", (parent,)).fetchone()
    return "" if found is None else str(found[0])


def note_what_hangs(db: Database) -> None:
    """Keep where the records are that were made here on one of another feed, inside a transaction: in that feed."""
    more = True
    while more:
        more = False
        for kind, shape in SHAPES.items():
            column = ENTITIES[kind].parent
            if column is not None:
                added = db.conn.execute(_CHILDREN.format(table=shape.table, column=column))
                more |= added.rowcount > 0
                for table in _WITH_BODIES:
                    told = (f"$.{column}", kind)
                    more |= db.conn.execute(_BODY_CHILDREN.format(table=table), told).rowcount > 0


def of_feed(feed: str, home: str) -> tuple[str, tuple[str, ...]]:
    """The condition on `id` that a record is of this feed, and its parameters; ``home`` is the laptop's own feed."""
    if feed == home:
        return "id NOT IN (SELECT id FROM elsewhere)", ()
    return "id IN (SELECT id FROM elsewhere WHERE feed = ?)", (feed,)


def forget_feeds(db: Database, feeds: Collection[str]) -> set[str]:
    """Take away the records of feeds that are granted no longer, inside a transaction; the kinds that changed.

    The centre has them. It is no erasure: nothing is told to anybody, and the operations that wait stay.
    """
    if not feeds:
        return set()
    left = msgspec.json.encode(sorted(feeds)).decode()
    note_what_hangs(db)
    changed = {
        kind
        for kind, shape in SHAPES.items()
        if db.conn.execute(f"DELETE FROM {shape.table} WHERE id IN ({_LEFT})", (left,)).rowcount
    }
    for table in _WITH_BODIES:
        db.conn.execute(f"DELETE FROM {table} WHERE id IN ({_LEFT})", (left,))
    db.conn.execute("DELETE FROM elsewhere WHERE feed IN (SELECT value FROM json_each(?))", (left,))
    return changed
