"""The lists of what is left to do: one at a time, its lines, what is done with the line chosen."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget

from fsbus.core.french import number
from fsbus.desktop.follow_ups.listed import OTHER_DAY, DayChoice, ListShown
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.choices import Choice, chain
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card
from fsbus.desktop.widgets.panels import Panel
from fsbus.desktop.widgets.tables import Column, RowsView
from fsbus.desktop.widgets.texts import DayLine, Line

COLUMNS = (
    Column("Prévu"),
    Column("Retard"),
    Column("Démarche", stretch=True),
    Column("À faire", stretch=True),
    Column("À appeler"),
    Column("Visite", spare=True),
    Column("Où", spare=True),
)
HOW_TO = "Entrée\u00a0: relire la visite\u00a0; F\u00a0: noter comme faite\u00a0; R\u00a0: reporter\u00a0; V\u00a0: rendez-vous. Le retard compte les jours ouvrés."
HOW_TO_REOPEN = "Entrée\u00a0: relire la visite\u00a0; R\u00a0: rouvrir."
DONE_KEY, DAY_KEY, BOOK_KEY = "F", "R", "V"
ANSWER_WORDS = (
    "Ce qui a été répondu à la personne s’ajoute à la réponse précise, avec le jour. Le résultat de la visite reste "
    "celui de ce jour-là."
)


class FollowUpsView(Page):
    """Tab goes from the choice of the list to its lines, then to what is done with one."""

    list_chosen = Signal()
    visit_wanted = Signal()
    done_wanted = Signal()
    done_submitted = Signal()
    day_wanted = Signal()
    day_submitted = Signal()
    reopen_wanted = Signal()
    booking_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.lists = Choice({})
        self.table = RowsView("Suites", COLUMNS)
        self.done = button("Noter comme faite…", "primary", hint=DONE_KEY)
        self.put_off = button("Reporter…", hint=DAY_KEY)
        self.book = button("Rendez-vous…", hint=BOOK_KEY)
        self.reopen = button("Rouvrir", hint=DAY_KEY)
        self.read = button("Relire la visite", "quiet", hint="Entrée")
        self.answer_line, self.passage, self.day_line = Line("", 1_500), Choice({}), DayLine()
        self.answer_form = _form(
            "Noter comme faite", {"answer": FieldRow("Réponse donnée", self.answer_line)}, "Noter"
        )
        self.day_form = _form(
            "Reporter",
            {"passage": FieldRow("Prochain passage", self.passage), "on": FieldRow("Jour", self.day_line)},
            "Reporter",
        )
        self._summary, self._said = label("", "muted"), label("", "muted")
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.table)

    def show_lists(self, labels: Mapping[str, str]) -> None:
        """The lists there are, with how many lines each has; the one chosen stays."""
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

    def show_rows(self, shown: ListShown, *, done: bool) -> None:
        """The lines of the list; ``done``: of what is over, and can only be opened again."""
        had_keyboard = self.table.hasFocus()
        self.table.set_rows(shown.rows)
        more = shown.total > len(shown.rows)
        self._summary.setText(
            f"Les {len(shown.rows)} premières sur {number(shown.total)}."
            if more
            else ("" if shown.rows else shown.empty)
        )
        self._summary.setVisible(bool(self._summary.text()))
        how_to = HOW_TO_REOPEN if done else HOW_TO
        self.table.setAccessibleDescription(how_to)
        self._hint.setText(how_to)
        for part in (self.table, self._hint, self.read):
            part.setVisible(bool(shown.rows))
        for door, of_done in (
            (self.done, False),
            (self.put_off, False),
            (self.book, False),
            (self.reopen, True),
        ):
            door.setVisible(bool(shown.rows) and done is of_done)
        self.setFocusProxy(self.table if shown.rows else self.lists)
        if had_keyboard and not shown.rows:
            self.lists.setFocus()

    def chosen(self) -> str:
        """The line chosen; empty when none is."""
        return self.table.chosen()

    def ask_answer(self, about: str) -> None:
        """Open the small form that notes a line as done."""
        self.answer_line.clear()
        self._open(self.answer_form, f"{about} {ANSWER_WORDS}", self.answer_line)

    def ask_day(self, about: str, passages: Mapping[str, str]) -> None:
        """Open the small form that puts a line off, on the next passages."""
        self.passage.blockSignals(True)
        self.passage.clear()
        for key, text in passages.items():
            self.passage.addItem(text, key)
        self.passage.blockSignals(False)
        self.day_line.clear()
        self._ask_other_day()
        self._open(self.day_form, about, self.passage)

    def answer(self) -> str:
        """What was answered."""
        return self.answer_line.text()

    def day(self) -> DayChoice:
        """The passage chosen, or the day typed."""
        return DayChoice(self.passage.code(), self.day_line.text())

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Beside their field in the form that is open, else said."""
        form = next((one for one in (self.answer_form, self.day_form) if not one.isHidden()), None)
        if form is not None:
            form.show_problems(problems)
        else:
            self.say(" ".join(problems.values()))

    def close_forms(self) -> None:
        """Put the small forms away, the keyboard on the lines again."""
        now = QApplication.focusWidget()
        had_keyboard = now is not None and any(
            one.isAncestorOf(now) for one in (self.answer_form, self.day_form)
        )
        for form in (self.answer_form, self.day_form):
            form.hide()
        self._actions.show()
        if had_keyboard:
            (self.table if not self.table.isHidden() else self.lists).setFocus()

    def say(self, text: str) -> None:
        """Tell something beside the buttons, and to the screen reader."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        if text:
            announce(self, text)

    def said(self) -> str:
        """What was told last; empty when nothing stands there."""
        return "" if self._said.isHidden() else self._said.text()

    def _open(self, form: Panel, words: str, first: QWidget) -> None:
        self.close_forms()
        self.say("")
        form.words.setText(words)
        form.show_problems({})
        self._actions.hide()
        form.show()
        first.setFocus()
        announce(self, f"{form.heading.text()}. {words}")

    def _ask_other_day(self) -> None:
        self.day_form.rows["on"].setVisible(self.passage.code() == OTHER_DAY)

    def _connect(self) -> None:
        self.lists.currentIndexChanged.connect(lambda _index: self._list_changed())
        self.table.opened.connect(lambda _key: self.visit_wanted.emit())
        self.read.clicked.connect(self.visit_wanted)
        self.done.clicked.connect(self.done_wanted)
        self.put_off.clicked.connect(self.day_wanted)
        self.reopen.clicked.connect(self.reopen_wanted)
        self.book.clicked.connect(self.booking_wanted)
        self.answer_form.submitted.connect(self.done_submitted)
        self.day_form.submitted.connect(self.day_submitted)
        self.passage.currentIndexChanged.connect(lambda _index: self._ask_other_day())
        for form in (self.answer_form, self.day_form):
            form.left.connect(self.close_forms)
        # Of the table alone: anywhere else a letter is a letter.
        for key, doors in (
            (DONE_KEY, (self.done,)),
            (DAY_KEY, (self.put_off, self.reopen)),
            (BOOK_KEY, (self.book,)),
        ):
            shortcut = QShortcut(QKeySequence(key), self.table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(lambda doors=doors: _press(doors))

    def _list_changed(self) -> None:
        self.close_forms()
        self.say("")
        self.list_chosen.emit()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(label("Suites", "title"), 1, Qt.AlignmentFlag.AlignBottom)
        lists = FieldRow("&Liste", self.lists)
        lists.setMinimumWidth(300)
        head.addWidget(lists, 2)
        self.body.addLayout(head)
        frame, inside = card()
        self._hint = label("", "muted")
        self._actions = QWidget()
        across = QHBoxLayout(self._actions)
        across.setContentsMargins(0, 0, 0, 0)
        for door in (self.done, self.put_off, self.book, self.reopen, self.read):
            across.addWidget(door)
        across.addStretch(1)
        inside.addWidget(self._summary)
        inside.addWidget(self.table, 1)
        for part in (self._hint, self._actions, self._said, self.answer_form, self.day_form):
            inside.addWidget(part)
        inside.addStretch(0)
        self.table.setMinimumHeight(190)
        self.body.addWidget(frame, 1)
        for part in (self._said, self.answer_form, self.day_form):
            part.hide()
        chain(
            self.lists,
            self.table,
            self.done,
            self.put_off,
            self.book,
            self.reopen,
            self.read,
            self.answer_line,
            self.answer_form.submit,
            self.answer_form.leave,
            self.passage,
            self.day_line,
            self.day_form.submit,
            self.day_form.leave,
        )


def _press(doors: tuple[QPushButton, ...]) -> None:
    door = next((one for one in doors if one.isVisible()), None)
    if door is not None:
        door.click()


def _form(heading: str, rows: Mapping[str, FieldRow], submit: str) -> Panel:
    return Panel(heading, "", rows, tuple(rows.values()), submit=submit)
