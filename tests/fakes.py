"""Stands in for what a test cannot have: a clock that is held, official lists that are small."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fsbus.core.clock import Clock, parse_utc_text
from fsbus.core.ids import Ids

NOON = "2026-11-24T11:00:00Z"
"""The moment of tests: a Tuesday, noon in Paris."""


@dataclass
class HeldTime:
    """A moment that only the test moves."""

    moment: datetime = field(default_factory=lambda: parse_utc_text(NOON))

    def now(self) -> datetime:
        """The moment."""
        return self.moment

    def advance(self, **step: float) -> None:
        """Move it by a timedelta's words: ``seconds=…``, ``days=…``."""
        self.moment += timedelta(**step)

    def clock(self) -> Clock:
        """A clock that shows it."""
        return Clock(self.now)

    def ids(self) -> Ids:
        """Ids that are dated by it."""
        return Ids(self.now)


class AnyReference:
    """Every commune and every procedure exists; the partner is the beginning of the code."""

    def partner_of(self, procedure: str, day: str) -> str | None:
        """« CNAV » for « CNAV-DEM »."""
        return procedure.partition("-")[0] or None

    def is_commune(self, insee_code: str) -> bool:
        """Always."""
        return True


@dataclass(frozen=True)
class SmallReference:
    """Only these communes, and these procedures with their partner."""

    communes: frozenset[str] = frozenset({"02361"})
    partners: Mapping[str, str] = field(default_factory=lambda: {"FT-CG-OCC": "FT", "CNAV-DEM": "CNAV"})

    def partner_of(self, procedure: str, day: str) -> str | None:
        """The partner given for it."""
        return self.partners.get(procedure)

    def is_commune(self, insee_code: str) -> bool:
        """Whether it was given."""
        return insee_code in self.communes
