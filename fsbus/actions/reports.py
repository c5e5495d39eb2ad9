"""Draws up a month's report from the store, and writes it to a file."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import msgspec

from fsbus.actions.session import Session
from fsbus.core.anonymity import THRESHOLD, anonymous
from fsbus.core.attendance import Attendance
from fsbus.core.clock import local_day
from fsbus.core.door_figures import AttendanceFact, WorkshopFact
from fsbus.core.errors import InvalidInput, StoreUnavailable
from fsbus.core.month_figures import MonthReport
from fsbus.core.privacy import check_file_name
from fsbus.core.records import SHORTEST_ANSWER
from fsbus.core.reports import Names, RecordFact, VisitFact, month_days, month_report
from fsbus.core.system_words import reason
from fsbus.core.workshops import Workshop
from fsbus.store import day_queries
from fsbus.store.database import Database, known_errors, rows

Writer = Callable[[MonthReport], bytes]


def month_report_of(session: Session, month: str, *, threshold: int = THRESHOLD) -> MonthReport:
    """The activity of ``2026-11`` on this laptop, small cells about people masked.

    With ``threshold=0`` nothing is masked: for the bus's own screen, never to be written or sent.
    Raises InvalidInput for a month that cannot be read.
    """
    days = month_days(month)
    first, last = days[0].isoformat(), days[-1].isoformat()
    db = session.store.db
    with _one_moment(db):
        report = month_report(
            month,
            _visit_facts(db, first, last),
            _record_facts(db, first, last),
            _workshop_facts(db, first, last),
            _attendance_facts(db, first, last),
            names=_names(session),
            bus=session.bus or "Bus France services",
            generated_on=local_day(session.clock.now()),
        )
    return anonymous(report, threshold) if threshold else report


def write_report(report: MonthReport, format: str, path: Path, *, threshold: int = THRESHOLD) -> Path:  # noqa: A002  # the word of the command line
    """Write the report as ``csv``, ``xlsx``, ``html`` or ``json``, whole or not at all.

    What is written may leave, so small cells about people are masked in every format.
    Raises InvalidInput for another format, StoreUnavailable when the folder cannot be written.
    (The PDF is drawn by Qt: `fsbus.desktop.report_pdf.write_pdf`.)
    """
    writer = _writers().get(format)
    if writer is None:
        raise InvalidInput({"format": f"Format inconnu. Formats possibles : {', '.join(_writers())}, pdf."})
    return replace_file(path, writer(anonymous(report, threshold)))


def replace_file(path: Path, content: bytes) -> Path:
    """Put the content at this path in one step: a reader sees the old file or the new one, whole.

    Raises InvalidInput for a folder or a name that may not be written, StoreUnavailable when its folder is absent, full or read-only.
    """
    if path.is_dir():
        raise InvalidInput({"out": f"« {path} » est un dossier : donnez un nom de fichier."})
    check_file_name(path, "out")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreUnavailable(
            f"Le fichier n’a pas pu être écrit dans « {path.parent} » : vérifiez que ce dossier existe, "
            f"ses droits et la place sur le disque ({reason(error)})."
        ) from error
    return path


def _writers() -> Mapping[str, Writer]:
    # Imported when asked for: a spreadsheet library has no place in the cold start.
    from fsbus.actions.report_formats.csv_format import as_csv
    from fsbus.actions.report_formats.html_format import as_html
    from fsbus.actions.report_formats.json_format import as_json
    from fsbus.actions.report_formats.xlsx_format import as_xlsx

    return MappingProxyType({"csv": as_csv, "xlsx": as_xlsx, "html": as_html, "json": as_json})


@contextmanager
def _one_moment(db: Database) -> Iterator[None]:
    """Both reads see the same state, whatever a synchronisation writes meanwhile."""
    if db.conn.in_transaction:
        yield
        return
    with known_errors():
        db.conn.execute("BEGIN")
        try:
            yield
        finally:
            db.conn.execute("COMMIT")


def _visit_facts(db: Database, first: str, last: str) -> Iterator[VisitFact]:
    query = """
        SELECT id, visited_on, stop_commune, resident_commune, channel, minutes, age_band, gender,
               first_visit, autonomy, satisfaction
        FROM visits WHERE visited_on BETWEEN ? AND ?"""
    for visit_id, day, stop, home, channel, minutes, age, gender, first_visit, autonomy, satisfaction in rows(
        db, query, (first, last)
    ):
        seen_before = None if first_visit is None else bool(first_visit)
        yield VisitFact(
            visit_id, day, stop, home, channel, minutes, age, gender, seen_before, autonomy, satisfaction
        )


def _record_facts(db: Database, first: str, last: str) -> Iterator[RecordFact]:
    # Python's idea of white space, not SQL's: the rule of core strips the same characters.
    query = """
        SELECT r.visit_id, r.procedure, r.partner, r.nature, r.mode, r.outcome, r.blockers, r.precise_answer
        FROM procedure_records AS r JOIN visits AS v ON v.id = r.visit_id
        WHERE v.visited_on BETWEEN ? AND ?"""
    for visit_id, procedure, partner, nature, mode, outcome, blockers, answer in rows(
        db, query, (first, last)
    ):
        yield RecordFact(
            visit_id=visit_id,
            procedure=procedure,
            partner=partner,
            nature=nature,
            mode=mode,
            outcome=outcome,
            blockers=msgspec.json.decode(blockers, type=tuple[str, ...]),
            answered=len(answer.strip()) >= SHORTEST_ANSWER,
        )


def _workshop_facts(db: Database, first: str, last: str) -> Iterator[WorkshopFact]:
    for one in day_queries.between(db, Workshop, first, last):
        yield WorkshopFact(
            one.minutes, one.participants, one.topics, one.genders or {}, one.ages or {}, one.statuses or {}
        )


def _attendance_facts(db: Database, first: str, last: str) -> Iterator[AttendanceFact]:
    for one in day_queries.between(db, Attendance, first, last):
        yield AttendanceFact(
            one.arrived, one.received, one.gave_up, one.booked, one.waited_minutes, one.by_hour or {}
        )


def _names(session: Session) -> Names:
    def commune(code: str) -> str | None:
        found = session.reference.commune(code)
        return None if found is None else found.name

    return Names.of(session.reference.catalog(), commune)
