"""2026-11-24: the tables of an agent's day: circuit, residents, appointments, workshops."""

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"

_TABLES = {
    "stops": (
        "commune", "place", "opens_at", "closes_at", "starts_on", "ends_on", "recurrence", "except_on",
        "on_holidays", "contact", "note",
    ),
    "passages": (
        "stop_id", "day", "commune", "place", "opens_at", "closes_at", "cancelled", "postponed_to", "arrived_at",
        "opened_at", "closed_at", "left_at", "agents", "equipment_ready", "equipment_faulty", "network",
        "kilometres", "note",
    ),
    "incidents": ("day", "commune", "what", "started_at", "minutes", "closed", "note"),
    "attendances": (
        "day", "commune", "arrived", "received", "gave_up", "booked", "waited_minutes", "longest_wait", "by_hour",
    ),
    "residents": (
        "family_name", "given_name", "phone", "email", "birth_year", "commune", "notice", "notice_on", "keep_until",
        "code", "note", "merged_into",
    ),
    "appointments": (
        "day", "starts_at", "minutes", "commune", "place", "stop_id", "resident_id", "name", "phone", "procedure",
        "needed", "agents", "status", "visit_id", "note",
    ),
    "workshops": (
        "agent_id", "day", "starts_at", "minutes", "commune", "place", "title", "topics", "level", "participants",
        "came_before", "genders", "ages", "statuses", "equipment_lent", "course", "agents", "note",
    ),
}  # fmt: skip
_WHOLE = frozenset(
    {
        "kilometres", "minutes", "arrived", "received", "gave_up", "booked", "waited_minutes", "longest_wait",
        "birth_year", "needed", "participants", "came_before",
    }
)  # fmt: skip
_FLAGS = frozenset({"on_holidays", "closed"})


def upgrade() -> None:
    for name, fields in _TABLES.items():
        op.create_table(
            name,
            sa.Column("feed", sa.String(80), nullable=False),
            sa.Column("id", sa.String(36), nullable=False),
            *(sa.Column(field, _type(field)) for field in fields),
            sa.PrimaryKeyConstraint("feed", "id"),
        )


def _type(field: str) -> type[sa.Integer | sa.Boolean | sa.Text]:
    return sa.Integer if field in _WHOLE else sa.Boolean if field in _FLAGS else sa.Text
