"""Commands that read what this laptop holds."""

import argparse
from datetime import date
from pathlib import Path

from fsbus.cli.opening import opened
from fsbus.cli.output import put, put_all
from fsbus.core.entities import as_line
from fsbus.core.errors import InvalidInput

MOST_DAYS = 2 * 366


def visits(options: argparse.Namespace) -> int:
    """`visits`: every visit of the days asked for, procedure records inside."""
    from fsbus.store import queries

    first = _day("from", options.first, "0001-01-01")
    last = _day("to", options.last, "9999-12-31")
    if options.removed:
        return _removed(options)
    with opened(options) as session:
        put_all(
            as_line(visit, handled)
            for visit, handled in queries.visits_between(session.store.db, first, last)
        )
    return 0


def _removed(options: argparse.Namespace) -> int:
    from fsbus.actions.removing import removed

    with opened(options) as session:
        put_all({"removed": one.id, "kind": one.kind, "about": one.about} for one in removed(session))
    return 0


def circuit(options: argparse.Namespace) -> int:
    """`circuit`: the passages of the days asked for, or the path of the calendar that holds them."""
    from fsbus.actions.circuit import calendar_of, passages_between
    from fsbus.actions.plain_records import today
    from fsbus.actions.reports import replace_file

    with opened(options) as session:
        first = _day("from", options.first, today(session))
        month_after = date.fromordinal(min(date.fromisoformat(first).toordinal() + 30, date.max.toordinal()))
        last = _day("to", options.last, month_after.isoformat())
        if date.fromisoformat(last).toordinal() - date.fromisoformat(first).toordinal() > MOST_DAYS:
            raise InvalidInput({"to": "Deux ans au plus\u00a0: rapprochez les deux jours."})
        found = passages_between(session, first, last)
        if options.commune is not None:
            found = [one for one in found if one.commune == options.commune]
        if options.ics is not None:
            replace_file(options.ics, calendar_of(session, found))
            put({"path": str(options.ics), "passages": len(found)})
            return 0
        put_all(
            {
                "day": one.day,
                "commune": one.commune,
                "place": one.place,
                "opens_at": one.opens_at,
                "closes_at": one.closes_at,
                "held": one.is_held,
                "cancelled": one.passage.cancelled if one.passage else None,
                "postponed_to": one.passage.postponed_to if one.passage else None,
                "stop_id": one.stop_id,
                "passage_id": one.passage_id,
            }
            for one in found
        )
    return 0


def todo(options: argparse.Namespace) -> int:
    """`todo`: what is left to do after visits, the longest due first; no name of anybody."""
    from fsbus.actions import follow_ups

    with opened(options) as session:
        put_all(
            {
                "record_id": one.record_id,
                "visit_id": one.visit_id,
                "visited_on": one.visited_on,
                "procedure": one.procedure,
                "outcome": one.outcome,
                "on": one.follow_up.on,
                "commune": one.commune,
                "note": one.follow_up.note,
                "days_late": follow_ups.days_late(session, one),
            }
            for one in follow_ups.every_open(session, options.commune).found
        )
    return 0


def find(options: argparse.Namespace) -> int:
    """`find`: the catalogue first, then the official fiches."""
    if not 1 <= options.limit <= 1_000:
        raise InvalidInput({"limit": "Un nombre de 1 à 1000 est attendu."})
    with opened(options) as session:
        put_all(
            {"kind": hit.kind, "code": hit.code, "title": hit.title, "partner": hit.partner}
            for hit in session.reference.search(options.text, options.limit)
        )
    return 0


def status(options: argparse.Namespace) -> int:
    """`status`: what waits, what is to be checked, when the centre was last heard."""
    from fsbus.actions.status import status_of

    with opened(options) as session:
        put(status_of(session))
    return 0


def report(options: argparse.Namespace) -> int:
    """`report`: the month's activity, as an object or as a file whose path is printed."""
    from fsbus.actions.reports import month_report_of, write_report

    with opened(options) as session:
        month = month_report_of(session, options.month)
        if options.format == "json" and options.out is None:
            put(month.as_json())
            return 0
        path = options.out or Path(f"bilan-{options.month}.{options.format}")
        if options.format == "pdf":
            from fsbus.desktop.report_pdf import write_pdf

            write_pdf(month, path)
        else:
            write_report(month, options.format, path)
    put({"path": str(path)})
    return 0


def _day(field: str, text: str | None, otherwise: str) -> str:
    if text is None:
        return otherwise
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidInput({field: "Jour illisible : AAAA-MM-JJ est attendu."}) from None
