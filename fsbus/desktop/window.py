"""The main window: one page at a time, its tabs, and one calm line about the centre."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from fsbus.desktop.locking.words import PANIC_WORDS, WARNED_FOR, WARNING
from fsbus.desktop.widgets.agent_button import AgentButton
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.banner import Banner
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.labels import label, plain_name
from fsbus.desktop.widgets.widths import NARROW

WANTED = QSize(1180, 720)
"""Logical pixels of the window on a screen with room for it and its title bar."""
BAR_MARGINS, NARROW_BAR_MARGINS = (24, 6, 16, 6), (8, 6, 8, 6)
SAID_FOR = 8_000
"""Milliseconds that a message stays before the state of the centre comes back."""
OFFERED_FOR = 30_000
"""The same for a message that offers to take back what was done."""
UNDO_KEY = "Ctrl+Z"
_FORMS = frozenset({"visit", "correction"})


_TABS = {
    "today": "Au&jourd’hui",
    "answers": "Réponses",
    "sync": "S&ynchronisation",
    "to_check": "À v&érifier",
    "visit": "V&isite en cours",
    "correction": "C&orrection en cours",
}
_TAB_KEYS = {"answers": ("Ctrl+K",)}
"""Keys that work from any page, beside the Alt key of the words."""
_SHORT_TABS = {"today": "&Jour", "sync": "S&ynchro", "visit": "V&isite", "correction": "C&orr."}
_SHORTEST_TABS = {**_SHORT_TABS, "answers": "Rép.", "sync": "S&ync"}
"""With a visit and a correction under way at once, in a narrow window."""


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
        self._tabs = QButtonGroup(self)
        self.lock = button(
            "&Verrouiller",
            "quiet",
            keys=("Ctrl+L",),
            hint=f"Cacher et redemander la phrase secrète ; de partout : {PANIC_WORDS}",
        )
        self.look = button("A&ffichage", "quiet", hint="Clair, sombre ou contraste élevé")
        self.tabs = {
            name: button(words, "tab", keys=_TAB_KEYS.get(name, ())) for name, words in _TABS.items()
        }
        self._counts: dict[str, int] = {}
        self._state = label("", "muted")
        self._said = label("", "success")
        self.undo = button(
            f"Annuler ({UNDO_KEY})", "slim", keys=(UNDO_KEY,), hint="Remettre ce qui était avant"
        )
        self._undoing: Callable[[], None] | None = None
        self.receipt = button("Imprimer…", "slim", hint="Le reçu de cette visite — Ctrl+P")
        self._calm = QTimer(self, singleShot=True)
        self._calm.timeout.connect(self._calm_down)
        self.undo.clicked.connect(self._take_back)
        self._lay_out()
        self.lock.clicked.connect(self.lock_requested)
        self.agent.lock_requested.connect(self.lock_requested)
        self.agent.security_requested.connect(self.security_requested)
        self.show_tab("visit", False)
        self.show_tab("correction", False)
        # Of the window, so that they work from any page; the pages' own buttons only tell them.
        self.receipt.clicked.connect(self.print_requested)
        for keys, signal in (
            ("Ctrl+N", self.new_visit_requested),
            ("F5", self.sync_requested),
            ("Ctrl+P", self.print_requested),
            ("F1", self.keys_requested),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(signal)
        for name, tab in self.tabs.items():
            tab.clicked.connect(lambda _checked=False, name=name: self.page_requested.emit(name))

    def show_fitting(self, room: QSize) -> None:
        """Show the window at its own size; on a screen without that much room, over all of it."""
        self.resize(WANTED.boundedTo(room))
        if self.size() == WANTED:
            self.show()
        else:
            # Otherwise the foot of the form, with its buttons, would be below the screen.
            self.showMaximized()

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
        if name in _FORMS and self._undoing is not None:
            # There Ctrl+Z is for what is being typed.
            self.hush()
        self._stack.setCurrentWidget(page)
        # An exclusive group never lets go of its last one, and some pages have no tab.
        self._tabs.setExclusive(name in self.tabs)
        for tab_name, tab in self.tabs.items():
            tab.setChecked(tab_name == name)
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

    def show_tab(self, name: str, shown: bool) -> None:
        """Show or hide one tab."""
        self.tabs[name].setVisible(shown)
        self._show_words(self.width() < NARROW)

    def show_count(self, name: str, count: int) -> None:
        """Tell beside the words of a tab how many things wait there."""
        self._counts[name] = count
        self._show_words(self.width() < NARROW)

    def _show_words(self, short: bool) -> None:
        """The words of the tabs, with what waits there; shorter ones when there is no room. They keep their names."""
        both = not (self.tabs["visit"].isHidden() or self.tabs["correction"].isHidden())
        shorter = _SHORTEST_TABS if both else _SHORT_TABS
        for name, tab in self.tabs.items():
            count = self._counts.get(name, 0)
            end = f" ({count})" if count else ""
            whole = _TABS[name]
            tab.setText((shorter.get(name, whole) if short else whole) + end)
            tab.setAccessibleName(plain_name(whole + end))

    def page(self) -> str:
        """The name of the page shown."""
        return next(name for name, page in self.pages.items() if page is self._stack.currentWidget())

    def show_opened(self, bus: str, agent: str) -> None:
        """The store is open: show the tabs, the bus, whose session it is, and the state line."""
        self.agent.show_agent(agent)
        self._bus.setText(bus)
        self._bar.show()
        self.statusBar().show()

    def show_alone(self, name: str, page: QWidget) -> None:
        """A page without tabs and without the line about the centre: nothing else can be done now."""
        self._bar.hide()
        self.statusBar().hide()
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
        keys = menu.addAction("Les touches\tF1")
        keys.triggered.connect(self.keys_requested)
        # Not yet there while fsbus is locked.
        menu.aboutToShow.connect(lambda: keys.setVisible("keys" in self.pages))
        self.look.setMenu(menu)

    def show_state(self, text: str) -> None:
        """The line about the centre."""
        self._state.setText(text)
        self._state.setAccessibleName(text)

    def state_line(self) -> str:
        """The line about the centre as shown."""
        return self._state.text()

    def warn_of_lock(self, near: bool) -> None:
        """Tell that the window will soon lock; False: take that back."""
        if near:
            self.say(WARNING, WARNED_FOR * 1000)
        elif self.said() == WARNING:
            self.hush()

    def say(self, text: str, milliseconds: int = SAID_FOR, *, printable: bool = False) -> None:
        """Tell something that was done, for some seconds and to the screen reader; ``printable`` offers its paper."""
        self._show_said(text, milliseconds)
        self.receipt.setVisible(printable)
        announce(self, text)

    def offer(self, text: str, undo: Callable[[], None]) -> None:
        """Tell something that was done, with a button and a key that take it back as long as it is told."""
        self._show_said(text, OFFERED_FOR)
        self._undoing = undo
        self.undo.show()
        announce(self, f"{text} {UNDO_KEY}\u00a0: annuler.")

    def _show_said(self, text: str, milliseconds: int) -> None:
        self.hush()
        self._said.setText(text)
        self._said.show()
        self._state.hide()
        self._calm.start(milliseconds)

    def _take_back(self) -> None:
        undo = self._undoing
        self.hush()
        if undo is not None:
            undo()

    def _calm_down(self) -> None:
        if self.undo.hasFocus() or self.receipt.hasFocus():
            # Not from under the fingers.
            self._calm.start(SAID_FOR)
        else:
            self.hush()

    def hush(self) -> None:
        """Take back at once what was told, before it could be taken for an answer to something else."""
        self._calm.stop()
        self._undoing = None
        if self.undo.hasFocus() or self.receipt.hasFocus():
            (self._stack.currentWidget() or self).setFocus()
        self.undo.hide()
        self._said.hide()
        self.receipt.hide()
        self._state.show()

    def said(self) -> str:
        """What was just told; empty once the state line is back."""
        return self._said.text() if not self._said.isHidden() else ""

    def tell(self, text: str) -> None:
        """A message that the agent must close."""
        from PySide6.QtCore import Qt
        from PySide6.QtWidgets import QMessageBox

        box = QMessageBox(self)
        box.setWindowTitle("fsbus")
        # Never rich text: the message may hold a path or a name.
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        box.exec()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell the first paint."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.first_painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the names of fsbus and the bus out when there is no room for them, and shorten the agent's."""
        super().resizeEvent(event)
        self.agent.show_short(self.width() < NARROW)
        self._show_words(self.width() < NARROW)
        for name in (self._brand, self._bus):
            name.setVisible(self.width() >= NARROW)
        if (across := self._bar.layout()) is not None:
            across.setContentsMargins(*(BAR_MARGINS if self.width() >= NARROW else NARROW_BAR_MARGINS))
            across.setSpacing(6 if self.width() >= NARROW else 2)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first when a visit is being typed."""
        event.setAccepted(self.may_close())

    def _lay_out(self) -> None:
        across = QHBoxLayout(self._bar)
        across.setContentsMargins(*BAR_MARGINS)
        across.addWidget(self._brand)
        across.addSpacing(4)
        across.addWidget(self._bus)
        across.addSpacing(12)
        for tab in self.tabs.values():
            tab.setCheckable(True)
            self._tabs.addButton(tab)
            across.addWidget(tab)
        across.addStretch(1)
        across.addWidget(self.agent)
        across.addWidget(self.look)
        across.addWidget(self.lock)
        self._bar.hide()
        central = QWidget()
        down = QVBoxLayout(central)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(0)
        down.addWidget(self._bar)
        down.addWidget(self.banner)
        down.addWidget(self._stack, 1)
        self.setCentralWidget(central)
        self._said.hide()
        for line in (self._said, self._state):
            line.setWordWrap(False)
        self.statusBar().setSizeGripEnabled(False)
        self.undo.hide()
        self.receipt.hide()
        self.statusBar().addWidget(self._said)
        self.statusBar().addWidget(self.undo)
        self.statusBar().addWidget(self.receipt)
        self.statusBar().addWidget(self._state, 1)
        self.statusBar().setContentsMargins(18, 0, 18, 0)
        self.statusBar().hide()
