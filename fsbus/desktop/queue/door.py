"""Hangs the queue in the window: its page, its line on the page of the day, the keys of everywhere."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut

from fsbus.core.entities import ATTENDANCE, PASSAGE, VISIT
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import DAY, Entry
from fsbus.desktop.queue.presenter import CHOOSE_FIRST, QueuePresenter
from fsbus.desktop.queue.shown import ADD_KEY, NEXT_KEY, QueueShown
from fsbus.desktop.queue.strip import QueueStrip
from fsbus.desktop.queue.view import QueueView

LOOKED_AT_EVERY = 30_000
"""Milliseconds between two looks at the waits, and at the day."""
FORMS = frozenset({"visit", "correction"})
"""There Ctrl+Z is for what is being typed: nothing is offered to be taken back."""


class QueueDoor(Door):
    """The queue of this laptop."""

    entry = Entry("queue", "File d’attente", DAY, "3")

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        view, strip = self.view, self.strip = QueueView(), QueueStrip()
        presenter = self.presenter = QueuePresenter(
            self, self.session, say=self.window.say, offer=self._offer, on_closed=self._closed
        )
        self.window.add_page(self.entry.name, view)
        for key, act in ((ADD_KEY, presenter.add), (NEXT_KEY, presenter.call_next)):
            shortcut = QShortcut(QKeySequence(key), self.window)
            # A key held down is one person, not twenty.
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(act)
        for one in (view.more, strip.more):
            one.clicked.connect(presenter.add)
        for one in (view.next, strip.next):
            one.clicked.connect(presenter.call_next)
        view.opened.connect(presenter.open)
        view.called.connect(presenter.call)
        view.left.connect(presenter.leave)
        view.stepped_back.connect(presenter.step_back)
        view.print_requested.connect(self._print)
        view.close_requested.connect(presenter.close)
        self._clock = QTimer(self, interval=LOOKED_AT_EVERY)
        self._clock.timeout.connect(presenter.refresh)
        self._clock.start()

    def enter(self) -> None:
        """Show the queue, read anew."""
        self.presenter.refresh()
        self.window.show_page(self.entry.name)

    def refresh(self, kinds: frozenset[str]) -> None:
        """Who is present, when the stop closes, how long visits take."""
        if kinds & {PASSAGE, VISIT}:
            self.presenter.refresh()

    def stop(self) -> None:
        """No more looks."""
        self._clock.stop()

    def visit_saved(self, visit_id: str) -> None:
        """A visit was recorded: whoever was called for it leaves the queue."""
        self.presenter.visit_saved(visit_id)

    def show_queue(self, shown: QueueShown) -> None:
        """On the page, on the page of the day, and in the sidebar."""
        self.view.show_queue(shown)
        self.strip.show_queue(shown)
        self.window.show_count(self.entry.name, shown.waiting)

    def confirm_close(self, question: str) -> bool:
        """Ask before the tickets are destroyed."""
        return self.view.confirm_close(question)

    def _offer(self, text: str, undo: Callable[[], None]) -> None:
        if self.window.page() in FORMS:
            self.window.say(text)
        else:
            self.window.offer(text, undo)

    def _closed(self) -> None:
        self.shell.changed(frozenset({ATTENDANCE}), self)

    def _print(self, key: str) -> None:
        # Imported when asked for: it brings the printers with it.
        from fsbus.core.papers import A5, ROLL_80
        from fsbus.desktop.paper.papers import OneSheet

        if not key:
            self.window.say(CHOOSE_FIRST)
            return
        self.shell.open_on_paper(
            OneSheet(
                words="Ticket",
                about="File d’attente",
                stem=f"ticket-{key}",
                gone="Ce ticket n’est plus dans la file.",
                make=lambda: self.presenter.sheet(key),
                papers=(ROLL_80, A5),
            )
        )
