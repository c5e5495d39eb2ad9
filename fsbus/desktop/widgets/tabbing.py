"""Where Tab goes next: to the next stop, never over those that stand before the first field of a page.

A page names the widget that takes the keyboard when the page is shown, as Qt's focus proxy. Qt takes each such
page for a stop of its own, and goes from it straight to that widget: what stands before it on the page would
never be reached.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def move(window: QWidget, *, forward: bool) -> bool:
    """Give the keyboard to the next stop of this window, or to the one before; False when there is no other."""
    focused: QWidget | None = window.focusWidget()
    now = window if focused is None else focused
    each = _beside(now, forward)
    while each is not None and each is not now:
        if _is_stop(each) and each.isVisibleTo(window):
            each.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
            return True
        each = _beside(each, forward)
    return False


def _beside(widget: QWidget, forward: bool) -> QWidget | None:
    return widget.nextInFocusChain() if forward else widget.previousInFocusChain()


def _is_stop(widget: QWidget) -> bool:
    return (
        bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and widget.focusProxy() is None
        and widget.isEnabled()
    )
