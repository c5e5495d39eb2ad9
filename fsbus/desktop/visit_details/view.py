"""One recorded visit on the screen, to be read, and removed when it was recorded by mistake."""

from functools import partial
from itertools import zip_longest

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fsbus.desktop.visit_details.details import VisitDetails
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import CORRECT_KEY, button
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.confirming import confirm
from fsbus.desktop.widgets.facts import FactsCard
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page
from fsbus.desktop.widgets.told import ToldCard


class VisitDetailsView(Page):
    """The page of one visit: Tab goes from card to card, Escape goes back."""

    back_requested = Signal()
    correct_requested = Signal()
    print_requested = Signal()
    remove_requested = Signal(str)
    put_back_requested = Signal(str)
    """Of one procedure, by its id, or of the whole visit, when it is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.back = button("&Retour", keys=("Esc",), hint="Revenir à la liste des visites")
        self.correct = button("Corri&ger", keys=(CORRECT_KEY,), hint="Rouvrir la visite dans le formulaire")
        self.print_it = button("Im&primer…", hint="Reçu, pièces à préparer, mandat — Ctrl+P")
        self.remove = button(
            "Re&tirer la visite", "quiet", hint="Enregistrée par erreur\u00a0; elle pourra être remise"
        )
        self.put_back = button("Re&mettre", "primary", hint="La visite est comptée et montrée de nouveau")
        self.cards: list[FactsCard] = []
        self.small: list[QPushButton] = []
        self._said = label("", "success")
        self._title, self._place = label("", "title"), label("", "muted")
        self._title.setWordWrap(True)
        self._columns = self.columns()
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        self._lay_out()
        self.back.clicked.connect(self.back_requested)
        self.correct.clicked.connect(self.correct_requested)
        self.print_it.clicked.connect(self.print_requested)
        self.remove.clicked.connect(partial(self.remove_requested.emit, ""))
        self.put_back.clicked.connect(partial(self.put_back_requested.emit, ""))
        self.setFocusProxy(self.back)

    def show_details(self, details: VisitDetails) -> None:
        """Show a visit in the place of the one before."""
        for old in (*self.cards, *self.small):
            old.hide()
            old.deleteLater()
        self.cards.clear()
        self.small.clear()
        self._said.hide()
        self.correct.setVisible(not details.is_removed)
        self.remove.setVisible(not details.is_removed)
        self.print_it.setVisible(not details.is_removed)
        self.put_back.setVisible(details.is_removed)
        self._title.setText(details.title)
        self._place.setText(details.place)
        if details.visit is not None:
            self._add(details.visit, self._left)
        order: list[QWidget] = [*self.cards]
        for told, record_id in zip_longest(details.procedures, details.ids, fillvalue=""):
            if isinstance(told, ToldCard):
                self._add(told, self._right)
                order.append(self.cards[-1])
            if record_id and isinstance(told, ToldCard):
                order.append(
                    self._small("Retirer cette démarche", told.heading, self.remove_requested, record_id)
                )
        for record_id, title in details.removed:
            order.append(
                self._small(f"Remettre «\u00a0{title}\u00a0»", title, self.put_back_requested, record_id)
            )
        chain(
            self.back,
            *order,
            self.correct,
            self.print_it,
            self.put_back if details.is_removed else self.remove,
        )
        self.verticalScrollBar().setValue(0)
        announce(self, f"{details.title}. {details.place}")

    def say(self, text: str) -> None:
        """Tell what was done, to the screen reader too."""
        self._said.setText(text)
        self._said.show()
        announce(self, text)

    def confirm(self, question: str, words: str) -> bool:
        """Ask before something is removed."""
        return confirm(self, "Retirer", question, words, yes="Re&tirer")

    def title(self) -> str:
        """The title as shown."""
        return self._title.text()

    def _small(self, words: str, about: str, signal: SignalInstance, record_id: str) -> QPushButton:
        made = button(words, "quiet")
        made.setAccessibleName(f"{words}, {about}" if about not in words else words)
        made.clicked.connect(partial(signal.emit, record_id))
        self.small.append(made)
        self._right.insertWidget(self._right.count() - 1, made, 0, Qt.AlignmentFlag.AlignLeft)
        return made

    def _add(self, told: ToldCard, where: QVBoxLayout) -> None:
        card = FactsCard(told)
        self.cards.append(card)
        # Before the stretch that keeps the cards at the top.
        where.insertWidget(where.count() - 1, card)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._place)
        head = QHBoxLayout()
        head.addLayout(words, 1)
        for door in (self.correct, self.print_it, self.remove, self.put_back, self.back):
            head.addWidget(door, 0, Qt.AlignmentFlag.AlignTop)
        self.put_back.hide()
        self.body.addLayout(head)
        self.body.addWidget(self._said)
        self._said.hide()
        for side, stretch in ((self._left, 2), (self._right, 3)):
            holder = QWidget()
            holder.setLayout(side)
            side.setContentsMargins(0, 0, 0, 0)
            side.setSpacing(14)
            side.addStretch(1)
            self._columns.addWidget(holder, stretch)
        self.body.addLayout(self._columns)
        self.body.addStretch(1)
