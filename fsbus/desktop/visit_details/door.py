"""Hangs the page that reads a visit in the window; it has no line in the sidebar."""

from PySide6.QtCore import Signal

from fsbus.core.entities import PROCEDURE_RECORD, VISIT
from fsbus.desktop.door import Door, Shell
from fsbus.desktop.visit_details.presenter import VisitDetailsPresenter
from fsbus.desktop.visit_details.view import VisitDetailsView

PAGE = "details"
_VISITS = frozenset({VISIT, PROCEDURE_RECORD})


class DetailsDoor(Door):
    """Everything that was recorded of one visit."""

    left = Signal()
    print_requested = Signal()
    removed = Signal(str, str, str)
    """What is said of it, the kind and the id of what was removed."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        view = self.view = VisitDetailsView()
        self.presenter = VisitDetailsPresenter(
            view,
            self.session,
            on_changed=lambda: shell.changed(_VISITS),
            on_removed=self.removed.emit,
        )
        self.window.add_page(PAGE, view)
        view.back_requested.connect(self.left)
        view.correct_requested.connect(lambda: shell.correct_visit(self.presenter.visit_id))
        view.print_requested.connect(self.print_requested)
        view.remove_requested.connect(self.presenter.remove)
        view.put_back_requested.connect(self.presenter.put_back)

    def show(self, visit_id: str) -> bool:
        """Show this visit; False when it was erased meanwhile: then nothing happens."""
        is_here = self.presenter.show(visit_id)
        if is_here:
            self.window.show_page(PAGE)
        return is_here

    def enter(self) -> None:
        """Come back to the visit shown before, or leave when it was erased."""
        if self.presenter.refresh():
            self.window.show_page(PAGE)
        else:
            self.left.emit()

    def refresh(self, kinds: frozenset[str]) -> None:
        """The visit that is read, when it is in sight."""
        if kinds & _VISITS and self.window.page() == PAGE and not self.presenter.refresh():
            self.left.emit()
