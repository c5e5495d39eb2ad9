"""The part of the visit form about the visit and the person, anonymous by default."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from fsbus.core import codes
from fsbus.core.field_words import OTHERS, SATISFACTION, VISIT, YES_NO
from fsbus.desktop.visit_form.entry import Picked, VisitEntry
from fsbus.desktop.visit_form.words import CHANNEL_ADVICE
from fsbus.desktop.widgets.choices import CheckList, Choice
from fsbus.desktop.widgets.editing import on_edit
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.texts import DayLine, Line, Paragraph
from fsbus.desktop.widgets.type_ahead import TypeAhead


class PersonFields(QFrame):
    """When, how, and who came, in bands and codes."""

    edited = Signal()
    """Something in here is no longer what it was, whoever changed it."""

    def __init__(self, *, names_stop: bool = False) -> None:
        super().__init__()
        self.setObjectName("card")
        self.day, self.time = DayLine("jj/mm"), Line("9h20", 8)
        self.minutes = Line("25 ou 1h10", 8)
        self.minutes_typed = False
        self.channel = Choice(codes.CHANNEL)
        self.stop = TypeAhead("Commune où était le bus")
        self.commune = TypeAhead("Nom ou code postal", on_empty=True)
        self.age, self.gender = Choice(codes.AGE_BAND), Choice(codes.GENDER)
        self.first = Choice(YES_NO, nothing="Non précisé")
        self.autonomy = Choice(codes.AUTONOMY, nothing="Non renseignée")
        self.equipment = CheckList(codes.EQUIPMENT, flowing=True)
        self.satisfaction = Choice(SATISFACTION, nothing="Non demandée")
        self.note = Paragraph("Sans nom, sans numéro", 2)
        self.rows: dict[str, FieldRow] = {
            "visited_on": FieldRow(VISIT["visited_on"], self.day),
            "started_at": FieldRow(VISIT["started_at"], self.time),
            "minutes": FieldRow(f"{VISIT['minutes']} (minutes)", self.minutes),
            "channel": FieldRow(VISIT["channel"], self.channel),
            "first_visit": FieldRow(VISIT["first_visit"], self.first),
            "stop_commune": FieldRow(OTHERS["stop_commune"], self.stop),
            "resident_commune": FieldRow(VISIT["resident_commune"], self.commune),
            "age_band": FieldRow(VISIT["age_band"], self.age),
            "gender": FieldRow(VISIT["gender"], self.gender),
            "autonomy": FieldRow(VISIT["autonomy"], self.autonomy),
            "satisfaction": FieldRow(VISIT["satisfaction"], self.satisfaction),
            "equipment": FieldRow(VISIT["equipment"], self.equipment, hint="Flèches, Espace pour cocher"),
            "note": FieldRow(
                VISIT["note"], self.note, hint="Ni nom, ni numéro : la note est lue par l’équipe"
            ),
        }
        self._lay_out(names_stop)
        self._advice = label("", "muted")
        self.rows["channel"].add_below(self._advice)
        self.channel.currentIndexChanged.connect(lambda _index: self._advise())
        self._advise()
        # A new visit bears the stop of the day, which is chosen on the page of the day.
        self.rows["stop_commune"].setVisible(names_stop)
        self.minutes.textEdited.connect(self._type_minutes)
        on_edit(self.widgets(), self.edited)

    def widgets(self) -> list[QWidget]:
        """All that takes the keyboard, in the order of Tab."""
        return [row.editor for row in self.rows.values()]

    def fill(self, entry: VisitEntry) -> None:
        """Show an entry."""
        self.minutes_typed = False
        self.day.setText(entry.day)
        self.time.setText(entry.time)
        self.minutes.setText(entry.minutes)
        self.stop.set_value(entry.stop_commune.code, entry.stop_commune.text)
        self.channel.set_code(entry.channel)
        self.commune.set_value(entry.resident_commune.code, entry.resident_commune.text)
        self.age.set_code(entry.age_band)
        self.gender.set_code(entry.gender)
        self.first.set_code(entry.first_visit)
        self.autonomy.set_code(entry.autonomy)
        self.equipment.set_codes(entry.equipment)
        self.satisfaction.set_code(entry.satisfaction)
        self.note.setText(entry.note)

    def show_minutes(self, minutes: int) -> None:
        """The minutes measured, unless the agent is writing or wrote them."""
        if not self.minutes_typed and not self.minutes.hasFocus():
            self.minutes.setText(str(minutes))

    def entry(self) -> VisitEntry:
        """What is typed, without procedures."""
        return VisitEntry(
            day=self.day.text(),
            time=self.time.text(),
            minutes=self.minutes.text(),
            channel=self.channel.code(),
            resident_commune=Picked(self.commune.code(), self.commune.text()),
            age_band=self.age.code(),
            gender=self.gender.code(),
            first_visit=self.first.code(),
            autonomy=self.autonomy.code(),
            equipment=self.equipment.codes(),
            satisfaction=self.satisfaction.code(),
            note=self.note.text(),
            procedures=(),
            stop_commune=Picked(self.stop.code(), self.stop.text()),
        )

    def _advise(self) -> None:
        advice = CHANNEL_ADVICE.get(self.channel.code(), "")
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self.channel.setAccessibleDescription(advice)

    def _type_minutes(self, _text: str) -> None:
        self.minutes_typed = True

    def _lay_out(self, names_stop: bool) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 10, 16, 12)
        layout.setSpacing(4)
        layout.addWidget(label("La visite", "heading"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        for column in range(6):
            grid.setColumnStretch(column, 1)
        places = {
            "visited_on": (0, 0, 2),
            "started_at": (0, 2, 2),
            "minutes": (0, 4, 2),
            "channel": (1, 0, 3),
            "first_visit": (1, 3, 3),
            "stop_commune": (2, 0, 3),
            # The other one leaves its place free: the form is no higher for it.
            "resident_commune": (2, 3, 3) if names_stop else (2, 0, 6),
            "age_band": (3, 0, 3),
            "gender": (3, 3, 3),
            "autonomy": (4, 0, 3),
            "satisfaction": (4, 3, 3),
            "equipment": (5, 0, 6),
            "note": (6, 0, 6),
        }
        for name, (row, column, span) in places.items():
            grid.addWidget(self.rows[name], row, column, 1, span, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(grid)
        layout.addStretch(1)
