"""Hangs the visit being typed in the window: its form, its draft, the way in and out."""

from PySide6.QtCore import QTimer, Signal

from fsbus.actions.drafts import kept_draft, put_draft_aside
from fsbus.core.appointments import Appointment
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.errors import FsbusError
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.draft_keeping import DraftKeeper
from fsbus.desktop.entry import DAY, Entry
from fsbus.desktop.visit_form.presenter import VisitFormPresenter
from fsbus.desktop.visit_form.tying import tie
from fsbus.desktop.visit_form.typed import from_plain
from fsbus.desktop.visit_form.view import VisitFormView

UNDER_WAY = "Une visite est en cours\u00a0: enregistrez-la, ou abandonnez-la, puis notez l’arrivée."
MINUTES_SHOWN_EVERY = 10_000
"""Milliseconds between two looks at how long the visit has lasted."""


class VisitDoor(Door):
    """One visit at a time; its line stands in the sidebar while it is under way."""

    entry = Entry("visit", "Visite en cours", DAY)
    saved = Signal(str)
    """The visit of this id was recorded, and the form left."""
    given_up = Signal()
    begun_for = Signal(object, str)
    """An appointment, and the id that its visit will have."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.view = VisitFormView()
        self.presenter = VisitFormPresenter(
            self.view, self.session, on_saved=self._saved, on_closed=self._closed
        )
        self.drafts = DraftKeeper(
            self.session,
            typed=self.presenter.typed,
            tell=self.view.show_notice,
            on_bug=shell.on_bug,
            parent=self,
        )
        self._clock = QTimer(self, interval=MINUTES_SHOWN_EVERY)
        self._clock.timeout.connect(self.presenter.tick)
        self.window.add_page(self.entry.name, self.view)
        # First: the « Enregistré » of the visit before must not stand beside the refusal of this one.
        self.view.save_requested.connect(self.window.hush)
        tie(self.view, self.presenter)
        self.view.previous_wanted.connect(self.presenter.take_previous)
        self.view.edited.connect(self.drafts.touch)
        self._clock.start()

    def enter(self) -> None:
        """Open the form, or come back to the visit under way."""
        self.window.show_entry(self.entry.name, True)
        if not self.presenter.is_open:
            self.window.show_page(self.entry.name)
            self.presenter.open()
        elif self.window.page() != self.entry.name:
            self.window.show_page(self.entry.name)

    def enter_for(self, appointment: Appointment) -> None:
        """Open the form for somebody who comes to an appointment, or say which visit is to be ended first."""
        was_open = self.presenter.is_open
        self.enter()
        if was_open:
            self.window.say(UNDER_WAY)
            return
        self.presenter.begin("appointment", appointment.procedure)
        self.begun_for.emit(appointment, self.presenter.visit_id)

    def resume(self) -> None:
        """Open the form on what this agent was typing when it was last closed, if anything was."""
        try:
            draft = kept_draft(self.session)
            typed = None if draft is None else from_plain(draft.form)
        except FsbusError as error:
            self.window.say(str(error))
            return
        except ValueError:
            # Sealed and whole, yet not a form: nothing to show, and nothing to destroy.
            put_draft_aside(self.session)
            return
        if draft is not None and typed is not None:
            self.window.show_entry(self.entry.name, True)
            self.window.show_page(self.entry.name)
            self.presenter.resume(draft.visit_id, draft.kept_at, typed)

    def may_close(self) -> bool:
        """Whether the window may close; asks the agent when a visit is being typed, which is kept."""
        if self.presenter.typed() is None:
            return True
        self.window.show_page(self.entry.name)
        return self.view.confirm_leave(self.drafts.flush())

    def stop(self) -> None:
        """No more timer; what is typed is kept."""
        self._clock.stop()
        self.drafts.close()

    def _saved(self, text: str) -> None:
        self.shell.changed(frozenset({VISIT, PROCEDURE_RECORD}), self)
        self._leave()
        self.saved.emit(self.presenter.visit_id)
        self.window.say(text, printable=True)

    def _closed(self) -> None:
        self._leave()
        self.given_up.emit()

    def _leave(self) -> None:
        self.drafts.forget()
        self.window.show_entry(self.entry.name, False)
