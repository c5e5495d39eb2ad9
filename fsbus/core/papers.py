"""The papers that a sheet is printed on: their size, their margins, how large the text is."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted


@redacted("code")
@dataclass(frozen=True)
class Paper:
    """Lengths in mm. A paper without ``height`` is a roll, cut where the text ends.

    ``scale`` multiplies every size of text; on a ``narrow`` one names stand above what is told.
    """

    code: str
    label: str
    width: float
    height: float | None
    across: float
    """The margin at the left and at the right."""
    along: float
    """The margin at the top and at the bottom."""
    scale: float = 1.0
    narrow: bool = False


A4 = Paper("a4", "A4", 210, 297, 18, 15)
A5 = Paper("a5", "A5", 148, 210, 13, 11)
ROLL_80 = Paper("80mm", "Ticket de 80\u00a0mm", 80, None, 4, 4, scale=0.95, narrow=True)
"""Till printers leave 4 mm at each side."""
PAPERS = {paper.code: paper for paper in (A5, ROLL_80, A4)}
