"""Hangs the workshops in the window: the list of a month, the form, the signing-in sheet."""

from fsbus.core.entities import WORKSHOP
from fsbus.core.errors import FsbusError
from fsbus.core.workshops import Workshop
from fsbus.desktop.corrections import TAKEN_BACK, TAKEN_BACK_IN_PART
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import PEOPLE, Entry
from fsbus.desktop.workshops.form_presenter import Undo, WorkshopFormPresenter
from fsbus.desktop.workshops.form_view import WorkshopFormView
from fsbus.desktop.workshops.presenter import WorkshopsPresenter
from fsbus.desktop.workshops.view import WorkshopsView

FORM = "workshop"
"""The name of the page of the form."""
NONE_BEFORE = "Aucun atelier n’est encore enregistré\u00a0: « Nouvel atelier » ouvre le premier."


class WorkshopsDoor(Door):
    """The list, and the form over it while a workshop is typed."""

    entry = Entry("workshops", "Ateliers", PEOPLE, "7")

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        view, form = self.view, self.form = WorkshopsView(), WorkshopFormView()
        presenter = self.presenter = WorkshopsPresenter(
            view, self.session, say=self.window.say, offer=self.window.offer, changed=self._changed
        )
        typing = self.typing = WorkshopFormPresenter(
            form, self.session, on_saved=self._saved, on_closed=self._show_list
        )
        self.window.add_page(self.entry.name, view)
        self.window.add_page(FORM, form)
        view.new_requested.connect(self._new)
        view.like_last_requested.connect(self._like_last)
        view.turned.connect(presenter.turn)
        view.opened.connect(self._open)
        view.remove_requested.connect(presenter.remove)
        view.print_requested.connect(self._print)
        form.save_requested.connect(typing.save)
        form.cancel_requested.connect(typing.cancel)
        form.print_requested.connect(self._print_typed)
        form.commune_searched.connect(typing.search_communes)
        form.edited.connect(typing.edited)

    def enter(self) -> None:
        """Show the month, or come back to the workshop being typed."""
        if self.typing.is_open:
            self.window.come_back_to(FORM)
        else:
            self._show_list()

    def refresh(self, kinds: frozenset[str]) -> None:
        """The workshops of the month."""
        if WORKSHOP in kinds:
            self.presenter.refresh()

    def may_close(self) -> bool:
        """Whether the window may close; asks the agent when a workshop is being typed."""
        if not self.typing.has_content:
            return True
        self.window.show_page(FORM)
        return self.form.confirm_abandon()

    def _show_list(self) -> None:
        self.presenter.refresh()
        self.window.show_page(self.entry.name)

    def _new(self) -> None:
        self.typing.open()
        self.window.show_page(FORM)

    def _like_last(self) -> None:
        last = self.presenter.last()
        if last is None:
            self.window.say(NONE_BEFORE)
            return
        self.typing.open(last)
        self.window.show_page(FORM)
        self.form.participants.setFocus()

    def _open(self, record_id: str) -> None:
        one = self.presenter.find(record_id)
        if one is not None:
            self.typing.change(one)
            self.window.show_page(FORM)

    def _saved(self, words: str, day: str, undo: Undo | None) -> None:
        self._changed()
        self.presenter.turn_to(day)
        self.window.show_page(self.entry.name)
        if undo is None:
            self.window.say(words)
        else:
            self.window.offer(words, lambda: self._take_back(undo))

    def _take_back(self, undo: Undo) -> None:
        try:
            told = TAKEN_BACK if undo() else TAKEN_BACK_IN_PART
        except FsbusError as error:
            told = error.words
        self.presenter.refresh()
        self._changed()
        self.window.say(told)

    def _changed(self) -> None:
        self.shell.changed(frozenset({WORKSHOP}), self)

    def _print(self, record_id: str) -> None:
        one = self.presenter.find(record_id)
        if one is not None:
            self._on_paper(one)

    def _print_typed(self) -> None:
        """Before the workshop: from what is typed, not recorded."""
        one = self.typing.typed()
        if one is not None:
            self._on_paper(one)

    def _on_paper(self, one: Workshop) -> None:
        # Imported when asked for: it brings the printers with it.
        from fsbus.desktop.paper.papers import OneSheet

        self.shell.open_on_paper(
            OneSheet(
                words="Feuille d’émargement",
                about="Atelier",
                stem=f"emargement-{one.day}",
                gone="Cet atelier n’est plus là.",
                make=lambda: self.presenter.sheet(one),
            )
        )
