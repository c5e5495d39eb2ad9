"""The « Sécurité » page: facts on both sides, who opens the laptop, and the sheet of a lost laptop."""

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fsbus.desktop.security.access_view import AccessView
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.facts import FactsCard
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card
from fsbus.desktop.widgets.told import ToldCard

SHEET_WORDS = (
    "Si ce poste est perdu ou volé, le responsable a 72 heures pour prévenir la CNIL : cette fiche dit ce qu’il contenait "
    "et comment c’était protégé, sans donnée d’usager. Préparez-la maintenant et gardez-la hors du bus."
)


class SecurityView(Page):
    """One page; the list of agents is its `access` part."""

    back_up_requested = Signal()
    back_up_elsewhere_requested = Signal()
    check_requested = Signal()
    sheet_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.access = AccessView()
        self.back_up = button("Sauvegar&der maintenant", "primary")
        self.elsewhere = button("Sauvegarder sur une clé US&B…")
        self.check = button("Vérifier &maintenant", hint="En arrière-plan\u00a0: le travail peut continuer")
        self.sheet = button("&Préparer la fiche «\u00a0poste perdu\u00a0»…")
        self._guard, self._content = _Slot(), _Slot()
        self._said = label("", "success")
        self._said.hide()
        self._pressed: QPushButton | None = None
        self._lay_out()
        for door, signal in (
            (self.back_up, self.back_up_requested),
            (self.elsewhere, self.back_up_elsewhere_requested),
            (self.check, self.check_requested),
            (self.sheet, self.sheet_requested),
        ):
            door.clicked.connect(signal)
        # After the page has followed the keyboard to the first field: the whole form is to be seen.
        self.access.form_opened.connect(lambda: QTimer.singleShot(0, self, self._show_form))
        self.setFocusProxy(self.back_up)

    def show_cards(self, guard: ToldCard, content: ToldCard) -> None:
        """The facts of both cards."""
        self._guard.show_card(guard)
        self._content.show_card(content)
        # Cards are made anew, at the end of the order: back to where they are seen.
        chain(self.check, *self._guard.cards(), self.access.agents)
        chain(self.sheet, *self._content.cards())

    def facts(self) -> dict[str, str]:
        """Every fact shown, for whoever looks."""
        return dict((*self._guard.told(), *self._content.told()))

    def set_busy(self, words: str) -> None:
        """Say what is being done; empty words when it is over."""
        doors = (self.back_up, self.elsewhere, self.check, self.sheet)
        if words:
            # What is disabled loses the keyboard: it comes back to it afterwards.
            self._pressed = next((door for door in doors if door.hasFocus()), None)
        for door in doors:
            door.setEnabled(not words)
        if not words and self._pressed is not None:
            self._pressed.setFocus()
            self._pressed = None
        if words:
            self.say(words)

    def say(self, text: str) -> None:
        """Tell how it ended, beside the buttons and to the screen reader."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        if text:
            announce(self, text)

    def said(self) -> str:
        """What was told last."""
        return self._said.text()

    def ask_folder(self) -> Path | None:
        """Where to put a backup; None when the agent gave up."""
        from PySide6.QtWidgets import QFileDialog

        chosen = QFileDialog.getExistingDirectory(self, "Où mettre la sauvegarde\u00a0? (la clé USB)")
        return Path(chosen) if chosen else None

    def ask_file(self, proposed: str) -> Path | None:
        """Where to write the sheet; None when the agent gave up."""
        from PySide6.QtWidgets import QFileDialog

        chosen, _ = QFileDialog.getSaveFileName(self, "Où écrire la fiche\u00a0?", proposed, "PDF (*.pdf)")
        return Path(chosen) if chosen else None

    def _show_form(self) -> None:
        panel = self.access.panel
        if panel.height() < self.viewport().height():
            self.ensureWidgetVisible(panel, 0, 24)

    def _lay_out(self) -> None:
        doors = QHBoxLayout()
        for door in (self.back_up, self.elsewhere, self.check):
            doors.addWidget(door)
        doors.addStretch(1)
        sheet, inside = card(8)
        inside.addWidget(label("Si ce poste disparaît", "heading"))
        inside.addWidget(label(SHEET_WORDS, "muted"))
        line = QHBoxLayout()
        line.addWidget(self.sheet)
        line.addStretch(1)
        inside.addLayout(line)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        column.addWidget(self._guard)
        column.addWidget(self.access)
        column.addWidget(sheet)
        column.addStretch(1)
        self.body.addWidget(label("Sécurité", "title"))
        self.body.addLayout(doors)
        self.body.addWidget(self._said)
        self.body.addLayout(self.columns((left, 3), (self._content, 2)))
        self.body.addStretch(1)


class _Slot(QWidget):
    """A place for one card of facts, made anew when they change; the keyboard stays where it was."""

    def __init__(self) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._told: ToldCard | None = None
        self._card: FactsCard | None = None

    def show_card(self, told: ToldCard) -> None:
        if told == self._told:
            return
        before, self._told = self._card, told
        made = self._card = FactsCard(told)
        self._layout.insertWidget(0, made)
        if before is None:
            self._layout.addStretch(1)
            return
        if before.hasFocus():
            made.setFocus()
        before.hide()
        before.deleteLater()

    def cards(self) -> tuple[QWidget, ...]:
        return () if self._card is None else (self._card,)

    def told(self) -> tuple[tuple[str, str], ...]:
        return () if self._told is None else self._told.facts
