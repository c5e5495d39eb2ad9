"""The form of one stop of the circuit: where, at which hours, on which days."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from fsbus.core.french import WEEKDAYS
from fsbus.core.recurrence_words import IN_MONTH, KINDS, ONCE, OTHER, WHICH
from fsbus.desktop.circuit.shown import StopTyped
from fsbus.desktop.widgets.choices import CheckList, Choice
from fsbus.desktop.widgets.editing import on_edit
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.panels import Panel
from fsbus.desktop.widgets.texts import DayLine, Line
from fsbus.desktop.widgets.type_ahead import TypeAhead

HOUR = "hh:mm"
_AS_IT_IS = "Autre règle, gardée telle quelle"


class StopPanel(Panel):
    """Only what the rule chosen needs is shown; its sentence is told as it is chosen."""

    edited = Signal()

    def __init__(self) -> None:
        self.commune = TypeAhead("Commune", on_empty=True)
        self.place = Line("Place du marché", 120)
        self.opens, self.closes = Line(HOUR, 5), Line(HOUR, 5)
        self.starts, self.ends = DayLine("jj/mm/aaaa"), DayLine("Sans fin")
        self.kind = Choice(KINDS)
        self.weekdays = CheckList({str(number): name for number, name in enumerate(WEEKDAYS)}, flowing=True)
        self.which = CheckList(WHICH, flowing=True)
        self.but = Line("24/12, 31/12", 400)
        self.on_holidays = QCheckBox("Aussi les jours fériés")
        self.on_holidays.setAccessibleName(self.on_holidays.text())
        self.contact, self.note = Line("Mairie, secrétariat", 200), Line("", 500)
        self.said = label("", "success")
        self._kept = ""
        rows = {
            "commune": FieldRow("Commune", self.commune),
            "place": FieldRow("Lieu", self.place),
            "opens_at": FieldRow("Ouvre à", self.opens),
            "closes_at": FieldRow("Ferme à", self.closes),
            "recurrence": FieldRow("Revient", self.kind),
            "starts_on": FieldRow("À partir du", self.starts),
            "weekdays": FieldRow("Jours de la semaine", self.weekdays),
            "which": FieldRow("Semaines du mois", self.which),
            "ends_on": FieldRow("Jusqu’au", self.ends),
            "except_on": FieldRow("Sauf les jours", self.but, hint="Séparés par des virgules"),
            "contact": FieldRow("Contact sur place", self.contact),
            "note": FieldRow("Note", self.note),
        }
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(10)
        for place, name in enumerate(
            ("commune", "place", "opens_at", "closes_at", "recurrence", "starts_on")
        ):
            grid.addWidget(rows[name], place // 2, place % 2)
        grid.addWidget(rows["weekdays"], 3, 0, 1, 2)
        grid.addWidget(rows["which"], 4, 0, 1, 2)
        grid.addWidget(self.said, 5, 0, 1, 2)
        for place, name in enumerate(("ends_on", "except_on", "contact", "note")):
            grid.addWidget(rows[name], 6 + place // 2, place % 2)
        grid.addWidget(self.on_holidays, 8, 0, 1, 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        super().__init__(
            "Arrêt du circuit",
            "Les jours fériés du département et les jours exceptés sont ôtés\u00a0; le calendrier les montre.",
            rows,
            (holder,),
            submit="Enregistrer l’arrêt",
        )
        self.kind.currentIndexChanged.connect(self._show_needed)
        on_edit([row.editor for row in rows.values()] + [self.on_holidays], self.edited)
        self.commune.chosen.connect(lambda _code: self.edited.emit())

    def start(self, stop: StopTyped, heading: str) -> None:
        """Show a stop to be typed or changed."""
        self.heading.setText(heading)
        self._kept = stop.kept
        self.commune.set_value(stop.commune, stop.commune_name)
        for line, text in (
            (self.place, stop.place), (self.opens, stop.opens_at), (self.closes, stop.closes_at),
            (self.starts, stop.starts_on), (self.ends, stop.ends_on), (self.but, stop.except_on),
            (self.contact, stop.contact), (self.note, stop.note),
        ):  # fmt: skip
            line.setText(text)
        if (place := self.kind.findData(OTHER)) >= 0:
            self.kind.removeItem(place)
        if stop.kind == OTHER:
            self.kind.addItem(_AS_IT_IS, OTHER)
        self.kind.set_code(stop.kind)
        self.weekdays.set_codes(stop.weekdays)
        self.which.set_codes(stop.which)
        self.on_holidays.setChecked(stop.on_holidays)
        self.show_problems({})
        self._show_needed()
        self.show()
        self.commune.setFocus()

    def typed(self) -> StopTyped:
        """The stop as it stands in the form."""
        return StopTyped(
            self.commune.code(), self.commune.text(), self.place.text(), self.opens.text(), self.closes.text(),
            self.starts.text(), self.ends.text(), self.kind.code(), self.weekdays.codes(), self.which.codes(),
            self._kept, self.but.text(), self.on_holidays.isChecked(), self.contact.text(), self.note.text(),
        )  # fmt: skip

    def _show_needed(self) -> None:
        kind = self.kind.code()
        self.rows["weekdays"].setVisible(kind not in (ONCE, OTHER))
        self.rows["which"].setVisible(kind == IN_MONTH)
        self.rows["ends_on"].setVisible(kind != ONCE)
        self.rows["except_on"].setVisible(kind != ONCE)
