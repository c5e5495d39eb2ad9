"""The line at the foot of the window: the state of the centre, or for a while what was just done."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStatusBar

from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.labels import label

SAID_FOR = 8_000
"""Milliseconds that a message stays before the state of the centre comes back."""
OFFERED_FOR = 30_000
"""The same for a message that offers to take back what was done."""
UNDO_KEY = "Ctrl+Z"


class StatusLine(QStatusBar):
    """One text at a time, with the button of what may be done about it. Its height never changes."""

    print_requested = Signal()
    keyboard_left = Signal()
    """A button that goes away had the keyboard."""

    def __init__(self) -> None:
        super().__init__()
        self._state, self._said = label("", "muted"), label("", "success")
        self.undo = button(
            f"Annuler ({UNDO_KEY})", "slim", keys=(UNDO_KEY,), hint="Remettre ce qui était avant"
        )
        self.receipt = button("Imprimer…", "slim", hint="Le reçu de cette visite — Ctrl+P")
        self._undoing: Callable[[], None] | None = None
        self._calm = QTimer(self, singleShot=True)
        self._calm.timeout.connect(self._calm_down)
        self.undo.clicked.connect(self._take_back)
        self.receipt.clicked.connect(self.print_requested)
        for line in (self._said, self._state):
            line.setWordWrap(False)
        self._said.hide()
        self.undo.hide()
        self.receipt.hide()
        self.setSizeGripEnabled(False)
        self.addWidget(self._said)
        self.addWidget(self.undo)
        self.addWidget(self.receipt)
        self.addWidget(self._state, 1)
        self.setContentsMargins(18, 0, 18, 0)

    def show_state(self, text: str) -> None:
        """The line about the centre."""
        self._state.setText(text)
        self._state.setAccessibleName(text)

    def state_line(self) -> str:
        """The line about the centre as shown."""
        return self._state.text()

    def say(self, text: str, milliseconds: int = SAID_FOR, *, printable: bool = False) -> None:
        """Tell something that was done, for some seconds and to the screen reader; ``printable`` offers its paper."""
        self._show_said(text, milliseconds)
        self.receipt.setVisible(printable)
        announce(self, text)

    def offer(self, text: str, undo: Callable[[], None]) -> None:
        """Tell something that was done, with a button and a key that take it back as long as it is told."""
        self._show_said(text, OFFERED_FOR)
        self._undoing = undo
        self.undo.show()
        announce(self, f"{text} {UNDO_KEY}\u00a0: annuler.")

    def is_offering(self) -> bool:
        """Whether something may be taken back."""
        return self._undoing is not None

    def hush(self) -> None:
        """Take back at once what was told, before it could be taken for an answer to something else."""
        self._calm.stop()
        self._undoing = None
        if self.undo.hasFocus() or self.receipt.hasFocus():
            self.keyboard_left.emit()
        self.undo.hide()
        self._said.hide()
        self.receipt.hide()
        self._state.show()

    def said(self) -> str:
        """What was just told; empty once the state line is back."""
        return self._said.text() if not self._said.isHidden() else ""

    def _show_said(self, text: str, milliseconds: int) -> None:
        self.hush()
        self._said.setText(text)
        self._said.show()
        self._state.hide()
        self._calm.start(milliseconds)

    def _take_back(self) -> None:
        undo = self._undoing
        self.hush()
        if undo is not None:
            undo()

    def _calm_down(self) -> None:
        if self.undo.hasFocus() or self.receipt.hasFocus():
            # Not from under the fingers.
            self._calm.start(SAID_FOR)
        else:
            self.hush()
