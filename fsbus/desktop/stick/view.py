"""The card of the exchange by USB stick: two buttons, and what became of it."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.confirming import confirm
from fsbus.desktop.widgets.labels import label

FILES = "Fichiers d’échange (*.fsb)"
WORDS = (
    "Sans réseau, la clé USB porte l’échange\u202f: écrivez-la ici, faites-la porter au centre, puis lisez sa réponse. "
    "Elle est scellée\u202f: qui la trouve ne peut rien y lire."
)


class StickView(QFrame):
    """The card « Par clé USB » of the sync panel; ``as_row``, one line of the screen of an ended lease."""

    write_requested = Signal()
    read_requested = Signal()

    def __init__(self, *, as_row: bool = False) -> None:
        super().__init__()
        self.write = button("Écrire sur une clé &USB…", hint="Ce qui attend d’être envoyé")
        self.read = button("&Lire la réponse du centre…", hint="Le fichier que le centre a rendu")
        self._said = label("", "body")
        self._pressed: QPushButton | None = None
        buttons = QHBoxLayout()
        for one in (self.write, self.read):
            buttons.addWidget(one)
        buttons.addStretch(1)
        inside = QVBoxLayout(self)
        inside.setSpacing(8)
        if as_row:
            inside.setContentsMargins(0, 4, 0, 0)
            buttons.insertWidget(0, label("Par clé USB", "field"))
        else:
            self.setObjectName("card")
            inside.setContentsMargins(16, 12, 16, 14)
            inside.addWidget(label("Par clé USB", "heading"))
            inside.addWidget(label(WORDS, "muted"))
        inside.addWidget(self._said)
        inside.addLayout(buttons)
        self._said.hide()
        self.write.clicked.connect(self.write_requested)
        self.read.clicked.connect(self.read_requested)
        chain(self.write, self.read)

    def show_use(self, *, usable: bool, busy: bool) -> None:
        """Whether there is a centre to write to, and whether a stick is being written or read."""
        self.setVisible(usable)
        doors = (self.write, self.read)
        if busy:
            # What is disabled loses the keyboard: it comes back to it afterwards.
            self._pressed = next((door for door in doors if door.hasFocus()), None)
        for door in doors:
            door.setEnabled(not busy)
        if not busy and self._pressed is not None:
            self._pressed.setFocus()
            self._pressed = None

    def say(self, text: str) -> None:
        """Tell how it ended, beside the buttons and to the screen reader."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        announce(self, text)

    def said(self) -> str:
        """What was told last."""
        return self._said.text()

    def ask_where_to_write(self, proposed: str) -> Path | None:
        """Where to write; None when the agent gave up."""
        from PySide6.QtWidgets import QFileDialog

        chosen, _ = QFileDialog.getSaveFileName(self, "Où écrire\u202f? (la clé USB)", proposed, FILES)
        return Path(chosen) if chosen else None

    def ask_to_replace(self, name: str) -> bool:
        """Whether a file of this name, which is there, may go."""
        words = "Ce fichier n’a peut-être pas encore été porté au centre."
        return confirm(self, "Clé USB", f"Remplacer {name}\u202f?", words, yes="&Remplacer")

    def ask_what_to_read(self) -> Path | None:
        """Which file to read; None when the agent gave up."""
        from PySide6.QtWidgets import QFileDialog

        chosen, _ = QFileDialog.getOpenFileName(self, "La réponse du centre (sur la clé USB)", "", FILES)
        return Path(chosen) if chosen else None
