"""A field of a form: its label above, its editor, and what is wrong with it below."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from fsbus.desktop.widgets.labels import label, plain_name

_CHANGES = (
    "textChanged",
    "currentIndexChanged",
    "valueChanged",
    "dateChanged",
    "toggled",
    "edited",
    "chosen",
)
"""The signals by which editors tell that their value is another one."""


class FieldRow(QWidget):
    """A labelled editor. The problem is text beside the field and the editor's accessible description."""

    def __init__(self, text: str, editor: QWidget, *, hint: str = "") -> None:
        super().__init__()
        self.editor = editor
        self._hint = hint
        self._label = label(text, "field", buddy=editor)
        self._problem = label("", "error")
        self._problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        if text:
            layout.addWidget(self._label)
        layout.addWidget(editor)
        layout.addWidget(self._problem)
        layout.addStretch(1)
        if text:
            editor.setAccessibleName(plain_name(text))
        editor.setAccessibleDescription(hint)
        for name in _CHANGES:
            changed = getattr(editor, name, None)
            if changed is not None:
                # What was said of the value before is not said of this one.
                changed.connect(self._forget_problem)

    def _forget_problem(self) -> None:
        if self.problem:
            self.set_problem("")

    def add_below(self, widget: QWidget) -> None:
        """Something that helps to fill the field, under it and what is wrong with it."""
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(layout.count() - 1, widget)

    @property
    def problem(self) -> str:
        """What is wrong with the field, as shown; empty when nothing is."""
        return self._problem.text()

    def set_problem(self, text: str) -> None:
        """Show what is wrong; an empty text takes it away."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        self.editor.setAccessibleDescription(text or self._hint)
        if bool(self.editor.property("problem")) != bool(text):
            self.editor.setProperty("problem", bool(text))
            style = self.editor.style()
            style.unpolish(self.editor)
            style.polish(self.editor)
