"""The page of people who are followed up: search, list, the person chosen, what is done with them."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fsbus.desktop.people.form import PersonForm
from fsbus.desktop.people.typed import Typed
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import Choice, chain
from fsbus.desktop.widgets.confirming import confirm
from fsbus.desktop.widgets.facts import FactsCard
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card
from fsbus.desktop.widgets.panels import Panel
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.tables import Column, RowsView
from fsbus.desktop.widgets.texts import Line
from fsbus.desktop.widgets.told import ToldCard
from fsbus.desktop.widgets.type_ahead import TypeAhead

COLUMNS = (
    Column("Nom", stretch=True),
    Column("Année"),
    Column("Téléphone", spare=True),
    Column("Commune", spare=True),
    Column("Trouvée par", spare=True),
)
HOW_TO = "Entrée\u00a0: lire la fiche, ses visites et ce qui peut en être fait."


class PeopleView(Page):
    """Tab goes from the search to the list, then to the person chosen and what is done with them."""

    searched = Signal()
    opened = Signal(str)
    new_wanted = Signal()
    change_wanted = Signal()
    submitted = Signal()
    edited = Signal()
    commune_searched = Signal(str)
    merge_wanted = Signal()
    merge_searched = Signal(str)
    merge_submitted = Signal()
    forget_wanted = Signal()
    forget_due_wanted = Signal()
    visit_wanted = Signal()
    attach_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.search, self.lists = Line("Nom, téléphone, code du reçu, année", 120), Choice({})
        self.table = RowsView("Personnes", COLUMNS)
        self.table.setAccessibleDescription(HOW_TO)
        self.new = button("Nouvelle &personne…", "primary")
        self.forget_due = button("Effacer toutes celles-ci…")
        self.change = button("Changer…")
        self.merge = button("C’est aussi…", hint="Dire que deux fiches sont de la même personne")
        self.attach = button(
            "Rattacher à la visite", hint="La dernière visite d’aujourd’hui où il reste à suivre"
        )
        self.visit = button("Relire la dernière visite", "quiet")
        self.forget = button("Effacer la personne…")
        self.form = PersonForm()
        self.other = TypeAhead("Nom, téléphone ou code du reçu")
        rows = {"other": FieldRow("Autre fiche de la même personne", self.other)}
        self.merging = Panel("Deux fiches, une personne", "", rows, (rows["other"],), submit="Réunir")
        self._empty, self._said = label("", "muted"), label("", "muted")
        self.facts: FactsCard | None = None
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.search)

    def show_lists(self, labels: Mapping[str, str]) -> None:
        """The lists there are; the one chosen stays."""
        before = self.lists.code()
        self.lists.blockSignals(True)
        self.lists.clear()
        for code, text in labels.items():
            self.lists.addItem(text, code)
        self.lists.set_code(before)
        self.lists.blockSignals(False)

    def chosen_list(self) -> str:
        """The list that is shown."""
        return self.lists.code()

    def typed_search(self) -> str:
        """What is looked for."""
        return self.search.text()

    def show_rows(self, rows: Sequence[TableRow], empty: str, *, due: bool) -> None:
        """The people found; ``due``: those whose term is over."""
        self.table.set_rows(rows)
        for part in (self.table, self._hint):
            part.setVisible(bool(rows))
        self.forget_due.setVisible(due)
        self._empty.setText(empty)
        self._empty.setVisible(not rows)

    def chosen(self) -> str:
        """The person chosen in the list; empty when none is."""
        return self.table.chosen() if not self.table.isHidden() else ""

    def show_person(self, told: ToldCard | None, *, has_visits: bool, to_attach: str) -> None:
        """The person who is read, or nobody; ``to_attach``: the words of the visit that may be theirs, if any."""
        self.attach.setText(to_attach)
        self.attach.setAccessibleName(to_attach)
        self.attach.setVisible(bool(to_attach))
        had_keyboard = self.facts is not None and self.facts.hasFocus()
        if self.facts is not None:
            self._beside.removeWidget(self.facts)
            self.facts.hide()
            self.facts.deleteLater()
            self.facts = None
        if told is not None:
            self.facts = FactsCard(told)
            self._beside.insertWidget(0, self.facts)
            if had_keyboard:
                self.facts.setFocus()
        self._doors.setVisible(told is not None)
        self.visit.setVisible(has_visits)
        self._side.setVisible(told is not None or not self.form.isHidden())

    def focus_person(self) -> None:
        """The keyboard on the person who is read."""
        if self.facts is not None:
            self.facts.setFocus()

    def choose(self, key: str) -> None:
        """The line of this person, where the list has it."""
        self.table.choose(key)

    def open_form(self, heading: str, submit: str, typed: Typed, *, new: bool) -> None:
        """Open the form on this."""
        self.say("")
        self.merging.hide()
        self.form.heading.setText(heading)
        self.form.rename(submit)
        self.form.fill(typed, new=new)
        if self.facts is not None:
            self.facts.hide()
        self._doors.hide()
        self.form.show()
        self._frame.show()
        self._side.show()
        self.form.family_name.setFocus()
        announce(self, heading)

    def typed(self) -> Typed:
        """What stands in the form."""
        return self.form.typed()

    def show_alike(self, text: str) -> None:
        """Who the person may be already."""
        self.form.show_alike(text)

    def suggest_communes(self, found: list[Suggestion]) -> None:
        """Propose communes."""
        self.form.commune.set_suggestions(found)

    def open_merging(self, words: str) -> None:
        """Ask which other record is of the same person."""
        self.say("")
        self.merging.words.setText(words)
        self.merging.show_problems({})
        self.other.set_value("", "")
        self._doors.hide()
        self.merging.show()
        self._frame.show()
        self.other.setFocus()
        announce(self, words)

    def suggest_people(self, found: list[Suggestion]) -> None:
        """Propose people to merge with."""
        self.other.set_suggestions(found)

    def other_person(self) -> str:
        """The id of the one taken; empty when none is."""
        return self.other.code()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Beside their field in the form that is open, else said."""
        opened = next((one for one in (self.form, self.merging) if not one.isHidden()), None)
        if opened is not None:
            opened.show_problems(problems)
        else:
            self.say(" ".join(problems.values()))

    def close_forms(self) -> None:
        """Put the small forms away, the keyboard on the list again."""
        self.form.hide()
        self.merging.hide()
        self._frame.hide()
        if self.facts is not None:
            self.facts.show()
        self._doors.setVisible(self.facts is not None)
        self._side.setVisible(self.facts is not None)
        (self.table if not self.table.isHidden() else self.search).setFocus()

    def is_form_open(self) -> bool:
        """Whether a person is being typed."""
        return not self.form.isHidden()

    def confirm(self, question: str, words: str) -> bool:
        """Ask before something is erased for good."""
        return confirm(self, "Effacer", question, words, yes="E&ffacer pour toujours")

    def say(self, text: str) -> None:
        """Tell something below the list, and to the screen reader."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        if text:
            announce(self, text)

    def said(self) -> str:
        """What was told last; empty when nothing stands there."""
        return "" if self._said.isHidden() else self._said.text()

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _text: self.searched.emit())
        self.search.returnPressed.connect(self._to_first)
        self.lists.currentIndexChanged.connect(lambda _index: self.searched.emit())
        self.table.opened.connect(self.opened)
        for door, signal in (
            (self.new, self.new_wanted),
            (self.change, self.change_wanted),
            (self.merge, self.merge_wanted),
            (self.forget, self.forget_wanted),
            (self.forget_due, self.forget_due_wanted),
            (self.visit, self.visit_wanted),
            (self.attach, self.attach_wanted),
        ):
            door.clicked.connect(lambda _checked=False, signal=signal: signal.emit())
        self.form.submitted.connect(self.submitted)
        self.form.edited.connect(self.edited)
        self.form.commune.searched.connect(self.commune_searched)
        self.other.searched.connect(self.merge_searched)
        self.merging.submitted.connect(self.merge_submitted)
        for panel in (self.form, self.merging):
            panel.left.connect(self.close_forms)

    def _to_first(self) -> None:
        if self.table.rows.rowCount():
            self.table.setFocus()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(label("Personnes", "title"), 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.new, 0, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(head)
        asked = QHBoxLayout()
        asked.setSpacing(16)
        asked.addWidget(FieldRow("&Rechercher", self.search), 3)
        asked.addWidget(FieldRow("&Liste", self.lists), 2)
        self.body.addLayout(asked)
        lines, inside = card()
        self._hint = label(HOW_TO, "muted")
        inside.addWidget(self._empty)
        inside.addWidget(self.table, 1)
        for part in (self._hint, self._said):
            inside.addWidget(part)
        inside.addWidget(self.forget_due, 0, Qt.AlignmentFlag.AlignLeft)
        inside.addStretch(0)
        self.table.setMinimumHeight(190)
        self._side = QWidget()
        self._beside = QVBoxLayout(self._side)
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._doors = QWidget()
        below = QVBoxLayout(self._doors)
        below.setContentsMargins(0, 0, 0, 0)
        for pair in ((self.attach, self.change), (self.merge, self.visit), (self.forget,)):
            across = QHBoxLayout()
            for door in pair:
                across.addWidget(door)
            across.addStretch(1)
            below.addLayout(across)
        self._frame, within = card()
        within.addWidget(self.form)
        within.addWidget(self.merging)
        self._beside.addWidget(self._doors)
        self._beside.addWidget(self._frame)
        self._beside.addStretch(1)
        self.body.addLayout(self.columns((lines, 3), (self._side, 3)), 1)
        hidden: tuple[QWidget, ...] = (
            self.form,
            self.merging,
            self._frame,
            self._doors,
            self._side,
            self._said,
            self.forget_due,
        )
        for each in hidden:
            each.hide()
        chain(self.search, self.lists, self.table, self.forget_due, self.new)
        chain(
            self.attach,
            self.change,
            self.merge,
            self.visit,
            self.forget,
            self.other,
            self.merging.submit,
            self.merging.leave,
        )
