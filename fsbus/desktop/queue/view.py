"""The page of the queue: who waits, what one does about it, and when people came."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QWidget

from fsbus.core.queue import BOOKED, GAVE_UP, RECEIVED
from fsbus.desktop.queue.shown import ADD_KEY, NEXT_KEY, QueueShown
from fsbus.desktop.widgets.buttons import button, for_touch
from fsbus.desktop.widgets.charts import ChartWithTable
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.confirming import confirm
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card
from fsbus.desktop.widgets.tables import Column, RowsView
from fsbus.desktop.widgets.tiles import Tile

COLUMNS = (
    Column("Ticket", figures=True),
    Column("Arrivée"),
    Column("Où en est la personne", stretch=True),
    Column("Attente", figures=True),
)
OWN = (
    "Cette file est celle de ce poste\u00a0: un autre ordinateur du bus a la sienne. Des numéros, aucun nom\u00a0; les "
    "tickets sont détruits à la fermeture, seuls les chiffres du jour sont gardés."
)
HOW_TO = "Entrée sur une ligne\u00a0: appeler, puis noter comme reçue."
EMPTY = f"Aucun ticket aujourd’hui. {ADD_KEY} ajoute une personne, de n’importe quelle page."
FOR_GOOD = "Les tickets sont détruits et les chiffres du jour gardés, avec ceux qui attendent encore. Cela ne s’annule pas."


class QueueView(Page):
    """Tab goes through the big buttons, the list, what is done with its line, then the chart."""

    add_requested = Signal()
    next_requested = Signal()
    opened = Signal(str)
    called = Signal(str)
    left = Signal(str, str)
    stepped_back = Signal(str)
    print_requested = Signal(str)
    close_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.more = button(f"Une personne de &plus ({ADD_KEY})", "primary")
        self.next = button(f"Appeler le &suivant ({NEXT_KEY})", "primary")
        self.tickets = RowsView("Tickets", COLUMNS)
        self.tickets.setAccessibleDescription(HOW_TO)
        self.call = button("&Appeler", hint="Appeler cette personne avant les autres")
        self.gone: dict[str, QPushButton] = {
            RECEIVED: button("&Reçue"),
            GAVE_UP: button("R&epartie", hint="La personne n’a pas attendu"),
            BOOKED: button("Rendez-vo&us pris", hint="La personne reviendra à l’heure convenue"),
        }
        self.back = button("U&n pas en arrière", hint="Remettre la personne comme elle était avant")
        self.paper = button("&Imprimer le ticket…", hint="Numéro, heure et attente, sur 80 mm")
        self.close_queue = button("Fer&mer la file…", hint="À la fermeture de l’arrêt")
        self.hours = ChartWithTable("Arrivées par heure", "Arrivées par heure", "Heure", "Arrivées")
        self._tiles = (Tile("attendent"), Tile("pour qui arrive"), Tile("avec un agent"), Tile("reçues"))
        self._warning = label("", "error")
        self._empty, self._hint = label(EMPTY, "muted"), label(HOW_TO, "muted")
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.more)

    def show_queue(self, shown: QueueShown) -> None:
        """Show the whole queue; the line chosen stays."""
        told = (
            (str(shown.waiting), "attend" if shown.waiting < 2 else "attendent"),
            (shown.wait, "pour qui arrive"),
            (str(shown.called), "avec un agent"),
            (str(shown.received), "reçue" if shown.received < 2 else "reçues"),
        )
        for tile, (figure, word) in zip(self._tiles, told, strict=True):
            tile.show_figure(figure, word)
        self._warning.setText(shown.warning)
        self._warning.setVisible(bool(shown.warning))
        self.tickets.set_rows(shown.rows)
        for part in (self.tickets, self._hint, self._doing):
            part.setVisible(bool(shown.rows))
        self._empty.setVisible(not shown.rows)
        self.hours.set_bars(shown.hours)
        self._chart.setVisible(bool(shown.hours))

    def confirm_close(self, question: str) -> bool:
        """Ask before the tickets are destroyed."""
        return confirm(self, "File d’attente", question, FOR_GOOD, yes="&Fermer la file")

    def _connect(self) -> None:
        self.more.clicked.connect(self.add_requested)
        self.next.clicked.connect(self.next_requested)
        self.tickets.opened.connect(self.opened)
        self.call.clicked.connect(lambda: self.called.emit(self.tickets.chosen()))
        for how, door in self.gone.items():
            door.clicked.connect(lambda _on=False, how=how: self.left.emit(self.tickets.chosen(), how))
        self.back.clicked.connect(lambda: self.stepped_back.emit(self.tickets.chosen()))
        self.paper.clicked.connect(lambda: self.print_requested.emit(self.tickets.chosen()))
        self.close_queue.clicked.connect(self.close_requested)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label("File d’attente", "title"), 1)
        head.addWidget(self.close_queue)
        self.body.addLayout(head)
        self.body.addWidget(label(OWN, "muted"))
        big = QHBoxLayout()
        big.setSpacing(14)
        for door in (self.more, self.next):
            big.addWidget(door, 1)
        self.body.addLayout(big)
        self.body.addWidget(self._warning)
        tiles = QGridLayout()
        tiles.setSpacing(14)
        for column, tile in enumerate(self._tiles):
            tiles.addWidget(tile, 0, column)
            tiles.setColumnStretch(column, 1)
        self.body.addLayout(tiles)
        people, left = card()
        left.addWidget(label("Tickets du jour", "heading"))
        left.addWidget(self._empty)
        left.addWidget(self.tickets, 1)
        self.tickets.setMinimumHeight(190)
        left.addWidget(self._hint)
        self._doing = QWidget()
        grid = QGridLayout(self._doing)
        grid.setContentsMargins(0, 0, 0, 0)
        doors = (self.call, *self.gone.values(), self.back, self.paper)
        for_touch(self.more, self.next, *doors)
        for place, door in enumerate(doors):
            grid.addWidget(door, place // 3, place % 3)
        left.addWidget(self._doing)
        left.addStretch(0)
        self._chart, right = card()
        right.addWidget(self.hours)
        right.addStretch(1)
        self._chart.setMinimumWidth(300)
        self.body.addLayout(self.columns((people, 5), (self._chart, 2)), 1)
        chain(
            self.more, self.next, self.tickets, *doors, self.hours.switch, self.hours.table, self.close_queue
        )
