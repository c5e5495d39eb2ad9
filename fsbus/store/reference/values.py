"""What searching and importing reference data give back."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], None]
"""Called with (done, total) from time to time."""
Cancelled = Callable[[], bool]
"""Asked from time to time; true stops the work, and nothing of it is kept."""

KINDS = ("catalog", "communes", "structures", "fiches")
"""What can be imported."""


@dataclass(frozen=True)
class Hit:
    """One answer of a search: ``kind`` is ``procedure`` or ``fiche``; ``partner`` is a short French label."""

    kind: str
    code: str
    title: str
    partner: str


@dataclass(frozen=True)
class Refusal:
    """One row (``ligne 12``) or one member (``F1050.xml``) that was not taken, or not as it stood."""

    where: str
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}, {self.field} : {self.why}"


@dataclass(frozen=True)
class ImportReport:
    """What an import did. ``warnings`` were taken as they stood; ``skipped`` members hold no fiche."""

    kind: str
    edition: str
    added: int = 0
    changed: int = 0
    dropped: int = 0
    refused: tuple[Refusal, ...] = ()
    warnings: tuple[Refusal, ...] = ()
    skipped: int = 0


@dataclass(frozen=True)
class Edition:
    """The edition of one kind that is in use; ``origin`` is ``shipped`` or ``imported``.

    ``shipped`` is the day of the edition that the program shipped at that time: what someone imports over
    it is replaced by a later one only.
    """

    kind: str
    edition: str
    origin: str
    rows: int
    digest: str = ""
    shipped: str = ""


@dataclass(frozen=True)
class Counts:
    """How many rows a new edition adds, changes and drops."""

    added: int = 0
    changed: int = 0
    dropped: int = 0
