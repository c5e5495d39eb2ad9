"""One recorded visit on the screen, to be read; nothing is changed here."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fsbus.desktop.visit_details.details import VisitDetails
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.facts import FactsCard
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page
from fsbus.desktop.widgets.told import ToldCard


class VisitDetailsView(Page):
    """The page of one visit: Tab goes from card to card, Escape goes back."""

    back_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.back = button("&Retour", keys=("Esc",), hint="Revenir à la liste des visites")
        self.cards: list[FactsCard] = []
        self._title, self._place = label("", "title"), label("", "muted")
        self._title.setWordWrap(True)
        self._columns = self.columns()
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        self._lay_out()
        self.back.clicked.connect(self.back_requested)
        self.setFocusProxy(self.back)

    def show_details(self, details: VisitDetails) -> None:
        """Show a visit in the place of the one before."""
        for old in self.cards:
            old.hide()
            old.deleteLater()
        self.cards.clear()
        self._title.setText(details.title)
        self._place.setText(details.place)
        self._add(details.visit, self._left)
        for told in details.procedures:
            self._add(told, self._right)
        chain(self.back, *self.cards)
        self.verticalScrollBar().setValue(0)
        announce(self, f"{details.title}. {details.place}")

    def title(self) -> str:
        """The title as shown."""
        return self._title.text()

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
        head.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(head)
        for side, stretch in ((self._left, 2), (self._right, 3)):
            holder = QWidget()
            holder.setLayout(side)
            side.setContentsMargins(0, 0, 0, 0)
            side.setSpacing(14)
            side.addStretch(1)
            self._columns.addWidget(holder, stretch)
        self.body.addLayout(self._columns)
        self.body.addStretch(1)
