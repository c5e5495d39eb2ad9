"""What a screen reader, a keyboard or a finger would stumble over on a screen, told as short findings."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QTextEdit,
    QWidget,
)

from fsbus.desktop.sidebar import PageButton
from tests.desktop.keyboard import Typist, settle

ROLE = QAccessible.Role
INNER = "qt_"
"""Qt's own parts of a control bear such names; the control speaks for them."""
ROLES: tuple[tuple[type[QWidget], frozenset[QAccessible.Role]], ...] = (
    (PageButton, frozenset({ROLE.PageTab})),
    (QCheckBox, frozenset({ROLE.CheckBox})),
    (QPushButton, frozenset({ROLE.Button, ROLE.ButtonMenu, ROLE.CheckBox})),
    (QComboBox, frozenset({ROLE.ComboBox})),
    (QLineEdit, frozenset({ROLE.EditableText})),
    (QPlainTextEdit, frozenset({ROLE.EditableText})),
    (QTextEdit, frozenset({ROLE.EditableText, ROLE.Document})),
    (QTableView, frozenset({ROLE.Table, ROLE.Tree})),
    (QListWidget, frozenset({ROLE.List})),
)
LEAST_TARGET, TOUCHED = 24, 44
"""Logical pixels of what is clicked (WCAG 2.2, 2.5.8), and of what is done all day, perhaps with a finger."""
OFTEN = ("primary", "page")
"""The buttons of what is done all day: the main action of a page, the lines of the sidebar."""
MOST_STOPS = 400
Finding = str


def spoken(widget: QWidget) -> QAccessibleInterface:
    """What a screen reader knows of a widget."""
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None, widget
    return found


def name_of(widget: QWidget) -> str:
    """The name that a screen reader says.

    Of a list to choose from, Linux is told what is chosen in the place of its name, and the name by the label beside it.
    """
    if isinstance(widget, QComboBox):
        labels = [one for one, what in spoken(widget).relations() if what & QAccessible.RelationFlag.Label]
        return widget.accessibleName().strip() if labels or sys.platform != "linux" else ""
    return str(spoken(widget).text(QAccessible.Text.Name)).strip()


def described(widget: QWidget) -> str:
    """The description that a screen reader says."""
    return str(spoken(widget).text(QAccessible.Text.Description)).strip()


def told(widget: QWidget) -> str:
    """A widget in a finding."""
    return f"{type(widget).__name__} {name_of(widget) or widget.objectName()!r}"


def that_take_the_keyboard(root: QWidget) -> Iterator[QWidget]:
    """What Tab may reach, shown or not."""
    for widget in root.findChildren(QWidget):
        if _takes_the_keyboard(widget) and widget.window() is root.window():
            yield widget


def _takes_the_keyboard(widget: QWidget) -> bool:
    part_of_another = widget.objectName().startswith(INNER) or widget.focusProxy() is not None
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and not part_of_another


def shown_in(root: QWidget) -> list[QWidget]:
    """What is shown, in the order of its making."""
    return [one for one in root.findChildren(QWidget) if one.isVisible() and one.window() is root.window()]


def stops(root: QWidget) -> list[QWidget]:
    """What Tab must reach: shown and in use."""
    return [one for one in shown_in(root) if one.isEnabled() and _takes_the_keyboard(one)]


def used(root: QWidget) -> list[QWidget]:
    """Everything shown that a person acts on, in use or not."""
    return [one for one in shown_in(root) if _takes_the_keyboard(one) or _is_button(one)]


def _is_button(widget: QWidget) -> bool:
    return isinstance(widget, QAbstractButton) and not widget.objectName().startswith(INNER)


def unnamed(root: QWidget) -> list[Finding]:
    """Whatever takes the keyboard and has no name, shown or not."""
    return [
        f"{type(one).__name__} {one.objectName()!r}"
        for one in that_take_the_keyboard(root)
        if not name_of(one)
    ]


def of_another_role(root: QWidget) -> list[Finding]:
    """Controls that say to be something else than they are; what is no control must not say nothing."""
    found = []
    for one in used(root):
        role = spoken(one).role()
        expected = next((roles for kind, roles in ROLES if isinstance(one, kind)), None)
        if role not in expected if expected else role in (ROLE.NoRole, ROLE.Client, ROLE.Border):
            found.append(f"{told(one)}: {role.name}")
    return found


def of_another_state(root: QWidget) -> list[Finding]:
    """Controls whose state a screen reader is not told: ticked, open, chosen, out of use, read only."""
    found = []
    for one in used(root):
        state = spoken(one).state()
        wrong = [
            word
            for word, said, true in (
                ("disabled", state.disabled, not one.isEnabled()),
                ("focused", state.focused, one.hasFocus()),
            )
            if bool(said) is not true
        ]
        if isinstance(one, QAbstractButton) and one.isCheckable():
            told_so = state.selected if isinstance(one, PageButton) else state.checkable and state.checked
            wrong += [] if bool(told_so) is one.isChecked() else ["checked"]
        if isinstance(one, QPushButton) and one.menu() is not None:
            wrong += [] if state.hasPopup else ["hasPopup"]
        if isinstance(one, QLineEdit | QPlainTextEdit | QTextEdit):
            wrong += [] if bool(state.readOnly) is one.isReadOnly() else ["readOnly"]
        if isinstance(one, QLineEdit) and one.echoMode() is QLineEdit.EchoMode.Password:
            wrong += [] if state.passwordEdit else ["passwordEdit"]
        if isinstance(one, QListWidget):
            wrong += [f"item {word}" for word in _of_items(one)]
        if isinstance(one, QAbstractItemView) and one.currentIndex().isValid():
            wrong += [] if _some_chosen(one) else ["selected"]
        found += [f"{told(one)}: {word}" for word in wrong]
    return found


def _of_items(one: QListWidget) -> Iterator[str]:
    inside = spoken(one)
    for row in range(min(one.count(), inside.childCount())):
        item, child = one.item(row), inside.child(row)
        ticked = item.checkState() is Qt.CheckState.Checked
        may_be_ticked = item.data(Qt.ItemDataRole.CheckStateRole) is not None
        if may_be_ticked and not (child.state().checkable and bool(child.state().checked) is ticked):
            yield "checked"
        if item.text().strip() and not str(child.text(QAccessible.Text.Name)).strip():
            yield "name"


def _some_chosen(one: QAbstractItemView) -> bool:
    inside = spoken(one)
    chosen = any(inside.child(row).state().selected for row in range(inside.childCount()))
    return chosen or not one.selectionModel().hasSelection()


def twice_named(root: QWidget) -> list[Finding]:
    """Controls of one screen that cannot be told apart by ear."""
    seen = Counter((spoken(one).role().name, name_of(one)) for one in used(root))
    return [f"{count} × {role} {name!r}" for (role, name), count in seen.items() if count > 1]


def out_of_tab(root: QWidget, order: list[QWidget] | None = None) -> list[Finding]:
    """What Tab never comes to."""
    visited = tab_order(root) if order is None else order
    return [told(one) for one in stops(root) if one not in visited]


def tab_order(root: QWidget) -> list[QWidget]:
    """Every stop of Tab, in its order, by real keys, until it comes round."""
    keys, visited = Typist(), list[QWidget]()
    begun = QApplication.focusWidget()
    assert begun is not None, "nothing has the keyboard"
    for _ in range(MOST_STOPS):
        now = QApplication.focusWidget()
        if now is None or now in visited:
            break
        visited.append(now)
        keys.tab()
    begun.setFocus()
    settle()
    return visited


def against_the_eye(order: list[QWidget], page: QWidget) -> list[Finding]:
    """Steps of Tab inside a page that go up, or back to the left on the same line.

    A button may come after what it is about, wherever it stands; two buttons side by side follow the eye too.
    """
    inside = [one for one in _from_outside(order, page) if page.isAncestorOf(one)]
    fields = [one for one in inside if not isinstance(one, QAbstractButton)]
    steps = list(pairwise(fields))
    steps += [
        (one, other)
        for one, other in pairwise(inside)
        if isinstance(one, QAbstractButton)
        and isinstance(other, QAbstractButton)
        and one.parentWidget() is other.parentWidget()
        and one.y() == other.y()
    ]
    return [f"{told(one)} → {told(other)}" for one, other in steps if not _follows(one, other)]


def _follows(one: QWidget, other: QWidget) -> bool:
    first, second = _side_by_side(one, other)
    goes_down = second.top() >= first.bottom() - SLACK
    goes_right = second.left() >= first.right() - SLACK
    same = abs(second.top() - first.top()) <= SLACK and second.left() >= first.left()
    return goes_down or goes_right or same


SLACK = 8


def _from_outside(order: list[QWidget], page: QWidget) -> list[QWidget]:
    """The same round, begun where Tab comes into the page."""
    for number, one in enumerate(order):
        if page.isAncestorOf(one) and not page.isAncestorOf(order[number - 1]):
            return order[number:] + order[:number]
    return order


def _side_by_side(one: QWidget, other: QWidget) -> tuple[QRect, QRect]:
    """The parts that hold the one and the other in the smallest part that holds both."""
    parents = {one: one}
    part = one
    while (above := part.parentWidget()) is not None:
        parents[above] = part
        part = above
    part = other
    while (above := part.parentWidget()) is not None and above not in parents:
        part = above
    if above is None or above is one:
        return QRect(0, 0, 1, 1), QRect(0, 9, 1, 1)
    first = parents[above]
    return first.geometry(), part.geometry()


def untied_problems(root: QWidget, announced: Iterable[str] = ()) -> list[Finding]:
    """Texts of what is wrong that belong to no field for a screen reader, and were not announced."""
    heard = " ".join([*(described(one) for one in used(root)), *announced])
    return [
        label.text()
        for label in root.findChildren(QLabel)
        if label.property("role") == "error"
        and label.isVisible()
        and label.text()
        and label.text() not in heard
    ]


def colour_alone(root: QWidget) -> list[Finding]:
    """Fields marked as wrong without a word of why."""
    return [told(one) for one in shown_in(root) if one.property("problem") and not described(one)]


def untold_cells(root: QWidget) -> list[Finding]:
    """Tables without titles, or with cells that are read as something else than what they show."""
    found = []
    for table in shown_in(root):
        if not isinstance(table, QTableView):
            continue
        model = table.model()
        shown = [column for column in range(model.columnCount()) if not table.isColumnHidden(column)]
        titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in shown]
        found += [f"{told(table)}: column {column}" for column, text in enumerate(titles) if not text]
        inside = spoken(table)
        read = Counter(
            str(inside.child(number).text(QAccessible.Text.Name)) for number in range(inside.childCount())
        )
        for row in range(min(model.rowCount(), 20)):
            texts = [str(model.index(row, column).data() or "") for column in shown]
            found += [f"{told(table)}: {text!r}" for text in texts if not read[text]]
    return found


def too_small(root: QWidget) -> list[Finding]:
    """What a finger, or a hand that shakes, would miss."""
    found = []
    for one in used(root):
        least = TOUCHED if one.property("role") in OFTEN else LEAST_TARGET
        if isinstance(one, QAbstractButton) and (one.height() < least or one.width() < least):
            found.append(f"{told(one)}: {one.width()}×{one.height()}")
    return found


def unnamed_here(root: QWidget) -> list[Finding]:
    """Whatever is shown to be used and has no name."""
    return [f"{type(one).__name__} {one.objectName()!r}" for one in used(root) if not name_of(one)]


CHECKS: dict[str, Callable[[QWidget], list[Finding]]] = {
    "unnamed": unnamed_here,
    "of another role": of_another_role,
    "of another state": of_another_state,
    "twice named": twice_named,
    "colour alone": colour_alone,
    "untold cells": untold_cells,
    "too small": too_small,
}


def audited(root: QWidget) -> list[Finding]:
    """Every finding on what is shown."""
    return [f"{what}: {finding}" for what, check in CHECKS.items() for finding in check(root)]
