"""Locks an open window: watches over it, hides it in time, and holds the folder until the end."""

from collections.abc import Callable
from contextlib import ExitStack, suppress

from PySide6.QtCore import QObject

from fsbus.actions.locking import PROPOSED, idle_minutes, set_idle_minutes
from fsbus.actions.session import Session
from fsbus.core.errors import StoreUnavailable
from fsbus.core.events import Locked, Log
from fsbus.desktop.locking import sleep
from fsbus.desktop.locking.leaving import hide_everything
from fsbus.desktop.locking.watch import LockWatch
from fsbus.desktop.style import application
from fsbus.desktop.window import MainWindow
from fsbus.store.home_lock import home_lock


class Locker(QObject):
    """The lock of one open session; ``on_lock`` is called once, with whether there is a hurry."""

    def __init__(
        self, session: Session, window: MainWindow, *, on_lock: Callable[[bool], None], log: Log
    ) -> None:
        # All of it hangs on the window, which goes on its own thread: a collection may run on another one.
        super().__init__(window)
        self._session, self._log, self._on_lock = session, log, on_lock
        self._window = window
        self._held = ExitStack()
        self.is_locked = False
        self.watch = LockWatch(application(), idle_minutes(session), self)
        self.watch.leave_requested.connect(self.lock)
        self.watch.warned.connect(window.warn_of_lock)
        window.agent.minutes_chosen.connect(self.choose)
        self.show_minutes()
        self._notices = sleep.listen(application(), self, window, lambda: self.lock("sleep", hurry=True))

    def choose(self, minutes: int) -> None:
        """Lock after so many minutes without a key, from now on, whoever opens this laptop."""
        set_idle_minutes(self._session, minutes)
        self.show_minutes()
        unit = "minutes" if minutes > 1 else "minute"
        self._window.say(
            f"Ce poste se verrouille seul après {minutes}\N{NO-BREAK SPACE}{unit} sans activité."
        )

    def show_minutes(self) -> None:
        """Take and show the minutes of this laptop."""
        minutes = idle_minutes(self._session)
        self.watch.set_minutes(minutes)
        self._window.agent.show_minutes(sorted({*PROPOSED, minutes}), minutes)

    def lock(self, reason: str, *, hurry: bool = False) -> None:
        """Hide everything at once, then leave; ``reason``: as `Locked` says.

        Nothing is asked: what is being typed is kept, sealed, until this agent opens again. In a ``hurry``
        when the laptop is about to sleep: what takes long is cut short.
        """
        if self.is_locked:
            return
        self.is_locked = True
        hide_everything()
        # The next process waits here before it opens, until this one is gone; held already, it waits as well.
        with suppress(StoreUnavailable):
            self._held.enter_context(home_lock(self._session.home, seconds=0))
        self._on_lock(hurry)
        self._log(Locked(agent=self._session.agent.id, reason=reason))

    def stop(self) -> None:
        """Watch no more; the folder stays held."""
        self.watch.stop()

    def let_go(self) -> None:
        """Everything is closed: let the next process open."""
        self._held.close()
