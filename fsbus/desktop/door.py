"""What hangs a page in the window and leads to it, and what the application gives it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Protocol

from PySide6.QtCore import QObject

from fsbus.actions.session import Session
from fsbus.desktop.entry import Entry
from fsbus.desktop.running import Runner
from fsbus.desktop.stick.presenter import Stick
from fsbus.desktop.sync_panel.presenter import Exchange
from fsbus.desktop.window import MainWindow

if TYPE_CHECKING:
    from fsbus.desktop.paper.papers import Papers


class Shell(Protocol):
    """What the application offers to the door of a page."""

    @property
    def window(self) -> MainWindow: ...
    @property
    def session(self) -> Session: ...
    @property
    def runner(self) -> Runner: ...
    @property
    def exchange(self) -> Exchange: ...
    @property
    def stick(self) -> Stick: ...
    @property
    def on_bug(self) -> Callable[[Exception], None]: ...

    def changed(self, kinds: frozenset[str], by: "Door | None" = None) -> None:
        """Records of these kinds were saved here: every page but ``by`` reads anew, and the line about the centre."""

    def arrived(self, kinds: frozenset[str]) -> None:
        """Records of these kinds came from elsewhere."""

    def show_page(self, name: str) -> None:
        """Go to a page, read anew."""

    def new_visit(self) -> None:
        """Open the form, or come back to the visit under way."""

    def read_visit(self, visit_id: str) -> None:
        """Show everything that was recorded of a visit."""

    def correct_visit(self, visit_id: str) -> None:
        """Open the form on a recorded visit, to come back to the page shown now."""

    def open_on_paper(self, papers: "Papers") -> None:
        """Open « Imprimer » on a sheet, to come back to the page shown now."""


class Door(QObject):
    """One page of the sidebar. It hangs on the window, as must everything it makes."""

    entry: ClassVar[Entry]

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.window)
        self.shell, self.window, self.session = shell, shell.window, shell.session

    def enter(self) -> None:
        """Show the page, read anew."""
        raise NotImplementedError

    def refresh(self, kinds: frozenset[str]) -> None:
        """Records of these kinds changed, here or by an exchange: read anew what is shown of them, counts included."""

    def may_close(self) -> bool:
        """Whether the window may close; asks the agent when something is being typed."""
        return True

    def stop(self) -> None:
        """The application leaves: no more timers and threads; what is being typed is kept."""
