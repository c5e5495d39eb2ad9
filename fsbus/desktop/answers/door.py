"""Leads to the page of official answers from anywhere, and back to where one was."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from fsbus.desktop.answers.presenter import AnswersPresenter
from fsbus.desktop.answers.searching import Searching
from fsbus.desktop.answers.view import AnswersView
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import CENTRE, Entry
from fsbus.desktop.visit_form.card import ProcedureCard
from fsbus.desktop.visit_form.view import VisitFormView


class AnswersDoor(Door):
    """The page with its presenter and its thread. What is being typed in a form it serves is never touched."""

    entry = Entry("answers", "Réponses", CENTRE, "8", also="Ctrl+K")

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._from = "today"
        self._card: ProcedureCard | None = None
        self.view = AnswersView()
        self.searching = Searching(self.session.own_reference, on_bug=shell.on_bug, parent=self)
        self.presenter = AnswersPresenter(self.view, self.session, self.searching)
        self.window.add_page(self.entry.name, self.view)
        self.view.searched.connect(self.presenter.search)
        self.view.taken.connect(self.presenter.take)
        self.view.opened.connect(self.presenter.read)
        self.view.back_requested.connect(self.leave)
        self.view.reader.reused.connect(self._reuse)

    def serve(self, form: VisitFormView) -> None:
        """Let F2 in this form open the answer of its procedure."""
        shortcut = QShortcut(QKeySequence("F2"), form)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda: self.enter_from(form))

    def enter(self) -> None:
        """Show the page, the keyboard in its search; nothing changes elsewhere."""
        if self.window.page() != self.entry.name:
            self._from, self._card = self.window.page(), None
        self.view.reader.allow_reuse(self._card is not None)
        self.presenter.refresh()
        self.window.show_page(self.entry.name)
        self.view.begin()

    def enter_from(self, form: VisitFormView) -> None:
        """Open the answer of the procedure that the keyboard is on in this form; what is typed there is searched."""
        focus = QApplication.focusWidget()
        cards = form.cards
        card = next((one for one in cards if focus is not None and one.isAncestorOf(focus)), cards[0])
        code, text = card.procedure.code(), card.procedure.text()
        self.enter()
        self._card = card
        self.view.reader.allow_reuse(True)
        self.view.search.setText("" if code else text)
        if code:
            # What was found before is not what is read now.
            self.presenter.refresh()
            self.presenter.read_procedure(code)
        else:
            self.presenter.search(text)

    def leave(self) -> None:
        """Back to the page that one came from, the keyboard where it was."""
        self.window.come_back_to(self._from if self._from in self.window.pages else "today")

    def _reuse(self, text: str) -> None:
        card = self._card
        self.leave()
        # A card may be gone with its visit, or taken away.
        if card is not None and isValid(card):
            card.answer.setText("\n".join(filter(None, (card.answer.text().strip(), text))))
            card.answer.setFocus()

    def stop(self) -> None:
        """Nothing is looked for any more."""
        self.searching.close()
