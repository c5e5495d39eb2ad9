"""Shows the pages of a sheet as they will be printed, and tells their words to a screen reader."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewWidget
from PySide6.QtWidgets import QGraphicsView, QHBoxLayout, QVBoxLayout, QWidget

from fsbus.core.sheets import Sheet
from fsbus.desktop.report_drawing import load_font
from fsbus.desktop.sheet_drawing import draw, fit
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.labels import label

RESOLUTION = 300
_STEP = 1.25
_HEIGHT = 230
"""Logical pixels: all of it is seen on a screen of 1366×768 zoomed to 200 %."""


class Preview(QWidget):
    """One page at a time; nothing of it is written to any file: the pages are kept as drawings in memory."""

    def __init__(self) -> None:
        super().__init__()
        load_font()
        self._sheet: Sheet | None = None
        # Its own: a real printer may refuse a paper, and would be asked for on each change.
        self._printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        self._printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        self._printer.setResolution(RESOLUTION)
        self.shown = QPrintPreviewWidget(self._printer, self)
        self.shown.setViewMode(QPrintPreviewWidget.ViewMode.SinglePageView)
        self.shown.paintRequested.connect(self._paint)
        self.pages.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.pages.setAccessibleName("Aperçu")
        self.setFocusProxy(self.pages)
        self.before = button("Page pré&cédente", "quiet")
        self.after = button("Page &suivante", "quiet")
        self.larger = button("A&grandir", "quiet", keys=("Ctrl++",))
        self.smaller = button("Réd&uire", "quiet", keys=("Ctrl+-",))
        self._number = label("", "muted")
        self._number.setWordWrap(False)
        across = QHBoxLayout()
        for part in (self.before, self._number, self.after):
            across.addWidget(part)
        across.addStretch(1)
        for door in (self.larger, self.smaller):
            across.addWidget(door)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.addWidget(self.shown, 1)
        down.addLayout(across)
        self.larger.clicked.connect(lambda: self._zoom(_STEP))
        self.smaller.clicked.connect(lambda: self._zoom(1 / _STEP))
        self.before.clicked.connect(lambda: self._turn(-1))
        self.after.clicked.connect(lambda: self._turn(1))
        self._show_number()

    @property
    def pages(self) -> QGraphicsView:
        """What shows the pages, asked of Qt each time: what Python holds of a part of Qt's own widget may be called
        deleted while it lives."""
        return self.shown.findChildren(QGraphicsView)[0]

    def show_sheet(self, sheet: Sheet | None) -> None:
        """Draw this sheet, from its first page; nothing at all when it is None."""
        self._sheet = sheet
        self.pages.setAccessibleDescription(sheet.in_words() if sheet else "")
        if sheet is not None:
            fit(sheet, self._printer)
        self.shown.updatePreview()
        self.shown.setCurrentPage(1)
        if sheet is not None and sheet.paper.height is None:
            self.shown.setZoomMode(QPrintPreviewWidget.ZoomMode.CustomZoom)
            self.shown.setZoomFactor(1.0)
        else:
            self.shown.setZoomMode(QPrintPreviewWidget.ZoomMode.FitInView)
        self.pages.verticalScrollBar().setValue(self.pages.verticalScrollBar().minimum())
        self._show_number()

    def sizeHint(self) -> QSize:
        """What is left of the window: Qt's own hint is larger than many screens."""
        return QSize(320, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The same, so that on a zoomed screen it fits whole."""
        return self.sizeHint()

    def count(self) -> int:
        """How many pages the sheet has."""
        return self.shown.pageCount() if self._sheet else 0

    def page(self) -> int:
        """The page that is shown, from 1."""
        return self.shown.currentPage()

    def _paint(self, printer: QPrinter) -> None:
        if self._sheet is not None:
            draw(self._sheet, printer)

    def _zoom(self, factor: float) -> None:
        self.shown.zoomIn(factor)

    def _turn(self, step: int) -> None:
        self.shown.setCurrentPage(min(max(1, self.page() + step), self.count()))
        self._show_number()

    def _show_number(self) -> None:
        count = self.count()
        for part in (self.before, self.after, self._number):
            part.setVisible(count > 1)
        self._number.setText(f"{self.page()} sur {count}")
        self.before.setEnabled(self.page() > 1)
        self.after.setEnabled(self.page() < count)
