"""Draws a sheet of `fsbus.core.sheets` as a PDF to print: A4 pages of headings, facts and steps."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import (
    QColor,
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)
from PySide6.QtWidgets import QApplication

from fsbus.actions.reports import replace_file
from fsbus.core.sheets import Fact, Part, Sheet
from fsbus.desktop.palettes import LIGHT
from fsbus.desktop.pdf_pages import a4_pages
from fsbus.desktop.report_drawing import FAMILY, load_font

RESOLUTION = 300
MARGINS_MM = QMarginsF(18, 15, 18, 15)
_BLANK_LINES = 5


def write_sheet_pdf(sheet: Sheet, path: Path) -> Path:
    """Write the sheet, whole or not at all. Works without a screen. Raises StoreUnavailable."""
    return replace_file(path, as_pdf(sheet))


def as_pdf(sheet: Sheet) -> bytes:
    """The pages. Texts are inserted as texts: nothing in them is ever read as markup."""
    application = QApplication.instance() or QApplication(["fsbus", "-platform", "offscreen"])
    load_font()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = a4_pages(buffer, sheet.title, resolution=RESOLUTION, margins=MARGINS_MM)
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    document.setDocumentMargin(0)
    _fill(QTextCursor(document), sheet)
    document.print_(writer)
    buffer.close()
    del document, writer, application
    return bytes(buffer.data().data())


def _fill(cursor: QTextCursor, sheet: Sheet) -> None:
    cursor.setBlockFormat(_block(0, 2))
    cursor.insertText(sheet.title, _ink(18, bold=True))
    _line(cursor, sheet.about, _ink(9.5, LIGHT.muted), _block(0, 4))
    for part in sheet.parts:
        _draw(cursor, part)
    _line(cursor, sheet.foot, _ink(8.5, LIGHT.muted), _block(4, 0))


def _draw(cursor: QTextCursor, part: Part) -> None:
    _line(cursor, part.heading, _ink(12.5, bold=True), _block(4, 2, with_next=True))
    if part.words:
        _line(cursor, part.words, _ink(), _block(0, 4))
    if part.facts:
        _facts(cursor, part.facts)
    for number, step in enumerate(part.steps, start=1):
        _line(cursor, f"{number}.  {step.text}", _ink(), _block(2, 1, indent=14))
        if step.command:
            _line(cursor, step.command, _ink(9.5, bold=True), _block(0, 3, indent=14, first=0))
    if part.blank:
        _line(cursor, part.blank, _ink(), _block(5, 3))
        _box(cursor)


def _facts(cursor: QTextCursor, facts: tuple[Fact, ...]) -> None:
    shape = QTextTableFormat()
    shape.setBorder(0)
    shape.setCellPadding(_points(0.5))
    shape.setTopMargin(0)
    shape.setBottomMargin(0)
    shape.setCellSpacing(0)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    shape.setColumnWidthConstraints(
        [QTextLength(QTextLength.Type.PercentageLength, share) for share in (32, 68)]
    )
    table = cursor.insertTable(len(facts), 2, shape)
    for row, (name, value) in enumerate(facts):
        table.cellAt(row, 0).firstCursorPosition().insertText(name, _ink(9.5, LIGHT.muted))
        table.cellAt(row, 1).firstCursorPosition().insertText(value, _ink())
    cursor.movePosition(QTextCursor.MoveOperation.End)


def _box(cursor: QTextCursor) -> None:
    frame = QTextFrameFormat()
    frame.setBorder(_points(0.7))
    frame.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    frame.setBorderBrush(QColor(LIGHT.edge))
    frame.setPadding(_points(6))
    cursor.insertFrame(frame)
    cursor.insertText("\n" * _BLANK_LINES, _ink())
    cursor.movePosition(QTextCursor.MoveOperation.End)


def _line(cursor: QTextCursor, text: str, ink: QTextCharFormat, block: QTextBlockFormat) -> None:
    cursor.insertBlock(block, ink)
    cursor.insertText(text, ink)


def _block(
    above: float, below: float, *, indent: float = 0, first: float | None = None, with_next: bool = False
) -> QTextBlockFormat:
    """Space above and below in points; the first line of an indented block hangs out, unless ``first`` says."""
    made = QTextBlockFormat()
    made.setTopMargin(_points(above))
    made.setBottomMargin(_points(below))
    made.setLeftMargin(_points(indent))
    made.setTextIndent(_points(-indent if first is None else first))
    if with_next:
        made.setPageBreakPolicy(QTextBlockFormat.PageBreakFlag.PageBreak_Auto)
        made.setNonBreakableLines(True)
    return made


def _ink(points: float = 10, colour: str = LIGHT.text, *, bold: bool = False) -> QTextCharFormat:
    made = QTextCharFormat()
    font = QFont(FAMILY)
    font.setPointSizeF(points)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setFont(font)
    made.setForeground(QColor(colour))
    return made


def _points(length: float) -> float:
    """A length in points as dots of the page."""
    return length * RESOLUTION / 72
