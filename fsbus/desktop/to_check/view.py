"""The « À vérifier » desk on the screen: both values side by side, one key to choose."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fsbus.desktop.to_check.desk import (
    AGAIN,
    CORRECT,
    GIVE_UP,
    KEEP,
    PUT_BACK,
    TAKE,
    ChoiceShown,
    DeskShown,
    RowShown,
    ValueShown,
)
from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import CORRECT_KEY, button
from fsbus.desktop.widgets.choices import chain
from fsbus.desktop.widgets.confirming import confirm
from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.pages import Page, card

WORDS = {CORRECT: "Corriger", AGAIN: "Renvoyer", GIVE_UP: "Abandonner", PUT_BACK: "Remettre"}


class ValueCard(QFrame):
    """One of the two values, with the button that chooses it."""

    def __init__(self, choose: QPushButton) -> None:
        super().__init__()
        self.setObjectName("card")
        self.choose = choose
        self._heading, self._value, self._by = label("", "field"), label("", "body"), label("", "muted")
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(8)
        for part in (self._heading, self._value, self._by):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addWidget(choose, 0, Qt.AlignmentFlag.AlignLeft)

    def show_value(self, shown: ValueShown) -> None:
        """Show it; a screen reader says it with the button."""
        self._heading.setText(shown.heading)
        self._value.setText(shown.value)
        self._by.setText(shown.told_by)
        self.choose.setAccessibleDescription(f"{shown.heading}\u00a0: {shown.value}. {shown.told_by}")


class ToCheckView(Page):
    """The page. Tab goes from button to button; G keeps, P takes, F4 corrects what was put aside."""

    chosen = Signal(str)
    read_requested = Signal()
    settled = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.keep = button("Garder cette valeur (G)", keys=("G",))
        self.take = button("Prendre celle-ci (P)", keys=("P",))
        self.read = button("&Lire la visite", "quiet")
        self.rows: list[QPushButton] = []
        self._correct: dict[QWidget, QPushButton] = {}
        QShortcut(QKeySequence(CORRECT_KEY), self).activated.connect(self._correct_one)
        self._summary, self._said = label("", "muted"), label("", "success")
        self._about, self._field, self._place = label("", "heading"), label("", "body"), label("", "muted")
        self._about.setWordWrap(True)
        self._kept, self._other = ValueCard(self.keep), ValueCard(self.take)
        self._choice = QWidget()
        self._aside, self._aside_rows = self._part("Mis de côté par le centre")
        self._removed, self._removed_rows = self._part("Retirées, à remettre au besoin")
        self._lay_out()
        self.keep.clicked.connect(partial(self.chosen.emit, KEEP))
        self.take.clicked.connect(partial(self.chosen.emit, TAKE))
        self.read.clicked.connect(self.read_requested)
        self.setFocusProxy(self.keep)

    def show_desk(self, shown: DeskShown) -> None:
        """Show everything anew; the keyboard stays where it can go on."""
        had_keyboard = self.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self._said.hide()
        self._summary.setText(shown.summary)
        self._choice.setVisible(shown.choice is not None)
        if shown.choice is not None:
            self._show_choice(shown.choice)
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        self._correct = {}
        self._fill(self._aside, self._aside_rows, shown.aside)
        self._fill(self._removed, self._removed_rows, shown.removed)
        order = [*((self.keep, self.take, self.read) if shown.choice is not None else ()), *self.rows]
        if order:
            chain(*order)
            self.setFocusProxy(order[0])
            if had_keyboard and self.isVisible():
                order[0].setFocus()

    def say(self, text: str) -> None:
        """Tell what was decided, to the screen reader too."""
        self._said.setText(text)
        self._said.show()
        announce(self, text)

    def said(self) -> str:
        """What was just told; empty when nothing was."""
        return self._said.text() if not self._said.isHidden() else ""

    def summary(self) -> str:
        """How much there is to check, as shown."""
        return self._summary.text()

    def confirm(self, question: str, words: str, yes: str) -> bool:
        """Ask calmly; doing nothing is the default."""
        return confirm(self, "À vérifier", question, words, yes=yes)

    def _show_choice(self, shown: ChoiceShown) -> None:
        self._place.setText(shown.place)
        self._place.setVisible(bool(shown.place))
        self._about.setText(shown.about)
        self._field.setText(shown.field)
        self._kept.show_value(shown.kept)
        self._other.show_value(shown.other)
        self.read.setVisible(shown.is_readable)
        announce(self, f"{shown.place} {shown.about}, {shown.field}")

    def _fill(self, part: QFrame, rows: QVBoxLayout, shown: tuple[RowShown, ...]) -> None:
        while (item := rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        part.setVisible(bool(shown))
        for one in shown:
            rows.addWidget(self._row(one))

    def _row(self, shown: RowShown) -> QWidget:
        holder = QWidget()
        across = QHBoxLayout(holder)
        across.setContentsMargins(0, 0, 0, 0)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(shown.about, "body"))
        words.addWidget(label(shown.words, "muted"))
        across.addLayout(words, 1)
        for what in shown.can:
            made = button(WORDS[what])
            made.setAccessibleName(f"{WORDS[what]}, {shown.about}")
            made.setAccessibleDescription(f"{shown.words} {CORRECT_KEY}" if what == CORRECT else shown.words)
            if what == CORRECT:
                made.setToolTip(CORRECT_KEY)
                self._correct[holder] = made
            made.clicked.connect(partial(self.settled.emit, what, shown.id))
            across.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
            self.rows.append(made)
        return holder

    def _correct_one(self) -> None:
        """That of the row with the keyboard, else the first one."""
        with_keyboard = (
            door
            for row, door in self._correct.items()
            if any(one.hasFocus() for one in row.findChildren(QPushButton))
        )
        door = next(with_keyboard, next(iter(self._correct.values()), None))
        if door is not None:
            door.click()

    def _part(self, heading: str) -> tuple[QFrame, QVBoxLayout]:
        frame, layout = card()
        layout.addWidget(label(heading, "heading"))
        rows = QVBoxLayout()
        rows.setSpacing(10)
        layout.addLayout(rows)
        return frame, rows

    def _lay_out(self) -> None:
        self.body.addWidget(label("À vérifier", "title"))
        self.body.addWidget(self._summary)
        self.body.addWidget(self._said)
        self._said.hide()
        down = QVBoxLayout(self._choice)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self._about, 1)
        head.addWidget(self._place)
        head.addWidget(self.read)
        self._place.setWordWrap(False)
        down.addLayout(head)
        down.addWidget(self._field)
        down.addLayout(self.columns((self._kept, 1), (self._other, 1)))
        self.body.addWidget(self._choice)
        self.body.addWidget(self._aside)
        self.body.addWidget(self._removed)
        self.body.addStretch(1)
