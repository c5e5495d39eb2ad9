"""Builds the « Sécurité » page of one open session and ties its parts together; removes an agent."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from fsbus.actions.session import Session
from fsbus.desktop.device import Device, NewPhrases
from fsbus.desktop.running import Runner
from fsbus.desktop.security.access_presenter import AccessPresenter
from fsbus.desktop.security.jobs import SecurityJobs
from fsbus.desktop.security.presenter import SecurityPresenter
from fsbus.desktop.security.view import SecurityView
from fsbus.desktop.window import MainWindow


class SecurityPage(QObject):
    """Whoever makes it keeps it, as `Screens`."""

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        *,
        runner: Runner,
        device: Device,
        may_remove: Callable[[], bool],
        on_remove: Callable[[str, str, str], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        super().__init__(window)
        self.view = SecurityView()
        jobs = SecurityJobs(device)
        self.guard = SecurityPresenter(self.view, session, runner=runner, jobs=jobs, on_bug=on_bug)
        access = self.view.access
        self.access = AccessPresenter(
            access,
            session,
            runner=runner,
            jobs=jobs,
            phrases=NewPhrases(),
            may_remove=may_remove,
            on_remove=on_remove,
            on_changed=self.guard.refresh,
            on_bug=on_bug,
        )
        self.view.check_requested.connect(self.guard.check)
        self.view.back_up_requested.connect(self.guard.back_up)
        self.view.back_up_elsewhere_requested.connect(self.guard.back_up_elsewhere)
        self.view.sheet_requested.connect(self.guard.prepare_sheet)
        access.form_wanted.connect(self.access.open_form)
        access.submitted.connect(self.access.submit)
        access.other_phrase_requested.connect(self.access.another_phrase)
        window.add_page("security", self.view)

    def refresh(self) -> None:
        """Read everything again."""
        self.guard.refresh()
        self.access.refresh()
