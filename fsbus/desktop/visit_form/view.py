"""The visit form on the screen: fields, cards, problems beside their fields; it decides nothing."""

import re
from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from fsbus.desktop.visit_form.card import ProcedureCard
from fsbus.desktop.visit_form.entry import VisitEntry
from fsbus.desktop.visit_form.person import PersonFields
from fsbus.desktop.visit_form.typed import Typed
from fsbus.desktop.visit_form.words import RECORDING, FormWords
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Following
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.widths import NARROW

_PROCEDURE_FIELD = re.compile(r"procedures\[(\d+)\](?:\.(.*))?")


class VisitFormView(QWidget):
    """The form. Signals name what the agent wants; cards are told by their place, from 0."""

    save_requested = Signal()
    cancel_requested = Signal()
    add_requested = Signal()
    remove_requested = Signal(int)
    procedure_searched = Signal(int, str)
    procedure_picked = Signal(int, str)
    details_wanted = Signal(int, bool)
    card_changed = Signal(int)
    channel_changed = Signal()
    previous_wanted = Signal()
    commune_searched = Signal(str)
    stop_searched = Signal(str)
    edited = Signal()
    """Something typed, chosen, added or taken away: what a draft keeps is no longer what stands here."""

    def __init__(self, words: FormWords = RECORDING) -> None:
        super().__init__()
        self._words = words
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.person = PersonFields(names_stop=words.names_stop)
        self.cards: list[ProcedureCard] = []
        self.add = button("&Ajouter une démarche", keys=("Ctrl+D",))
        self.save = button("&Enregistrer", "primary", keys=("Ctrl+S", "Ctrl+Return", "Ctrl+Enter"))
        self.cancel = button("A&bandonner", keys=("Ctrl+W",), hint="Fermer sans enregistrer")
        self.previous = button(
            "Comme la précédente", "quiet", keys=("Ctrl+R",),
            hint="Reprendre de la dernière visite venue, commune, démarches et manière\u00a0: ni personne, ni texte",
        )  # fmt: skip
        if words.names_stop:
            self.previous.hide()
        self._place = label("", "muted")
        self._place.setWordWrap(False)
        self._notice = label("", "muted")
        self._alert = QFrame()
        self._alert.setObjectName("alert")
        self._alert_text = label("", "error")
        self._scroll = Following()
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._stack = QVBoxLayout()
        self._lay_out()
        self.person.commune.searched.connect(self.commune_searched)
        self.person.stop.searched.connect(self.stop_searched)
        self.person.edited.connect(self.edited)
        self.person.channel.currentIndexChanged.connect(lambda _index: self.channel_changed.emit())
        self.previous.clicked.connect(self.previous_wanted)
        self.add.clicked.connect(self.add_requested)
        self.save.clicked.connect(self.save_requested)
        self.cancel.clicked.connect(self.cancel_requested)

    def entry(self) -> VisitEntry:
        """All that is typed."""
        return replace(self.person.entry(), procedures=tuple(card.entry() for card in self.cards))

    def start(self, entry: VisitEntry, place: str) -> None:
        """A form that shows this entry, with a card for each procedure, ready to type in."""
        while self.cards:
            self.remove_card(0)
        self.person.fill(entry)
        self._place.setText(place)
        self.show_problems({})
        self.show_notice("")
        for _ in entry.procedures:
            self.add_card()
        self._scroll.verticalScrollBar().setValue(0)
        self.person.rows[self._words.first].editor.setFocus()

    def fill(self, typed: Typed) -> None:
        """Put what was typed into the cards that `start` made, and say whether the minutes were typed too."""
        self.person.minutes_typed = typed.minutes_typed
        for card, item, details in zip(self.cards, typed.entry.procedures, typed.opened_cards, strict=True):
            card.fill(item, details)

    def focus_person(self) -> None:
        """The keyboard on the first field about who came."""
        self.person.age.setFocus()

    def minutes_typed(self) -> bool:
        """Whether the minutes shown are the agent's own, not those measured."""
        return self.person.minutes_typed

    def show_notice(self, text: str) -> None:
        """A calm line under the title, until the next visit; an empty text takes it away."""
        if text != self.notice():
            self._notice.setText(text)
            self._notice.setVisible(bool(text))
            if text:
                announce(self, text)

    def notice(self) -> str:
        """The calm line; empty when there is none."""
        return self._notice.text()

    def add_card(self) -> None:
        """One more procedure, with the keyboard in it."""
        card = ProcedureCard()
        self.cards.append(card)
        self._stack.insertWidget(len(self.cards) - 1, card)
        card.searched.connect(lambda text: self.procedure_searched.emit(self.cards.index(card), text))
        card.picked.connect(lambda code: self.procedure_picked.emit(self.cards.index(card), code))
        card.changed.connect(lambda: self.card_changed.emit(self.cards.index(card)))
        card.details_wanted.connect(lambda wanted: self.details_wanted.emit(self.cards.index(card), wanted))
        card.remove_requested.connect(lambda: self.remove_requested.emit(self.cards.index(card)))
        card.edited.connect(self.edited)
        self._renumber()
        card.procedure.setFocus()
        self.edited.emit()

    def remove_card(self, number: int) -> None:
        """Take a procedure away."""
        card = self.cards.pop(number)
        self._stack.removeWidget(card)
        card.hide()
        card.deleteLater()
        self._renumber()
        if self.cards:
            self.cards[max(0, number - 1)].procedure.setFocus()
        self.edited.emit()

    def show_minutes(self, minutes: int) -> None:
        """The minutes measured so far."""
        self.person.show_minutes(minutes)

    def suggest_procedures(self, number: int, found: list[Suggestion]) -> None:
        """Propose procedures in a card."""
        self.cards[number].suggest(found)

    def suggest_communes(self, found: list[Suggestion]) -> None:
        """Propose communes."""
        self.person.commune.set_suggestions(found)

    def suggest_stops(self, found: list[Suggestion]) -> None:
        """Propose communes where the bus may have stood."""
        self.person.stop.set_suggestions(found)

    def show_procedure(self, number: int, partner: str, documents: list[str]) -> None:
        """What is known of the procedure taken."""
        self.cards[number].show_partner(partner)
        self.cards[number].set_documents(documents)

    def propose_days(self, number: int, labels: Mapping[str, str]) -> None:
        """The days when what is left in a card may be taken up."""
        self.cards[number].propose_days(labels)

    def offer_answers(self, number: int, answers: list[str]) -> None:
        """The last answers given for the procedure of a card, to take one again."""
        self.cards[number].answer.offer(answers)

    def show_parts(self, number: int, parts: frozenset[str]) -> None:
        """Show these parts of a card."""
        self.cards[number].show_parts(parts)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Every problem beside its field, their number above, the keyboard on the first one."""
        for row in self.person.rows.values():
            row.set_problem("")
        for card in self.cards:
            card.clear_problems()
        lost = [text for field, text in problems.items() if not self._show_problem(field, text)]
        self._alert.setVisible(bool(problems))
        if not problems:
            return
        count = len(problems)
        head = "Un point à corriger" if count == 1 else f"{count} points à corriger"
        self._alert_text.setText(" ".join([f"{self._words.unsaved} {head}, ci-dessous.", *lost]))
        first = next((row for row in self._all_rows() if row.problem), None)
        if first is not None:
            first.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            QTimer.singleShot(0, self, self._follow_problem)
        announce(self, f"{self._alert_text.text()} {first.problem if first else ''}")

    def alert(self) -> str:
        """What is said above the fields; empty when nothing is wrong."""
        return self._alert_text.text() if not self._alert.isHidden() else ""

    def confirm_abandon(self) -> bool:
        """Ask whether what is typed may be lost."""
        box = QMessageBox(self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(self._words.abandon_title)
        box.setText(self._words.abandon)
        keep = box.addButton("&Continuer la saisie", QMessageBox.ButtonRole.RejectRole)
        drop = box.addButton(self._words.drop, QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.exec()
        return box.clickedButton() is drop

    def confirm_leave(self, kept: bool) -> bool:
        """Ask whether to close while a visit is typed; ``kept``: the draft is on the disk."""
        box = QMessageBox(self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("Fermer fsbus")
        box.setText("Fermer fsbus ?" if kept else "Fermer fsbus et perdre cette saisie ?")
        box.setInformativeText(self._words.kept if kept else self._words.not_kept)
        stay = box.addButton("&Continuer la saisie", QMessageBox.ButtonRole.RejectRole)
        leave = box.addButton("&Fermer", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(leave if kept else stay)
        box.setEscapeButton(stay)
        box.exec()
        return box.clickedButton() is leave

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two columns when there is room, else one above the other."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self._columns.setDirection(
            QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        )

    def _show_problem(self, field: str, text: str) -> bool:
        found = _PROCEDURE_FIELD.fullmatch(field)
        if found is not None and int(found[1]) < len(self.cards):
            return self.cards[int(found[1])].show_problem(found[2] or "procedure", text)
        row = self.person.rows.get(field)
        if row is not None:
            row.set_problem(text)
        return row is not None

    def _follow_problem(self) -> None:
        self._scroll.follow()
        # Cards just made, and texts just shown, take their room in the round of events after this one.
        QTimer.singleShot(0, self._scroll, self._scroll.follow)

    def _all_rows(self) -> list[FieldRow]:
        return [*self.person.rows.values(), *(row for card in self.cards for row in card.rows.values())]

    def _renumber(self) -> None:
        for number, card in enumerate(self.cards, 1):
            card.set_number(number, len(self.cards) == 1)
        order = [*self.person.widgets(), *(widget for card in self.cards for widget in card.widgets())]
        chain(*order, self.add, self.save, self.cancel, self.previous)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label(self._words.title, "title"))
        head.addSpacing(12)
        head.addWidget(self._place, 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        head.addWidget(self.previous)
        alert = QHBoxLayout(self._alert)
        alert.setContentsMargins(12, 6, 12, 6)
        alert.addWidget(self._alert_text)
        right = QWidget()
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(12)
        right.setLayout(self._stack)
        self._stack.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self._stack.addStretch(1)
        body = QWidget()
        body.setObjectName("page")
        self._columns.setContentsMargins(24, 2, 24, 6)
        self._columns.setSpacing(16)
        self._columns.addWidget(self.person, 2)
        self._columns.addWidget(right, 3)
        body.setLayout(self._columns)
        self._scroll.setWidget(body)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 1, 24, 4)
        foot.addWidget(label("Les champs laissés vides comptent comme non communiqués.", "muted"), 1)
        foot.addWidget(self.save)
        foot.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        top = QVBoxLayout()
        top.setContentsMargins(24, 8, 24, 0)
        top.addLayout(head)
        self._notice.hide()
        top.addWidget(self._notice)
        top.addWidget(self._alert)
        layout.addLayout(top)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(foot)
