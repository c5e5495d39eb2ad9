"""One line of a table, as values; no Qt, so presenters may make them."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted


@redacted("key")
@dataclass(frozen=True)
class TableRow:
    """The id a line stands for, and its cells as read."""

    key: str
    cells: tuple[str, ...]
