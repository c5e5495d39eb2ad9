"""The tables of the centre; the typed ones have one column per field of `fsbus.core.entities`."""

from collections.abc import Mapping
from types import MappingProxyType

from fsbus.core.entities import ENTITIES, Entity, Json
from fsbus.core.fields import LISTS, Field, Flag, Group, Whole
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
    false,
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
    Column("region", String(80), index=True),
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
    Column("state", String(12), nullable=False, server_default="active"),
    Column("approval", Text),
)
"""``state`` is ``pending`` until a coordinator approved, then ``active``; ``approval`` is that statement, signed."""

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
    Column("feed", String(80), nullable=False, server_default=""),
)
"""``feed`` is the home feed of the device, the one that its operations stand under in `log`."""

log = Table(
    "log",
    metadata,
    Column("feed", String(80), nullable=False),
    Column("replica", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("record_feed", String(80), nullable=False),
    Column("record_id", String(36), nullable=False, index=True),
    Column("digest", String(16), nullable=False),
    Column("result", String(12), nullable=False),
    Column("why", String(200), nullable=False),
    Column("parent_id", String(36)),
    Column("received_at", String(20), nullable=False),
    Column("line", LargeBinary, nullable=False),
    PrimaryKeyConstraint("feed", "replica", "seq"),
    sqlite_with_rowid=False,
)
"""Every operation as it came, in its replica's order. ``feed`` is the home of its device, ``record_feed`` that of its
record. ``result`` is empty for a plain one; ``line`` is emptied by erasure; ``parent_id`` is kept for an operation set
aside, so that erasure finds it."""
Index("ix_log_aside", log.c.parent_id, sqlite_where=log.c.parent_id.is_not(None), postgresql_where=log.c.parent_id.is_not(None))  # fmt: skip

records = Table(
    "records",
    metadata,
    Column("feed", String(80), nullable=False),
    Column("id", String(36), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("feed_seq", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("creator", String(32), nullable=False),
    Column("writers", Text, nullable=False),
    Column("extra", Text),
    Column("deleted", Boolean, nullable=False, server_default=false()),
    Column("erased_at", String(20)),
    Column("plain_for", String(32)),
    PrimaryKeyConstraint("feed", "id"),
)
"""What every record has, whatever its kind. An erased one keeps this row for ever, and no other; a ``deleted`` one
keeps its fields. ``plain_for`` is the replica that already shows the record as it is."""
Index("ix_records_feed", records.c.feed, records.c.feed_seq, unique=True)

statements = Table(
    "statements",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("device", String(40), nullable=False, index=True),
    Column("did", String(12), nullable=False),
    Column("by_key", String(40), nullable=False),
    Column("feed", String(80), nullable=False),
    Column("at", String(20), nullable=False),
    Column("statement", Text, nullable=False),
    Column("signature", String(96), nullable=False),
    Column("taken_at", String(20), nullable=False),
)
"""What coordinators signed about laptops; ``id`` is the SHA-256 of ``statement``, in hex."""

trust = Table(
    "trust",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
)
"""Each trust file that the centre took, as it came."""

aside = Table(
    "aside",
    metadata,
    Column("device", String(40), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("replica", String(32), nullable=False),
    Column("received_at", String(20), nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("edition", String(16), nullable=False, server_default=""),
    PrimaryKeyConstraint("device", "number"),
)
"""The bodies that revoked devices sent, compressed as they came, for a coordinator to take in or to drop. ``edition``
names one writing of a body: whoever looked through it before knows that it is still the same."""

snapshots = Table(
    "snapshots",
    metadata,
    Column("feed", String(80), nullable=False),
    Column("id", String(32), nullable=False),
    Column("epoch", String(32), nullable=False),
    Column("to_seq", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("records", Integer, nullable=False),
    Column("made_at", String(20), nullable=False),
    PrimaryKeyConstraint("feed", "id"),
)
"""The prepared files of feeds, for new laptops; ``to_seq`` is the position that each comes to."""

snapshot_parts = Table(
    "snapshot_parts",
    metadata,
    Column("feed", String(80), nullable=False),
    Column("id", String(32), nullable=False),
    Column("number", Integer, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("feed", "id", "number"),
)

backups = Table(
    "backups",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("made_at", String(20), nullable=False),
    Column("verified_at", String(20)),
    Column("marks", Text, nullable=False),
)
"""The backups of the centre; ``marks`` is JSON, replica to the last operation that is inside."""


def is_json(field: Field) -> bool:
    """Whether the column of this field holds JSON text: a list, a group, any value."""
    return isinstance(field, (*LISTS, Group, Json))


def _typed(name: str, entity: Entity) -> Table:
    columns = [
        Column(field, Integer if isinstance(kind, Whole) else Boolean if isinstance(kind, Flag) else Text)
        for field, kind in entity.fields.items()
    ]
    table = Table(
        name,
        metadata,
        Column("feed", String(80), nullable=False),
        Column("id", String(36), nullable=False),
        *columns,
        PrimaryKeyConstraint("feed", "id"),
    )
    if entity.parent is not None:
        Index(f"ix_{name}_{entity.parent}", table.c.feed, table.c[entity.parent])
    return table


TYPED: Mapping[str, Table] = MappingProxyType(
    {
        kind: _typed(name, ENTITIES[kind])
        for kind, name in (
            ("visit", "visits"),
            ("procedure_record", "procedure_records"),
            ("agent", "agents"),
            ("conflict", "conflicts"),
            ("stop", "stops"),
            ("passage", "passages"),
            ("incident", "incidents"),
            ("attendance", "attendances"),
            ("resident", "residents"),
            ("appointment", "appointments"),
            ("workshop", "workshops"),
        )
    }
)
"""Kind of record to its table."""


def is_shown(table: Table) -> Condition:
    """The condition that a row of a typed table is of no deleted record; what hangs on one is to be left out too."""
    same = (records.c.feed == table.c.feed) & (records.c.id == table.c.id)
    return ~select(records.c.id).where(same, records.c.deleted).exists()


PARENTS: Mapping[str, str | None] = MappingProxyType({kind: ENTITIES[kind].parent for kind in TYPED})
"""Kind of record to the column that holds the id of the record it hangs on, if any."""
