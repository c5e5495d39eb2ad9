"""The fields that choose a passphrase: a proposed one to note and retype, or one's own."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from fsbus.desktop.unlock.choosing import TypedPhrase
from fsbus.desktop.unlock.view import Passphrase
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.copied import copied_by_hand
from fsbus.desktop.widgets.fields import FieldRow

NOTED = "J’ai noté cette phrase en lieu sûr"


class NewPhrase(QWidget):
    """Part of a form; whoever owns it shows the phrase and the problems of its ``rows``."""

    other_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._phrase = copied_by_hand("Phrase secrète proposée")
        self.other = button("Une a&utre phrase", "quiet")
        self.own = QCheckBox("Choisir ma propre phr&ase")
        self.noted = QCheckBox("J’ai no&té cette phrase en lieu sûr")
        self.noted.setAccessibleName(NOTED)
        self.chosen, self.again = Passphrase(), Passphrase()
        self.rows = {
            "passphrase": FieldRow("Nouvelle phrase secrète (au moins quatre mots)", self.chosen),
            "again": FieldRow("Retapez la nouvelle phrase", self.again),
            "noted": FieldRow("", self.noted),
        }
        self._generated = QWidget()
        generated = QVBoxLayout(self._generated)
        generated.setContentsMargins(0, 0, 0, 0)
        generated.addWidget(self._phrase)
        generated.addWidget(self.other, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        for part in (self._generated, self.own, *self.rows.values()):
            layout.addWidget(part)
        self.own.toggled.connect(self._show_own)
        self.other.clicked.connect(self.other_requested)
        self._show_own(False)

    def typed(self) -> TypedPhrase:
        """What stands in the fields."""
        return TypedPhrase(
            self.own.isChecked(), self.chosen.text(), self.again.text(), self.noted.isChecked()
        )

    def phrase(self) -> str:
        """The proposed phrase as shown."""
        return self._phrase.text()

    def show_phrase(self, phrase: str) -> None:
        """Show a proposed phrase."""
        self._phrase.setText(phrase)
        self._phrase.setAccessibleDescription(phrase)

    def clear(self) -> None:
        """Forget everything."""
        self.show_phrase("")
        for field in (self.chosen, self.again):
            field.clear()
        for box in (self.own, self.noted):
            box.setChecked(False)

    def _show_own(self, own: bool) -> None:
        self.rows["passphrase"].setVisible(own)
        for widget in (self._generated, self.rows["noted"]):
            widget.setVisible(not own)
