"""A page that scrolls when it must, and puts its columns one above the other when it is narrow."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QFrame, QScrollArea, QWidget

from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.widths import NARROW


class Following(QScrollArea):
    """A scrolling area that always shows the widget with the keyboard, however it got it."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def follow(self) -> None:
        """Scroll to the widget with the keyboard, its label and its problem included."""
        now = QApplication.focusWidget()
        inside = self.widget()
        if now is not None and inside is not None and inside.isAncestorOf(now):
            row = now.parentWidget()
            self.ensureWidgetVisible(row if isinstance(row, FieldRow) else now, 0, 24)

    def _focus_moved(self, _old: QWidget | None, _now: QWidget | None) -> None:
        # A widget just made has no place yet: the layout comes first.
        QTimer.singleShot(0, self, self.follow)


class Page(Following):
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
