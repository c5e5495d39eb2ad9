"""Writes a report as one page that needs nothing else: no script, no network, fit to print."""

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from importlib.resources import files

from fsbus.actions.report_formats import wording
from fsbus.core.month_figures import MonthReport, Row, Table

_LONG = 18
"""Rows from which a table takes the whole width, and may be cut by a page when printed."""


def as_html(report: MonthReport) -> bytes:
    """UTF-8; every text escaped; the same bytes for the same report.

    Each chart is drawn beside its figures: a screen reader reads the tables and skips the drawings.
    """
    return ("\n".join(_page(report)) + "\n").encode()


def _page(report: MonthReport) -> Iterator[str]:
    style = files("fsbus.actions.report_formats").joinpath("report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title, bus = escape(wording.title(report)), escape(report.bus)
    chapters = wording.chapters(report)
    yield f"""<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(wording.document_title(report))}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#bilan">Aller au bilan</a>
<header>
{f'<p class="bus">{bus}</p>' if bus else ""}
<h1>{title}</h1>
<p class="drawn">{escape(wording.drawn_up(report))}</p>
<nav aria-label="Parties du bilan"><ul>
<li><a href="#ensemble">L’essentiel</a></li>
<li><a href="#jours">Jour par jour</a></li>"""
    for number, (heading, _tables) in enumerate(chapters, start=1):
        yield f'<li><a href="#partie-{number}">{escape(heading)}</a></li>'
    yield '</ul></nav>\n</header>\n<main id="bilan">'
    yield from _figures(report)
    yield from _days(report)
    for number, (heading, tables) in enumerate(chapters, start=1):
        yield f'<section aria-labelledby="partie-{number}">'
        yield f'<h2 id="partie-{number}">{escape(heading)}</h2>\n<div class="cards">'
        for table in tables:
            yield from _table(table)
        yield "</div>\n</section>"
    yield '</main>\n<footer aria-label="Lecture du bilan">'
    for note in wording.notes(report):
        yield f"<p>{escape(note)}</p>"
    yield "</footer>\n</body>\n</html>"


def _figures(report: MonthReport) -> Iterator[str]:
    yield '<section aria-labelledby="ensemble">\n<h2 id="ensemble">L’essentiel</h2>\n<dl class="figures">'
    for figure in wording.figures(report):
        yield f'<div><dt>{escape(figure.label)}</dt><dd class="value">{escape(figure.value)}</dd>'
        if figure.detail:
            yield f'<dd class="detail">{escape(figure.detail)}</dd>'
        yield "</div>"
    yield "</dl>\n</section>"


def _days(report: MonthReport) -> Iterator[str]:
    table = report.table("day")
    yield '<section aria-labelledby="jours">\n<h2 id="jours">Jour par jour</h2>\n<div class="card wide">'
    yield from _columns(report)
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Calendrier des visites">'
    yield '<table class="calendar">'
    yield f"<caption>Visites par jour<span>{escape(wording.caption(table))}</span></caption>"
    heads = "".join(f'<th scope="col">{day}</th>' for day in (*wording.WEEKDAYS, "Total"))
    yield f'<thead><tr><th scope="col">Semaine</th>{heads}</tr></thead>\n<tbody>'
    for week in wording.weeks(report):
        cells = "".join(
            "<td></td>"
            if day is None
            else f'<td><span class="day">{day[0].day}</span>{_day_count(day[1])}</td>'
            for day in week.days
        )
        yield f'<tr><th scope="row">{escape(week.label)}</th>{cells}<td class="total">{week.total}</td></tr>'
    yield "</tbody>\n</table>\n</div>\n</div>\n</section>"


def _day_count(count: int) -> str:
    return f"<strong>{count}</strong>" if count else '<span class="none">0</span>'


def _columns(report: MonthReport) -> Iterator[str]:
    """The days as columns; hidden from screen readers, which have the calendar below."""
    width, height, left, top, bottom = 960, 220, 8, 18, 24
    days = [day for week in wording.weeks(report) for day in week.days if day is not None]
    highest = max(count for _day, count in days) or 1
    step = (width - 2 * left) / len(days)
    scale = (height - top - bottom) / highest
    yield f'<svg class="days" viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false">'
    for place, (day, count) in enumerate(days):
        x = left + place * step
        middle = x + step / 2
        if day.weekday() >= 5:
            yield f'<rect class="rest" x="{x:.1f}" y="0" width="{step:.1f}" height="{height - bottom}"/>'
        if count:
            y = height - bottom - count * scale
            yield (
                f'<rect class="bar" x="{x + step * 0.17:.1f}" y="{y:.1f}" width="{step * 0.66:.1f}"'
                f' height="{count * scale:.1f}" rx="2"/>'
            )
            yield f'<text class="value" x="{middle:.1f}" y="{y - 5:.1f}" text-anchor="middle">{count}</text>'
        yield f'<text x="{middle:.1f}" y="{height - 7}" text-anchor="middle">{day.day}</text>'
    yield (
        f'<line class="grid" x1="{left}" y1="{height - bottom}" x2="{width - left}" y2="{height - bottom}"/>'
    )
    yield "</svg>"


def _table(table: Table) -> Iterator[str]:
    size = " wide long" if len(table.rows) >= _LONG else ""
    yield f'<div class="card{size}">\n<table>'
    yield f"<caption>{escape(table.title)}<span>{escape(wording.caption(table))}</span></caption>"
    yield (
        f'<thead><tr><th scope="col">{escape(table.title)}</th>'
        f'<th scope="col" class="number">{wording.UNIT[table.unit]}</th>'
        '<th scope="col" class="part">Part</th></tr></thead>\n<tbody>'
    )
    for row in table.rows:
        yield _row(row, table)
    if not table.rows:
        yield '<tr class="zero"><th scope="row">Aucune</th><td class="number">0</td><td class="part"></td></tr>'
    yield "</tbody>\n</table>\n</div>"


def _row(row: Row, table: Table) -> str:
    kind = "" if row.count else ' class="masked"' if row.count is None else ' class="zero"'
    length = wording.bar(row, table) * 100
    drawing = (
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect width="{length:.2f}" height="10"/></svg>'
    )
    return (
        f'<tr{kind}><th scope="row">{escape(row.label)}</th>'
        f'<td class="number">{escape(wording.count(row))}</td>'
        f'<td class="part"><div>{drawing}<span>{escape(wording.share(row))}</span></div></td></tr>'
    )
