"""Writes a sheet of `fsbus.core.sheets` as a PDF to print, on the sheet's own paper."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtWidgets import QApplication

from fsbus.actions.reports import replace_file
from fsbus.core.sheets import Sheet
from fsbus.desktop.pdf_pages import pages
from fsbus.desktop.report_drawing import load_font
from fsbus.desktop.sheet_drawing import draw, fit

RESOLUTION = 300


def write_sheet_pdf(sheet: Sheet, path: Path) -> Path:
    """Write the sheet, whole or not at all. Works without a screen. Raises StoreUnavailable."""
    return replace_file(path, as_pdf(sheet))


def as_pdf(sheet: Sheet) -> bytes:
    """The pages. Texts are inserted as texts: nothing in them is ever read as markup."""
    application = QApplication.instance() or QApplication(["fsbus", "-platform", "offscreen"])
    load_font()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = pages(buffer, sheet.title, resolution=RESOLUTION)
    fit(sheet, writer)
    draw(sheet, writer)
    buffer.close()
    del writer, application
    return bytes(buffer.data().data())
