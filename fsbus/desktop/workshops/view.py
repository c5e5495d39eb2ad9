"""The page of workshops: the sessions of a month, and the year by theme."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from fsbus.desktop.widgets.buttons import CORRECT_KEY, button
from fsbus.desktop.widgets.charts import ChartWithTable
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card
from fsbus.desktop.widgets.tables import Column, RowsView
from fsbus.desktop.workshops.presenter import MonthShown

COLUMNS = (
    Column("Jour"),
    Column("Heure"),
    Column("Atelier", stretch=True),
    Column("Lieu", spare=True),
    Column("Durée", figures=True, spare=True),
    Column("Personnes", figures=True),
)
HOW_TO = "Entrée ou double clic sur une ligne\u00a0: relire et changer l’atelier."
EMPTY = "Aucun atelier ce mois-ci. « Nouvel atelier » ouvre le premier."


class WorkshopsView(Page):
    """Tab goes through the buttons, the month, the list, what is done with its line, then the chart."""

    new_requested = Signal()
    like_last_requested = Signal()
    turned = Signal(int)
    opened = Signal(str)
    remove_requested = Signal(str)
    print_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.new = button("&Nouvel atelier", "primary")
        self.like_last = button(
            "&Comme le dernier atelier", hint="Le même, aujourd’hui, personne n’est encore compté"
        )
        self.before, self.after = button("Mois &précédent", "quiet"), button("Mois &suivant", "quiet")
        self.workshops = RowsView("Ateliers du mois", COLUMNS)
        self.workshops.setAccessibleDescription(HOW_TO)
        self.change = button(
            "C&hanger", keys=(CORRECT_KEY,), hint="Rouvrir l’atelier choisi dans le formulaire"
        )
        self.remove = button("&Retirer", hint="Enregistré par erreur\u00a0; Ctrl+Z le remet")
        self.sheet = button("Feuille d’é&margement…", hint="À signer sur papier")
        self.topics = ChartWithTable("Ateliers de l’année par thème", "Par thème", "Thème", "Ateliers")
        self._month, self._sums = label("", "heading"), label("", "muted")
        self._year = label("", "muted")
        self._empty, self._hint = label(EMPTY, "muted"), label(HOW_TO, "muted")
        self._lay_out()
        self.new.clicked.connect(self.new_requested)
        self.like_last.clicked.connect(self.like_last_requested)
        self.before.clicked.connect(lambda: self.turned.emit(-1))
        self.after.clicked.connect(lambda: self.turned.emit(1))
        self.workshops.opened.connect(self.opened)
        self.change.clicked.connect(lambda: self.opened.emit(self.workshops.chosen()))
        self.remove.clicked.connect(lambda: self.remove_requested.emit(self.workshops.chosen()))
        self.sheet.clicked.connect(lambda: self.print_requested.emit(self.workshops.chosen()))
        self.setFocusProxy(self.new)

    def show_month(self, shown: MonthShown) -> None:
        """Show the month and the year; the line chosen stays."""
        self._month.setText(shown.month)
        self._sums.setText(shown.sums)
        self.workshops.set_rows(shown.rows)
        for part in (self.workshops, self._hint, self.change, self.remove, self.sheet):
            part.setVisible(bool(shown.rows))
        self._empty.setVisible(not shown.rows)
        self._year.setText(f"Année {shown.year}\u00a0; un atelier compte une fois dans chacun de ses thèmes.")
        self.topics.set_bars(shown.topics)
        self._chart.setVisible(bool(shown.topics))

    def sums(self) -> str:
        """The sums of the month, as shown."""
        return self._sums.text()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label("Ateliers", "title"), 1)
        head.addWidget(self.like_last)
        head.addWidget(self.new)
        self.body.addLayout(head)
        sessions, left = card()
        top = QHBoxLayout()
        top.addWidget(self._month, 1)
        top.addWidget(self.before)
        top.addWidget(self.after)
        left.addLayout(top)
        left.addWidget(self._sums)
        left.addWidget(self._empty)
        left.addWidget(self.workshops, 1)
        self.workshops.setMinimumHeight(200)
        left.addWidget(self._hint)
        doors = QHBoxLayout()
        for door in (self.change, self.remove, self.sheet):
            doors.addWidget(door)
        doors.addStretch(1)
        left.addLayout(doors)
        left.addStretch(0)
        self._chart, right = card()
        right.addWidget(self._year)
        right.addWidget(self.topics)
        right.addStretch(1)
        self._chart.setMinimumWidth(300)
        self.body.addLayout(self.columns((sessions, 5), (self._chart, 3)), 1)
        chain(
            self.like_last, self.new, self.before, self.after, self.workshops,
            self.change, self.remove, self.sheet, self.topics.switch, self.topics.table,
        )  # fmt: skip
