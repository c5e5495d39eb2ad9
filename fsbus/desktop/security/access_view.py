"""Who opens this laptop, on the « Sécurité » page: the list, and one small form at a time."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from fsbus.desktop.unlock.choosing import TypedPhrase
from fsbus.desktop.unlock.new_phrase import NewPhrase
from fsbus.desktop.unlock.view import Passphrase
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.copied import copied_by_hand
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.panels import Panel
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.tables import Column, RowsView
from fsbus.desktop.widgets.texts import Line

ADD, INVITE, AGAIN, REMOVE, CHANGE, CODE = "add", "invite", "again", "remove", "change", "code"
_ROWS_SHOWN = 4


class AccessView(QFrame):
    """Two cards in one: the agents, and one's own passphrase."""

    form_wanted = Signal(str)
    submitted = Signal(str)
    other_phrase_requested = Signal()
    form_opened = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.agents = RowsView(
            "Qui ouvre ce poste", [Column("Agent", stretch=True), Column("Accès", spare=False)]
        )
        self.buttons = {
            ADD: button("Ajout&er un agent…", hint="Il est là, et choisit sa phrase maintenant"),
            INVITE: button("Inviter un a&gent…", hint="Un code, pour qui viendra plus tard"),
            CHANGE: button("&Changer ma phrase…"),
            AGAIN: button("P&hrase oubliée\u00a0: nouveau code…", hint="Pour l’agent choisi dans la liste"),
            REMOVE: button("&Retirer cet agent…", hint="L’agent choisi n’ouvrira plus ce poste"),
        }
        self.new = NewPhrase()
        self.name, self.passphrase = Line("Prénom et nom", 80), Passphrase()
        self._name = FieldRow("&Nom de l’agent", self.name)
        self._passphrase = FieldRow("Ma phrase &secrète", self.passphrase)
        self._code = copied_by_hand("Code d’invitation")
        rows = {"agent": self._name, "old": self._passphrase, **self.new.rows}
        self.panel = Panel(
            "", "", rows, (self._name, self._passphrase, self.new, self._code), submit="Valider"
        )
        self._form = ""
        self._said = label("", "success")
        self._lay_out()
        for form, door in self.buttons.items():
            door.clicked.connect(lambda _checked=False, form=form: self.form_wanted.emit(form))
        self.panel.submitted.connect(lambda: self.submitted.emit(self._form))
        self.panel.left.connect(self.close_form)
        self.new.other_requested.connect(self.other_phrase_requested)
        self.setFocusProxy(self.agents)
        chain(self.agents, *self.buttons.values())

    def show_agents(self, rows: Sequence[TableRow]) -> None:
        """The list; its key is the agent's id."""
        self.agents.set_rows(rows)
        heading = self.agents.horizontalHeader().sizeHint().height()
        shown = min(max(len(rows), 1), _ROWS_SHOWN)
        self.agents.setFixedHeight(heading + shown * self.agents.verticalHeader().defaultSectionSize() + 8)

    def chosen(self) -> str:
        """The id of the agent chosen in the list; empty when none is."""
        return self.agents.chosen()

    def open_form(self, form: str, heading: str, words: str, submit: str) -> None:
        """Show one form, empty, with the keyboard in its first field."""
        self._form = form
        self._clear()
        self.say("")
        self.panel.heading.setText(heading)
        self.panel.words.setText(words)
        self.panel.words.setVisible(bool(words))
        self.panel.rename(submit)
        self.panel.show_problems({})
        self._name.setVisible(form in (ADD, INVITE))
        self._passphrase.setVisible(form in (AGAIN, REMOVE, CHANGE))
        self.new.setVisible(form in (ADD, CHANGE))
        self._code.setVisible(form == CODE)
        self.panel.leave.setVisible(form != CODE)
        self.panel.show()
        announce(self, f"{heading}. {words}")
        first: QWidget = self.panel.submit
        if form in (ADD, INVITE):
            first = self.name
        elif form != CODE:
            first = self.passphrase
        first.setFocus()
        self.form_opened.emit()

    def show_code(self, code: str) -> None:
        """The code of an invitation, to be copied by hand."""
        self._code.setText(code)
        self._code.setAccessibleDescription(" ".join(code))

    def code(self) -> str:
        """The code as shown; empty when none is."""
        return self._code.text()

    def form(self) -> str:
        """The form that is open; empty when none is."""
        return "" if self.panel.isHidden() else self._form

    def close_form(self) -> None:
        """Put the form away with all that was typed; the keyboard goes back to its button."""
        focus = QApplication.focusWidget()
        had = focus is not None and self.panel.isAncestorOf(focus)
        form, self._form = self._form, ""
        self._clear()
        self.panel.hide()
        if had:
            self.buttons.get(form, self.buttons[INVITE]).setFocus()

    def typed_name(self) -> str:
        """The name as typed."""
        return self.name.text()

    def typed_passphrase(self) -> str:
        """One's own passphrase as typed."""
        return self.passphrase.text()

    def typed(self) -> TypedPhrase:
        """The fields of a new passphrase."""
        return self.new.typed()

    def show_phrase(self, phrase: str) -> None:
        """Show a proposed phrase."""
        self.new.show_phrase(phrase)

    def set_busy(self, words: str) -> None:
        """Say what is being done; empty words when it is over."""
        self.panel.set_busy(words)
        for door in self.buttons.values():
            door.setEnabled(not words)

    def show_problems(self, problems: dict[str, str]) -> None:
        """Each problem beside its field."""
        self.panel.show_problems(problems)

    def say(self, text: str) -> None:
        """Tell what was done."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        if text:
            announce(self, text)

    def said(self) -> str:
        """What was told last; empty when nothing is."""
        return self._said.text()

    def _clear(self) -> None:
        self.name.clear()
        self.passphrase.clear()
        self.new.clear()
        self._code.clear()
        self._code.setAccessibleDescription("")

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(label("Qui ouvre ce poste", "heading"))
        layout.addWidget(self.agents)
        for line in ((ADD, INVITE, CHANGE), (AGAIN, REMOVE)):
            doors = QHBoxLayout()
            for form in line:
                doors.addWidget(self.buttons[form])
            doors.addStretch(1)
            layout.addLayout(doors)
        layout.addWidget(self._said)
        layout.addWidget(self.panel)
        self._said.hide()
        self.panel.hide()
