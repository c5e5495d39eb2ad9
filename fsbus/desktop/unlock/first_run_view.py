"""The first screen of a new laptop: the bus, the agent, and the passphrase to note down."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from fsbus.desktop.unlock.view import Passphrase, centred_card
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.copied import copied_by_hand
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Following
from fsbus.desktop.widgets.texts import Line


class FirstRunView(Following):
    """Asks what a new store needs."""

    create_requested = Signal()
    own_phrase_wanted = Signal(bool)
    other_phrase_requested = Signal()
    try_requested = Signal(bool)
    """The demonstration is wanted; True: made anew."""

    def __init__(self) -> None:
        super().__init__()
        page = QFrame()
        self.bus, self.agent = Line("Bus France Services du canton", 80), Line("Prénom et nom", 80)
        self.own = QCheckBox("C&hoisir ma propre phrase")
        self.noted = QCheckBox("&J’ai noté cette phrase en lieu sûr")
        self.chosen, self.again = Passphrase(), Passphrase()
        self.other = button("Une a&utre phrase", "quiet")
        self.make = button("&Créer le registre de ce poste", "primary", keys=("Return", "Enter"))
        self.trying = button(
            "&Essayer la démonstration", hint="Rien de réel\u00a0: pour apprendre, sans rien risquer"
        )
        self.anew = button("Rec&ommencer la démonstration", "quiet", hint="Efface ce qui y a été essayé")
        self._tryout = QWidget()
        self.rows = {
            "bus": FieldRow("Nom du &bus", self.bus),
            "agent": FieldRow("Votre &nom", self.agent),
            "passphrase": FieldRow("&Votre phrase secrète (au moins quatre mots)", self.chosen),
            "again": FieldRow("&Retapez la phrase secrète", self.again),
            "noted": FieldRow("", self.noted),
        }
        self.noted.setAccessibleName("J’ai noté cette phrase en lieu sûr")
        self._phrase = copied_by_hand("Phrase secrète de ce poste")
        self._message = label("", "error")
        self._message.hide()
        self._lay_out(page)
        self.setWidget(page)
        self.own.toggled.connect(self.own_phrase_wanted)
        self.other.clicked.connect(self.other_phrase_requested)
        self.make.clicked.connect(self.create_requested)
        self.trying.clicked.connect(lambda: self.try_requested.emit(False))
        self.anew.clicked.connect(lambda: self.try_requested.emit(True))
        self.setFocusProxy(self.bus)
        self.show_own(False)

    def offer_tryout(self, is_made: bool) -> None:
        """Offer the demonstration; ``is_made``: there is one to go on with, or to begin anew."""
        self._tryout.show()
        self.anew.setVisible(is_made)

    def show_trying(self, busy: bool) -> None:
        """Say that the demonstration is being prepared."""
        for one in (self.trying, self.anew, self.make):
            one.setEnabled(not busy)
        self.trying.setText("Préparation…" if busy else "&Essayer la démonstration")
        if busy:
            announce(self, "Préparation de la démonstration…")

    def bus_name(self) -> str:
        """The name of the bus as typed."""
        return self.bus.text()

    def agent_name(self) -> str:
        """The agent's name as typed."""
        return self.agent.text()

    def phrases(self) -> tuple[str, str]:
        """The agent's own passphrase, and what was retyped."""
        return self.chosen.text(), self.again.text()

    def has_noted(self) -> bool:
        """Whether the agent says that the phrase is written down."""
        return self.noted.isChecked()

    def phrase(self) -> str:
        """The generated phrase as shown."""
        return self._phrase.text()

    def show_phrase(self, phrase: str) -> None:
        """Show the generated phrase."""
        self._phrase.setText(phrase)
        self._phrase.setAccessibleDescription(phrase)

    def show_own(self, own: bool) -> None:
        """Ask for a phrase of the agent's own, or show the generated one."""
        self.rows["passphrase"].setVisible(own)
        for widget in (self._generated, self.rows["noted"]):
            widget.setVisible(not own)

    def set_busy(self, busy: bool) -> None:
        """Say that the store is being made."""
        self.make.setEnabled(not busy)
        self.make.setText("Création…" if busy else "&Créer le registre de ce poste")

    def show_problems(self, problems: dict[str, str]) -> None:
        """Each problem beside its field; the keyboard goes to the first one."""
        for name, row in self.rows.items():
            row.set_problem(problems.get(name, ""))
        self._message.setText(problems.get("", ""))
        self._message.setVisible("" in problems)
        first = next((row for name, row in self.rows.items() if name in problems), None)
        if first is not None:
            first.editor.setFocus()
            announce(first.editor, first.problem)

    def _lay_out(self, page: QFrame) -> None:
        layout = centred_card(page, 560)
        # All of it in a window of 720 logical pixels, below the title bar and the bar of tasks.
        layout.setSpacing(9)
        layout.setContentsMargins(32, 18, 32, 18)
        self._generated = QWidget()
        generated = QVBoxLayout(self._generated)
        generated.setContentsMargins(0, 0, 0, 0)
        generated.addWidget(self._phrase)
        generated.addWidget(self.other, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(label("fsbus", "brand"))
        layout.addWidget(label("Préparer ce poste", "title"))
        across = QHBoxLayout(self._tryout)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.trying)
        across.addWidget(self.anew)
        across.addStretch(1)
        layout.addWidget(self._tryout)
        self._tryout.hide()
        names = QHBoxLayout()
        names.setSpacing(14)
        names.addWidget(self.rows["bus"])
        names.addWidget(self.rows["agent"])
        layout.addLayout(names)
        layout.addWidget(label("Phrase secrète de ce poste", "heading"))
        layout.addWidget(
            label(
                "Elle ouvre le registre chaque matin, et rien d’autre ne l’ouvre : recopiez-la sur papier "
                "et gardez-la hors du bus.",
                "muted",
            )
        )
        layout.addWidget(self._generated)
        layout.addWidget(self.own)
        layout.addWidget(self.rows["passphrase"])
        layout.addWidget(self.rows["again"])
        layout.addWidget(self.rows["noted"])
        layout.addWidget(self._message)
        layout.addWidget(self.make)
