"""The sidebar of the window: a line for each page, with how many things wait there."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from fsbus.desktop.entry import Entry
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Following

SAME_KEY = dict(zip("1234567890", "&É\"'(-È_ÇÀ", strict=True))
"""What a digit's key gives on a French keyboard without Shift: Alt with it opens the page too."""
LEFT, RIGHT = 36, 14
"""Pixels beside the words of a line: the digit stands on the left."""
BADGE_GAP = 8
MARGINS = (8, 10, 8, 10)
SCROLL_BAR = 12
BOLD = QFont.Weight.DemiBold


class PageButton(QPushButton):
    """One line: the digit, the words, and a count when something waits."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.words)
        self.entry, self.count = entry, 0
        self.setProperty("role", "page")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.digit, self.badge = label(entry.digit, "digit"), label("", "badge")
        for part in (self.digit, self.badge):
            part.setParent(self)
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        keys = " — ".join(filter(None, (entry.key, entry.also)))
        self.setToolTip(keys)
        self.setAccessibleDescription(keys)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """How many things wait there."""
        self.count = count
        self.badge.setText(str(count))
        self.badge.setVisible(count > 0)
        self.setAccessibleName(f"{self.entry.words} ({count})" if count else self.entry.words)
        self.updateGeometry()
        self._place()

    def sizeHint(self) -> QSize:
        """Room for the words as they are when the page is shown, and for the count."""
        font = QFont(self.font())
        font.setWeight(BOLD)
        words = QFontMetrics(font).horizontalAdvance(self.text())
        badge = self.badge.sizeHint().width() + BADGE_GAP if self.count else 0
        return QSize(LEFT + words + badge + RIGHT, super().sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Only Space is the button's own: with arrows, Qt would go to whatever stands next in the window."""
        if event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The digit on the left, the count on the right."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        for part in (self.digit, self.badge):
            part.resize(part.sizeHint())
        self.digit.move(14, (self.height() - self.digit.height()) // 2)
        self.badge.move(
            self.width() - self.badge.width() - RIGHT // 2, (self.height() - self.badge.height()) // 2
        )


class Sidebar(Following):
    """The pages, from top to bottom. Tab stops once; the arrows go from line to line, Enter opens, → goes to the page."""

    page_requested = Signal(str)
    left = Signal()
    """The keyboard is to go back to the page."""

    def __init__(self) -> None:
        super().__init__()
        self.buttons: dict[str, PageButton] = {}
        self._lines: list[QFrame] = []
        self._keys: list[QShortcut] = []
        self._inside = QFrame()
        self._inside.setObjectName("sidebar")
        self._inside.setAccessibleName("Pages")
        self._column = QVBoxLayout(self._inside)
        self._column.setSpacing(2)
        self._column.setContentsMargins(*MARGINS)
        self._column.addStretch(1)
        self.setWidget(self._inside)
        self.setObjectName("sidebar")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def list_pages(self, entries: tuple[Entry, ...], keys_of: QWidget) -> None:
        """The pages there are, in their order; what was listed before goes.

        Their keys work while ``keys_of`` is visible: also while the sidebar waits behind a button, never while locked.
        """
        for old in (*self.buttons.values(), *self._lines):
            self._column.removeWidget(old)
            old.deleteLater()
        for key in self._keys:
            key.setEnabled(False)
            key.deleteLater()
        self.buttons, self._lines, self._keys = {}, [], []
        before = ""
        for entry in entries:
            if before and entry.group != before:
                self._add_line()
            before = entry.group
            self._add(entry, keys_of)
        self._rove()
        self._fit()

    def show_entry(self, name: str, shown: bool) -> None:
        """Show or hide one line."""
        self.buttons[name].setVisible(shown)
        self._fit()

    def show_count(self, name: str, count: int) -> None:
        """Tell beside the words of a page how many things wait there."""
        self.buttons[name].show_count(count)
        self._fit()

    def waiting(self) -> int:
        """How many things wait on all pages."""
        return sum(button.count for button in self.buttons.values())

    def mark(self, name: str) -> None:
        """Mark the page that is shown; some pages have no line."""
        for one, button in self.buttons.items():
            button.setChecked(one == name)
        self._rove()
        if name in self.buttons:
            QTimer.singleShot(0, self, self._show_current)

    def take_keyboard(self) -> None:
        """The keyboard on the page shown, or on the first one."""
        self._current().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home and End between the lines; Enter opens; → and Esc go to the page."""
        lines = self._shown()
        now = next((number for number, button in enumerate(lines) if button.hasFocus()), 0)
        key, keys = event.key(), Qt.Key
        steps = {keys.Key_Up: now - 1, keys.Key_Down: now + 1, keys.Key_Home: 0, keys.Key_End: -1}
        if key in steps and lines:
            lines[steps[keys(key)] % len(lines)].setFocus(Qt.FocusReason.TabFocusReason)
        elif key in (keys.Key_Return, keys.Key_Enter) and lines:
            lines[now].click()
        elif key in (keys.Key_Right, keys.Key_Escape):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A scroll bar must not cover the words."""
        super().resizeEvent(event)
        self._fit()

    def _add(self, entry: Entry, keys_of: QWidget) -> None:
        button = self.buttons[entry.name] = PageButton(entry)
        button.clicked.connect(lambda _on=False: self._open(entry.name))
        keys = [entry.key, f"Alt+{SAME_KEY[entry.digit]}"] if entry.digit else []
        for key in filter(None, (*keys, entry.also)):
            shortcut = QShortcut(QKeySequence(key), keys_of)
            shortcut.activated.connect(lambda: None if button.isHidden() else button.click())
            self._keys.append(shortcut)
        self._column.insertWidget(self._column.count() - 1, button)
        # Once it has its place: it would be a window of its own before.
        button.setVisible(bool(entry.digit))

    def _add_line(self) -> None:
        line = QFrame()
        line.setObjectName("line")
        line.setFixedHeight(1)
        self._lines.append(line)
        self._column.insertSpacing(self._column.count() - 1, 4)
        self._column.insertWidget(self._column.count() - 1, line)
        self._column.insertSpacing(self._column.count() - 1, 4)

    def _open(self, name: str) -> None:
        # A click turns the mark; whether the page comes is told by `mark`.
        self.buttons[name].setChecked(not self.buttons[name].isChecked())
        self.page_requested.emit(name)

    def _current(self) -> PageButton:
        return next((button for button in self._shown() if button.isChecked()), self._shown()[0])

    def _shown(self) -> list[PageButton]:
        return [button for button in self.buttons.values() if not button.isHidden()]

    def _rove(self) -> None:
        """Tab stops on one line only, so that the page is one Tab away."""
        if not self.buttons:
            return
        current = self._current()
        for button in self.buttons.values():
            policy = Qt.FocusPolicy.StrongFocus if button is current else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(policy)

    def _show_current(self) -> None:
        if self.buttons:
            self.ensureWidgetVisible(self._current(), 0, 0)

    def _fit(self) -> None:
        hint = self._inside.sizeHint()
        bar = SCROLL_BAR if hint.height() > self.viewport().height() else 0
        self.setFixedWidth(hint.width() + bar)
