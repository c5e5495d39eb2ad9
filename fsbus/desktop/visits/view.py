"""The list of all visits: what narrows it above, the lines below."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from fsbus.core import codes
from fsbus.desktop.visits.narrowing import ORDERS, Typed
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import CORRECT_KEY, button
from fsbus.desktop.widgets.choices import Choice, chain
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.tables import Column, RowsView
from fsbus.desktop.widgets.texts import DayLine
from fsbus.desktop.widgets.type_ahead import TypeAhead
from fsbus.desktop.widgets.widths import NARROW

COLUMNS = (
    Column("Jour et heure"),
    Column("Lieu", spare=True),
    Column("Démarches", stretch=True),
    Column("Résultat", stretch=True),
    Column("Durée", figures=True, spare=True),
    Column("Agent", spare=True),
)
HOW_TO_READ = (
    "Entrée ou double clic sur une ligne\u00a0: relire toute la visite\u00a0; F4\u00a0: la corriger."
)
CHOOSE_FIRST = "Choisissez la visite à corriger, puis F4."
NOTHING = "Aucune visite ne répond à tout cela. « Tout afficher » efface ce qui est demandé."
ANYONE = "Tous les agents"


class VisitsView(Page):
    """The page of all visits."""

    narrowed = Signal(object)
    """A `Typed`: the fields as they stand."""
    more_wanted = Signal()
    commune_searched = Signal(str)
    procedure_searched = Signal(str)
    visit_opened = Signal(str)
    correct_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = DayLine("jj/mm/aaaa"), DayLine("jj/mm/aaaa")
        self.commune, self.procedure = TypeAhead("Arrêt du bus"), TypeAhead("Titre ou mot")
        self.outcome = Choice(codes.OUTCOME, nothing="Tous les résultats")
        self.agent, self.order = Choice({}, nothing=ANYONE), Choice(ORDERS)
        self.everything = button("Tout affic&her", "quiet", hint="Effacer ce qui est demandé")
        self.correct = button(
            "Corri&ger", "quiet", keys=(CORRECT_KEY,), hint="Rouvrir la visite choisie dans le formulaire"
        )
        self.visits = RowsView("Visites", COLUMNS)
        self.visits.setAccessibleDescription(HOW_TO_READ)
        self.fields = {
            "first": FieldRow("&Du", self.first),
            "last": FieldRow("A&u", self.last),
            "commune": FieldRow("C&ommune", self.commune),
            "procedure": FieldRow("Dé&marche", self.procedure),
            "outcome": FieldRow("&Résultat", self.outcome),
            "agent_id": FieldRow("Agen&t", self.agent),
            "order": FieldRow("Tri&er", self.order),
        }
        self._told, self._empty, self._hint = (
            label("", "heading"),
            label(NOTHING, "muted"),
            label(HOW_TO_READ, "muted"),
        )
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.first)

    def typed(self) -> Typed:
        """The fields as they stand."""
        return Typed(
            self.first.text(),
            self.last.text(),
            self.commune.code(),
            self.procedure.code(),
            self.outcome.code(),
            self.agent.code(),
            self.order.code(),
        )

    def show_visits(self, rows: tuple[TableRow, ...], total: int, told: str) -> None:
        """Show the first lines of so many, and how many in words."""
        if told != self._told.text():
            self._told.setText(told)
            announce(self, told)
        self.visits.set_first_rows(rows, total)
        for part in (self.visits, self._hint, self.correct):
            part.setVisible(bool(rows))
        self._empty.setVisible(not rows)

    def add_visits(self, rows: tuple[TableRow, ...]) -> None:
        """Add lines below."""
        self.visits.rows.add_rows(rows)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """What is wrong, beside each field; the keyboard is left where it is."""
        for name, row in self.fields.items():
            row.set_problem(problems.get(name, ""))
        if problems:
            announce(self, " ".join(problems.values()))

    def show_agents(self, names: Mapping[str, str]) -> None:
        """Offer these agents; the one chosen stays."""
        self.agent.offer({"": ANYONE, **names})

    def suggest_communes(self, found: list[Suggestion]) -> None:
        """Propose communes."""
        self.commune.set_suggestions(found)

    def suggest_procedures(self, found: list[Suggestion]) -> None:
        """Propose procedures."""
        self.procedure.set_suggestions(found)

    def _show_everything(self) -> None:
        for line in (self.first, self.last):
            line.clear()
        for field in (self.commune, self.procedure):
            field.set_value("", "")
        for choice in (self.outcome, self.agent):
            choice.blockSignals(True)
            choice.set_code("")
            choice.blockSignals(False)
        self._narrow()

    def _narrow(self) -> None:
        self.narrowed.emit(self.typed())

    def _correct(self) -> None:
        if self.visits.chosen():
            self.correct_requested.emit(self.visits.chosen())
        else:
            self.visits.setFocus()
            announce(self, CHOOSE_FIRST)

    def _connect(self) -> None:
        for line in (self.first, self.last):
            line.editingFinished.connect(self._narrow)
        for field, searched in (
            (self.commune, self.commune_searched),
            (self.procedure, self.procedure_searched),
        ):
            field.searched.connect(searched)
            field.chosen.connect(self._narrow)
        for choice in (self.outcome, self.agent, self.order):
            choice.currentIndexChanged.connect(self._narrow)
        self.everything.clicked.connect(self._show_everything)
        self.correct.clicked.connect(self._correct)
        self.visits.opened.connect(self.visit_opened)
        self.visits.rows.more_wanted.connect(self.more_wanted)
        asked = [row.editor for row in self.fields.values()]
        chain(asked[0], *asked[1:], self.everything, self.visits, self.correct)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fewer fields beside each other on a narrow screen."""
        super().resizeEvent(event)
        self._place(2 if self.width() < NARROW else 4)

    def _place(self, across: int) -> None:
        for number, row in enumerate(self.fields.values()):
            self._asked.addWidget(row, number // across, number % across)
        for column in range(4):
            self._asked.setColumnStretch(column, 1 if column < across else 0)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label("Visites", "title"), 1)
        head.addWidget(self.everything)
        self.body.addLayout(head)
        holder = QWidget()
        self._asked = QGridLayout(holder)
        self._asked.setContentsMargins(0, 0, 0, 0)
        self._asked.setSpacing(10)
        self._place(4)
        self.body.addWidget(holder)
        frame, inside = card()
        inside.addWidget(self._told)
        inside.addWidget(self._empty)
        inside.addWidget(self.visits, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._hint, 1)
        foot.addWidget(self.correct)
        inside.addLayout(foot)
        inside.addStretch(0)
        self.visits.setMinimumHeight(240)
        self.body.addWidget(frame, 1)
