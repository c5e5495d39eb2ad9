"""Shuts an agent out with everything closed, shows how it goes, and leads back to the unlock screen."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFrame, QProgressBar

from fsbus.actions.session import Session
from fsbus.core.errors import FsbusError
from fsbus.desktop.device import Device
from fsbus.desktop.unlock.view import centred_card
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Following
from fsbus.desktop.window import MainWindow

WORKING = (
    "Les clés du poste changent et la base est réécrite. Ne fermez pas l’ordinateur\u00a0: si le courant manque, rien "
    "n’est perdu, et le poste s’ouvrira comme avant ou comme après."
)


class RotationView(Following):
    """One card: what is being done, then how it ended and one button."""

    def __init__(self, heading: str) -> None:
        super().__init__()
        self._heading = label(heading, "title")
        self._heading.setWordWrap(True)
        self._words = label(WORKING, "body")
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Changement des clés en cours")
        self._progress.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.reopen = button("&Rouvrir avec ma phrase", "primary", keys=("Return", "Enter"))
        self.reopen.hide()
        page = QFrame()
        layout = centred_card(page, 560)
        for part in (label("fsbus", "brand"), self._heading, self._words, self._progress, self.reopen):
            layout.addWidget(part)
        self.setWidget(page)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(heading)
        self.setAccessibleDescription(WORKING)

    def show_end(self, heading: str, words: str) -> None:
        """How it ended; the keyboard is on the only button."""
        self._heading.setText(heading)
        self._words.setText(words)
        self._progress.hide()
        self.setAccessibleName(heading)
        self.setAccessibleDescription(words)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.reopen.show()
        self.reopen.setFocus()
        announce(self, f"{heading} {words}")

    def words(self) -> str:
        """What is told."""
        return self._words.text()


class Rotation(QObject):
    """One removal. ``close`` closes this thread's connection, ``on_session`` gets the next one, or None."""

    def __init__(
        self,
        window: MainWindow,
        device: Device,
        *,
        name: str,
        close: Callable[[], None],
        on_session: Callable[[Session | None], None],
        leave: Callable[[], None],
        on_bug: Callable[[Exception], None],
    ) -> None:
        super().__init__(window)
        self._window, self._device, self._name = window, device, name
        self._close, self._on_session, self._leave, self._on_bug = close, on_session, leave, on_bug
        self.view = RotationView(f"{name} est retiré de ce poste…")
        self.ended = False

    def start(self, agent_id: str, passphrase: str) -> None:
        """Begin. The window stays until it is over."""
        self._window.may_close = lambda: False
        self._window.show_alone("rotation", self.view)

        def go(_none: None) -> None:
            self._close()
            self._device.remove_agent(agent_id, passphrase, self._done, self._failed)

        # What the worker was doing ends first, and says so to screens that may still read the store.
        self._device.runner.run(lambda _tell: None, go, self._on_bug)

    def _done(self, session: Session) -> None:
        self._end(
            session,
            f"{self._name} n’ouvre plus ce poste.",
            "Sa phrase n’ouvre plus rien ici. Le poste a de nouvelles clés\u00a0: rouvrez-le avec votre phrase. Ce qui a été "
            "saisi est toujours là.",
        )

    def _failed(self, error: Exception, session: Session | None) -> None:
        known = isinstance(error, FsbusError)
        why = str(error) if known else "Un rapport a été écrit."
        self._end(
            session,
            "Les clés n’ont pas été changées.",
            f"{why} Rien n’est perdu\u00a0: rouvrez le poste avec votre phrase, puis réessayez."
            if session is not None
            else f"{why} Rien n’a été effacé\u00a0: rouvrez le poste\u00a0; s’il refuse, appelez le coordinateur.",
        )
        if not known:
            self._on_bug(error)

    def _end(self, session: Session | None, heading: str, words: str) -> None:
        self.ended = True
        self._on_session(session)
        self._window.may_close = lambda: True
        self.view.reopen.clicked.connect(self._leave)
        self.view.show_end(heading, words)
