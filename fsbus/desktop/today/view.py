"""The day on the screen: the stop, the counters, the visits and the outcomes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fsbus.core.french import duration
from fsbus.desktop.today.day import DayFigures, DayShown
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import CORRECT_KEY, button
from fsbus.desktop.widgets.charts import ChartWithTable
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.tables import Column, RowsView
from fsbus.desktop.widgets.texts import Line
from fsbus.desktop.widgets.tiles import Tile
from fsbus.desktop.widgets.type_ahead import TypeAhead

COLUMNS = (
    Column("Heure"),
    Column("Démarches", stretch=True),
    Column("Résultat", stretch=True),
    Column("Venue", spare=True),
    Column("Âge", spare=True),
)
HOW_TO_READ = (
    "Entrée ou double clic sur une ligne\u00a0: relire toute la visite\u00a0; F4\u00a0: la corriger."
)
CHOOSE_FIRST = "Choisissez la visite à corriger, puis F4."


class TodayView(Page):
    """The screen of the day."""

    new_visit_requested = Signal()
    stop_searched = Signal(str)
    stop_picked = Signal(str)
    visits_searched = Signal(str)
    visit_opened = Signal(str)
    correct_requested = Signal(str)
    follow_ups_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.stop = TypeAhead("Commune où le bus est arrêté", on_empty=True)
        self.search = Line("Note, démarche, réponse…", 100)
        self.new_visit = button("&Nouvelle visite", "primary", hint="Ctrl+N")
        self.to_take_up = button("Suites ici aujourd’hui", "quiet", hint="Ouvrir la page « Suites »")
        self.visits = RowsView("Visites", COLUMNS)
        self.visits.setAccessibleDescription(HOW_TO_READ)
        self.correct = button(
            "Corri&ger", "quiet", keys=(CORRECT_KEY,), hint="Rouvrir la visite choisie dans le formulaire"
        )
        self.outcomes = ChartWithTable(
            "Résultats des démarches du jour", "Résultats", "Résultat", "Démarches"
        )
        self._day = label("", "muted")
        self._empty, self._hint = label("", "muted"), label(HOW_TO_READ, "muted")
        self._heading = label("Visites du jour", "heading")
        self._tiles = (Tile("visites"), Tile("démarches"), Tile("au total"), Tile("à suivre"))
        self._strips = 1
        """The place of the next strip in the body."""
        self._lay_out()
        self.new_visit.clicked.connect(self.new_visit_requested)
        self.stop.searched.connect(self.stop_searched)
        self.stop.chosen.connect(self.stop_picked)
        self.search.textChanged.connect(self.visits_searched)
        self.visits.opened.connect(self.visit_opened)
        self.correct.clicked.connect(self._correct)
        self.to_take_up.clicked.connect(self.follow_ups_requested)
        chain(
            self.stop,
            self.new_visit,
            self.to_take_up,
            self.search,
            self.visits,
            self.correct,
            self.outcomes.switch,
            self.outcomes.table,
        )
        self.setFocusProxy(self.new_visit)

    def show_day(self, shown: DayShown) -> None:
        """Show the whole day."""
        self._day.setText(shown.day)
        if not self.stop.hasFocus():
            self.stop.set_value(shown.stop_code, shown.stop_name)
        self._show_figures(shown.figures)
        if shown.to_take_up:
            self.to_take_up.setText(shown.to_take_up)
            self.to_take_up.setAccessibleName(shown.to_take_up)
        self.to_take_up.setVisible(bool(shown.to_take_up))
        self.show_visits(
            shown.visits, "Visites du jour", "Aucune visite aujourd’hui. Ctrl+N ouvre la première."
        )

    def add_strip(self, strip: QWidget) -> None:
        """A line of another page, below the head."""
        self.body.insertWidget(self._strips, strip)
        self._strips += 1
        chain(self.new_visit, *strip.findChildren(QPushButton), self.search)

    def show_visits(self, rows: tuple[TableRow, ...], heading: str, empty: str) -> None:
        """Show these visits under a heading, or what is said when there is none."""
        self._heading.setText(heading)
        self.visits.set_rows(rows)
        self.visits.setVisible(bool(rows))
        self._hint.setText(HOW_TO_READ)
        self._hint.setVisible(bool(rows))
        self.correct.setVisible(bool(rows))
        self._empty.setText(empty)
        self._empty.setVisible(not rows)

    def suggest_stops(self, found: list[Suggestion]) -> None:
        """Propose communes for the stop."""
        self.stop.set_suggestions(found)

    def _correct(self) -> None:
        if self.visits.chosen():
            self.correct_requested.emit(self.visits.chosen())
        else:
            # The first line is chosen then: nothing is opened that was not pointed at.
            self.visits.setFocus()
            self._hint.setText(CHOOSE_FIRST)
            announce(self, CHOOSE_FIRST)

    def _show_figures(self, figures: DayFigures) -> None:
        told = (
            (str(figures.visits), "visite" if figures.visits < 2 else "visites"),
            (str(figures.procedures), "démarche" if figures.procedures < 2 else "démarches"),
            (duration(figures.minutes), "d’accueil"),
            (str(figures.to_follow_up), "à suivre"),
        )
        for tile, (figure, word) in zip(self._tiles, told, strict=True):
            tile.show_figure(figure, word)
        self.outcomes.set_bars(figures.outcomes)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label("Aujourd’hui", "title"))
        below = QHBoxLayout()
        below.addWidget(self._day, 1)
        below.addWidget(self.to_take_up)
        words.addLayout(below)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addLayout(words, 2)
        head.addStretch(1)
        stop = FieldRow("&Arrêt du jour", self.stop)
        stop.setMinimumWidth(260)
        stop.setMaximumWidth(420)
        head.addWidget(stop, 2)
        head.addWidget(self.new_visit, 0, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(head)
        tiles = QGridLayout()
        tiles.setSpacing(14)
        for column, tile in enumerate(self._tiles):
            tiles.addWidget(tile, 0, column)
            tiles.setColumnStretch(column, 1)
        self.body.addLayout(tiles)
        visits, left = card()
        top = QHBoxLayout()
        top.addWidget(self._heading)
        top.addStretch(1)
        finder = QWidget()
        inside = QHBoxLayout(finder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(label("&Chercher", "field", buddy=self.search))
        inside.addWidget(self.search)
        self.search.setAccessibleName("Chercher dans les visites")
        self.search.setMinimumWidth(240)
        top.addWidget(finder)
        left.addLayout(top)
        left.addWidget(self._empty)
        left.addWidget(self.visits, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._hint, 1)
        foot.addWidget(self.correct)
        left.addLayout(foot)
        left.addStretch(0)
        self.visits.setMinimumHeight(200)
        outcomes, right = card()
        right.addWidget(self.outcomes)
        right.addStretch(1)
        outcomes.setMinimumWidth(320)
        self.body.addLayout(self.columns((visits, 5), (outcomes, 2)), 1)
