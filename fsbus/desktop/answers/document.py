"""Draws the parts of an answer as a document by inserting plain text: nothing is read as HTML."""

from PySide6.QtCore import QByteArray, QUrl
from PySide6.QtGui import (
    QFont,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextListFormat,
    QTextTableFormat,
)

from fsbus.desktop.answers.pages import ADDRESS, HEADING, LIST, NOTE, TABLE, Part

MARGIN = 14
LARGER = {1: 2.5, 2: 1.0}
"""Points that a heading of each level is larger than the text."""
ABOVE, BELOW, INSIDE = 14, 5, 20
"""Logical pixels above a heading, below each block, and before what is set in."""
_MOST_COLUMNS = 12


class SealedDocument(QTextDocument):
    """A document that fetches nothing: Qt's own would read a local file that a text might name."""

    def loadResource(self, _kind: int, _name: QUrl | str) -> QByteArray:
        """Nothing, whatever is asked for."""
        return QByteArray()


def write(document: QTextDocument, parts: tuple[Part, ...], font: QFont, palette: QPalette) -> None:
    """Replace all that is in the document; its blocks of headings bear their level."""
    document.clear()
    document.setDefaultFont(font)
    document.setDocumentMargin(MARGIN)
    writer = _Writer(document, font, palette)
    # Laid out once, at the end: after each part it would take ten times longer.
    writer.cursor.beginEditBlock()
    for part in parts:
        writer.part(part)
    writer.cursor.endEditBlock()


def headings(document: QTextDocument) -> list[tuple[int, int, str]]:
    """(position, level, text) of every heading, from top to bottom."""
    found, block = [], document.begin()
    while block.isValid():
        if level := block.blockFormat().headingLevel():
            found.append((block.position(), level, block.text()))
        block = block.next()
    return found


class _Writer:
    def __init__(self, document: QTextDocument, font: QFont, palette: QPalette) -> None:
        self.cursor = QTextCursor(document)
        self._size, self._palette = font.pointSizeF(), palette
        self._is_first = True
        self._looks: dict[tuple[float, bool], QTextCharFormat] = {}

    def part(self, part: Part) -> None:
        if part.kind == HEADING:
            letters = self._letters(LARGER.get(part.level, 0.0), bold=True)
            self._block(letters, above=0 if self._is_first else ABOVE, level=part.level)
            self.cursor.insertText(part.text, letters)
        elif part.kind == LIST:
            self._list(part.lines)
        elif part.kind == TABLE:
            self._table(part)
        elif part.kind in (NOTE, ADDRESS):
            self._paragraph(part.text, bold=True)
            for line in part.lines:
                self._paragraph(line, inside=INSIDE)
        else:
            self._paragraph(part.text)

    def _paragraph(self, text: str, *, inside: int = 0, bold: bool = False) -> None:
        if text:
            letters = self._letters(bold=bold)
            self._block(letters, inside=inside)
            self.cursor.insertText(text, letters)

    def _list(self, lines: tuple[str, ...]) -> None:
        bullets = QTextListFormat()
        bullets.setStyle(QTextListFormat.Style.ListDisc)
        made = None
        for line in lines:
            self._block(self._letters())
            if made is None:
                made = self.cursor.createList(bullets)
            else:
                made.add(self.cursor.block())
            self.cursor.insertText(line, self._letters())

    def _table(self, part: Part) -> None:
        self._paragraph(part.text, bold=True)
        columns = min(max((len(row) for row in part.rows), default=0), _MOST_COLUMNS)
        if not columns:
            return
        look = QTextTableFormat()
        look.setBorder(1)
        look.setBorderBrush(self._palette.color(QPalette.ColorRole.Dark))
        look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        look.setBorderCollapse(True)
        look.setCellPadding(5)
        look.setTopMargin(4)
        look.setBottomMargin(8)
        # Of the whole width, the edges would be beyond it.
        look.setWidth(QTextLength(QTextLength.Type.PercentageLength, 96))
        look.setHeaderRowCount(1)
        self._block(self._letters())
        table = self.cursor.insertTable(len(part.rows), columns, look)
        for row, cells in enumerate(part.rows):
            for column, text in enumerate(cells[:columns]):
                inside = table.cellAt(row, column).firstCursorPosition()
                inside.insertText(text, self._letters(bold=row == 0))
        self.cursor.movePosition(QTextCursor.MoveOperation.End)
        # Qt leaves one empty block after a table: the next part is written in it.
        self._is_first = True

    def _block(self, letters: QTextCharFormat, *, above: int = 0, inside: int = 0, level: int = 0) -> None:
        look = QTextBlockFormat()
        look.setTopMargin(above)
        look.setBottomMargin(BELOW)
        look.setLeftMargin(inside)
        look.setHeadingLevel(level)
        if self._is_first:
            self.cursor.setBlockFormat(look)
            self.cursor.setBlockCharFormat(letters)
            self._is_first = False
        else:
            self.cursor.insertBlock(look, letters)

    def _letters(self, larger: float = 0.0, *, bold: bool = False) -> QTextCharFormat:
        look = self._looks.get((larger, bold))
        if look is None:
            look = self._looks[larger, bold] = QTextCharFormat()
            look.setFontPointSize(self._size + larger)
            look.setFontWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return look
