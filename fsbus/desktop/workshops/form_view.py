"""The form of a workshop on the screen: fields, counts with their sums, problems beside them."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QWidget

from fsbus.core import codes
from fsbus.core.field_words import OF_THE_DAY
from fsbus.desktop.visit_form.entry import Picked
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import CheckList, Choice, chain
from fsbus.desktop.widgets.confirming import confirm
from fsbus.desktop.widgets.editing import on_edit
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.texts import DayLine, Line, Paragraph
from fsbus.desktop.widgets.type_ahead import TypeAhead
from fsbus.desktop.workshops.counting import CountGroup
from fsbus.desktop.workshops.entry import GROUPS, WorkshopEntry

TICK = "Flèches, Espace pour cocher"
ABANDON = "Cet atelier n’est pas enregistré. L’abandonner\u202f?"
LOST = "Ce qui est tapé ici serait perdu."


class WorkshopFormView(Page):
    """Tab goes from field to field; Ctrl+S records, Ctrl+W leaves."""

    save_requested = Signal()
    cancel_requested = Signal()
    print_requested = Signal()
    commune_searched = Signal(str)
    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.save = button("&Enregistrer", "primary", keys=("Ctrl+S", "Ctrl+Return", "Ctrl+Enter"))
        self.cancel = button("A&bandonner", keys=("Ctrl+W",), hint="Fermer sans enregistrer")
        self.sheet = button(
            "Feuille d’é&margement…", hint="À imprimer avant l’atelier\u00a0; rien n’est enregistré"
        )
        self.day, self.starts_at, self.minutes = DayLine("jj/mm"), Line("14h", 8), Line("1h30", 8)
        self.commune = TypeAhead("Nom ou code postal")
        self.place, self.title = Line("Salle, médiathèque…", 120), Line("Mon courriel", 120)
        self.topics = CheckList(codes.WORKSHOP_TOPIC)
        self.level = Choice(codes.LEVEL, nothing="Non précisé")
        self.participants, self.came_before = Line("", 7), Line("", 7)
        self.groups = {name: CountGroup(OF_THE_DAY[name], labels) for name, labels in GROUPS.items()}
        self.equipment = CheckList(codes.EQUIPMENT, flowing=True)
        self.course = Line("Formation gratuite, où", 200)
        self.agents = CheckList({}, flowing=True)
        self.note = Paragraph("Sans nom, sans numéro", 2)
        self._title, self._alert = label("", "title"), label("", "error")
        self.rows: dict[str, FieldRow] = {
            name: FieldRow(OF_THE_DAY[name], editor, hint=hint)
            for name, editor, hint in (
                ("day", self.day, ""),
                ("starts_at", self.starts_at, ""),
                ("minutes", self.minutes, ""),
                ("commune", self.commune, ""),
                ("place", self.place, ""),
                ("title", self.title, ""),
                ("level", self.level, ""),
                ("topics", self.topics, TICK),
                ("equipment_lent", self.equipment, TICK),
                (
                    "course",
                    self.course,
                    "La formation gratuite vers laquelle les personnes ont été orientées",
                ),
                ("agents", self.agents, TICK),
                ("note", self.note, ""),
                ("participants", self.participants, ""),
                ("came_before", self.came_before, ""),
                *((name, group, "") for name, group in self.groups.items()),
            )
        }
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.day)

    def entry(self) -> WorkshopEntry:
        """All that is typed."""
        return WorkshopEntry(
            day=self.day.text(),
            starts_at=self.starts_at.text(),
            minutes=self.minutes.text(),
            commune=Picked(self.commune.code(), self.commune.text()),
            place=self.place.text(),
            title=self.title.text(),
            topics=self.topics.codes(),
            level=self.level.code(),
            participants=self.participants.text(),
            came_before=self.came_before.text(),
            counts={name: group.texts() for name, group in self.groups.items()},
            equipment_lent=self.equipment.codes(),
            course=self.course.text(),
            agents=self.agents.codes(),
            note=self.note.text(),
        )

    def start(self, entry: WorkshopEntry, title: str, agents: Mapping[str, str]) -> None:
        """Show an entry, ready to type in."""
        self._title.setText(title)
        self.agents.set_choices(agents)
        self.day.setText(entry.day)
        self.starts_at.setText(entry.starts_at)
        self.minutes.setText(entry.minutes)
        self.commune.set_value(entry.commune.code, entry.commune.text)
        self.place.setText(entry.place)
        self.title.setText(entry.title)
        self.topics.set_codes(entry.topics)
        self.level.set_code(entry.level)
        self.participants.setText(entry.participants)
        self.came_before.setText(entry.came_before)
        for name, group in self.groups.items():
            group.fill(entry.counts[name])
        self.equipment.set_codes(entry.equipment_lent)
        self.course.setText(entry.course)
        self.agents.set_codes(entry.agents)
        self.note.setText(entry.note)
        self.show_problems({})
        self.verticalScrollBar().setValue(0)

    def show_sums(self, told: Mapping[str, str]) -> None:
        """Below each group, how many are counted."""
        for name, text in told.items():
            self.groups[name].show_sum(text)

    def show_live(self, problems: Mapping[str, str]) -> None:
        """What is wrong with the numbers, as one types; the keyboard stays."""
        for name in ("participants", "came_before", *self.groups):
            self.rows[name].set_problem(problems.get(name, ""))

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Each beside its field, the others above; the keyboard goes to the first."""
        for name, row in self.rows.items():
            row.set_problem(problems.get(name, ""))
        rest = [text for name, text in problems.items() if name not in self.rows]
        count = len(problems)
        head = "un point à corriger" if count == 1 else f"{count} points à corriger"
        text = " ".join([f"Pas encore enregistré\u00a0: {head}.", *rest]) if problems else ""
        self._alert.setText(text)
        self._alert.setVisible(bool(text))
        first = next((self.rows[name] for name in self.rows if name in problems), None)
        if first is not None:
            first.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        if problems:
            announce(self, f"{text} {first.problem if first else ''}")

    def alert(self) -> str:
        """What is said above the fields; empty when nothing is wrong."""
        return self._alert.text()

    def suggest_communes(self, found: list[Suggestion]) -> None:
        """Propose communes."""
        self.commune.set_suggestions(found)

    def confirm_abandon(self) -> bool:
        """Ask whether what is typed may be lost."""
        return confirm(self, "Atelier", ABANDON, LOST, yes="&Abandonner")

    def _connect(self) -> None:
        self.save.clicked.connect(self.save_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.sheet.clicked.connect(self.print_requested)
        self.commune.searched.connect(self.commune_searched)
        plain = [row.editor for name, row in self.rows.items() if name not in self.groups]
        on_edit(plain, self.edited)
        for group in self.groups.values():
            group.edited.connect(self.edited)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        for door in (self.sheet, self.cancel, self.save):
            head.addWidget(door)
        self.body.addLayout(head)
        self.body.addWidget(self._alert)
        what = self._card(
            "L’atelier",
            (
                (("day", 2), ("starts_at", 2), ("minutes", 2)),
                (("commune", 3), ("place", 3)),
                (("title", 4), ("level", 2)),
                (("topics", 6),),
                (("equipment_lent", 6),),
                (("course", 6),),
                (("agents", 6),),
                (("note", 6),),
            ),
        )
        who = self._card(
            "Les personnes",
            (
                (("participants", 3), ("came_before", 3)),
                (("genders", 6),),
                (("ages", 6),),
                (("statuses", 6),),
            ),
        )
        self.body.addLayout(self.columns((what, 3), (who, 2)), 1)
        order: list[QWidget] = []
        for row in self.rows.values():
            order += row.editor.lines.values() if isinstance(row.editor, CountGroup) else [row.editor]
        chain(*order, self.save, self.cancel, self.sheet)

    def _card(self, heading: str, lines: tuple[tuple[tuple[str, int], ...], ...]) -> QFrame:
        frame, down = card()
        down.addWidget(label(heading, "heading"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        for column in range(6):
            grid.setColumnStretch(column, 1)
        for number, line in enumerate(lines):
            column = 0
            for name, span in line:
                grid.addWidget(self.rows[name], number, column, 1, span, Qt.AlignmentFlag.AlignTop)
                column += span
        down.addLayout(grid)
        down.addStretch(1)
        return frame
