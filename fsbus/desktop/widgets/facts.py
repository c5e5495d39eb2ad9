"""A card of facts to be read: one stop of Tab, read whole by a screen reader."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout

from fsbus.desktop.widgets.labels import label
from fsbus.desktop.widgets.told import ToldCard

NAMES_WIDTH = 170
"""Logical pixels of the column of names: the same in all cards, so that they align."""


class FactsCard(QFrame):
    """Facts that nobody edits here. Their text may be taken with the mouse, to be copied."""

    def __init__(self, told: ToldCard) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(", ".join(part for part in (told.heading, told.aside) if part))
        self.setAccessibleDescription(told.in_words())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 10, 16, 12)
        layout.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(10)
        heading, aside = label(told.heading, "heading"), label(told.aside, "muted")
        heading.setWordWrap(True)
        head.addWidget(heading, 1)
        aside.setWordWrap(False)
        head.addWidget(aside, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, NAMES_WIDTH)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(told.facts):
            text = label(value)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            about = label(name, "field")
            about.setContentsMargins(0, 2, 0, 0)  # on the line of the larger text beside it
            grid.addWidget(about, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text, row, 1, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(grid)
