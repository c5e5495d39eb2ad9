"""The small form that books an appointment or changes one."""

from collections.abc import Mapping

from PySide6.QtWidgets import QHBoxLayout, QWidget

from fsbus.core.slots import LENGTHS
from fsbus.desktop.appointments.typed import Typed
from fsbus.desktop.visit_form.entry import Picked
from fsbus.desktop.widgets.choices import CheckList, Choice, chain
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.panels import Panel
from fsbus.desktop.widgets.texts import DayLine, Line
from fsbus.desktop.widgets.type_ahead import TypeAhead

MINUTES = {str(length): f"{length} minutes" for length in LENGTHS}


class AppointmentForm(Panel):
    """When, where, who, what for, and with whom; Tab goes down in that order."""

    def __init__(self) -> None:
        self.day, self.hour, self.minutes = DayLine("jj/mm"), Line("9h30", 8), Choice(MINUTES)
        self.commune, self.place = TypeAhead("Nom ou code postal"), Line("Place du marché", 120)
        self.name, self.phone = Line("", 80), Line("", 30)
        self.procedure = TypeAhead("Titre, mot ou sigle", on_empty=True)
        self.needed = Choice({"1": "Un", "2": "Deux"})
        self.agents = CheckList()
        self.note = Line("", 500)
        rows = {
            "day": FieldRow("Jour", self.day),
            "starts_at": FieldRow("Heure", self.hour),
            "minutes": FieldRow("Durée", self.minutes),
            "name": FieldRow("Nom à appeler", self.name),
            "phone": FieldRow("Téléphone", self.phone),
            "procedure": FieldRow("Démarche", self.procedure),
            "commune": FieldRow("Commune", self.commune),
            "place": FieldRow("Lieu", self.place),
            "needed": FieldRow("Agents nécessaires", self.needed),
            "agents": FieldRow("Avec", self.agents, hint="Espace pour cocher"),
            "note": FieldRow("Note", self.note),
        }
        parts = (
            _beside(rows["day"], rows["starts_at"], rows["minutes"]),
            _beside(rows["name"], rows["phone"]),
            rows["procedure"],
            _beside(rows["commune"], rows["place"]),
            _beside(rows["needed"], rows["agents"]),
            rows["note"],
        )
        super().__init__("Nouveau rendez-vous", "", rows, parts, submit="Noter le rendez-vous")
        self.words.hide()
        chain(*(row.editor for row in rows.values()), self.submit, self.leave)

    def fill(self, typed: Typed, agents: Mapping[str, str]) -> None:
        """Show this; ``agents`` are those who may be ticked."""
        if self.minutes.findData(typed.minutes) < 0:
            self.minutes.addItem(f"{typed.minutes} minutes", typed.minutes)
        for line, text in (
            (self.day, typed.day),
            (self.hour, typed.hour),
            (self.place, typed.place),
            (self.name, typed.name),
            (self.phone, typed.phone),
            (self.note, typed.note),
        ):
            line.setText(text)
        self.minutes.set_code(typed.minutes)
        self.needed.set_code(typed.needed)
        self.commune.set_value(typed.commune.code, typed.commune.text)
        self.procedure.set_value(typed.procedure.code, typed.procedure.text)
        self.agents.set_choices(agents)
        self.agents.set_codes(typed.agents)
        self.show_problems({})

    def typed(self) -> Typed:
        """What stands in it."""
        return Typed(
            day=self.day.text(),
            hour=self.hour.text(),
            minutes=self.minutes.code(),
            commune=Picked(self.commune.code(), self.commune.text()),
            place=self.place.text(),
            name=self.name.text(),
            phone=self.phone.text(),
            procedure=Picked(self.procedure.code(), self.procedure.text()),
            needed=self.needed.code(),
            agents=self.agents.codes(),
            note=self.note.text(),
        )


def _beside(*rows: FieldRow) -> QWidget:
    holder = QWidget()
    across = QHBoxLayout(holder)
    across.setContentsMargins(0, 0, 0, 0)
    across.setSpacing(12)
    for row in rows:
        across.addWidget(row, 1)
    return holder
