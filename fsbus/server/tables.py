"""The tables of the centre; the typed ones have one column per field of `fsbus.core.entities`."""

from collections.abc import Mapping
from types import MappingProxyType

from fsbus.core.entities import ENTITIES, Entity, Json
from fsbus.core.fields import CodeList, Field, Flag, Group, TextList, Whole
from fsbus.server.database import (
    BigInteger,
    Boolean,
    Column,
    Condition,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    select,
)  # fmt: skip

metadata = MetaData()

centre = Table(
    "centre",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("epoch", String(32), nullable=False),
    Column("audience", String(64), nullable=False),
    Column("server_key", String(64), nullable=False),
)
"""One row: the name of this life of the database, and the public half of the centre's key."""

feeds = Table(
    "feeds",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

devices = Table(
    "devices",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("public_key", String(64), nullable=False),
    Column("name", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("feed", String(80), nullable=False),
    Column("enrolled_at", String(20), nullable=False),
    Column("last_seen_at", String(20)),
    Column("revoked_at", String(20)),
    Column("lease_key", String(64)),
)

enroll_codes = Table(
    "enroll_codes",
    metadata,
    Column("ticket", String(8), primary_key=True),
    Column("code_key", String(64), nullable=False),
    Column("feed", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("expires_at", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("used_by", String(40)),
    Column("nonce", String(64)),
)

replicas = Table(
    "replicas",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("device_id", String(40), nullable=False, index=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("durable_seq", BigInteger, nullable=False),
)

log = Table(
    "log",
    metadata,
    Column("replica", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("record_id", String(36), nullable=False, index=True),
    Column("digest", String(16), nullable=False),
    Column("result", String(12), nullable=False),
    Column("why", String(200), nullable=False),
    Column("parent_id", String(36)),
    Column("received_at", String(20), nullable=False),
    Column("line", LargeBinary, nullable=False),
    PrimaryKeyConstraint("replica", "seq"),
    sqlite_with_rowid=False,
)
"""Every operation as it came, in its replica's order. ``result`` is empty for a plain one; ``line`` is
emptied by erasure; ``parent_id`` is kept for an operation set aside, so that erasure finds it."""
Index("ix_log_aside", log.c.parent_id, sqlite_where=log.c.parent_id.is_not(None), postgresql_where=log.c.parent_id.is_not(None))  # fmt: skip

records = Table(
    "records",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("feed", String(80), nullable=False),
    Column("feed_seq", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("creator", String(32), nullable=False),
    Column("writers", Text, nullable=False),
    Column("extra", Text),
    Column("erased_at", String(20)),
    Column("plain_for", String(32)),
)
"""What every record has, whatever its kind. An erased one keeps this row for ever, and no other.
``plain_for`` is the replica that already shows the record as it is."""
Index("ix_records_feed", records.c.feed, records.c.feed_seq, unique=True)


def is_json(field: Field) -> bool:
    """Whether the column of this field holds JSON text: a list, a group, any value."""
    return isinstance(field, CodeList | TextList | Group | Json)


def _typed(name: str, entity: Entity) -> Table:
    columns = [
        Column(
            field,
            Integer if isinstance(kind, Whole) else Boolean if isinstance(kind, Flag) else Text,
            index=field == entity.parent,
        )
        for field, kind in entity.fields.items()
    ]
    return Table(name, metadata, Column("id", String(36), primary_key=True), *columns)


TYPED: Mapping[str, Table] = MappingProxyType(
    {
        kind: _typed(name, ENTITIES[kind])
        for kind, name in (
            ("visit", "visits"),
            ("procedure_record", "procedure_records"),
            ("agent", "agents"),
            ("conflict", "conflicts"),
        )
    }
)
"""Kind of record to its table."""


def in_feed(table: Table, feed: str) -> Condition:
    """The condition that a row of a typed table is of this feed."""
    return table.c.id.in_(select(records.c.id).where(records.c.feed == feed))


PARENTS: Mapping[str, str | None] = MappingProxyType({kind: ENTITIES[kind].parent for kind in TYPED})
"""Kind of record to the column that holds the id of the record it hangs on, if any."""
