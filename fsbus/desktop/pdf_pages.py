"""Opens a PDF to draw on, without a screen if need be."""

from PySide6.QtCore import QBuffer, QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter


def pages(buffer: QBuffer, title: str, *, resolution: int) -> QPdfWriter:
    """A writer of pages into an open buffer; ``resolution`` in dots per inch.

    QPdfWriter's own resolution is 1200; a fixed one makes the same pages everywhere.
    """
    writer = QPdfWriter(buffer)
    writer.setResolution(resolution)
    writer.setTitle(title)
    writer.setCreator("fsbus")
    return writer


def a4_pages(buffer: QBuffer, title: str, *, resolution: int, margins: QMarginsF) -> QPdfWriter:
    """The same with portrait A4 pages; ``margins`` in mm."""
    writer = pages(buffer, title, resolution=resolution)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            margins,
            QPageLayout.Unit.Millimeter,
        )
    )
    return writer
