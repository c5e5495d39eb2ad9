"""Hangs the « À vérifier » desk in the window."""

from collections.abc import Mapping

from PySide6.QtCore import Signal

from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.entry import CENTRE, Entry
from fsbus.desktop.to_check.presenter import ToCheckPresenter
from fsbus.desktop.to_check.view import ToCheckView


class ToCheckDoor(Door):
    """What two laptops said differently, what the centre put aside, what was removed."""

    entry = Entry("to_check", "À vérifier", CENTRE, "0")
    correct_wanted = Signal(str, object, str)
    """A visit, what the centre found in it, and why: see `Corrections.correct`."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.view = ToCheckView()
        self.presenter = ToCheckPresenter(
            self.view,
            self.session,
            on_count=lambda count: self.window.show_count(self.entry.name, count),
            on_changed=lambda: shell.changed(frozenset({VISIT, PROCEDURE_RECORD}), self),
            read_visit=shell.read_visit,
            correct=self._correct,
        )
        self.window.add_page(self.entry.name, self.view)
        self.view.chosen.connect(self.presenter.choose)
        self.view.read_requested.connect(self.presenter.read)
        self.view.settled.connect(self.presenter.settle)

    def enter(self) -> None:
        """Show the desk, read anew."""
        self.presenter.refresh()
        self.window.show_page(self.entry.name)

    def refresh(self, kinds: frozenset[str]) -> None:  # noqa: ARG002 -- all of them
        """Conflicts may come or go with any record."""
        self.presenter.refresh()

    def _correct(self, visit_id: str, refused: Mapping[str, tuple[str, ...]], why: str) -> None:
        self.correct_wanted.emit(visit_id, refused, why)
