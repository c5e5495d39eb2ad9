"""Writes a report as one long CSV table that a French spreadsheet opens by a double click."""

import csv
import io
import re

from fsbus.actions.report_formats import wording
from fsbus.core.anonymity import MASKED
from fsbus.core.month_figures import MonthReport, Row

HEADER = ("rubrique", "code", "libellé", "nombre", "part (%)")

_FORMULA = re.compile(r"[\s\ufeff\u200b-\u200d\u2060\x00-\x1f]*[=+\-@＝＋－＠]|[\t\r\n\x00]")


def as_csv(report: MonthReport) -> bytes:
    """UTF-8 with BOM, semicolons, decimal comma, every field quoted; the same bytes for the same report."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(HEADER)
    for line in _lines(report):
        writer.writerow([harmless(cell) for cell in line])
    return text.getvalue().encode("utf-8-sig")


def leads_formula(text: str) -> bool:
    """Whether a spreadsheet could take this text for a formula: ``+33 6…`` is the everyday case.

    Source: OWASP, « CSV Injection »; blanks before the sign and full-width signs count too.
    """
    return _FORMULA.match(text) is not None


def harmless(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet could take for a formula."""
    return f"'{text}" if leads_formula(text) else text


def _lines(report: MonthReport) -> list[tuple[str, str, str, str, str]]:
    totals = report.totals
    lines = [
        ("Bilan", "month", wording.title(report), "", ""),
        ("Bilan", "bus", report.bus, "", ""),
        ("Bilan", "generated_on", wording.drawn_up(report), "", ""),
        ("Bilan", "threshold", "Effectifs masqués au-dessous de (0 : aucun)", str(report.threshold), ""),
        ("Ensemble", "visits", "Visites", str(totals.visits), ""),
        ("Ensemble", "records", "Démarches", str(totals.records), ""),
        ("Ensemble", "minutes", "Minutes d’accueil", str(totals.minutes), ""),
        ("Ensemble", "mean_minutes", "Minutes par visite, en moyenne", _decimal(totals.mean_minutes), ""),
        ("Ensemble", "first_visits", "Premières visites", str(totals.first_visits), ""),
        ("Ensemble", "days_open", "Jours avec des visites", str(totals.days_open), ""),
        ("Ensemble", "stops", "Communes desservies", str(totals.stops), ""),
        (
            "Ensemble",
            "resolved",
            "Démarches traitées sur place",
            str(totals.resolved),
            _percent(totals.share_resolved),
        ),
        ("Ensemble", "to_answer", "Suites (ni traitées, ni abandonnées)", str(totals.to_answer), ""),
        (
            "Ensemble",
            "answered",
            "Suites avec une réponse précise",
            str(totals.answered),
            _percent(totals.share_answered),
        ),
        ("Ensemble", "workshops", "Ateliers", str(totals.workshops), ""),
        ("Ensemble", "participants", "Participants aux ateliers", str(totals.participants), ""),
        ("Ensemble", "workshop_minutes", "Minutes d’atelier", str(totals.workshop_minutes), ""),
        ("Ensemble", "arrived", "Arrivées à la porte", str(totals.arrived), ""),
        ("Ensemble", "received", "Reçues après la file", str(totals.received), ""),
        ("Ensemble", "gave_up", "Reparties sans être reçues", str(totals.gave_up), ""),
        ("Ensemble", "booked", "Reparties avec un rendez-vous", str(totals.booked), ""),
        ("Ensemble", "mean_wait", "Minutes d’attente, en moyenne", _decimal(totals.mean_wait), ""),
    ]
    lines += [
        (table.title, row.code, row.label, _count(row), _percent(row.share))
        for table in report.tables
        for row in table.rows
    ]
    return lines


def _count(row: Row) -> str:
    return MASKED if row.count is None else str(row.count)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.2f}".replace(".", ",")


def _decimal(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}".replace(".", ",")
