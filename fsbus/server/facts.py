"""Reads the plain facts of a month that a report may count: no free text, no id of a person."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fsbus.core.door_figures import AttendanceFact, WorkshopFact
from fsbus.core.entities import ATTENDANCE, PROCEDURE_RECORD, VISIT, WORKSHOP
from fsbus.core.records import SHORTEST_ANSWER
from fsbus.core.redaction import redacted
from fsbus.core.reports import RecordFact, VisitFact, month_days
from fsbus.server import tables
from fsbus.server.centre import Centre
from fsbus.server.database import Condition, Connection, Table, pages, select
from fsbus.server.granting import real

_VISITS, _RECORDS = tables.TYPED[VISIT], tables.TYPED[PROCEDURE_RECORD]
_WORKSHOPS, _ATTENDANCES = tables.TYPED[WORKSHOP], tables.TYPED[ATTENDANCE]


@redacted()
@dataclass(frozen=True)
class MonthFacts:
    """Iterators over one snapshot, each to be read once, one after the other."""

    visits: Iterator[VisitFact]
    records: Iterator[RecordFact]
    workshops: Iterator[WorkshopFact]
    attendances: Iterator[AttendanceFact]


@contextmanager
def month_facts(centre: Centre, month: str, feed: str | None = None) -> Iterator[MonthFacts]:
    """The facts of ``2026-11``, of one feed when it is named, else of all but training ones, for `fsbus.core.reports.month_report`.

    Use it in a ``with`` block: the facts are read inside. Raises InvalidInput, naming ``month``.
    """
    days = month_days(month)
    first, last = days[0].isoformat(), days[-1].isoformat()

    def of_month(table: Table, day: str) -> Condition:
        mine = real(table.c.feed) if feed is None else table.c.feed == feed
        return table.c[day].between(first, last) & mine & tables.is_shown(table)

    wanted = of_month(_VISITS, "visited_on")
    with centre.database.read(patient=True) as connection:
        yield MonthFacts(
            _visit_facts(connection, wanted),
            _record_facts(connection, wanted),
            _workshop_facts(connection, of_month(_WORKSHOPS, "day")),
            _attendance_facts(connection, of_month(_ATTENDANCES, "day")),
        )


def _visit_facts(connection: Connection, wanted: Condition) -> Iterator[VisitFact]:
    names = [name for name in VisitFact.__dataclass_fields__ if name != "visit_id"]
    statement = select(_VISITS.c.id, *(_VISITS.c[name] for name in names)).where(wanted)
    for page in pages(connection, statement):
        yield from (VisitFact(*row) for row in page)


def _record_facts(connection: Connection, wanted: Condition) -> Iterator[RecordFact]:
    same = (_VISITS.c.feed == _RECORDS.c.feed) & (_VISITS.c.id == _RECORDS.c.visit_id)
    statement = select(_RECORDS).join(_VISITS, same).where(wanted, tables.is_shown(_RECORDS))
    for page in pages(connection, statement):
        for row in page:
            yield RecordFact(
                visit_id=row.visit_id,
                procedure=row.procedure,
                partner=row.partner,
                nature=row.nature,
                mode=row.mode,
                outcome=row.outcome,
                blockers=tuple(json.loads(row.blockers)),
                answered=len(row.precise_answer.strip()) >= SHORTEST_ANSWER,
            )


def _workshop_facts(connection: Connection, wanted: Condition) -> Iterator[WorkshopFact]:
    for page in pages(connection, select(_WORKSHOPS).where(wanted)):
        for row in page:
            yield WorkshopFact(
                row.minutes,
                row.participants,
                tuple(json.loads(row.topics)),
                _counts(row.genders),
                _counts(row.ages),
                _counts(row.statuses),
            )


def _attendance_facts(connection: Connection, wanted: Condition) -> Iterator[AttendanceFact]:
    for page in pages(connection, select(_ATTENDANCES).where(wanted)):
        for row in page:
            yield AttendanceFact(
                row.arrived,
                row.received,
                row.gave_up,
                row.booked,
                row.waited_minutes,
                _counts(row.by_hour),
            )


def _counts(column: str | None) -> dict[str, int | None]:
    return json.loads(column) if column else {}
