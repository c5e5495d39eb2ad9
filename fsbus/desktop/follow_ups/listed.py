"""The lists of what is left to do, and what the agent answers in its small forms, as values."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted
from fsbus.desktop.widgets.rows import TableRow

HERE, NETWORK, LATE, COMING, DONE = "here", "network", "late", "coming", "done"
OTHER_DAY = ""
"""Stands for a day that is typed, among the passages that are proposed."""


@redacted("total")
@dataclass(frozen=True)
class ListShown:
    """One list: its lines, how many there are in all, and what is said when there is none."""

    rows: tuple[TableRow, ...]
    total: int
    empty: str


@redacted()
@dataclass(frozen=True)
class DayChoice:
    """The passage chosen (its id), or the day typed."""

    passage: str
    day: str
