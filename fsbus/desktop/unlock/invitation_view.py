"""The screen of an invited agent: the code received, and a passphrase to choose."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from fsbus.desktop.unlock.choosing import TypedPhrase
from fsbus.desktop.unlock.new_phrase import NewPhrase
from fsbus.desktop.unlock.view import centred_card
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Following
from fsbus.desktop.widgets.panels import Panel
from fsbus.desktop.widgets.texts import Line

WORDS = (
    "Un agent de ce poste, ou le coordinateur, vous a donné un code\u00a0: il ne sert qu’une fois. La phrase que vous "
    "choisissez ici ouvrira le registre chaque matin."
)


class InvitationView(Following):
    """Asks for the code and a passphrase."""

    accept_requested = Signal()
    other_phrase_requested = Signal()
    back_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        page = QFrame()
        self.code_field = Line("8 groupes de 4 signes", 60)
        # The code opens the laptop: no keyboard may learn it.
        self.code_field.setInputMethodHints(
            Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.new = NewPhrase()
        code = FieldRow("&Code d’invitation", self.code_field)
        self.panel = Panel(
            "Choisir ma phrase secrète",
            WORDS,
            {"code": code, **self.new.rows},
            (code, self.new),
            submit="&Ouvrir",
        )
        layout = centred_card(page, 560)
        layout.addWidget(label("fsbus", "brand"))
        layout.addWidget(self.panel)
        self.panel.heading.setProperty("role", "title")
        self.panel.leave.setText("&Retour")
        self.panel.leave.setAccessibleName("Retour")
        self.setWidget(page)
        self.panel.submitted.connect(self.accept_requested)
        self.panel.left.connect(self.back_requested)
        self.new.other_requested.connect(self.other_phrase_requested)
        self.setFocusProxy(self.code_field)

    def code(self) -> str:
        """The code as typed."""
        return self.code_field.text()

    def typed(self) -> TypedPhrase:
        """The passphrase fields."""
        return self.new.typed()

    def show_phrase(self, phrase: str) -> None:
        """Show a proposed phrase."""
        self.new.show_phrase(phrase)

    def set_busy(self, words: str) -> None:
        """Say that it is being opened."""
        self.panel.set_busy(words)

    def show_problems(self, problems: dict[str, str]) -> None:
        """Each problem beside its field."""
        self.panel.show_problems(problems)

    def forget(self) -> None:
        """Empty every field."""
        self.code_field.clear()
        self.new.clear()
