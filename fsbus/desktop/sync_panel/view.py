"""The sync panel: facts, one button, the progress, and the enrolment form."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QProgressBar, QWidget

from fsbus.desktop.sync_panel.state import SyncState
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card
from fsbus.desktop.widgets.tables import Column, RowsView
from fsbus.desktop.widgets.texts import Line

WIDEST = 760
MARGIN = 12
"""Logical pixels that the table of the past needs beside its rows."""


class SyncPanelView(Page):
    """The screen of the exchange with the centre."""

    sync_requested = Signal()
    cancel_requested = Signal()
    enroll_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sync = button("&Synchroniser maintenant", "primary", hint="F5")
        self.cancel = button("A&rrêter", hint="Ce qui est déjà parti reste acquis")
        self.server, self.code = Line("https://centre.exemple.fr", 300), Line("Code à usage unique", 200)
        self.enroll = button("Rattac&her ce poste", "primary")
        self.rows = {
            "server": FieldRow("Adresse du &centre", self.server),
            "code": FieldRow("Co&de donné par le coordinateur", self.code),
        }
        self._facts: list[tuple[QLabel, QLabel]] = []
        self.advice = label("", "body")
        self.advice.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._name_to_read, self._name_to_compare = label("", "phrase"), label("", "phrase")
        self._compare = label("Nom de ce poste, à comparer de vive voix avec le coordinateur\u00a0:", "field")
        for shown in (self._name_to_read, self._name_to_compare):
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._said = label("", "body")
        self._enroll_problem = label("", "error")
        self._progress = QProgressBar()
        self._progress.setAccessibleName("Avancement de l’échange")
        self._progress.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._progress.setTextVisible(False)
        self._far = label("", "muted")
        self.history = RowsView(
            "Derniers échanges",
            (
                Column("Quand"),
                Column("Envoyées", figures=True),
                Column("Reçues", figures=True),
                Column("Volume", figures=True, spare=True),
                Column("Fin", stretch=True),
            ),
        )
        self._lay_out()
        self.sync.clicked.connect(self.sync_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.enroll.clicked.connect(self.enroll_requested)
        self.code.returnPressed.connect(self.enroll_requested)
        chain(self.advice, self.sync, self.cancel, self.history, self.server, self.code, self.enroll)

    def show_state(self, state: SyncState) -> None:
        """Show all facts, and which parts are of use now."""
        facts = state.facts()
        while len(self._facts) < len(facts):
            self._add_fact()
        unused = [("", "")] * (len(self._facts) - len(facts))
        for (name, value), (left, right) in zip([*facts, *unused], self._facts, strict=True):
            left.setText(name)
            right.setText(value)
            left.setVisible(bool(name))
            right.setVisible(bool(name))
        advice = state.advice()
        self.advice.setText(advice)
        # The keyboard is there when the page opens: whoever listens hears what to do before anything else.
        self.sync.setAccessibleDescription(f"{advice} F5.")
        for shown in (self._name_to_read, self._name_to_compare):
            shown.setText(state.name)
            shown.setAccessibleName(f"Nom de ce poste\u00a0: {state.name}")
        self._name_to_read.setVisible(state.enrolled and state.refused == "pending")
        had_keyboard = self.sync.hasFocus() or self.cancel.hasFocus()
        # A laptop that was turned away comes back with a new code, under a new name.
        asks_code = not state.enrolled or state.refused in ("revoked", "unknown_device")
        had_keyboard |= not asks_code and any(
            each.hasFocus() for each in (self.server, self.code, self.enroll)
        )
        # What goes away would give the keyboard to whatever comes next: the one that stays takes it first.
        comes, goes = (self.cancel, self.sync) if state.busy else (self.sync, self.cancel)
        comes.setVisible(state.enrolled)
        comes.setEnabled(True)
        if had_keyboard:
            comes.setFocus()
        goes.setVisible(state.enrolled and goes is self.sync)
        goes.setEnabled(False)
        self._progress.setVisible(state.busy)
        self._far.setVisible(state.busy and bool(self._far.text()))
        self.history.set_rows(state.history)
        row = self.history.verticalHeader().defaultSectionSize()
        self.history.setFixedHeight(row * (len(state.history) + 1) + MARGIN)
        self._past.setVisible(bool(state.history))
        self._enrolment.setVisible(asks_code)
        for part in (self._compare, self._name_to_compare):
            part.setVisible(not state.enrolled)
        self.enroll.setEnabled(not state.busy)
        # The form stands below what may fill a screen at 200 %: there the advice itself has the keyboard first.
        self.setFocusProxy(self.sync if state.enrolled else self.advice)

    def showEvent(self, event: QShowEvent) -> None:
        """Open at the top, wherever the page was left."""
        super().showEvent(event)
        if not event.spontaneous():
            self.verticalScrollBar().setValue(0)

    def add_part(self, part: QWidget) -> None:
        """Show one more card, below what was exchanged."""
        part.setMaximumWidth(WIDEST)
        self.body.insertWidget(self.body.indexOf(self._enrolment), part)

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Operations done, of how many, and the same in words."""
        self._progress.setRange(0, max(total, 0))
        self._progress.setValue(done)
        self._far.setText(text)
        self._far.setVisible(bool(text) and self._progress.isVisibleTo(self))

    def say(self, text: str) -> None:
        """Tell how it ended, on the screen and to the screen reader."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        if text:
            announce(self, text)

    def said(self) -> str:
        """What was told last; empty when nothing is."""
        return self._said.text()

    def enrolment(self) -> tuple[str, str]:
        """The address and the code as typed."""
        return self.server.text(), self.code.text()

    def show_problems(self, problems: dict[str, str]) -> None:
        """Each problem of the enrolment beside its field."""
        for name, row in self.rows.items():
            row.set_problem(problems.get(name, ""))
        rest = " ".join(text for name, text in problems.items() if name not in self.rows)
        self._enroll_problem.setText(rest)
        self._enroll_problem.setVisible(bool(rest))
        first = next((self.rows[name] for name in self.rows if name in problems), None)
        if first is not None:
            first.editor.setFocus()
        if problems:
            announce(self, first.problem if first is not None else rest)
            # The keyboard may have been there already, so nothing else scrolls; the layout comes first.
            QTimer.singleShot(0, self, lambda: self._look_at(first or self._enroll_problem))

    def _look_at(self, problem: QWidget) -> None:
        self.ensureWidgetVisible(self.enroll, 0, 24)
        self.ensureWidgetVisible(problem, 0, 24)

    def _add_fact(self) -> None:
        left, right = label("", "field"), label("", "body")
        row = len(self._facts)
        self._grid.addWidget(left, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(right, row, 1)
        self._facts.append((left, right))

    def _lay_out(self) -> None:
        state, inside = card(14)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.sync)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        inside.addWidget(self.advice)
        inside.addWidget(self._name_to_read)
        # Before the facts: the keyboard is on the button, and what shows it must not hide the advice above.
        inside.addLayout(buttons)
        inside.addWidget(self._progress)
        inside.addWidget(self._far)
        inside.addWidget(self._said)
        inside.addLayout(self._grid)
        self._enrolment, form = card(12)
        form.addWidget(label("Rattacher ce poste à un centre", "heading"))
        form.addWidget(self._compare)
        form.addWidget(self._name_to_compare)
        for row in self.rows.values():
            form.addWidget(row)
        form.addWidget(self._enroll_problem)
        form.addWidget(self.enroll, 0, Qt.AlignmentFlag.AlignLeft)
        self._past, list_ = card(12)
        list_.addWidget(label("Derniers échanges", "heading"))
        list_.addWidget(self.history)
        self.history.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._said.hide()
        self._enroll_problem.hide()
        self._progress.hide()
        self.body.addWidget(label("Synchronisation", "title"))
        for part in (state, self._past, self._enrolment):
            part.setMaximumWidth(WIDEST)
            self.body.addWidget(part)
        self.body.addStretch(1)
