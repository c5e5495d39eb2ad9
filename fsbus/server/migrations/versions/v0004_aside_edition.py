"""2026-11-23: each writing of what is kept aside has a name, by which it is known again."""

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"


def upgrade() -> None:
    op.add_column("aside", sa.Column("edition", sa.String(16), nullable=False, server_default=""))
