"""2026-11-23: the feed in every key, and the tables of trust, snapshots and backups.

A record is known by its feed and its id, so that a feed may lie on a machine of its own. The tables
whose key changes are made anew and filled from the old ones, alike on both engines.
"""

import sqlalchemy as sa
from alembic import op

revision = "v0003"
down_revision = "v0002"

_VISIT = (
    "agent_id", "started_at", "visited_on", "minutes", "channel", "stop_commune", "resident_commune", "age_band",
    "gender", "first_visit", "autonomy", "equipment", "satisfaction", "resident_id", "note",
)  # fmt: skip
_PROCEDURE = (
    "visit_id", "partner", "procedure", "nature", "mode", "outcome", "precise_answer", "missing_documents",
    "blockers", "referral", "follow_up", "mandate",
)  # fmt: skip
_CONFLICT = ("record_id", "record_kind", "field", "local", "central", "actor", "hlc", "status")
_NEW = {"conflicts": ("central_actor", "central_hlc")}
_NOT_TEXT = {"minutes": sa.Integer, "satisfaction": sa.Integer, "first_visit": sa.Boolean}
_TYPED = (
    ("visits", _VISIT, None),
    ("procedure_records", _PROCEDURE, "visit_id"),
    ("agents", ("name",), None),
    ("conflicts", _CONFLICT, "record_id"),
)
_RECORD = (
    "id", "kind", "feed_seq", "version", "creator", "writers", "extra", "erased_at", "plain_for",
)  # fmt: skip
_LOG = (
    "replica", "seq", "record_id", "digest", "result", "why", "parent_id", "received_at", "line",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("feeds", sa.Column("region", sa.String(80)))
    op.create_index("ix_feeds_region", "feeds", ["region"])
    op.add_column("devices", sa.Column("state", sa.String(12), nullable=False, server_default="active"))
    op.add_column("devices", sa.Column("approval", sa.Text))
    op.add_column("replicas", sa.Column("feed", sa.String(80), nullable=False, server_default=""))
    op.execute(
        "UPDATE replicas SET feed = COALESCE("
        "(SELECT devices.feed FROM devices WHERE devices.id = replicas.device_id), '')"
    )
    _records()
    for name, fields, parent in _TYPED:
        _typed(name, fields, parent)
    _log()
    _trust()
    _copies()


def _records() -> None:
    op.drop_index("ix_records_feed", "records")
    op.rename_table("records", "old_records")
    op.create_table(
        "records",
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("feed_seq", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("creator", sa.String(32), nullable=False),
        sa.Column("writers", sa.Text, nullable=False),
        sa.Column("extra", sa.Text),
        sa.Column("deleted", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("erased_at", sa.String(20)),
        sa.Column("plain_for", sa.String(32)),
        sa.PrimaryKeyConstraint("feed", "id"),
    )
    names = ", ".join(_RECORD)
    copied = f"INSERT INTO records (feed, {names}) SELECT feed, {names} FROM old_records"
    op.execute(copied)
    op.drop_table("old_records")
    op.create_index("ix_records_feed", "records", ["feed", "feed_seq"], unique=True)


def _typed(name: str, fields: tuple[str, ...], parent: str | None) -> None:
    if parent is not None:
        op.drop_index(f"ix_{name}_{parent}", name)
    op.rename_table(name, f"old_{name}")
    op.create_table(
        name,
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        *(sa.Column(field, _NOT_TEXT.get(field, sa.Text)) for field in (*fields, *_NEW.get(name, ()))),
        sa.PrimaryKeyConstraint("feed", "id"),
    )
    moved = ", ".join(f"old_{name}.{field}" for field in ("id", *fields))
    copied = (
        f"INSERT INTO {name} (feed, id, {', '.join(fields)}) "
        f"SELECT records.feed, {moved} FROM old_{name} JOIN records ON records.id = old_{name}.id"
    )
    op.execute(copied)
    op.drop_table(f"old_{name}")
    if parent is not None:
        op.create_index(f"ix_{name}_{parent}", name, ["feed", parent])


def _log() -> None:
    op.drop_index("ix_log_record_id", "log")
    op.drop_index("ix_log_aside", "log")
    op.rename_table("log", "old_log")
    op.create_table(
        "log",
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("replica", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("record_feed", sa.String(80), nullable=False),
        sa.Column("record_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(16), nullable=False),
        sa.Column("result", sa.String(12), nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("parent_id", sa.String(36)),
        sa.Column("received_at", sa.String(20), nullable=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("feed", "replica", "seq"),
        sqlite_with_rowid=False,
    )
    names, moved = ", ".join(_LOG), ", ".join(f"old_log.{name}" for name in _LOG)
    copied = (
        f"INSERT INTO log (feed, record_feed, {names}) SELECT COALESCE(replicas.feed, ''), "
        f"COALESCE(records.feed, replicas.feed, ''), {moved} FROM old_log "
        "LEFT JOIN replicas ON replicas.id = old_log.replica LEFT JOIN records ON records.id = old_log.record_id"
    )
    op.execute(copied)
    op.drop_table("old_log")
    op.create_index("ix_log_record_id", "log", ["record_id"])
    aside = sa.text("parent_id IS NOT NULL")
    op.create_index("ix_log_aside", "log", ["parent_id"], sqlite_where=aside, postgresql_where=aside)


def _trust() -> None:
    op.create_table(
        "statements",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("device", sa.String(40), nullable=False),
        sa.Column("did", sa.String(12), nullable=False),
        sa.Column("by_key", sa.String(40), nullable=False),
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("at", sa.String(20), nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("signature", sa.String(96), nullable=False),
        sa.Column("taken_at", sa.String(20), nullable=False),
    )
    op.create_index("ix_statements_device", "statements", ["device"])
    op.create_table(
        "trust",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "aside",
        sa.Column("device", sa.String(40), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("replica", sa.String(32), nullable=False),
        sa.Column("received_at", sa.String(20), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("device", "number"),
    )


def _copies() -> None:
    op.create_table(
        "snapshots",
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("to_seq", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("made_at", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("feed", "id"),
    )
    op.create_table(
        "snapshot_parts",
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("feed", "id", "number"),
    )
    op.create_table(
        "backups",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("made_at", sa.String(20), nullable=False),
        sa.Column("verified_at", sa.String(20)),
        sa.Column("marks", sa.Text, nullable=False),
    )
