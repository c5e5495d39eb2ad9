"""Draws a report as a PDF to print: A4 pages, charts beside their figures."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication

from fsbus.actions.report_formats import wording
from fsbus.actions.reports import replace_file
from fsbus.core.anonymity import THRESHOLD, anonymous
from fsbus.core.month_figures import MonthReport
from fsbus.desktop.pdf_pages import a4_pages
from fsbus.desktop.report_drawing import Sheet, draw_report, load_font

RESOLUTION = 600
"""Dots per inch."""

MARGINS_MM = QMarginsF(17, 14, 17, 13)


def write_pdf(report: MonthReport, path: Path, *, threshold: int = THRESHOLD) -> Path:
    """Write the report as PDF, whole or not at all, small cells about people masked.

    Works without a screen. Raises StoreUnavailable when the folder cannot be written.
    """
    return replace_file(path, as_pdf(anonymous(report, threshold)))


def as_pdf(report: MonthReport) -> bytes:
    """The pages, drawn twice: the first time to know how many there are."""
    # A command line without a screen has no application yet, and fonts need one. Of the kind that windows
    # need: a process keeps its first application for good, and may still open one.
    application = QApplication.instance() or QApplication(["fsbus", "-platform", "offscreen"])
    load_font()
    pages = 0

    def count(sheet: Sheet) -> None:
        nonlocal pages
        draw_report(sheet, report)
        pages = sheet.page

    _drawn(report, 0, count)
    content = _drawn(report, pages, lambda sheet: draw_report(sheet, report))
    del application
    return content


def _drawn(report: MonthReport, pages: int, draw: Callable[[Sheet], None]) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = a4_pages(buffer, wording.document_title(report), resolution=RESOLUTION, margins=MARGINS_MM)
    painter = QPainter(writer)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = QRectF(0, 0, writer.width(), writer.height())
    draw(Sheet(painter, writer.newPage, area, RESOLUTION, pages, report))
    painter.end()
    buffer.close()
    return bytes(buffer.data().data())
