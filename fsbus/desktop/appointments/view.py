"""The page of appointments: a passage, its hours one after the other, what is done with a line."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QWidget

from fsbus.desktop.appointments.form import MINUTES, AppointmentForm
from fsbus.desktop.appointments.typed import Typed
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import Choice, chain
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card
from fsbus.desktop.widgets.rows import TableRow
from fsbus.desktop.widgets.suggestions import Suggestion
from fsbus.desktop.widgets.tables import Column, RowsView

COLUMNS = (
    Column("Heure"),
    Column("Personne", stretch=True),
    Column("Démarche", stretch=True),
    Column("État"),
    Column("Agents", spare=True),
    Column("Téléphone", spare=True),
)
HOW_TO = "Entrée\u00a0: prendre une heure libre, ou changer un rendez-vous."
KEYS = {"arrived": "A", "noshow": "B", "excused": "E", "revoked": "S", "slip": "I"}
"""Letters that work on the list alone."""


class AppointmentsView(Page):
    """Tab goes from the passage to its lines, then to what is done with one, then to the form."""

    passage_chosen = Signal()
    opened = Signal()
    booking_wanted = Signal()
    submitted = Signal()
    arrived = Signal()
    settled = Signal(str)
    slip_wanted = Signal()
    commune_searched = Signal(str)
    procedure_searched = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.passages, self.minutes = Choice({}), Choice(MINUTES)
        self.minutes.set_code("30")
        self.table = RowsView("Rendez-vous", COLUMNS)
        self.table.setAccessibleDescription(HOW_TO)
        self.new = button("Nouveau &rendez-vous…", "primary")
        self.doors = {
            "arrived": button("Vient d’arriver", hint=KEYS["arrived"]),
            "noshow": button("Absent", hint=KEYS["noshow"]),
            "excused": button("Excusé", hint=KEYS["excused"]),
            "revoked": button("Annulé par le service", hint=KEYS["revoked"]),
            "slip": button("Imprimer…", "quiet", hint=f"Le papier du rendez-vous — {KEYS['slip']}"),
        }
        self.form = AppointmentForm()
        self._empty, self._said, self._hint = label("", "muted"), label("", "muted"), label(HOW_TO, "muted")
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.table)

    def show_passages(self, labels: Mapping[str, str]) -> None:
        """The passages that can be chosen; the one chosen stays."""
        before = self.passages.code()
        self.passages.blockSignals(True)
        self.passages.clear()
        for key, text in labels.items():
            self.passages.addItem(text, key)
        self.passages.set_code(before)
        self.passages.blockSignals(False)
        self.passages.setEnabled(bool(labels))

    def passage(self) -> str:
        """The key of the passage shown; empty when there is none."""
        return self.passages.code()

    def choose_passage(self, key: str) -> None:
        """Show this passage."""
        self.passages.blockSignals(True)
        self.passages.set_code(key)
        self.passages.blockSignals(False)

    def length(self) -> int:
        """Minutes of a slot."""
        return int(self.minutes.code())

    def show_rows(self, rows: Sequence[TableRow], empty: str) -> None:
        """The lines of the passage, by hour."""
        self.table.set_rows(rows)
        for part in (self.table, self._hint, self._actions):
            part.setVisible(bool(rows))
        self._empty.setText(empty)
        self._empty.setVisible(not rows)
        self.setFocusProxy(self.table if rows else self.new)

    def chosen(self) -> str:
        """The key of the line chosen; empty when none is."""
        return self.table.chosen() if not self.table.isHidden() else ""

    def choose(self, key: str) -> None:
        """Choose this line."""
        self.table.choose(key)

    def open_form(self, heading: str, submit: str, typed: Typed, agents: Mapping[str, str]) -> None:
        """Open the form on this, the keyboard on what is to be typed first."""
        self.say("")
        self.form.heading.setText(heading)
        self.form.rename(submit)
        self.form.fill(typed, agents)
        self._side.show()
        (self.form.name if typed.hour and not typed.name else self.form.hour).setFocus()
        announce(self, f"{heading}, {self.passages.currentText()}")

    def typed(self) -> Typed:
        """What stands in the form."""
        return self.form.typed()

    def show_problems(self, problems: Mapping[str, str], submit: str = "") -> None:
        """Beside their field; ``submit``: what the button says then."""
        if submit:
            self.form.rename(submit)
        self.form.show_problems(problems)

    def close_form(self) -> None:
        """Put the form away, the keyboard on the lines again."""
        self._side.hide()
        (self.table if not self.table.isHidden() else self.new).setFocus()

    def suggest_communes(self, found: list[Suggestion]) -> None:
        """Propose communes."""
        self.form.commune.set_suggestions(found)

    def suggest_procedures(self, found: list[Suggestion]) -> None:
        """Propose procedures."""
        self.form.procedure.set_suggestions(found)

    def say(self, text: str) -> None:
        """Tell something below the lines, and to the screen reader."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        if text:
            announce(self, text)

    def said(self) -> str:
        """What was told last; empty when nothing stands there."""
        return "" if self._said.isHidden() else self._said.text()

    def _connect(self) -> None:
        for choice in (self.passages, self.minutes):
            choice.currentIndexChanged.connect(lambda _index: self.passage_chosen.emit())
        self.table.opened.connect(lambda _key: self.opened.emit())
        self.new.clicked.connect(self.booking_wanted)
        self.form.submitted.connect(self.submitted)
        self.form.left.connect(self.close_form)
        self.form.commune.searched.connect(self.commune_searched)
        self.form.procedure.searched.connect(self.procedure_searched)
        self.doors["arrived"].clicked.connect(self.arrived)
        self.doors["slip"].clicked.connect(self.slip_wanted)
        for status in ("noshow", "excused", "revoked"):
            self.doors[status].clicked.connect(
                lambda _checked=False, status=status: self.settled.emit(status)
            )
        for name, key in KEYS.items():
            # Of the table alone: anywhere else a letter is a letter.
            shortcut = QShortcut(QKeySequence(key), self.table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(self.doors[name].click)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(label("Rendez-vous", "title"), 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.new, 0, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(head)
        choices = QHBoxLayout()
        choices.setSpacing(16)
        choices.addWidget(FieldRow("&Passage", self.passages), 4)
        choices.addWidget(FieldRow("&Durée d’une heure libre", self.minutes), 1)
        self.body.addLayout(choices)
        lines, inside = card()
        self._actions = QWidget()
        across = QHBoxLayout(self._actions)
        across.setContentsMargins(0, 0, 0, 0)
        for door in self.doors.values():
            across.addWidget(door)
        across.addStretch(1)
        inside.addWidget(self._empty)
        inside.addWidget(self.table, 1)
        for part in (self._hint, self._actions, self._said):
            inside.addWidget(part)
        inside.addStretch(0)
        self.table.setMinimumHeight(190)
        self._side, beside = card()
        beside.addWidget(self.form)
        beside.addStretch(1)
        self.body.addLayout(self.columns((lines, 3), (self._side, 2)), 1)
        for part in (self._side, self._said, self._empty):
            part.hide()
        chain(self.passages, self.minutes, self.table, *self.doors.values(), self.new, self.form.day)
