"""The correction of a visit in the window: its page, its draft, the way back, what takes it back."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Signal

from fsbus.actions import correcting
from fsbus.actions.correcting import Undoing, taking_back_removal
from fsbus.actions.drafts import CORRECTING, kept_draft, put_draft_aside
from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.core.errors import FsbusError
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.draft_keeping import DraftKeeper
from fsbus.desktop.entry import DAY, Entry
from fsbus.desktop.visit_form import words
from fsbus.desktop.visit_form.correction import CorrectionPresenter
from fsbus.desktop.visit_form.tying import tie
from fsbus.desktop.visit_form.typed import from_plain
from fsbus.desktop.visit_form.view import VisitFormView

_VISITS = frozenset({VISIT, PROCEDURE_RECORD})
UNDER_WAY = (
    "Une correction est en cours\u00a0: enregistrez-la, ou abandonnez-la, avant d’en commencer une autre."
)
TAKEN_BACK = "Annulé\u00a0: tout est comme avant."
TAKEN_BACK_IN_PART = "Annulé, sauf ce qu’un autre poste a changé ou effacé depuis."
ERASED = "La visite que vous corrigiez a été effacée."


class Corrections(Door):
    """One correction at a time, beside the visit that may be typed. Its form is built when it is first needed."""

    entry = Entry("correction", "Correction en cours", DAY)
    form_made = Signal(object)
    """The form, once it is built."""
    closed = Signal(str, str)
    """The page that it was opened from, and the visit: to go back there."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._from = "today"
        self.view: VisitFormView | None = None
        self.presenter: CorrectionPresenter | None = None
        self.drafts: DraftKeeper | None = None

    @property
    def is_open(self) -> bool:
        """Whether a visit is being corrected."""
        return self.presenter is not None and self.presenter.is_open

    def correct(
        self, visit_id: str, came_from: str, refused: Mapping[str, Iterable[str]] | None = None, why: str = ""
    ) -> None:
        """Open the form on this visit, or say why it cannot be corrected; see `CorrectionPresenter.correct`."""
        _, presenter = self._form()
        if presenter.is_open:
            self._show()
            if presenter.visit_id != visit_id:
                self.window.say(UNDER_WAY)
            return
        try:
            correcting.readable_visit(self.session, visit_id)
        except FsbusError as refusal:
            self.window.say(refusal.words)
        else:
            self._from = came_from
            # Shown first: only what is shown takes the keyboard.
            self._show()
            presenter.correct(visit_id, refused, why)

    def resume(self) -> None:
        """Open the form on the correction that this agent had under way when it was last closed, if any."""
        try:
            draft = kept_draft(self.session, CORRECTING)
            typed = None if draft is None else from_plain(draft.form)
        except FsbusError as error:
            self.window.say(error.words)
            return
        except ValueError:
            typed = None
        if draft is None:
            return
        if typed is None or not typed.is_correction:
            # Sealed and whole, yet no correction: nothing to show, and nothing to destroy.
            put_draft_aside(self.session, CORRECTING)
            return
        _, presenter = self._form()
        self._show()
        presenter.resume(draft.visit_id, draft.kept_at, typed)

    def enter(self) -> None:
        """Come back to the form under way."""
        if self.is_open:
            self._show()

    def drop_if_erased(self) -> None:
        """An exchange may have erased the visit: then nothing of it stays in the form."""
        if self.presenter is not None and self.presenter.drop_if_erased():
            self._closed()
            self.window.say(ERASED)

    def may_close(self) -> bool:
        """Whether the window may close; asks the agent when something was changed, which is kept."""
        if (
            self.view is None
            or self.presenter is None
            or self.drafts is None
            or self.presenter.typed() is None
        ):
            return True
        self._show()
        return self.view.confirm_leave(self.drafts.flush())

    def stop(self) -> None:
        """What is typed is kept."""
        if self.drafts is not None:
            self.drafts.close()

    def offer_to_put_back(self, said: str, kind: str, record_id: str) -> None:
        """Tell that a record was removed, and offer to put it back."""
        self.offer_to_take_back(said, taking_back_removal(kind, record_id))

    def offer_to_take_back(self, said: str, undoing: tuple[Undoing, ...]) -> None:
        """Tell that records were changed, and offer to put back what stood before."""
        self.window.offer(said, lambda: self._take_back(undoing))

    def _show(self) -> None:
        self.window.show_entry(self.entry.name, True)
        if self.window.page() != self.entry.name:
            self.window.show_page(self.entry.name)

    def _saved(self, text: str, undoing: tuple[Undoing, ...]) -> None:
        self._closed()
        self.shell.changed(_VISITS)
        if undoing:
            self.offer_to_take_back(text, undoing)
        else:
            self.window.say(text)

    def _closed(self) -> None:
        if self.drafts is not None:
            self.drafts.forget()
        self.window.show_entry(self.entry.name, False)
        self.closed.emit(self._from, self.presenter.visit_id if self.presenter is not None else "")

    def _take_back(self, undoing: tuple[Undoing, ...]) -> None:
        try:
            told = TAKEN_BACK if correcting.take_back(self.session, undoing) else TAKEN_BACK_IN_PART
        except FsbusError as error:
            told = error.words
        self.shell.changed(_VISITS)
        self.window.say(told)

    def _form(self) -> tuple[VisitFormView, CorrectionPresenter]:
        if self.view is None or self.presenter is None:
            self.view = VisitFormView(words.CORRECTING)
            self.presenter = CorrectionPresenter(
                self.view, self.session, on_saved=self._saved, on_closed=self._closed
            )
            self.drafts = DraftKeeper(
                self.session,
                typed=self.presenter.typed,
                tell=self.view.show_notice,
                on_bug=self.shell.on_bug,
                parent=self,
                purpose=CORRECTING,
            )
            # First: what was told before must not stand beside a refusal.
            self.view.save_requested.connect(self.window.hush)
            tie(self.view, self.presenter)
            self.view.edited.connect(self.drafts.touch)
            self.window.add_page(self.entry.name, self.view)
            self.form_made.emit(self.view)
        return self.view, self.presenter
