"""The unlock screen: one passphrase, nothing personal before it is right."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Following

RESCUE = (
    "Personne ne peut retrouver une phrase oubliée, et rien n’est perdu. Un autre agent de ce poste l’ouvre avec la "
    "sienne et vous donne un nouveau code dans «\u00a0Sécurité\u00a0»\u00a0; ou bien appelez le coordinateur, qui le fait avec sa "
    "clé de secours. Tapez ce code ici\u00a0: «\u00a0J’ai un code d’invitation\u00a0»."
)


SEALED = "Les données de ce poste sont chiffrées. Personne ne peut les lire sans cette phrase."


class Passphrase(QLineEdit):
    """A hidden text; ``keys_seen`` tells each letter and whether Shift was down, to guess Caps Lock."""

    letter_typed = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type as usual, and tell each letter."""
        if event.text().isalpha():
            from PySide6.QtCore import Qt

            self.letter_typed.emit(event.text(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        super().keyPressEvent(event)

    def show_text(self, shown: bool) -> None:
        """Show or hide what is typed; shown or not, no keyboard may learn it."""
        from PySide6.QtCore import Qt

        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoAutoUppercase
            | (Qt.InputMethodHint.ImhNone if shown else Qt.InputMethodHint.ImhHiddenText)
        )


def centred_card(page: QFrame, width: int) -> QVBoxLayout:
    """A card in the middle of a page; the layout to fill."""
    page.setObjectName("page")
    card = QFrame()
    card.setObjectName("card")
    card.setMaximumWidth(width)
    card.setMinimumWidth(min(width, 380))
    inside = QVBoxLayout(card)
    inside.setContentsMargins(32, 28, 32, 28)
    inside.setSpacing(14)
    across = QHBoxLayout()
    across.addStretch(1)
    across.addWidget(card, 10)
    across.addStretch(1)
    down = QVBoxLayout(page)
    down.setContentsMargins(16, 16, 16, 16)
    down.addStretch(1)
    down.addLayout(across)
    down.addStretch(2)
    return inside


class UnlockView(Following):
    """Asks for the passphrase."""

    open_requested = Signal()
    invitation_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.passphrase = Passphrase()
        self.invitation = button("J’ai un &code d’invitation", "quiet")
        self.forgotten = button("Phrase ou&bliée\u00a0?", "quiet")
        self.shown = QCheckBox("&Montrer la phrase")
        self.open = button("&Ouvrir", "primary", keys=("Return", "Enter"))
        self.row = FieldRow("&Phrase secrète", self.passphrase)
        self._message = label("", "error")
        self._hint = label("Verrouillage des majuscules activé ?", "muted")
        self._state = label("", "muted")
        self._rescue = label(RESCUE, "body")
        page = QFrame()
        layout = centred_card(page, 460)
        layout.addWidget(label("fsbus", "brand"))
        layout.addWidget(label("Ouvrir le registre de ce poste", "title"))
        layout.addWidget(self.row)
        layout.addWidget(self._hint)
        layout.addWidget(self._message)
        layout.addWidget(self.shown)
        layout.addWidget(self.open)
        doors = QHBoxLayout()
        doors.addWidget(self.invitation)
        doors.addStretch(1)
        doors.addWidget(self.forgotten)
        layout.addLayout(doors)
        layout.addWidget(self._rescue)
        layout.addWidget(self._state)
        self.setWidget(page)
        self._rescue.hide()
        self._hint.hide()
        self._message.hide()
        self._state.setText(SEALED)
        self.shown.toggled.connect(self.passphrase.show_text)
        self.open.clicked.connect(self.open_requested)
        self.invitation.clicked.connect(self.invitation_requested)
        self.forgotten.clicked.connect(self._tell_of_rescue)
        self.passphrase.letter_typed.connect(self._guess_caps_lock)
        self.setFocusProxy(self.passphrase)

    def typed(self) -> str:
        """The passphrase as typed."""
        return self.passphrase.text()

    def forget(self) -> None:
        """Empty the field."""
        self.passphrase.clear()

    def set_busy(self, busy: bool) -> None:
        """Say that the key is being made; nothing can be typed meanwhile."""
        self.passphrase.setEnabled(not busy)
        self.open.setEnabled(not busy)
        self.open.setText("Ouverture…" if busy else "&Ouvrir")
        self._state.setText(SEALED)
        if busy:
            self._message.hide()

    def show_error(self, text: str) -> None:
        """Say why it did not open, and come back to the field."""
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self.passphrase.setAccessibleDescription(text)
        self.passphrase.selectAll()
        self.passphrase.setFocus()
        announce(self.passphrase, text)

    def show_wait(self, text: str) -> None:
        """Renew the words about the wait, without taking the keyboard or speaking each second."""
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self.passphrase.setAccessibleDescription(text)

    def show_progress(self, text: str) -> None:
        """Say what takes longer than usual, in the place of the reminder below; spoken once."""
        self._rescue.hide()
        self._state.show()
        self._state.setText(text)
        announce(self.open, text)

    def progress(self) -> str:
        """What is said below the buttons."""
        return self._state.text()

    def error(self) -> str:
        """What is said to be wrong; empty when nothing is."""
        return self._message.text() if not self._message.isHidden() else ""

    def warns_of_caps_lock(self) -> bool:
        """Whether the hint about capitals is shown."""
        return not self._hint.isHidden()

    def rescue(self) -> str:
        """What is told to who forgot the passphrase; empty until asked for."""
        return self._rescue.text() if not self._rescue.isHidden() else ""

    def _tell_of_rescue(self) -> None:
        told = self._rescue.isHidden()
        self._rescue.setVisible(told)
        self._state.setVisible(not told)
        self.forgotten.setAccessibleDescription(self.rescue())
        if told:
            announce(self.forgotten, RESCUE)
            # It has no place yet: the layout comes first.
            QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(self._rescue))

    def _guess_caps_lock(self, letter: str, shift: bool) -> None:
        # Qt cannot read the Caps Lock key itself: a capital without Shift gives it away.
        self._hint.setVisible(letter != letter.lower() and not shift)
