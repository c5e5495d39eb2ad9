"""The page that tells every key of the window."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.facts import FactsCard
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page
from fsbus.desktop.widgets.told import ToldCard


class KeysView(Page):
    """Cards side by side, each read whole; Esc goes back."""

    def __init__(self, told: tuple[ToldCard, ...]) -> None:
        super().__init__()
        head = QHBoxLayout()
        head.addWidget(label("Les touches", "title"), 1)
        self.back = button("&Retour", keys=("Esc",), hint="Revenir où l’on était")
        self.help = button("&Aide", "quiet", hint="Ce que l’on fait sur cette page, et comment")
        head.addWidget(self.help)
        head.addWidget(self.back)
        self.body.addLayout(head)
        cards = [FactsCard(card) for card in told]
        half = 2
        self.body.addLayout(self.columns((_above(cards[:half]), 1), (_above(cards[half:]), 1)))
        self.body.addStretch(1)
        self.setFocusProxy(cards[0])

    def show_article(self, title: str) -> None:
        """The article of the page one came from."""
        self.help.setText(f"&Aide\u00a0: {title}")
        self.help.setAccessibleName(f"Aide\u00a0: {title}")


def _above(cards: list[FactsCard]) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(12)
    for card in cards:
        column.addWidget(card)
    column.addStretch(1)
    return holder
