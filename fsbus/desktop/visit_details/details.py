"""What the reading of one visit shows, as values."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted
from fsbus.desktop.widgets.told import ToldCard


@redacted()
@dataclass(frozen=True)
class VisitDetails:
    """The day in words, a line on where and by whom, the visit itself and its procedures in order."""

    title: str
    place: str
    visit: ToldCard | None
    procedures: tuple[ToldCard, ...]
    ids: tuple[str, ...] = ()
    """Of the procedures, in their order, when each may be removed; empty when there is only one."""
    removed: tuple[tuple[str, str], ...] = ()
    """(id, title) of the procedures that were removed, to be put back."""
    is_removed: bool = False
    """Whether the whole visit was; then nothing else of it is shown."""
