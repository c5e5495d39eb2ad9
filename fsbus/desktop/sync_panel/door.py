"""Hangs the « Synchronisation » page in the window, and exchanges by itself from time to time."""

from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import CENTRE, Entry
from fsbus.desktop.network_hints import NetworkHints
from fsbus.desktop.stick.presenter import StickPresenter
from fsbus.desktop.stick.view import StickView
from fsbus.desktop.sync_panel.automatic import AutomaticExchange, Ended
from fsbus.desktop.sync_panel.countdown import Countdown
from fsbus.desktop.sync_panel.presenter import SyncPresenter
from fsbus.desktop.sync_panel.state import SyncState
from fsbus.desktop.sync_panel.view import SyncPanelView


class SyncDoor(Door):
    """The state of the exchange, told at the foot of the window too."""

    entry = Entry("sync", "Synchronisation", CENTRE, "9")

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        view = self.view = SyncPanelView()
        self.presenter = SyncPresenter(
            view,
            self.session,
            runner=shell.runner,
            exchange=shell.exchange,
            on_state=self._show_state,
            on_changed=shell.arrived,
            on_bug=shell.on_bug,
            on_ended=self._ended,
        )
        self.stick = StickView()
        view.add_part(self.stick)
        self.stick_presenter = StickPresenter(
            self.stick,
            self.session.device,
            runner=shell.runner,
            stick=shell.stick,
            on_done=self._carried,
            on_bug=shell.on_bug,
        )
        next_one, look = Countdown(self), Countdown(self)
        self.automatic = AutomaticExchange(
            runner=shell.runner,
            exchange=self.presenter.sync_quietly,
            reach=shell.exchange.reachable,
            next_one=next_one,
            look=look,
        )
        next_one.rang.connect(self.automatic.ring)
        look.rang.connect(self.automatic.look)
        self.window.add_page(self.entry.name, view)
        self.window.sync_requested.connect(self.sync_now)
        self.stick.write_requested.connect(self.stick_presenter.write)
        self.stick.read_requested.connect(self.stick_presenter.read)
        view.sync_requested.connect(self.presenter.sync)
        view.cancel_requested.connect(self.presenter.cancel)
        view.enroll_requested.connect(self.presenter.enroll)

    def start(self) -> None:
        """Exchange from time to time without being asked."""
        self.automatic.start()
        NetworkHints(self, self.automatic.network_changed)

    def enter(self) -> None:
        """Show the page, read anew."""
        self.presenter.refresh()
        self.window.show_page(self.entry.name)

    def sync_now(self) -> None:
        """Show the page and exchange."""
        self.enter()
        self.presenter.sync()

    def refresh(self, kinds: frozenset[str]) -> None:  # noqa: ARG002 -- all of them
        """Whatever was saved waits to be sent."""
        self.presenter.refresh()

    def stop(self) -> None:
        """No more timers; the exchange under way is asked to stop."""
        self.automatic.stop()
        self.presenter.cancel()

    def _show_state(self, state: SyncState) -> None:
        self.window.show_state(state.line())
        self.stick_presenter.allow(state.enrolled)

    def _carried(self, kinds: frozenset[str]) -> None:
        self.presenter.refresh()
        self.shell.arrived(kinds)

    def _ended(self, how: Ended) -> None:
        self.automatic.ended(how)
