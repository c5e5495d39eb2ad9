"""What the one who runs the centre may do: codes, devices, visits, the facts of a month, a check."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from fsbus.core.clock import Clock
from fsbus.core.entities import PROCEDURE_RECORD, VISIT, as_line, from_body
from fsbus.core.records import ProcedureRecord
from fsbus.core.redaction import redacted
from fsbus.core.visits import Visit
from fsbus.server import enrolling, tables
from fsbus.server.bodies import body_of_row
from fsbus.server.centre import Centre
from fsbus.server.checking import check
from fsbus.server.database import AnyRow, Connection, one_of, pages, select
from fsbus.server.enrolling import EnrollCode
from fsbus.server.facts import MonthFacts, month_facts
from fsbus.server.granting import real
from fsbus.server.leasing import LeaseCode, lease_code
from fsbus.wire.signing import five_by_five

__all__ = [
    "DeviceLine", "EnrollCode", "LeaseCode", "MonthFacts", "check", "devices", "enroll_code", "lease_code",
    "month_facts", "visits",
]  # fmt: skip


@redacted()
@dataclass(frozen=True)
class DeviceLine:
    """One enrolled laptop, for a listing. Moments are UTC; ``operations`` counts what it sent."""

    device: str
    name: str
    role: str
    feed: str
    enrolled_at: str
    last_seen_at: str | None
    revoked_at: str | None
    operations: int
    state: str
    """``pending``, ``active`` or ``revoked``."""
    groups: str
    """The identifier in five groups of five, as it is compared by voice."""


def enroll_code(centre: Centre, feed: str, role: str = "agent", *, clock: Clock | None = None) -> EnrollCode:
    """A one-time code for one laptop of this feed, valid 72 hours. Raises InvalidInput, naming the field."""
    return enrolling.make_code(centre, feed, role, (clock or Clock()).now())


def devices(centre: Centre) -> list[DeviceLine]:
    """Every laptop, by feed then by name."""
    table, replicas = tables.devices, tables.replicas
    sent: dict[str, int] = {}
    with centre.database.read() as connection:
        for row in connection.execute(select(replicas.c.device_id, replicas.c.last_seq)):
            sent[row.device_id] = sent.get(row.device_id, 0) + row.last_seq
        rows = connection.execute(select(table).order_by(table.c.feed, table.c.name, table.c.id)).all()
    return [
        DeviceLine(
            device=row.id,
            name=row.name,
            role=row.role,
            feed=row.feed,
            enrolled_at=row.enrolled_at,
            last_seen_at=row.last_seen_at,
            revoked_at=row.revoked_at,
            operations=sent.get(row.id, 0),
            state="revoked" if row.revoked_at is not None else row.state,
            groups=five_by_five(row.id),
        )
        for row in rows
    ]


def visits(centre: Centre, feed: str | None = None) -> Iterator[dict[str, object]]:
    """Every visit with its procedure records inside, oldest first, in the shape of `as_line`.

    ``feed`` keeps those of one feed; without it, those of training feeds are left out. Read as one snapshot, a page at a time.
    """
    table = tables.TYPED[VISIT]
    statement = select(table).where(tables.is_shown(table)).order_by(table.c.started_at, table.c.id)
    statement = statement.where(real(table.c.feed) if feed is None else table.c.feed == feed)
    with centre.database.read(patient=True) as connection:
        for page in pages(connection, statement):
            inside = _records_of(connection, page)
            for row in page:
                visit = cast(Visit, from_body(VISIT, row.id, body_of_row(VISIT, row, None)))
                yield as_line(visit, inside.get((row.feed, row.id), ()))


def _records_of(
    connection: Connection, page: Sequence[AnyRow]
) -> dict[tuple[str, str], list[ProcedureRecord]]:
    table = tables.TYPED[PROCEDURE_RECORD]
    visits_of: dict[str, list[str]] = {}
    for row in page:
        visits_of.setdefault(row.feed, []).append(row.id)
    found: dict[tuple[str, str], list[ProcedureRecord]] = {}
    for feed, ids in visits_of.items():
        inside = (table.c.feed == feed) & one_of(connection, table.c.visit_id, ids) & tables.is_shown(table)
        for row in connection.execute(select(table).where(inside).order_by(table.c.id)):
            body = body_of_row(PROCEDURE_RECORD, row, None)
            record = cast(ProcedureRecord, from_body(PROCEDURE_RECORD, row.id, body))
            found.setdefault((feed, record.visit_id), []).append(record)
    return found
