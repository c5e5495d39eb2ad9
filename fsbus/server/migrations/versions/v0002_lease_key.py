"""2026-11-23: for each device, the key that proves a coordinator's code to it."""

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"


def upgrade() -> None:
    # Devices enrolled before have none: they reach the centre, or enrol again.
    op.add_column("devices", sa.Column("lease_key", sa.String(64)))
