"""The parts of « Aujourd’hui » on the « Tournée » page: today's stops, one passage, the incidents."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QFrame, QGridLayout, QHBoxLayout, QPushButton, QWidget

from fsbus.core import codes
from fsbus.core.circuit import MOMENTS
from fsbus.desktop.circuit.shown import Details, PassageShown
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import CheckList, Choice
from fsbus.desktop.widgets.editing import on_edit
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.panels import Panel
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.tables import Column, RowsView
from fsbus.desktop.widgets.texts import DayLine, Line
from fsbus.desktop.widgets.type_ahead import TypeAhead

DO = ("Arriver", "Ouvrir", "Fermer", "Partir")
DONE = ("Arrivée", "Ouverture", "Fermeture", "Départ")
HOUR = "hh:mm"


class Card(QFrame):
    """A framed part of the page; widgets go into ``body``."""

    def __init__(self, heading: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.body = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self.body.setContentsMargins(16, 12, 16, 14)
        self.body.setSpacing(8)
        self.heading = label(heading, "heading")
        self.body.addWidget(self.heading)

    def row(self, *widgets: QWidget, fill: bool = False) -> QHBoxLayout:
        """Widgets side by side; ``fill``: over the whole width."""
        across = QHBoxLayout()
        across.setSpacing(10)
        for widget in widgets:
            across.addWidget(widget, 1 if fill else 0)
        if not fill:
            across.addStretch(1)
        self.body.addLayout(across)
        return across


class Table(RowsView):
    """A table that tells which line is chosen, and shows all its lines."""

    picked = Signal(str)

    def __init__(self, name: str, columns: Sequence[Column]) -> None:
        super().__init__(name, columns)
        self.selectionModel().currentRowChanged.connect(self._tell)

    def set_rows(self, rows: Sequence[TableRow]) -> None:
        """Replace all lines; up to eight are seen without scrolling."""
        super().set_rows(rows)
        lines = min(8, max(1, len(rows))) * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + lines + 8)
        self.setVisible(bool(rows))

    def _tell(self) -> None:
        if self.chosen():
            self.picked.emit(self.chosen())


class StopsCard(Card):
    """Today's stops, and the way to add one that the circuit does not have."""

    def __init__(self) -> None:
        super().__init__("Arrêts du jour")
        self.stops = Table(
            "Arrêts du jour", (Column("Heures"), Column("Arrêt", stretch=True), Column("État"))
        )
        self.empty = label("", "muted")
        self.add = button("Arrêt non prévu…", hint="Un arrêt d’aujourd’hui que le circuit n’a pas")
        self.commune = TypeAhead("Commune", on_empty=True)
        self.place, self.opens, self.closes = Line("Place du marché", 120), Line(HOUR, 5), Line(HOUR, 5)
        rows = {
            "commune": FieldRow("Commune", self.commune),
            "place": FieldRow("Lieu", self.place),
            "opens_at": FieldRow("De", self.opens),
            "closes_at": FieldRow("À", self.closes),
        }
        self.panel = Panel(
            "Arrêt non prévu",
            "Il est noté pour aujourd’hui seulement.",
            rows,
            (_grid(rows),),
            submit="Ajouter cet arrêt",
        )
        self.panel.hide()
        for part in (self.empty, self.stops):
            self.body.addWidget(part)
        self.row(self.add)
        self.body.addWidget(self.panel)


class PassageCard(Card):
    """One passage: its four moments by large buttons, what is noted, and calling it off."""

    marked = Signal(int)
    edited = Signal()

    def __init__(self) -> None:
        super().__init__("")
        self.heading.setWordWrap(True)
        self.words = label("", "body")
        self.moments = [button(text) for text in DO]
        self.hours = [Line(HOUR, 5) for _ in DO]
        self.agents = CheckList(flowing=True)
        self.ready = CheckList(codes.EQUIPMENT_CHECK, flowing=True)
        self.faulty = CheckList(codes.EQUIPMENT_CHECK, flowing=True)
        self.all_ready = button("Tout est en état", "quiet")
        self.network = Choice(codes.NETWORK, nothing="Non noté")
        self.kilometres = Line("", 4)
        self.note = Line("", 1_000)
        self.save = button("Enregistrer", hint="Les heures corrigées, l’équipe, et tout ce qui est noté")
        self.checks = label("Matériel, au départ", "heading")
        self.save_checks = button("Enregistrer le matériel")
        self.call_off = button("Annuler ce passage…", "quiet")
        self.put_off = button("Reporter…", "quiet")
        self.restore = button("Rétablir ce passage")
        self.rows: dict[str, FieldRow] = {
            **{
                name: FieldRow(text, line) for name, text, line in zip(MOMENTS, DONE, self.hours, strict=True)
            },
            "agents": FieldRow("Équipe présente", self.agents),
            "equipment_ready": FieldRow("Vérifié, en état", self.ready),
            "equipment_faulty": FieldRow("En panne ou absent", self.faulty),
            "network": FieldRow("Réseau constaté", self.network),
            "kilometres": FieldRow("Kilomètres du trajet", self.kilometres),
            "note": FieldRow("Note", self.note),
        }
        self.next_door: QPushButton = self.save
        """What is done next."""
        self.reason, self.new_day = Choice(codes.CANCELLATION, nothing="À choisir"), DayLine()
        reason, day = FieldRow("Raison", self.reason), FieldRow("Nouveau jour", self.new_day)
        self.calling_off = Panel(
            "Annuler ce passage", "Il sort des prochains passages de la commune.", {"cancelled": reason}, (reason,),
            submit="Annuler le passage",
        )  # fmt: skip
        self.putting_off = Panel(
            "Reporter ce passage", "Il est proposé au nouveau jour, aux mêmes heures.", {"postponed_to": day}, (day,),
            submit="Reporter le passage",
        )  # fmt: skip
        self._noted: list[QWidget] = [
            *self.moments, *self.rows.values(), self.all_ready, self.save, self.save_checks, self.checks, self.call_off, self.put_off,
        ]  # fmt: skip
        self._shown, self._panels_of = Details(), ""
        self._lay_out()
        for number, do in enumerate(self.moments):
            do.clicked.connect(lambda _on=False, number=number: self.marked.emit(number))
        self.all_ready.clicked.connect(lambda: self.ready.set_codes(codes.EQUIPMENT_CHECK))
        self.ready.changed.connect(lambda: _untick(self.faulty, self.ready))
        self.faulty.changed.connect(lambda: _untick(self.ready, self.faulty))
        on_edit([row.editor for row in self.rows.values()], self.edited)

    def show_agents(self, names: Mapping[str, str]) -> None:
        """Who may be ticked as present."""
        self.agents.set_choices(names)

    def show_passage(self, shown: PassageShown) -> None:
        """Show a passage; what was typed and not saved is replaced."""
        self.heading.setText(shown.heading)
        self.words.setText(shown.words)
        for number, do in enumerate(self.moments):
            _dress(do, "primary" if number == shown.next_moment else "")
        told = shown.details
        for line, text in zip(self.hours, told.hours, strict=True):
            line.setText(text)
        self.agents.set_codes(told.agents)
        self.ready.set_codes(told.ready)
        self.faulty.set_codes(told.faulty)
        self.network.set_code(told.network)
        self.kilometres.setText(told.kilometres)
        self.note.setText(told.note)
        self._shown = self.typed()
        for part in self._noted:
            part.setVisible(shown.held)
        self.restore.setVisible(not shown.held)
        if shown.heading != self._panels_of or not shown.held:
            # Not at each exchange: a reason is perhaps being chosen.
            self._panels_of = shown.heading
            for panel in (self.calling_off, self.putting_off):
                panel.hide()
        next_door = self.save if shown.next_moment is None else self.moments[shown.next_moment]
        self.next_door = next_door if shown.held else self.restore
        self.show_problems({})

    def typed(self) -> Details:
        """What is noted, as it stands in the fields."""
        return Details(
            tuple(line.text().strip() for line in self.hours),
            self.agents.codes(),
            self.ready.codes(),
            self.faulty.codes(),
            self.network.code(),
            self.kilometres.text().strip(),
            self.note.text(),
        )

    def is_edited(self) -> bool:
        """Whether something was typed and is not saved."""
        return self.typed() != self._shown

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Each problem beside its field, the keyboard on the first."""
        for name, row in self.rows.items():
            row.set_problem(problems.get(name, ""))
        first = next((row for name, row in self.rows.items() if name in problems), None)
        if first is not None:
            first.editor.setFocus()

    def _lay_out(self) -> None:
        self.body.addWidget(self.words)
        across = QGridLayout()
        across.setSpacing(10)
        for column, (name, do) in enumerate(zip(MOMENTS, self.moments, strict=True)):
            do.setMinimumHeight(44)
            across.addWidget(do, 0, column)
            across.addWidget(self.rows[name], 1, column)
            across.setColumnStretch(column, 1)
        self.body.addLayout(across)
        self.body.addWidget(self.rows["agents"])
        self.row(self.rows["network"], self.rows["kilometres"], fill=True)
        self.body.addWidget(self.rows["note"])
        self.row(self.save, self.call_off, self.put_off, self.restore)
        for panel in (self.calling_off, self.putting_off):
            self.body.addWidget(panel)
            panel.hide()
        self.body.addSpacing(8)
        self.body.addWidget(self.checks)
        for name in ("equipment_ready", "equipment_faulty"):
            self.body.addWidget(self.rows[name])
        self.row(self.save_checks, self.all_ready)
        self.body.addStretch(1)


class IncidentsCard(Card):
    """What went wrong today, and for how long."""

    def __init__(self) -> None:
        super().__init__("Incidents du jour")
        self.incidents = Table(
            "Incidents du jour", (Column("Début"), Column("Incident", stretch=True), Column("Durée"), Column("Accueil", spare=True))
        )  # fmt: skip
        self.empty = label("Aucun incident aujourd’hui.", "muted")
        self.add = button("Signaler un incident…")
        self.end = button("C’est fini maintenant", hint="Compter l’incident choisi jusqu’à maintenant")
        self.take_off = button("Retirer", "quiet")
        self.what = Choice(codes.INCIDENT, nothing="À choisir")
        self.started, self.minutes, self.note = (
            Line(HOUR, 5),
            Line("30, 1h10… vide\u00a0: ça continue", 10),
            Line("", 500),
        )
        self.closed = QCheckBox("Personne n’a pu être reçu pendant ce temps")
        self.closed.setAccessibleName(self.closed.text())
        rows = {
            "what": FieldRow("Incident", self.what),
            "started_at": FieldRow("Depuis", self.started),
            "minutes": FieldRow("Durée", self.minutes, hint="Vide : ça continue"),
            "note": FieldRow("Note", self.note),
        }
        self.panel = Panel(
            "Signaler un incident",
            "Ça continue\u00a0? Laissez la durée vide\u00a0: « C’est fini maintenant » la comptera.",
            rows,
            (_grid(rows), self.closed),
            submit="Noter l’incident",
        )
        self.panel.hide()
        for part in (self.empty, self.incidents):
            self.body.addWidget(part)
        self.row(self.add, self.end, self.take_off)
        self.body.addWidget(self.panel)
        self.body.addStretch(1)


def _grid(rows: Mapping[str, FieldRow]) -> QWidget:
    """Fields two by two."""
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(10)
    for number, row in enumerate(rows.values()):
        grid.addWidget(row, number // 2, number % 2)
    for column in (0, 1):
        grid.setColumnStretch(column, 1)
    return holder


def _untick(other: CheckList, ticked: CheckList) -> None:
    both = set(other.codes()) & set(ticked.codes())
    if both:
        other.set_codes(set(other.codes()) - both)


def _dress(made: QPushButton, role: str) -> None:
    if made.property("role") != role:
        made.setProperty("role", role)
        made.style().unpolish(made)
        made.style().polish(made)
