"""Lays out a report on pages with a painter: figures, calendar, tables with their bars."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPen

from fsbus.actions.report_formats import wording
from fsbus.assets import resource
from fsbus.core.month_figures import MonthReport, Row, Table
from fsbus.desktop.palettes import LIGHT

FAMILY = "Source Sans 3"
_FILES = ("fonts/SourceSans3_400Regular.ttf", "fonts/SourceSans3_600SemiBold.ttf")
_BAR, _REST, _HAIR = "#2f6ea8", "#eef1f5", "#d8dee6"
_LEFT = Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignRight
_CENTRE = Qt.AlignmentFlag.AlignHCenter
_ROW_MM, _GAP_MM = 5.4, 7.0


def load_font() -> None:
    """Make the font of the application known, once."""
    if FAMILY not in QFontDatabase.families():
        for name in _FILES:
            QFontDatabase.addApplicationFont(str(resource(name)))


@dataclass(frozen=True)
class Ink:
    """How a text looks: points, colour, weight."""

    points: float = 9.5
    colour: str = LIGHT.text
    bold: bool = False
    italic: bool = False

    def font(self) -> QFont:
        font = QFont(FAMILY)
        font.setPointSizeF(self.points)
        font.setWeight(QFont.Weight.DemiBold if self.bold else QFont.Weight.Normal)
        font.setItalic(self.italic)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font


class Sheet:
    """A pen on pages: texts, boxes, and a height ``y`` from which to go on; every length in mm."""

    def __init__(
        self,
        painter: QPainter,
        new_page: Callable[[], bool],
        area: QRectF,
        resolution: int,
        pages: int,
        report: MonthReport,
    ) -> None:
        self._painter = painter
        self._new_page = new_page
        self._dots = resolution / 25.4
        self._pages = pages
        self._report = report
        self.width = area.width() / self._dots
        self.height = area.height() / self._dots
        self.bottom = self.height - 9
        self.page = 1
        self.y = 0.0
        self._foot()

    def text(
        self, x: float, y: float, width: float, text: str, ink: Ink, align: Qt.AlignmentFlag = _LEFT
    ) -> float:
        """Write the text from the top left corner, on as many lines as it needs; its height."""
        self._painter.setFont(ink.font())
        self._painter.setPen(QColor(ink.colour))
        # A box that is never too low: what the font needs is found by Qt.
        box = self._box(x, y, width, self.height * 4)
        flags = int(align) | int(Qt.TextFlag.TextWordWrap)
        drawn = self._painter.boundingRect(box, flags, text)
        self._painter.drawText(box, flags, text)
        return drawn.height() / self._dots

    def text_height(self, width: float, text: str, ink: Ink) -> float:
        """The height that this text would take."""
        self._painter.setFont(ink.font())
        box = self._box(0, 0, width, self.height * 4)
        return self._painter.boundingRect(box, int(Qt.TextFlag.TextWordWrap), text).height() / self._dots

    def box(self, x: float, y: float, width: float, height: float, colour: str, radius: float = 0) -> None:
        """A filled box."""
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(colour))
        self._painter.drawRoundedRect(
            self._box(x, y, width, height), radius * self._dots, radius * self._dots
        )

    def line(self, x: float, y: float, width: float, colour: str = _HAIR, thickness: float = 0.2) -> None:
        """A level line."""
        self._painter.setPen(QPen(QColor(colour), thickness * self._dots))
        self._painter.drawLine(
            QPointF(x * self._dots, y * self._dots), QPointF((x + width) * self._dots, y * self._dots)
        )

    def need(self, height: float) -> bool:
        """Go to a new page unless this much room is left; whether a page was turned."""
        if self.y + height <= self.bottom:
            return False
        self._new_page()
        self.page += 1
        small = Ink(8.5, LIGHT.muted)
        self.text(0, 0, self.width * 0.6, self._report.bus[:80], small)
        self.text(self.width * 0.6, 0, self.width * 0.4, wording.title(self._report), small, _RIGHT)
        self.line(0, 5.5, self.width)
        self.y = 11
        self._foot()
        return True

    def _foot(self) -> None:
        small = Ink(8.5, LIGHT.muted)
        top = self.height - 4
        self.text(0, top, self.width * 0.7, wording.drawn_up(self._report), small)
        number = f"Page {self.page} sur {self._pages}"
        self.text(self.width * 0.7, top, self.width * 0.3, number, small, _RIGHT)

    def _box(self, x: float, y: float, width: float, height: float) -> QRectF:
        return QRectF(x * self._dots, y * self._dots, width * self._dots, height * self._dots)


def draw_report(sheet: Sheet, report: MonthReport) -> None:
    """Every page, from the title to the notes."""
    sheet.y += sheet.text(0, sheet.y, sheet.width, report.bus, Ink(11, LIGHT.accent, bold=True)) + 0.5
    sheet.y += sheet.text(0, sheet.y, sheet.width, wording.title(report), Ink(22, bold=True)) + 5
    _draw_figures(sheet, report)
    _draw_days(sheet, report)
    _draw_calendar(sheet, report)
    for heading, tables in wording.chapters(report):
        _draw_heading(sheet, heading, _table_height(sheet, tables[0]))
        for table in tables:
            _draw_table(sheet, table)
    _draw_heading(sheet, "Lecture du bilan", 20)
    for note in wording.notes(report):
        sheet.need(sheet.text_height(sheet.width, note, Ink(9)))
        sheet.y += sheet.text(0, sheet.y, sheet.width, note, Ink(9, LIGHT.muted)) + 1.5


def _draw_figures(sheet: Sheet, report: MonthReport) -> None:
    across, gap, height = 4, 3.5, 27.5
    width = (sheet.width - gap * (across - 1)) / across
    for place, figure in enumerate(wording.figures(report)):
        x = place % across * (width + gap)
        y = sheet.y + place // across * (height + gap)
        sheet.box(x, y, width, height, LIGHT.window, 1.5)
        down = y + 2.5 + sheet.text(x + 3, y + 2.2, width - 6, figure.value, Ink(17, LIGHT.accent, bold=True))
        down += sheet.text(x + 3, down, width - 6, figure.label, Ink(9.5))
        sheet.text(x + 3, down + 0.3, width - 5, figure.detail, Ink(8, LIGHT.muted))
    lines = -(-len(wording.figures(report)) // across)
    sheet.y += lines * (height + gap) - gap + _GAP_MM


def _draw_heading(sheet: Sheet, heading: str, room: float) -> None:
    # A heading never stays alone at the foot of a page.
    sheet.need(min(room + 12, sheet.height * 0.5))
    sheet.y += sheet.text(0, sheet.y, sheet.width, heading, Ink(15, LIGHT.accent, bold=True)) + 3


def _draw_days(sheet: Sheet, report: MonthReport) -> None:
    _draw_heading(sheet, "Jour par jour", 55)
    days = [day for week in wording.weeks(report) for day in week.days if day is not None]
    highest = max(count for _day, count in days) or 1
    step, tall = sheet.width / len(days), 36.0
    foot = sheet.y + tall + 5
    for place, (day, count) in enumerate(days):
        x = place * step
        if day.weekday() >= 5:
            sheet.box(x, sheet.y, step, tall + 5, _REST)
        if count:
            height = tall * count / highest
            sheet.box(x + step * 0.17, foot - height, step * 0.66, height, _BAR, 0.4)
            sheet.text(x - 1, foot - height - 4.2, step + 2, str(count), Ink(8, bold=True), _CENTRE)
        sheet.text(x - 1, foot + 0.8, step + 2, str(day.day), Ink(8, LIGHT.muted), _CENTRE)
    sheet.line(0, foot, sheet.width, LIGHT.edge)
    sheet.y = foot + 9


def _draw_calendar(sheet: Sheet, report: MonthReport) -> None:
    label, high = 56.0, 6.6
    cell = (sheet.width - label) / 8
    weeks = list(wording.weeks(report))
    sheet.need(high * (len(weeks) + 1))
    head = Ink(8.5, LIGHT.muted, bold=True)
    sheet.text(0, sheet.y, label, "Visites par jour", head)
    for place, name in enumerate((*wording.WEEKDAYS, "Total")):
        sheet.text(label + place * cell, sheet.y, cell - 1, name, head, _RIGHT)
    sheet.y += 5.2
    for week in weeks:
        sheet.line(0, sheet.y, sheet.width)
        sheet.text(0, sheet.y + 1, label, week.label, Ink())
        for place, day in enumerate(week.days):
            if day is not None:
                x = label + place * cell
                sheet.text(x, sheet.y + 1.5, cell * 0.5, str(day[0].day), Ink(7.5, LIGHT.muted), _RIGHT)
                ink = Ink(bold=True) if day[1] else Ink(colour=LIGHT.muted)
                sheet.text(x + cell * 0.4, sheet.y + 1, cell * 0.6 - 1, str(day[1]), ink, _RIGHT)
        sheet.text(label + 7 * cell, sheet.y + 1, cell - 1, str(week.total), Ink(bold=True), _RIGHT)
        sheet.y += high
    sheet.y += _GAP_MM


def _columns(sheet: Sheet) -> tuple[float, float, float, float]:
    """Widths of label, count, bar and share."""
    count, share = 20.0, 17.0
    drawing = sheet.width * 0.27
    return sheet.width - count - share - drawing - 4, count, drawing, share


def _row_height(sheet: Sheet, row: Row) -> float:
    return max(_ROW_MM, sheet.text_height(_columns(sheet)[0], row.label, Ink()) + 1.1)


def _table_height(sheet: Sheet, table: Table) -> float:
    return 11.5 + sum(_row_height(sheet, row) for row in table.rows)


def _draw_table(sheet: Sheet, table: Table) -> None:
    whole = _table_height(sheet, table)
    # A table that fits on a page is not cut; a longer one starts with a few rows at least.
    sheet.need(whole if whole < sheet.bottom * 0.75 else 40)
    _draw_table_head(sheet, table, table.title)
    for row in table.rows:
        if sheet.need(_row_height(sheet, row)):
            _draw_table_head(sheet, table, f"{table.title} (suite)")
        _draw_row(sheet, row, table)
    if not table.rows:
        sheet.y += sheet.text(0, sheet.y + 0.6, sheet.width, "Aucune ce mois-ci", Ink(colour=LIGHT.muted)) + 1
    sheet.y += _GAP_MM


def _draw_table_head(sheet: Sheet, table: Table, title: str) -> None:
    label, count, drawing, share = _columns(sheet)
    sheet.y += sheet.text(0, sheet.y, sheet.width, title, Ink(11.5, bold=True)) + 0.3
    head = Ink(8.5, LIGHT.muted)
    sheet.text(0, sheet.y, label, wording.caption(table), head)
    sheet.text(label, sheet.y, count, wording.UNIT[table.unit], head, _RIGHT)
    sheet.text(label + count + 4 + drawing, sheet.y, share, "Part", head, _RIGHT)
    sheet.y += 4.8


def _draw_row(sheet: Sheet, row: Row, table: Table) -> None:
    label, count, drawing, share = _columns(sheet)
    height = _row_height(sheet, row)
    plain = Ink() if row.count else Ink(colour=LIGHT.muted)
    figure = Ink(colour=LIGHT.muted, italic=True) if row.count is None else plain
    sheet.line(0, sheet.y, sheet.width)
    sheet.text(0, sheet.y + 0.5, label, row.label, plain)
    sheet.text(label, sheet.y + 0.5, count, wording.count(row), figure, _RIGHT)
    if row.count:
        length = max(wording.bar(row, table) * drawing, 0.6)
        sheet.box(label + count + 4, sheet.y + 1.55, length, 2.4, _BAR, 0.5)
    sheet.text(label + count + 4 + drawing, sheet.y + 0.5, share, wording.share(row), plain, _RIGHT)
    sheet.y += height
