"""Loads the centre's copies of records, and writes the changed ones back in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fsbus.core.merge import Copy
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.bodies import body_of_row, extra_of, read_writers, row_of, writers_text
from fsbus.server.database import (
    AnyRow,
    Connection,
    Database,
    delete,
    literal,
    one_of,
    or_,
    select,
    text,
    update,
)  # fmt: skip


@redacted()
@dataclass
class Held:
    """A copy with its place: its feed, and the replica that already shows it as it is."""

    copy: Copy
    feed: str
    plain_for: str | None = None
    changed: bool = False
    """Since it was loaded: to be written, and told to its feed."""
    stored: bool = False
    """Whether the database holds it, so that erasing it must reach there."""


def load_copies(connection: Connection, ids: Iterable[str]) -> dict[str, Held]:
    """What the centre holds under these ids: one query on all records, one on each kind that is there."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = connection.execute(
        select(tables.records).where(one_of(connection, tables.records.c.id, wanted))
    ).all()
    bodies = load_bodies(connection, rows)
    return {
        row.id: Held(_copy(row, bodies.get(row.id, {})), row.feed, row.plain_for, stored=True) for row in rows
    }


def load_bodies(connection: Connection, rows: Sequence[AnyRow]) -> dict[str, dict[str, object]]:
    """The bodies behind rows of `records`, by id; erased ones have none."""
    by_kind: dict[str, dict[str, str | None]] = {}
    for row in rows:
        if row.erased_at is None:
            by_kind.setdefault(row.kind, {})[row.id] = row.extra
    found: dict[str, dict[str, object]] = {}
    for kind, extras in by_kind.items():
        table = tables.TYPED[kind]
        for body in connection.execute(select(table).where(one_of(connection, table.c.id, list(extras)))):
            found[body.id] = body_of_row(kind, body, extras[body.id])
    return found


def children_of(connection: Connection, record_id: str) -> list[str]:
    """The stored records that hang on this one, directly."""
    found: list[str] = []
    for kind, table in tables.TYPED.items():
        parent = tables.PARENTS[kind]
        if parent is not None:
            found += connection.execute(select(table.c.id).where(table.c[parent] == record_id)).scalars()
    return found


def write_bodies(database: Database, connection: Connection, changed: Sequence[Held]) -> None:
    """Write the fields of the changed copies, and take those of the erased ones away."""
    for kind, table in tables.TYPED.items():
        alive = [held.copy for held in changed if held.copy.kind == kind and not held.copy.erased]
        database.upsert_rows(connection, table, [row_of(kind, copy.id, copy.body) for copy in alive])
        gone = [
            held.copy.id for held in changed if held.copy.erased and held.copy.kind == kind and held.stored
        ]
        if gone:
            connection.execute(delete(table).where(one_of(connection, table.c.id, gone)))


def empty_log(connection: Connection, erased: Sequence[str]) -> None:
    """Take away the content of every operation on these records; what it was on, and its digest, stay."""
    log = tables.log
    on_them = or_(one_of(connection, log.c.record_id, erased), one_of(connection, log.c.parent_id, erased))
    connection.execute(update(log).where(on_them).values(line=literal(b"")))


def number_and_write(
    database: Database, connection: Connection, changed: Sequence[Held], moment: str
) -> None:
    """Give each changed record the next number of its feed, and write it.

    The last statements of a transaction: from the first counter on, nobody else writes to that feed.
    """
    by_feed: dict[str, list[Held]] = {}
    for held in changed:
        by_feed.setdefault(held.feed, []).append(held)
    rows = []
    for feed, helds in sorted(by_feed.items()):
        newest = raise_counter(connection, feed, len(helds))
        rows += [_row(held, newest - len(helds) + place, moment) for place, held in enumerate(helds, 1)]
    database.upsert_rows(connection, tables.records, rows)


def raise_counter(connection: Connection, feed: str, by: int) -> int:
    """The newest number of the feed, once ``by`` more are taken."""
    statement = text(
        "INSERT INTO feeds (name, seq) VALUES (:feed, :by) "
        "ON CONFLICT (name) DO UPDATE SET seq = feeds.seq + excluded.seq RETURNING seq"
    )
    return int(connection.execute(statement, {"feed": feed, "by": by}).scalar_one())


def _copy(row: AnyRow, body: dict[str, object]) -> Copy:
    return Copy(
        row.id, row.kind, row.version, row.creator, body, read_writers(row.writers), row.erased_at is not None
    )


def _row(held: Held, number: int, moment: str) -> tuple[object, ...]:
    copy = held.copy
    return (
        copy.id,
        copy.kind,
        held.feed,
        number,
        copy.version,
        copy.creator,
        writers_text(copy.writers),
        None if copy.erased else extra_of(copy.kind, copy.body),
        moment if copy.erased else None,
        held.plain_for,
    )
