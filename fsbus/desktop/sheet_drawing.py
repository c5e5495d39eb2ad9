"""Lays a sheet out on the pages of a PDF, a printer or a preview, and draws them."""

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from fsbus.core.papers import Paper
from fsbus.core.sheets import Sheet
from fsbus.desktop.palettes import LIGHT
from fsbus.desktop.report_drawing import FAMILY
from fsbus.desktop.sheet_text import Placed, SheetText

_LONGEST_MM = 3_000.0
"""A PDF page may be 5 metres long, a roll is some tens of metres: what is longer goes on on a second page."""
_SLACK_MM = 3.0
_MM_PER_INCH = 25.4
_KEPT_WHOLE = 0.6
"""A part that takes less of a page than this is not cut."""
_FOOT_POINTS = 16.0
"""Room for the number of the page, when there are several."""


def fit(sheet: Sheet, device: QPagedPaintDevice) -> None:
    """Give the device the paper of the sheet; a roll is as long as its text."""
    paper = sheet.paper
    device.setPageLayout(_layout(paper, paper.height or _LONGEST_MM))
    if paper.height is None:
        document, _ = _document(sheet, device, QSizeF(device.width(), -1))
        text = document.size().height() / device.logicalDpiY() * _MM_PER_INCH
        # Never wider than long: some drivers would turn it.
        whole = max(paper.width + 1, text + 2 * paper.along + _SLACK_MM)
        device.setPageLayout(_layout(paper, min(whole, _LONGEST_MM)))


def draw(sheet: Sheet, device: QPagedPaintDevice) -> int:
    """Draw every page on the paper that the device has, whoever chose it; how many pages, 0 when it takes none."""
    whole = QSizeF(device.width(), device.height())
    document, placed = _document(sheet, device, whole)
    foot = 0.0
    if document.pageCount() > 1:
        foot = _FOOT_POINTS * device.logicalDpiY() / 72
        document, placed = _document(sheet, device, QSizeF(whole.width(), whole.height() - foot))
        _keep_together(document, placed)
    count = document.pageCount()
    painter = QPainter()
    if not painter.begin(device):
        return 0
    for page in range(count):
        if page:
            device.newPage()
        _draw_page(painter, document, page)
        if count > 1:
            _draw_number(painter, whole, foot, f"Page {page + 1} sur {count}")
    painter.end()
    return count


def _document(sheet: Sheet, device: QPagedPaintDevice, page: QSizeF) -> tuple[QTextDocument, list[Placed]]:
    document = QTextDocument()
    document.documentLayout().setPaintDevice(device)
    document.setDocumentMargin(0)
    # Before the text: Qt lays out anew by a timer what has it already, and a worker of Python has no timers.
    document.setPageSize(page)
    text = SheetText(document, sheet.paper, device.logicalDpiY() / 72)
    text.write(sheet)
    return document, text.placed


def _keep_together(document: QTextDocument, placed: list[Placed]) -> None:
    """Begin a page before a short part that would be cut, and before a heading that would end a page."""
    height = document.pageSize().height()
    for one in sorted(placed, key=lambda one: one.heading):
        heading = document.findBlock(one.heading)
        top, bottom = _rect(heading).top(), _rect(document.findBlock(one.end)).bottom()
        page = int(top // height)
        short = one.whole and bottom - top < height * _KEPT_WHOLE and page != int((bottom - 1) // height)
        alone = page != int((_rect(heading.next()).bottom() - 1) // height)
        if short or alone:
            shape = heading.blockFormat()
            shape.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            QTextCursor(heading).setBlockFormat(shape)
            # Laid out again from that line on only, Qt leaves some of the lines of tables out.
            document.markContentsDirty(0, document.characterCount())


def _rect(block: QTextBlock) -> QRectF:
    document = block.document()
    return document.documentLayout().blockBoundingRect(block)


def _draw_page(painter: QPainter, document: QTextDocument, page: int) -> None:
    size = document.pageSize()
    painter.save()
    painter.translate(0, -page * size.height())
    context = QAbstractTextDocumentLayout.PaintContext()
    context.clip = QRectF(0, page * size.height(), size.width(), size.height())
    painter.setClipRect(context.clip)
    document.documentLayout().draw(painter, context)
    painter.restore()


def _draw_number(painter: QPainter, page: QSizeF, foot: float, words: str) -> None:
    font = QFont(FAMILY)
    font.setPointSizeF(8.5)
    painter.setFont(font)
    painter.setPen(QColor(LIGHT.muted))
    line = QRectF(0, page.height() - foot, page.width(), foot)
    painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom), words)


def _layout(paper: Paper, height: float) -> QPageLayout:
    size = QPageSize(
        QSizeF(paper.width, height), QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.FuzzyMatch
    )
    margins = QMarginsF(paper.across, paper.along, paper.across, paper.along)
    return QPageLayout(size, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter)
