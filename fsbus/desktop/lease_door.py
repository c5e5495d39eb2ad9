"""Keeps the lease up while the application is open, and stands before the screens when it has ended."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from fsbus.actions.lease import is_expired
from fsbus.actions.session import Session
from fsbus.core.lease import AHEAD
from fsbus.desktop.device import Device
from fsbus.desktop.lease_page.presenter import LeasePresenter
from fsbus.desktop.lease_page.view import LeaseView
from fsbus.desktop.running import Runner
from fsbus.desktop.stick.jobs import StickJobs
from fsbus.desktop.stick.presenter import StickPresenter
from fsbus.desktop.window import MainWindow


class LeaseDoor(QObject):
    """The lease of one open session. ``ended``: it ended while the screens were there; ``kept``: some time passed."""

    ended = Signal()
    kept = Signal()

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        *,
        runner: Runner,
        device: Device,
        on_bug: Callable[[Exception], None],
    ) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._runner, self._device, self._on_bug = runner, device, on_bug
        self.view: LeaseView | None = None
        """The screen, while it stands before the others."""
        self._presenter: LeasePresenter | None = None
        self._stick: StickPresenter | None = None
        self._timer = QTimer(self, interval=AHEAD * 1000)
        self._timer.timeout.connect(self.keep)
        self._timer.start()

    def enter(self, opened: Callable[[], None]) -> None:
        """Call ``opened`` now, or once an exchange or a code has brought the laptop back."""
        if not is_expired(self._session):
            opened()
            return
        view = self.view = LeaseView()
        presenter = self._presenter = LeasePresenter(
            view,
            self._session,
            runner=self._runner,
            exchange=self._device,
            on_back=lambda: self._leave(opened),
            on_bug=self._on_bug,
        )
        stick = self._stick = StickPresenter(
            view.stick,
            self._session.device,
            runner=self._runner,
            stick=StickJobs(self._device),
            # An answer renews the lease too; when it does, the screens come.
            on_done=lambda _kinds: presenter.refresh(),
            on_bug=self._on_bug,
        )
        stick.allow(True)
        view.stick.write_requested.connect(stick.write)
        view.stick.read_requested.connect(stick.read)
        view.sync_requested.connect(presenter.sync)
        view.code_requested.connect(presenter.use_code)
        self._window.sync_requested.connect(presenter.sync)
        presenter.refresh()
        self._window.add_page("lease", view)
        self._window.show_page("lease")

    def keep(self) -> None:
        """Have the worker keep how long the laptop was open, then look where the lease stands."""
        self._runner.run(lambda _tell: self._device.keep_lease(), lambda _none: self._look(), self._on_bug)

    def stop(self) -> None:
        """No more timers."""
        self._timer.stop()

    def _look(self) -> None:
        if self._presenter is not None:
            self._presenter.refresh()
        elif is_expired(self._session):
            self.ended.emit()
        else:
            self.kept.emit()

    def _leave(self, opened: Callable[[], None]) -> None:
        if self._presenter is None:
            return
        self._window.sync_requested.disconnect(self._presenter.sync)
        self._presenter = self._stick = None
        opened()
        # After the screens took its place: an empty window must not be seen between the two.
        if self.view is not None:
            self._window.drop_page("lease")
            self.view = None
