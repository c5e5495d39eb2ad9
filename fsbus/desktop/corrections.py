"""The correction of a visit in the window: its page, its draft, the way back, what takes it back."""

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QObject

from fsbus.actions import correcting
from fsbus.actions.correcting import Undoing, taking_back_removal
from fsbus.actions.drafts import CORRECTING, kept_draft, put_draft_aside
from fsbus.actions.session import Session
from fsbus.core.errors import FsbusError
from fsbus.desktop.draft_keeping import DraftKeeper
from fsbus.desktop.visit_form import words
from fsbus.desktop.visit_form.correction import CorrectionPresenter
from fsbus.desktop.visit_form.tying import tie
from fsbus.desktop.visit_form.typed import from_plain
from fsbus.desktop.visit_form.view import VisitFormView
from fsbus.desktop.window import MainWindow

PAGE = "correction"
UNDER_WAY = (
    "Une correction est en cours\u00a0: enregistrez-la, ou abandonnez-la, avant d’en commencer une autre."
)
TAKEN_BACK = "Annulé\u00a0: tout est comme avant."
TAKEN_BACK_IN_PART = "Annulé, sauf ce qu’un autre poste a changé ou effacé depuis."
ERASED = "La visite que vous corrigiez a été effacée."


class Corrections(QObject):
    """One correction at a time, beside the visit that may be typed. Its form is built when it is first needed.

    ``leave(page, visit_id)`` goes back to the page that it was opened from; ``on_changed`` is called once records changed,
    ``on_form`` once the form is built.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        *,
        leave: Callable[[str, str], None],
        on_changed: Callable[[], None],
        on_bug: Callable[[Exception], None],
        on_form: Callable[[VisitFormView], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window, self._session = window, session
        self._leave, self._on_changed, self._on_bug, self._on_form = leave, on_changed, on_bug, on_form
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
                self._window.say(UNDER_WAY)
            return
        try:
            correcting.readable_visit(self._session, visit_id)
        except FsbusError as refusal:
            self._window.say(refusal.words)
        else:
            self._from = came_from
            # Shown first: only what is shown takes the keyboard.
            self._show()
            presenter.correct(visit_id, refused, why)

    def resume(self) -> None:
        """Open the form on the correction that this agent had under way when it was last closed, if any."""
        try:
            draft = kept_draft(self._session, CORRECTING)
            typed = None if draft is None else from_plain(draft.form)
        except FsbusError as error:
            self._window.say(error.words)
            return
        except ValueError:
            typed = None
        if draft is None:
            return
        if typed is None or not typed.is_correction:
            # Sealed and whole, yet no correction: nothing to show, and nothing to destroy.
            put_draft_aside(self._session, CORRECTING)
            return
        _, presenter = self._form()
        self._show()
        presenter.resume(draft.visit_id, draft.kept_at, typed)

    def show(self) -> None:
        """Come back to the form under way."""
        if self.is_open:
            self._show()

    def refresh(self) -> None:
        """An exchange may have erased the visit: then nothing of it stays in the form."""
        if self.presenter is not None and self.presenter.drop_if_erased():
            self._closed()
            self._window.say(ERASED)

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
        self._window.offer(said, lambda: self._take_back(taking_back_removal(kind, record_id)))

    def _show(self) -> None:
        self._window.show_tab(PAGE, True)
        if self._window.page() != PAGE:
            self._window.show_page(PAGE)

    def _saved(self, text: str, undoing: tuple[Undoing, ...]) -> None:
        self._closed()
        self._on_changed()
        if undoing:
            self._window.offer(text, lambda: self._take_back(undoing))
        else:
            self._window.say(text)

    def _closed(self) -> None:
        if self.drafts is not None:
            self.drafts.forget()
        self._window.show_tab(PAGE, False)
        self._leave(self._from, self.presenter.visit_id if self.presenter is not None else "")

    def _take_back(self, undoing: tuple[Undoing, ...]) -> None:
        try:
            told = TAKEN_BACK if correcting.take_back(self._session, undoing) else TAKEN_BACK_IN_PART
        except FsbusError as error:
            told = error.words
        self._on_changed()
        self._window.say(told)

    def _form(self) -> tuple[VisitFormView, CorrectionPresenter]:
        if self.view is None or self.presenter is None:
            self.view = VisitFormView(words.CORRECTING)
            self.presenter = CorrectionPresenter(
                self.view, self._session, on_saved=self._saved, on_closed=self._closed
            )
            self.drafts = DraftKeeper(
                self._session,
                typed=self.presenter.typed,
                tell=self.view.show_notice,
                on_bug=self._on_bug,
                parent=self,
                purpose=CORRECTING,
            )
            # First: what was told before must not stand beside a refusal.
            self.view.save_requested.connect(self._window.hush)
            tie(self.view, self.presenter)
            self.view.edited.connect(self.drafts.touch)
            self._window.add_page(PAGE, self.view)
            self._on_form(self.view)
        return self.view, self.presenter
