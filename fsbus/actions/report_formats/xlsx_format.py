"""Writes a report as a spreadsheet: one sheet per table, each with its native bar chart."""

import io
import re
from datetime import UTC, datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from fsbus.actions.report_formats import wording
from fsbus.actions.report_formats.csv_format import leads_formula
from fsbus.core.month_figures import MonthReport, Table

_BLUE = "#1F4E79"
_CHARTED = 20
"""Rows that a bar chart shows at most: the highest, for lists in order of count."""


class _Styles:
    """The few cell styles of the workbook."""

    def __init__(self, book: Workbook) -> None:
        self.title: Format = book.add_format({"bold": True, "font_size": 16, "font_color": _BLUE})
        self.head: Format = book.add_format(
            {"bold": True, "font_color": "#FFFFFF", "bg_color": _BLUE, "align": "left", "valign": "vcenter"}
        )
        self.text: Format = book.add_format({"valign": "top"})
        # Stays a text even when the reader edits the cell.
        self.quoted: Format = book.add_format({"valign": "top", "quote_prefix": True})
        self.wrapped: Format = book.add_format({"text_wrap": True, "valign": "top"})
        self.figure: Format = book.add_format({"bold": True, "align": "right"})
        self.count: Format = book.add_format({"num_format": "#,##0"})
        self.share: Format = book.add_format({"num_format": "0.0%"})
        self.masked: Format = book.add_format({"italic": True, "font_color": "#595959", "align": "right"})


def as_xlsx(report: MonthReport) -> bytes:
    """The workbook; every text is a string cell, never a formula, a link or a number."""
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(target, options) as book:
        created = datetime.fromisoformat(report.generated_on).replace(tzinfo=UTC)
        book.set_properties({"title": wording.document_title(report), "created": created})
        styles = _Styles(book)
        _summary(book.add_worksheet("Synthèse"), report, styles)
        for table in report.tables:
            _sheet(book, table, styles)
    return target.getvalue()


def _summary(sheet: Worksheet, report: MonthReport, styles: _Styles) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 44)
    sheet.set_column(2, 2, 40)
    _text(sheet, 0, 0, wording.title(report), styles.title)
    _text(sheet, 1, 0, report.bus, styles.quoted if leads_formula(report.bus) else styles.text)
    _text(sheet, 2, 0, wording.drawn_up(report), styles.text)
    line = 4
    for figure in wording.figures(report):
        _text(sheet, line, 0, figure.value, styles.figure)
        _text(sheet, line, 1, figure.label, styles.text)
        _text(sheet, line, 2, figure.detail, styles.text)
        line += 1
    for note in wording.notes(report):
        line += 1
        sheet.merge_range(line, 0, line, 2, "", styles.wrapped)
        _text(sheet, line, 0, note, styles.wrapped)
        sheet.set_row(line, 15 * (len(note) // 95 + 1))


def _sheet(book: Workbook, table: Table, styles: _Styles) -> None:
    name = re.sub(r"[\[\]:*?/\\']", " ", table.title)[:31]
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 52)
    sheet.set_column(2, 3, 12)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    for column, head in enumerate(("Code", "Libellé", wording.UNIT[table.unit], "Part")):
        _text(sheet, 0, column, head, styles.head)
    for line, row in enumerate(table.rows, start=1):
        for column, text in enumerate((row.code, row.label)):
            _text(sheet, line, column, text, styles.quoted if leads_formula(text) else styles.text)
        if row.count is None:
            _text(sheet, line, 2, wording.count(row), styles.masked)
        else:
            sheet.write_number(line, 2, row.count, styles.count)
        if row.share is not None:
            sheet.write_number(line, 3, row.share, styles.share)
    if any(row.count for row in table.rows):
        _chart(book, sheet, name, table)


def _chart(book: Workbook, sheet: Worksheet, name: str, table: Table) -> None:
    days = table.name == "day"
    last = len(table.rows) if days else min(len(table.rows), _CHARTED)
    chart = book.add_chart({"type": "column" if days else "bar"})
    chart.add_series(
        {
            "name": wording.UNIT[table.unit],
            "categories": [name, 1, 1, last, 1],
            "values": [name, 1, 2, last, 2],
            "fill": {"color": _BLUE},
            "gap": 40,
        }
    )
    chart.set_title({"name": table.title, "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    grid = {"major_gridlines": {"visible": True, "line": {"color": "#D8DEE6"}}}
    if days:
        chart.set_y_axis(grid)
    else:
        # Excel draws bars from the bottom: turned, so that the chart reads as the table does.
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis(grid)
    chart.set_size({"width": 820 if days else 640, "height": max(260, 90 + 24 * (12 if days else last))})
    sheet.insert_chart(1, 5, chart, {"description": f"{table.title} : graphique du tableau de cette feuille"})


def _text(sheet: Worksheet, line: int, column: int, text: str, style: Format) -> None:
    sheet.write_string(line, column, text, style)
