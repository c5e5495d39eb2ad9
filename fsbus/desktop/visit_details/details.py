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
    visit: ToldCard
    procedures: tuple[ToldCard, ...]
