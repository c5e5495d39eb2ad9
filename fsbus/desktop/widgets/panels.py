"""A small form inside a page: its fields, what is wrong with them, one button to do it, one to leave."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fsbus.desktop.widgets.announce import announce
from fsbus.desktop.widgets.buttons import button
from fsbus.desktop.widgets.fields import FieldRow
from fsbus.desktop.widgets.labels import label, plain_name


class Panel(QFrame):
    """``rows`` are named fields; ``parts`` are what the form is made of, from top to bottom."""

    submitted = Signal()
    left = Signal()

    def __init__(
        self,
        heading: str,
        words: str,
        rows: Mapping[str, FieldRow],
        parts: tuple[QWidget, ...],
        *,
        submit: str,
    ) -> None:
        super().__init__()
        self.rows = dict(rows)
        self._submit_text = submit
        self.heading = label(heading, "heading")
        self.words = label(words, "muted")
        self.submit = button(submit, "primary", hint="Entrée")
        self.leave = button("Annuler", hint="Échap")
        self._message = label("", "error")
        self._message.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(10)
        for part in (self.heading, self.words, *parts, self._message):
            layout.addWidget(part)
        buttons = QHBoxLayout()
        buttons.addWidget(self.submit)
        buttons.addWidget(self.leave)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        self.submit.clicked.connect(self.submitted)
        self.leave.clicked.connect(self.left)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what the button with the keyboard says, or else what the form is for; Escape leaves it."""
        focus = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (focus if isinstance(focus, QPushButton) else self.submit).click()
        elif event.key() == Qt.Key.Key_Escape and self.leave.isVisible():
            self.leave.click()
        else:
            super().keyPressEvent(event)

    def rename(self, submit: str) -> None:
        """Another text for the button that does it."""
        self._submit_text = submit
        self.submit.setText(submit)
        self.submit.setAccessibleName(plain_name(submit))

    def set_busy(self, words: str) -> None:
        """Say that it is being done; empty words when it is over."""
        self.submit.setEnabled(not words)
        self.leave.setEnabled(not words)
        self.submit.setText(words or self._submit_text)
        if words:
            announce(self, words)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Each problem beside its field, the others below; the keyboard goes to the first field."""
        for name, row in self.rows.items():
            row.set_problem(problems.get(name, ""))
        rest = " ".join(text for name, text in problems.items() if name not in self.rows)
        self._message.setText(rest)
        self._message.setVisible(bool(rest))
        first = next((row for name, row in self.rows.items() if name in problems), None)
        if first is not None:
            first.editor.setFocus()
        if problems:
            announce(self, first.problem if first is not None else rest)

    def problems(self) -> dict[str, str]:
        """What is shown to be wrong, for whoever looks."""
        found = {name: row.problem for name, row in self.rows.items() if row.problem}
        return found | ({"": self._message.text()} if not self._message.isHidden() else {})
