"""The desktop application: owns everything that lives as long as its window."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from fsbus.assets import resources
from fsbus.core.clock import Clock
from fsbus.desktop import appearance
from fsbus.desktop.background import Background
from fsbus.desktop.crash import CrashReports
from fsbus.desktop.device import Device, NewPhrases
from fsbus.desktop.palettes import HIGH_CONTRAST, THEMES
from fsbus.desktop.style import application, dress, system_theme
from fsbus.desktop.unlock.presenter import UnlockPresenter
from fsbus.desktop.unlock.trying import NOT_MADE, Tryout
from fsbus.desktop.unlock.view import UnlockView
from fsbus.desktop.window import MainWindow
from fsbus.logs.event_log import LOGS

if TYPE_CHECKING:
    from fsbus.actions.session import Session
    from fsbus.core.ids import Ids
    from fsbus.desktop.lease_door import LeaseDoor
    from fsbus.desktop.locking.locker import Locker
    from fsbus.desktop.screens import Screens
    from fsbus.desktop.security.page import SecurityPage
    from fsbus.desktop.security.rotation import Rotation
    from fsbus.desktop.unlock.first_run_presenter import FirstRunPresenter
    from fsbus.desktop.unlock.first_run_view import FirstRunView
    from fsbus.desktop.unlock.invitation_presenter import InvitationPresenter
    from fsbus.desktop.unlock.invitation_view import InvitationView

WARM_UP_AFTER = 50
"""Milliseconds after the first paint, so that the keyboard is taken first."""
BACKUP_ASKED_EVERY = 60_000
"""Milliseconds between two looks at whether a backup is due."""
LEAVE_AFTER_PAINT = "FSBUS_LEAVE_AFTER_PAINT"
"""Environment variable: end once the first window was painted, to measure the start."""


class Desktop(QObject):
    """The application: its window, its worker, and the open session once there is one."""

    def __init__(
        self,
        home: Path,
        *,
        clock: Clock,
        ids: "Ids | None" = None,
        on_bug: Callable[[Exception], None] | None = None,
        reports: CrashReports | None = None,
        on_lock: Callable[[bool], None] = lambda _hurry: None,
        tryout: Tryout | None = None,
    ) -> None:
        super().__init__()
        self._clock, self._ids, self._tryout = clock, ids, tryout
        self._on_lock = on_lock
        self.window = MainWindow(QIcon(str(resources() / "icons" / "fsbus.svg")))
        self.reports = reports or CrashReports(home / LOGS, clock.now)
        self.reports.window, self.reports.tell = self.window, self.window.tell
        self._on_bug = on_bug or self.reports.report
        self.background = Background(self._bug)
        self.device = Device(home, self.background, clock, ids, self._bug, self.reports.log)
        self.session: Session | None = None
        # Of the window, which goes on its own thread; this object may be collected on another one.
        self.backup_timer = QTimer(self.window)
        self.backup_timer.timeout.connect(self.back_up_when_due)
        self.screens: Screens | None = None
        self.lease: LeaseDoor | None = None
        self.locker: Locker | None = None
        self.unlock: UnlockView | None = None
        self.first_run: FirstRunView | None = None
        self.invitation: InvitationView | None = None
        self._invited: InvitationPresenter[Session] | None = None
        self.rotation: Rotation | None = None
        self._first: UnlockPresenter[Session] | FirstRunPresenter[Session] | None = None
        self.window.lock_requested.connect(self.lock)
        self.window.theme_chosen.connect(self.choose_theme)

    def start(self) -> None:
        """Show the first screen: unlock, or the preparation of a new laptop."""
        if self.device.exists():
            self.show_unlock()
        else:
            self.show_first_run()
        self.window.first_painted.connect(self._painted)
        self.window.show_fitting(self.window.screen().availableSize())

    def open(self, session: "Session", *, by_itself: bool = True) -> None:
        """Go to the screens of an open session, by the lease; ``by_itself`` as in `Screens`.

        When they cannot be shown, the session is closed again: no key stays behind the unlock screen.
        """
        try:
            self._enter(session, by_itself)
        except Exception:
            self.stop_timers()
            if self.locker is not None:
                self.locker.stop()
                self.locker = None
            self._close_session()
            raise

    def _enter(self, session: "Session", by_itself: bool) -> None:
        from fsbus.desktop.lease_door import LeaseDoor
        from fsbus.desktop.locking.locker import Locker

        self.session = session
        # Before anything else: the key is in the memory, whatever screen comes.
        self.locker = Locker(session, self.window, on_lock=self._on_lock, log=self.reports.log)
        self.window.show_themes(appearance.THEME_LABELS, appearance.kept_theme(self.device.home))
        self.device.adopt(session)
        self.lease = LeaseDoor(
            self.window, session, runner=self.background, device=self.device, on_bug=self._bug
        )
        self.lease.ended.connect(self._lock_without_lease)
        self.lease.enter(lambda: self._build_screens(session, by_itself))

    def _build_screens(self, session: "Session", by_itself: bool) -> None:
        from fsbus.desktop.screens import Screens
        from fsbus.desktop.stick.jobs import StickJobs

        self.screens = Screens(
            self.window,
            session,
            runner=self.background,
            exchange=self.device,
            stick=StickJobs(self.device),
            on_bug=self._bug,
            by_itself=by_itself,
            security=self._security_page,
        )
        self.window.may_close = self.screens.may_close
        if self.lease is not None:
            self.lease.kept.connect(self.screens.sync_presenter.refresh)
        if notice := session.notice:
            # Once the screens are there: the message waits to be closed.
            QTimer.singleShot(0, self, lambda: self.window.tell(notice))
        self.show_standing()
        self.backup_timer.start(BACKUP_ASKED_EVERY)

    def show_standing(self) -> None:
        """Tell in the banner that nothing can be recorded, or that room is to be made; nothing when all is well."""
        if self.session is not None:
            self.window.banner.tell(self.session.standing())

    def back_up_when_due(self) -> None:
        """Have the worker make a backup when enough was saved; nobody waits for it."""
        session = self.session
        self.show_standing()
        if session is not None and session.is_backup_due():
            saves = session.store.saved
            self.device.back_up(lambda: session.backed_up(saves))

    def choose_theme(self, name: str) -> None:
        """Change the colours now, and keep the choice for the next opening."""
        dress(application(), THEMES.get(name) or system_theme(), resources())
        appearance.keep_theme(self.device.home, name)
        self.window.show_themes(appearance.THEME_LABELS, name)

    def lock(self) -> None:
        """Hide everything at once and leave; ``on_lock`` starts a new process at the unlock screen, without the key."""
        if self.locker is not None:
            self.locker.lock("asked")

    def finish(self) -> bool:
        """Close the store on both threads; False when the worker was still busy after some seconds."""
        self.window.hide()
        if self.locker is not None:
            self.locker.stop()
        self.stop_timers()
        self._close_session()
        ended = self.background.close(self.device.close)
        if self.locker is not None:
            self.locker.let_go()
        from fsbus.core.events import Ended

        self.reports.log(Ended(part="desktop"))
        self.reports.close()
        return ended

    def remove_agent(self, agent_id: str, name: str, passphrase: str) -> None:
        """Shut an agent out: everything is closed, the keys change, and the unlock screen comes back."""
        from fsbus.desktop.security.rotation import Rotation

        self.stop_timers()
        self.rotation = Rotation(
            self.window,
            self.device,
            name=name,
            close=self._close_session,
            on_session=self._hold,
            leave=self._leave,
            on_bug=self._bug,
        )
        self.rotation.start(agent_id, passphrase)

    def show_unlock(self) -> None:
        """The screen that asks for the passphrase."""
        view = self.unlock = UnlockView()
        presenter = UnlockPresenter["Session"](view, self.device.open, self.open, self._bug)
        self._first = presenter
        view.open_requested.connect(presenter.open)
        view.invitation_requested.connect(self.show_invitation)
        ticking = QTimer(view, interval=1000)
        ticking.timeout.connect(presenter.tick)
        ticking.start()
        self.window.add_page("unlock", view)
        self.window.show_page("unlock")

    def show_invitation(self) -> None:
        """The screen of who has an invitation code."""
        from fsbus.desktop.unlock.invitation_presenter import InvitationPresenter
        from fsbus.desktop.unlock.invitation_view import InvitationView

        if self.invitation is None:
            view = self.invitation = InvitationView()
            presenter = InvitationPresenter["Session"](
                view, NewPhrases(), self.device.accept, self.open, self._bug
            )
            self._invited = presenter
            view.accept_requested.connect(presenter.accept)
            view.other_phrase_requested.connect(presenter.another_phrase)
            view.back_requested.connect(lambda: self.window.show_page("unlock"))
            self.window.add_page("invitation", view)
        self.window.show_page("invitation")

    def unlock_with(self, passphrase: str) -> None:
        """Type the passphrase in the unlock screen and open; for the demonstration."""
        if self.unlock is not None:
            self.unlock.passphrase.setText(passphrase)
            self.unlock.open_requested.emit()

    def show_first_run(self) -> None:
        """The screen of a new laptop."""
        from fsbus.desktop.unlock.first_run_presenter import FirstRunPresenter
        from fsbus.desktop.unlock.first_run_view import FirstRunView

        view = self.first_run = FirstRunView()
        presenter = FirstRunPresenter["Session"](view, NewPhrases(), self.device.create, self.open, self._bug)
        self._first = presenter
        view.create_requested.connect(presenter.create)
        view.own_phrase_wanted.connect(presenter.choose_own)
        view.other_phrase_requested.connect(presenter.another_phrase)
        view.try_requested.connect(self.try_it)
        if self._tryout is not None:
            view.offer_tryout(self._tryout.is_made())
        self.window.add_page("first_run", view)
        self.window.show_page("first_run")

    def try_it(self, anew: bool) -> None:
        """Open the demonstration, made first when there is none or a new one is wanted. A lock leads back to the first screen."""
        tryout, view = self._tryout, self.first_run
        if tryout is None or view is None:
            return
        view.show_trying(True)

        def job(_tell: object) -> None:
            if anew or not tryout.is_made():
                tryout.make()

        def failed(error: Exception) -> None:
            view.show_trying(False)
            view.show_problems({"": NOT_MADE})
            self._bug(error)

        def made(_none: None) -> None:
            self.device = Device(
                tryout.home, self.background, self._clock, self._ids, self._bug, self.reports.log
            )
            self.device.open(tryout.passphrase(), self.open, failed, lambda _told: None)

        self.background.run(job, made, failed)

    @property
    def wants_restart(self) -> bool:
        """Whether it was locked: another process takes over."""
        return self.locker is not None and self.locker.is_locked

    def _lock_without_lease(self) -> None:
        # The visit under way is ended first: the unlock screen then leads to the one of the lease.
        if self.screens is None or not self.screens.is_typing():
            self.lock()

    def _security_page(self) -> "SecurityPage":
        from fsbus.desktop.security.page import SecurityPage

        if self.session is None or self.screens is None:
            raise RuntimeError("the store is not open")
        screens = self.screens
        return SecurityPage(
            self.window,
            self.session,
            runner=self.background,
            device=self.device,
            may_remove=lambda: not screens.is_typing(),
            on_remove=self.remove_agent,
            on_bug=self._bug,
        )

    def stop_timers(self) -> None:
        """Nothing asks anything of the session by itself any more."""
        self.backup_timer.stop()
        if self.lease is not None:
            self.lease.stop()
        if self.screens is not None:
            self.screens.stop()

    def _close_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.close()

    def _hold(self, session: "Session | None") -> None:
        self.session = session

    def _leave(self) -> None:
        """Back to the unlock screen, in another process."""
        self.lock()

    def _painted(self) -> None:
        if os.environ.get(LEAVE_AFTER_PAINT):
            QTimer.singleShot(0, QApplication.quit)
        else:
            QTimer.singleShot(WARM_UP_AFTER, self, self._settle_in)

    def _settle_in(self) -> None:
        kept = appearance.kept_theme(self.device.home)
        if kept == appearance.SYSTEM and system_theme() is HIGH_CONTRAST:
            dress(application(), HIGH_CONTRAST, resources())
        self.device.warm_up()

    def _bug(self, error: Exception) -> None:
        self._on_bug(error)
