"""The main window: its sidebar, one page at a time, and one calm line about the centre."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from fsbus.desktop.entry import Entry
from fsbus.desktop.locking.words import PANIC_WORDS, WARNED_FOR, WARNING
from fsbus.desktop.sidebar import Sidebar
from fsbus.desktop.status_line import SAID_FOR, StatusLine
from fsbus.desktop.widgets.agent_button import AgentButton
from fsbus.desktop.widgets.banner import Banner
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.tabbing import move
from fsbus.desktop.widgets.widths import NARROW

WANTED = QSize(1320, 720)
"""Logical pixels of the window on a screen with room for it and its title bar: pages unfolded beside the sidebar."""
FOLDED = 880
"""Logical pixels of the window below which the sidebar waits behind a button: a page needs 683 for itself."""
BAR_MARGINS, NARROW_BAR_MARGINS = (24, 6, 16, 6), (8, 2, 8, 2)
_FORMS = frozenset({"visit", "correction"})


class MainWindow(QMainWindow):
    """Shows pages; ``may_close`` is asked before the window closes."""

    lock_requested = Signal()
    new_visit_requested = Signal()
    sync_requested = Signal()
    print_requested = Signal()
    keys_requested = Signal()
    page_requested = Signal(str)
    theme_chosen = Signal(str)
    security_requested = Signal()
    first_painted = Signal()

    def __init__(self, icon: QIcon) -> None:
        super().__init__()
        self.setWindowTitle("fsbus")
        self.setWindowIcon(icon)
        self.setMinimumSize(420, 320)
        self.may_close: Callable[[], bool] = lambda: True
        self.pages: dict[str, QWidget] = {}
        self._was_painted = False
        self._keyboard_was: dict[str, QWidget] = {}
        self._stack = QStackedWidget()
        self._bar = QFrame()
        self._bar.setObjectName("bar")
        self.banner = Banner()
        self._brand = label("fsbus", "brand")
        self._bus = label("", "muted")
        self._bus.setWordWrap(False)
        self.agent = AgentButton()
        self.lock = button(
            "&Verrouiller",
            "quiet",
            keys=("Ctrl+L",),
            hint=f"Cacher et redemander la phrase secrète ; de partout : {PANIC_WORDS}",
        )
        self.look = button("A&ffichage", "quiet", hint="Clair, sombre ou contraste élevé")
        self.menu = button("Pages", "quiet", hint="Les pages de fsbus — F6")
        self.menu.clicked.connect(self._turn_keyboard)
        self.sidebar = Sidebar()
        self._is_folded, self._beside = False, QHBoxLayout()
        self.sidebar.page_requested.connect(self.page_requested)
        self.sidebar.left.connect(self._keyboard_to_page)
        self.status = StatusLine()
        self.status.print_requested.connect(self.print_requested)
        self.status.keyboard_left.connect(self._keyboard_to_page)
        self._lay_out()
        self.lock.clicked.connect(self.lock_requested)
        self.agent.lock_requested.connect(self.lock_requested)
        self.agent.security_requested.connect(self.security_requested)
        # Of the window, so that they work from any page; the pages' own buttons only tell them.
        for keys, signal in (
            ("Ctrl+N", self.new_visit_requested),
            ("F5", self.sync_requested),
            ("Ctrl+P", self.print_requested),
            ("F1", self.keys_requested),
            ("F6", self._turn_keyboard),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(signal)

    def show_fitting(self, room: QSize) -> None:
        """Show the window at its own size; on a screen without that much room, over all of it."""
        self.resize(WANTED.boundedTo(room))
        if self.size() == WANTED:
            self.show()
        else:
            # Otherwise the foot of the form, with its buttons, would be below the screen.
            self.showMaximized()

    def come_forward(self) -> None:
        """In front of everything, unfolded when it was put away, with the keyboard in it or in its dialog."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        front = QApplication.activeModalWidget() or self
        front.raise_()
        front.activateWindow()

    def add_page(self, name: str, page: QWidget) -> None:
        """Put a page in the window, not yet shown."""
        self.pages[name] = page
        self._stack.addWidget(page)

    def drop_page(self, name: str) -> None:
        """Take a page out of the window for good."""
        page = self.pages.pop(name)
        self._stack.removeWidget(page)
        page.deleteLater()

    def show_page(self, name: str) -> None:
        """Show one page, with the keyboard in it."""
        page = self.pages[name]
        self._note_keyboard()
        if name in _FORMS and self.status.is_offering():
            # There Ctrl+Z is for what is being typed.
            self.hush()
        self._stack.setCurrentWidget(page)
        self.sidebar.mark(name)
        self._show_menu()
        (page.focusProxy() or page).setFocus()

    def come_back_to(self, name: str) -> None:
        """Show a page as it was left, with the keyboard where it was."""
        self.show_page(name)
        widget = self._keyboard_was.get(name)
        if widget is not None and isValid(widget) and self.pages[name].isAncestorOf(widget):
            widget.setFocus()

    def _note_keyboard(self) -> None:
        # The stack takes the keyboard away from what it hides, and forgets where it was.
        widget = QApplication.focusWidget()
        for name, page in self.pages.items():
            if widget is not None and page.isAncestorOf(widget):
                self._keyboard_was[name] = widget

    def _keyboard_to_page(self) -> None:
        self.come_back_to(self.page())

    def _turn_keyboard(self) -> None:
        """From the page to the sidebar, and back to the very field."""
        widget = QApplication.focusWidget()
        if self._bar.isHidden():
            return
        if self.sidebar.isVisible() and widget is not None and self.sidebar.isAncestorOf(widget):
            self._keyboard_to_page()
            return
        self._note_keyboard()
        self.sidebar.show()
        self._lay_sidebar_over()
        self.sidebar.take_keyboard()

    def show_entry(self, name: str, shown: bool) -> None:
        """Show or hide a line of the sidebar."""
        self.sidebar.show_entry(name, shown)

    def show_count(self, name: str, count: int) -> None:
        """Tell in the sidebar how many things wait on a page."""
        self.sidebar.show_count(name, count)
        self._show_menu()

    def _show_menu(self) -> None:
        """The button that stands for a folded sidebar tells the page and all that waits."""
        button = self.sidebar.buttons.get(self.page())
        waiting = self.sidebar.waiting()
        words = button.entry.words if button is not None else "Pages"
        end = f" ({waiting})" if waiting else ""
        self.menu.setText(f"{words}{end} ▾")
        self.menu.setAccessibleName(f"Pages{end}")

    def _fold(self, folded: bool) -> None:
        """Put the sidebar beside the pages, or behind a button over them."""
        if folded != self._is_folded:
            self._is_folded = folded
            if folded:
                self._beside.removeWidget(self.sidebar)
            else:
                self._beside.insertWidget(0, self.sidebar)
            self.sidebar.setVisible(not folded and not self._bar.isHidden())
        self.menu.setVisible(folded)
        self._lay_sidebar_over()

    def _lay_sidebar_over(self) -> None:
        if self._is_folded:
            top = self._bar.height()
            self.sidebar.setGeometry(0, top, self.sidebar.width(), self.height() - top - self.status.height())
            self.sidebar.raise_()

    def _keyboard_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self._is_folded and now is not None and not self.sidebar.isAncestorOf(now):
            self.sidebar.hide()

    def page(self) -> str:
        """The name of the page shown; empty before the first one."""
        shown = self._stack.currentWidget()
        return next((name for name, page in self.pages.items() if page is shown), "")

    def show_opened(self, bus: str, agent: str, entries: tuple[Entry, ...]) -> None:
        """The store is open: show the sidebar, the bus, whose session it is, and the state line."""
        self.agent.show_agent(agent)
        self._bus.setText(bus)
        self.sidebar.list_pages(entries, self._bar)
        self._bar.show()
        self.sidebar.setVisible(not self._is_folded)
        self.status.show()

    def show_alone(self, name: str, page: QWidget) -> None:
        """A page without sidebar and without the line about the centre: nothing else can be done now."""
        self._bar.hide()
        self.sidebar.hide()
        self.status.hide()
        self.add_page(name, page)
        self.show_page(name)

    def show_themes(self, themes: Mapping[str, str], chosen: str) -> None:
        """The choice of colours, code to French words; the one in use is ticked."""
        from PySide6.QtWidgets import QMenu

        menu = QMenu(self)
        menu.setAccessibleName("Affichage")
        for code, text in themes.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(code == chosen)
            action.triggered.connect(lambda _checked=False, code=code: self.theme_chosen.emit(code))
        menu.addSeparator()
        keys = menu.addAction("Les touches et l’aide\tF1")
        keys.triggered.connect(self.keys_requested)
        # Not yet there while fsbus is locked.
        menu.aboutToShow.connect(lambda: keys.setVisible("keys" in self.pages))
        self.look.setMenu(menu)

    def show_state(self, text: str) -> None:
        """The line about the centre."""
        self.status.show_state(text)

    def state_line(self) -> str:
        """The line about the centre as shown."""
        return self.status.state_line()

    def warn_of_lock(self, near: bool) -> None:
        """Tell that the window will soon lock; False: take that back."""
        if near:
            self.say(WARNING, WARNED_FOR * 1000)
        elif self.said() == WARNING:
            self.hush()

    def say(self, text: str, milliseconds: int = SAID_FOR, *, printable: bool = False) -> None:
        """Tell something that was done; see `StatusLine`."""
        self.status.say(text, milliseconds, printable=printable)

    def offer(self, text: str, undo: Callable[[], None]) -> None:
        """Tell something that was done, and offer to take it back."""
        self.status.offer(text, undo)

    def hush(self) -> None:
        """Take back at once what was told."""
        self.status.hush()

    def said(self) -> str:
        """What was just told; empty once the state line is back."""
        return self.status.said()

    def tell(self, text: str) -> None:
        """A message that the agent must close."""
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(self)
        box.setWindowTitle("fsbus")
        # Never rich text: the message may hold a path or a name.
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        box.exec()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes to every stop in turn, those before the first field of a page included."""
        return move(self, forward=forward)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell the first paint."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.first_painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sidebar behind a button, the agent's first name, no name of fsbus or of the bus where there is no room for it."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self._fold(self.width() < FOLDED)
        self.agent.show_short(narrow)
        for name in (self._brand, self._bus):
            name.setVisible(not narrow)
        if (across := self._bar.layout()) is not None:
            across.setContentsMargins(*(NARROW_BAR_MARGINS if narrow else BAR_MARGINS))
            across.setSpacing(2 if narrow else 6)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first when a visit is being typed."""
        event.setAccepted(self.may_close())

    def _lay_out(self) -> None:
        across = QHBoxLayout(self._bar)
        across.setContentsMargins(*BAR_MARGINS)
        across.addWidget(self.menu)
        across.addWidget(self._brand)
        across.addSpacing(4)
        across.addWidget(self._bus)
        across.addStretch(1)
        for one in (self.agent, self.look, self.lock):
            across.addWidget(one)
        central = QWidget()
        down = QVBoxLayout(central)
        beside, page = self._beside, QVBoxLayout()
        for layout in (down, beside, page):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        page.addWidget(self.banner)
        page.addWidget(self._stack, 1)
        beside.addWidget(self.sidebar)
        beside.addLayout(page, 1)
        down.addWidget(self._bar)
        down.addLayout(beside, 1)
        self.setCentralWidget(central)
        self.setStatusBar(self.status)
        for part in (self._bar, self.sidebar, self.status, self.menu):
            part.hide()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._keyboard_moved)
