"""A page that scrolls when it must, and puts its columns one above the other when it is narrow."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QWidget

NARROW = 900
"""Logical pixels; a screen of 1366 zoomed to 200 % has 683."""


class Page(QScrollArea):
    """A scrolling page; widgets go into ``body``, a vertical layout."""

    def __init__(self, spacing: int = 14) -> None:
        super().__init__()
        holder = QWidget()
        holder.setObjectName("page")
        holder.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.body = QBoxLayout(QBoxLayout.Direction.TopToBottom, holder)
        self.body.setContentsMargins(24, 14, 24, 14)
        self.body.setSpacing(spacing)
        self._folding: list[QBoxLayout] = []
        self.setWidget(holder)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def columns(self, *parts: tuple[QWidget, int], spacing: int = 16) -> QBoxLayout:
        """Widgets side by side with their stretch; folded one above the other on a narrow screen."""
        made = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        made.setSpacing(spacing)
        for widget, stretch in parts:
            made.addWidget(widget, stretch)
        self._folding.append(made)
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold or unfold."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        for columns in self._folding:
            columns.setDirection(way)


def card(spacing: int = 8) -> tuple[QFrame, QBoxLayout]:
    """A framed part of a page, and its vertical layout."""
    frame = QFrame()
    frame.setObjectName("card")
    layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, frame)
    layout.setContentsMargins(16, 12, 16, 14)
    layout.setSpacing(spacing)
    return frame, layout
