"""The « Tournée » page: today's stops, the circuit, the week, one of them at a time."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from fsbus.core.french import duration
from fsbus.desktop.circuit.cards import Card, IncidentsCard, PassageCard, StopsCard, Table
from fsbus.desktop.circuit.month_grid import MonthWithTable
from fsbus.desktop.circuit.shown import Details, MonthShown, PassageShown, StopTyped, WeekShown
from fsbus.desktop.circuit.stop_panel import StopPanel
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.charts import ChartWithTable
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.tables import Column
from fsbus.desktop.widgets.tiles import Tile

PARTS = ("Arrêts du &jour", "Le &circuit", "La &semaine")
TODAY, PLAN, WEEK = range(3)


class CircuitView(Page):
    """Three parts behind three buttons; each shows values and tells what was asked for."""

    part_shown = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.doors = [button(text, "quiet") for text in PARTS]
        self.stops, self.passage, self.incidents = StopsCard(), PassageCard(), IncidentsCard()
        self.circuit, self.calendar, self.months = Card("Arrêts du circuit"), Card(""), MonthWithTable()
        self.plan = Table(
            "Arrêts du circuit",
            (Column("Arrêt", stretch=True), Column("Jours", stretch=True), Column("Heures"), Column("Prochain", spare=True)),
        )  # fmt: skip
        self.no_plan = label("", "muted")
        self.add = button("Ajouter un arrêt…", "primary")
        self.change = button("Changer…", hint="Entrée sur la ligne")
        self.take_off = button("Retirer", "quiet")
        self.stop = StopPanel()
        self.poster = button("Affiche du mois…", hint="À imprimer pour chaque commune, en A4 ou en A3")
        self.week_before, self.week_after = (
            button("Semaine précédente", "quiet"),
            button("Semaine suivante", "quiet"),
        )
        self.week_title, self.week_words = label("", "heading"), label("")
        self.tiles = [Tile("") for _ in range(4)]
        self.hours = ChartWithTable(
            "Heures d’accueil de la semaine", "Heures d’accueil", "Jour", "Durée", said=duration
        )
        self._parts = [QWidget() for _ in PARTS]
        self._lay_out()
        self.show_part(TODAY)

    def show_part(self, number: int) -> None:
        """Show one of the three parts."""
        self.doors[number].setChecked(True)
        for other, part in enumerate(self._parts):
            part.setVisible(other == number)
        self.setFocusProxy(self.doors[number])

    def part(self) -> int:
        """The part that is shown."""
        return next(number for number, door in enumerate(self.doors) if door.isChecked())

    def show_agents(self, names: Mapping[str, str]) -> None:
        """Who may be ticked as present."""
        self.passage.show_agents(names)

    def show_stops(self, rows: Sequence[TableRow], empty: str) -> None:
        """Today's stops, or why there are none."""
        self.stops.stops.set_rows(rows)
        self.stops.empty.setText("" if rows else empty)
        self.stops.empty.setVisible(not rows)

    def show_passage(self, passage_id: str, shown: PassageShown | None) -> None:
        """One passage; nothing when there is none."""
        self.passage.setVisible(shown is not None)
        if shown is not None:
            self.passage.show_passage(shown)
            self.stops.stops.choose(passage_id)
        if self.part() == TODAY:
            # What is done next is one key away.
            self.setFocusProxy(self.passage.next_door if shown is not None else self.stops.add)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """What is wrong with what is noted of the passage."""
        self.passage.show_problems(problems)

    def show_incidents(self, rows: Sequence[TableRow]) -> None:
        """The incidents of the day."""
        self.incidents.incidents.set_rows(rows)
        self.incidents.empty.setVisible(not rows)
        for door in (self.incidents.end, self.incidents.take_off):
            door.setVisible(bool(rows))

    def is_edited(self) -> bool:
        """Whether something of the passage was typed and is not saved."""
        return self.passage.is_edited()

    def typed(self) -> Details:
        """What is noted of the passage, as it stands in the fields."""
        return self.passage.typed()

    def show_circuit(self, rows: Sequence[TableRow], empty: str) -> None:
        """The stops of the circuit, or what to do first."""
        self.plan.set_rows(rows)
        self.no_plan.setText("" if rows else empty)
        self.no_plan.setVisible(not rows)
        for door in (self.change, self.take_off):
            door.setVisible(bool(rows))

    def show_month(self, month: MonthShown) -> None:
        """The month, drawn and as a table."""
        self.months.show_month(month)

    def open_stop(self, stop: StopTyped, heading: str) -> None:
        """Show the form of a stop."""
        self.stop.start(stop, heading)

    def close_stop(self) -> None:
        """Hide the form, the keyboard back on the list."""
        self.stop.hide()
        (self.plan if self.plan.isVisible() else self.add).setFocus()

    def say_rule(self, words: str) -> None:
        """The rule in the form, in words."""
        self.stop.said.setText(words)

    def typed_stop(self) -> StopTyped:
        """The stop in the form."""
        return self.stop.typed()

    def show_week(self, shown: WeekShown) -> None:
        """The figures of a week."""
        self.week_title.setText(shown.title)
        for tile, (figure, word) in zip(self.tiles, shown.figures, strict=True):
            tile.show_figure(figure, word)
        self.week_words.setText("\n".join(shown.words))
        self.hours.set_bars(shown.bars)

    def _turn(self, number: int) -> None:
        self.show_part(number)
        # From its top, the keyboard not lost with what is hidden.
        self.doors[number].setFocus()
        self.part_shown.emit(number)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(label("Tournée", "title"))
        head.addStretch(1)
        group = QButtonGroup(self)
        for number, door in enumerate(self.doors):
            door.setCheckable(True)
            group.addButton(door, number)
            head.addWidget(door)
        group.idClicked.connect(self._turn)
        self.body.addLayout(head)
        left = QWidget()
        down = QVBoxLayout(left)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(16)
        down.addWidget(self.stops)
        down.addWidget(self.incidents)
        down.addStretch(1)
        self._parts[TODAY].setLayout(self.columns((left, 4), (self.passage, 5)))
        for widget in (self.no_plan, self.plan):
            self.circuit.body.addWidget(widget)
        self.circuit.row(self.add, self.change, self.take_off)
        self.circuit.body.addWidget(self.stop)
        self.circuit.body.addStretch(1)
        self.stop.hide()
        self.calendar.heading.hide()
        self.calendar.body.addWidget(self.months)
        self.calendar.row(self.poster)
        self.calendar.body.addStretch(1)
        self._parts[PLAN].setLayout(self.columns((self.circuit, 5), (self.calendar, 4)))
        self._parts[WEEK].setLayout(self._week())
        for part in self._parts:
            if (inside := part.layout()) is not None:
                inside.setContentsMargins(0, 0, 0, 0)
            self.body.addWidget(part)
        self.body.addStretch(1)
        chain(*self.doors, self.stops.stops, self.stops.add, self.incidents.incidents, self.incidents.add)

    def _week(self) -> QVBoxLayout:
        around, tiles, chart = QHBoxLayout(), QGridLayout(), Card("")
        around.addWidget(self.week_title, 1)
        around.addWidget(self.week_before)
        around.addWidget(self.week_after)
        tiles.setSpacing(14)
        for number, tile in enumerate(self.tiles):
            tiles.addWidget(tile, number // 2, number % 2)
            tiles.setColumnStretch(number % 2, 1)
        chart.heading.hide()
        chart.body.addWidget(self.hours)
        down = QVBoxLayout()
        down.setSpacing(14)
        down.addLayout(around)
        down.addLayout(tiles)
        down.addWidget(self.week_words)
        down.addWidget(chart)
        return down
