"""What is really drawn: the contrast of texts and of the ring around the keyboard, from pixels."""

from collections import Counter
from functools import cache

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QWidget,
)

from fsbus.desktop.palettes import contrast
from tests.desktop import audit
from tests.desktop.keyboard import settle

ENOUGH, ENOUGH_WHEN_LARGE = 4.5, 3.0
LARGE, LARGE_BOLD = 18, 14
"""Points from which a text is large (WCAG 2.2, 1.4.3)."""
EDGE = 5
"""Pixels of borders and rings, which are no text."""
SMALLEST = 8
MOST_CELLS = 30


def pale_texts(root: QWidget) -> list[audit.Finding]:
    """Texts in use whose ink is too near to their ground, as drawn."""
    settle()
    image = root.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    scale = image.devicePixelRatio()
    found = []
    for widget, text, rect in _texts(root):
        shown = rect.intersected(root.rect())
        if shown.width() < SMALLEST or shown.height() < SMALLEST:
            continue
        over = root.childAt(shown.center())
        if (
            over is not None
            and over is not widget
            and not (over.isAncestorOf(widget) or widget.isAncestorOf(over))
        ):
            continue  # a list of propositions lies over it
        least = ENOUGH_WHEN_LARGE if _is_large(widget.font()) else ENOUGH
        seen = ink_on_ground(image.copy(_scaled(shown, scale)))
        if seen is not None and seen < least:
            found.append(f"pale: {audit.told(widget)} {text[:40]!r}: {seen:.2f}")
    return found


def ink_on_ground(image: QImage) -> float | None:
    """The contrast of the colour that is most there with the one that differs most from it; None for one colour."""
    pixels = Counter(memoryview(image.constBits()).cast("I"))
    (ground, _count), *_ = pixels.most_common(1)
    return max((apart(ink, ground) for ink in pixels if ink != ground), default=None)


def unseen_focus(root: QWidget, known: set[tuple[str, str]]) -> list[audit.Finding]:
    """Controls drawn alike with the keyboard and without it; ``known``: the looks that were tried already."""
    found = []
    stops = audit.stops(root)
    for one in stops:
        look = type(one).__name__, str(one.property("role") or one.objectName())
        other = next((each for each in stops if each is not one), None)
        if look in known or other is None:
            continue
        known.add(look)
        without, with_it = _grabbed(one, other), _grabbed(one, one)
        if without is None or with_it is None or without.size() != with_it.size():
            continue
        changed = sum(
            apart(before, after) >= ENOUGH_WHEN_LARGE
            for before, after in zip(_bits(without), _bits(with_it), strict=True)
            if before != after
        )
        if changed < (one.width() + one.height()) // 2:
            found.append(f"focus not seen: {audit.told(one)}: {changed} pixels")
    return found


def _grabbed(one: QWidget, focused: QWidget) -> QImage | None:
    focused.setFocus(Qt.FocusReason.TabFocusReason)
    settle()
    return (
        one.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        if QApplication.focusWidget() is focused
        else None
    )


def _bits(image: QImage) -> memoryview:
    return memoryview(image.constBits()).cast("I")


def _texts(root: QWidget) -> list[tuple[QWidget, str, QRect]]:
    found: list[tuple[QWidget, str, QRect]] = []
    for widget in audit.shown_in(root):
        if not widget.isEnabled():
            continue
        seen = widget.visibleRegion().boundingRect()
        if not isinstance(widget, QAbstractItemView) and seen.height() < widget.height():
            continue
        inner = seen.adjusted(EDGE, EDGE, -EDGE, -EDGE)
        if isinstance(widget, QLabel) and widget.text().strip():
            found.append((widget, widget.text(), _in(root, widget, seen)))
        elif isinstance(widget, QPushButton) and widget.text():
            found.append((widget, widget.text(), _in(root, widget, inner)))
        elif isinstance(widget, QAbstractButton) and widget.text():
            found.append((widget, widget.text(), _in(root, widget, seen.adjusted(24, 2, 0, -2))))
        elif (isinstance(widget, QLineEdit) and (text := widget.text() or widget.placeholderText())) or (
            isinstance(widget, QPlainTextEdit) and (text := widget.toPlainText() or widget.placeholderText())
        ):
            found.append((widget, text, _in(root, widget, inner)))
        elif isinstance(widget, QComboBox) and widget.currentText():
            found.append((widget, widget.currentText(), _in(root, widget, inner.adjusted(0, 0, -24, 0))))
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            found += _cells(root, widget)
    return found


def _cells(root: QWidget, view: QAbstractItemView) -> list[tuple[QWidget, str, QRect]]:
    model, port = view.model(), view.viewport()
    found: list[tuple[QWidget, str, QRect]] = []
    for row in range(min(model.rowCount(), MOST_CELLS)):
        columns = model.columnCount() if isinstance(view, QTableView) else 1
        for column in range(columns):
            index = model.index(row, column)
            rect = view.visualRect(index).intersected(port.rect())
            if str(index.data() or "").strip() and rect.isValid():
                found.append((view, str(index.data()), _in(root, port, rect.adjusted(2, 2, -2, -2))))
    return found


def _in(root: QWidget, widget: QWidget, rect: QRect) -> QRect:
    return rect.translated(widget.mapTo(root, QPoint(0, 0)))


def _scaled(rect: QRect, scale: float) -> QRect:
    return QRect(
        round(rect.x() * scale),
        round(rect.y() * scale),
        round(rect.width() * scale),
        round(rect.height() * scale),
    )


def _is_large(font: QFont) -> bool:
    bold = font.weight() >= QFont.Weight.DemiBold
    return font.pointSizeF() >= (LARGE_BOLD if bold else LARGE)


@cache
def apart(one: int, other: int) -> float:
    """The contrast of two pixels."""
    return contrast(f"#{one & 0xFFFFFF:06x}", f"#{other & 0xFFFFFF:06x}")
