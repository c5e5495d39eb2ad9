"""A short secret to be copied by hand: large, reached by Tab, read by a screen reader."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from fsbus.desktop.widgets.labels import label


def copied_by_hand(name: str) -> QLabel:
    """An empty one; ``name`` is what a screen reader says before its text."""
    made = label("", "phrase")
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
    )
    # Selectable by keyboard is not enough for Qt to stop there.
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setAccessibleName(name)
    return made
