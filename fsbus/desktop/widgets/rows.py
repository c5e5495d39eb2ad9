"""One line of a table, as values; no Qt, so presenters may make them."""

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class TableRow:
    """The id a line stands for, and its cells as read."""

    key: str
    cells: tuple[str, ...]

    def __repr__(self) -> str:
        return f"TableRow({self.key})"
