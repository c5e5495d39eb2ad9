"""What our own widgets are to a screen reader, where Qt would only say « frame » or « box to tick »."""

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QPushButton, QWidget

ROLES = {
    "Banner": QAccessible.Role.Note,
    "BarChart": QAccessible.Role.Chart,
    "FactsCard": QAccessible.Role.Note,
    "QGraphicsView": QAccessible.Role.Graphic,
}
"""By the name of the class."""
TAB = "PageButton"


class _Tab(QAccessibleWidget):
    """A line of the sidebar: chosen when its page is shown."""

    def __init__(self, tab: QPushButton) -> None:
        super().__init__(tab, QAccessible.Role.PageTab, "")
        self._tab = tab

    def state(self) -> QAccessible.State:
        """As Qt says, and whether its page is shown."""
        found = super().state()
        found.selectable, found.selected = True, self._tab.isChecked()
        return found


@cache
def install() -> None:
    """Have screen readers told, from now on and once for all windows."""
    QAccessible.installFactory(told)


def told(name: str, thing: QObject) -> QAccessibleInterface | None:
    """What speaks for a widget of ours; None, and Qt's own does."""
    if name == TAB and isinstance(thing, QPushButton):
        return _Tab(thing)
    if name in ROLES and isinstance(thing, QWidget):
        return QAccessibleWidget(thing, ROLES[name], "")
    return None
