"""Opens a PDF of A4 pages to draw on, without a screen if need be."""

from PySide6.QtCore import QBuffer, QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter


def a4_pages(buffer: QBuffer, title: str, *, resolution: int, margins: QMarginsF) -> QPdfWriter:
    """A writer of portrait pages into an open buffer; ``resolution`` in dots per inch, ``margins`` in mm.

    QPdfWriter's own resolution is 1200; a fixed one makes the same pages everywhere.
    """
    writer = QPdfWriter(buffer)
    writer.setResolution(resolution)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            margins,
            QPageLayout.Unit.Millimeter,
        )
    )
    writer.setTitle(title)
    writer.setCreator("fsbus")
    return writer
