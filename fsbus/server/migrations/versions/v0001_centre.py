"""2026-11-23: the first tables of the centre.

A migration is never edited once released and never imports the program's tables: it says what
they were on its day.
"""

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "centre",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("audience", sa.String(64), nullable=False),
        sa.Column("server_key", sa.String(64), nullable=False),
    )
    op.create_table(
        "feeds",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("enrolled_at", sa.String(20), nullable=False),
        sa.Column("last_seen_at", sa.String(20)),
        sa.Column("revoked_at", sa.String(20)),
    )
    op.create_table(
        "enroll_codes",
        sa.Column("ticket", sa.String(8), primary_key=True),
        sa.Column("code_key", sa.String(64), nullable=False),
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("expires_at", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("used_by", sa.String(40)),
        sa.Column("nonce", sa.String(64)),
    )
    op.create_table(
        "replicas",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("device_id", sa.String(40), nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.Column("durable_seq", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_replicas_device_id", "replicas", ["device_id"])
    op.create_table(
        "log",
        sa.Column("replica", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("record_id", sa.String(36), nullable=False),
        sa.Column("digest", sa.String(16), nullable=False),
        sa.Column("result", sa.String(12), nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("parent_id", sa.String(36)),
        sa.Column("received_at", sa.String(20), nullable=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("replica", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_log_record_id", "log", ["record_id"])
    aside = sa.text("parent_id IS NOT NULL")
    op.create_index("ix_log_aside", "log", ["parent_id"], sqlite_where=aside, postgresql_where=aside)
    _create_records()


def _create_records() -> None:
    op.create_table(
        "records",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("feed_seq", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("creator", sa.String(32), nullable=False),
        sa.Column("writers", sa.Text, nullable=False),
        sa.Column("extra", sa.Text),
        sa.Column("erased_at", sa.String(20)),
        sa.Column("plain_for", sa.String(32)),
    )
    op.create_index("ix_records_feed", "records", ["feed", "feed_seq"], unique=True)
    op.create_table(
        "visits",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("agent_id", sa.Text),
        sa.Column("started_at", sa.Text),
        sa.Column("visited_on", sa.Text),
        sa.Column("minutes", sa.Integer),
        sa.Column("channel", sa.Text),
        sa.Column("stop_commune", sa.Text),
        sa.Column("resident_commune", sa.Text),
        sa.Column("age_band", sa.Text),
        sa.Column("gender", sa.Text),
        sa.Column("first_visit", sa.Boolean),
        sa.Column("autonomy", sa.Text),
        sa.Column("equipment", sa.Text),
        sa.Column("satisfaction", sa.Integer),
        sa.Column("resident_id", sa.Text),
        sa.Column("note", sa.Text),
    )
    op.create_table(
        "procedure_records",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("visit_id", sa.Text),
        sa.Column("partner", sa.Text),
        sa.Column("procedure", sa.Text),
        sa.Column("nature", sa.Text),
        sa.Column("mode", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("precise_answer", sa.Text),
        sa.Column("missing_documents", sa.Text),
        sa.Column("blockers", sa.Text),
        sa.Column("referral", sa.Text),
        sa.Column("follow_up", sa.Text),
        sa.Column("mandate", sa.Text),
    )
    op.create_index("ix_procedure_records_visit_id", "procedure_records", ["visit_id"])
    op.create_table("agents", sa.Column("id", sa.String(36), primary_key=True), sa.Column("name", sa.Text))
    op.create_table(
        "conflicts",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("record_id", sa.Text),
        sa.Column("record_kind", sa.Text),
        sa.Column("field", sa.Text),
        sa.Column("local", sa.Text),
        sa.Column("central", sa.Text),
        sa.Column("actor", sa.Text),
        sa.Column("hlc", sa.Text),
        sa.Column("status", sa.Text),
    )
    op.create_index("ix_conflicts_record_id", "conflicts", ["record_id"])
