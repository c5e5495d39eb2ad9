"""Makes the text of a sheet as a document of Qt: headings, facts, boxes to tick, steps, signatures."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QPainter,
    QPen,
    QPyTextObject,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)

from fsbus.core.papers import Paper
from fsbus.core.redaction import redacted
from fsbus.core.sheets import Boxes, Fact, Part, Sheet
from fsbus.desktop.palettes import LIGHT
from fsbus.desktop.report_drawing import FAMILY

_BLANK_LINES, _SIGNED_LINES = 5, 4
_BOX = int(QTextFormat.ObjectTypes.UserObject.value) + 1
_BOX_POINTS = 8.5
_OBJECT = "\ufffc"
"""Stands in a text for what is drawn in its place."""


@redacted()
@dataclass(frozen=True)
class Placed:
    """Where something with a heading stands in the text: positions of the heading and of the end."""

    heading: int
    end: int
    whole: bool
    """Whether it is kept on one page, when it can be; else its heading only stays with what follows."""


class SheetText:
    """Writes one sheet into a document, every length in dots of the page; ``placed`` tells where its headings went."""

    def __init__(self, document: QTextDocument, paper: Paper, dots_per_point: float) -> None:
        self._cursor = QTextCursor(document)
        self._document, self._paper, self._dots = document, paper, dots_per_point
        # Qt takes the space between lines for dots of the screen, and the one beside them for dots of the page.
        self._screen = QGuiApplication.primaryScreen().logicalDotsPerInchY() / 72
        self.placed: list[Placed] = []

    def write(self, sheet: Sheet) -> None:
        """The whole sheet, in the order that it is read."""
        self._document.documentLayout().registerHandler(_BOX, _Box(self._document, self._dots))
        self._cursor.setBlockFormat(self._block(0, 3))
        self._cursor.insertText(sheet.title, self._ink(18, bold=True))
        self._line(sheet.about, self._ink(9.5, LIGHT.muted), self._block(0, 4))
        for part in sheet.parts:
            self._part(part)
        self._line(sheet.foot, self._ink(8.5, LIGHT.muted), self._block(14, 0))

    def _part(self, part: Part) -> None:
        self._line(part.heading, self._ink(12.5, bold=True), self._block(13, 4))
        heading = self._cursor.block().position()
        if part.words:
            self._line(part.words, self._ink(), self._block(0, 4))
        if part.facts:
            self._facts(part.facts)
        for boxes in part.boxes:
            self._boxes(boxes)
        for number, step in enumerate(part.steps, start=1):
            self._line(f"{number}.  {step.text}", self._ink(), self._block(3, 3, indent=14))
            if step.command:
                self._line(step.command, self._ink(9.5, bold=True), self._block(0, 3, indent=14, first=0))
        if part.blank:
            self._line(part.blank, self._ink(), self._block(6, 5))
            self._hand_box()
        if part.signatures:
            self._signatures(part.signatures)
        self.placed.append(Placed(heading, self._cursor.position(), whole=True))

    def _facts(self, facts: tuple[Fact, ...]) -> None:
        if self._paper.narrow:
            for name, value in facts:
                self._line(name, self._ink(9, LIGHT.muted), self._block(4, 0))
                self._line(value, self._ink(), self._block(0, 1))
            return
        shape = self._table(0, 0.5, 32, 68)
        table = self._cursor.insertTable(len(facts), 2, shape)
        for row, (name, value) in enumerate(facts):
            table.cellAt(row, 0).firstCursorPosition().insertText(name, self._ink(9.5, LIGHT.muted))
            table.cellAt(row, 1).firstCursorPosition().insertText(value, self._ink())
        self._leave_table()

    def _boxes(self, boxes: Boxes) -> None:
        self._line(boxes.words, self._ink(bold=True), self._block(7, 3))
        heading = self._cursor.block().position()
        for item in boxes.items:
            self._line("", self._ink(), self._block(2, 2, indent=15))
            box = self._ink()
            box.setObjectType(_BOX)
            self._cursor.insertText(_OBJECT, box)
            self._cursor.insertText(f"\u2002{item}", self._ink())
        self.placed.append(Placed(heading, self._cursor.position(), whole=False))

    def _signatures(self, names: tuple[str, ...]) -> None:
        shape = self._table(0.7, 5, *[100 / len(names)] * len(names))
        shape.setTopMargin(self._points(5))
        table = self._cursor.insertTable(1, len(names), shape)
        for column, name in enumerate(names):
            text = name + "\n" * _SIGNED_LINES
            table.cellAt(0, column).firstCursorPosition().insertText(text, self._ink())
        self._leave_table()

    def _hand_box(self) -> None:
        frame = QTextFrameFormat()
        frame.setBorder(self._points(0.7))
        frame.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        frame.setBorderBrush(QColor(LIGHT.edge))
        frame.setPadding(self._points(6))
        self._cursor.insertFrame(frame)
        self._cursor.insertText("\n" * _BLANK_LINES, self._ink())
        self._leave_table()

    def _leave_table(self) -> None:
        """Go on after a table or a frame: Qt puts an empty line there, which is made as low as can be."""
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        low = QTextBlockFormat()
        low.setLineHeight(1, int(QTextBlockFormat.LineHeightTypes.FixedHeight.value))
        self._cursor.setBlockFormat(low)

    def _table(self, border: float, padding: float, *shares: float) -> QTextTableFormat:
        shape = QTextTableFormat()
        shape.setBorder(self._points(border))
        shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        shape.setBorderBrush(QColor(LIGHT.edge))
        shape.setBorderCollapse(bool(border))
        shape.setCellPadding(self._points(padding))
        shape.setTopMargin(0)
        shape.setBottomMargin(0)
        shape.setCellSpacing(0)
        shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        shape.setColumnWidthConstraints(
            [QTextLength(QTextLength.Type.PercentageLength, share) for share in shares]
        )
        return shape

    def _line(self, text: str, ink: QTextCharFormat, block: QTextBlockFormat) -> None:
        self._cursor.insertBlock(block, ink)
        self._cursor.insertText(text, ink)

    def _block(
        self, above: float, below: float, *, indent: float = 0, first: float | None = None
    ) -> QTextBlockFormat:
        """Space above and below in points; the first line of an indented block hangs out, unless ``first`` says."""
        made = QTextBlockFormat()
        made.setTopMargin(above * self._screen)
        made.setBottomMargin(below * self._screen)
        made.setLeftMargin(self._points(indent))
        made.setTextIndent(self._points(-indent if first is None else first))
        return made

    def _ink(self, points: float = 10, colour: str = LIGHT.text, *, bold: bool = False) -> QTextCharFormat:
        made = QTextCharFormat()
        font = QFont(FAMILY)
        font.setPointSizeF(points * self._paper.scale)
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        made.setFont(font)
        made.setForeground(QColor(colour))
        return made

    def _points(self, length: float) -> float:
        """A length in points as dots of the page."""
        return length * self._dots


class _Box(QPyTextObject):
    """An empty box to tick: no font that we ship has one."""

    def __init__(self, document: QTextDocument, dots_per_point: float) -> None:
        super().__init__(document)
        self._side = _BOX_POINTS * dots_per_point

    def intrinsicSize(self, _document: QTextDocument, _position: int, _format: QTextFormat) -> QSizeF:
        """As large as a letter."""
        return QSizeF(self._side, self._side)

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        _document: QTextDocument,
        _position: int,
        _format: QTextFormat,
    ) -> None:
        """Its four lines, inside."""
        line = self._side / 10
        painter.setPen(QPen(QColor(LIGHT.text), line))
        painter.drawRect(QRectF(rect).adjusted(line, line, -line, -line))
