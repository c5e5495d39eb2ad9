"""What the page of the queue shows, as values."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted
from fsbus.desktop.widgets.rows import TableRow

ADD_KEY, NEXT_KEY = "F7", "F8"
"""Keys of the whole window: one more at the door, call the next."""


@redacted("waiting", "called", "received")
@dataclass(frozen=True)
class QueueShown:
    """The whole page. ``line`` tells the queue in one sentence, ``warning`` the last ticket; ``hours`` are bars."""

    line: str = ""
    warning: str = ""
    waiting: int = 0
    wait: str = ""
    called: int = 0
    received: int = 0
    rows: tuple[TableRow, ...] = ()
    hours: tuple[tuple[str, int], ...] = ()
