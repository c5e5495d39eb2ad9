"""All that a visit form holds while it is typed, as plain values that a draft keeps and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from fsbus.core.redaction import redacted
from fsbus.desktop.visit_form.entry import ProcedureEntry, VisitEntry


@redacted()
@dataclass(frozen=True, repr=False)
class Typed:
    """The ``entry`` as it stands, half-typed texts included, and what the form knows beside it.

    ``details``: for each procedure whether all its parts are shown; ``stop_commune``: where the bus stood.
    """

    entry: VisitEntry
    minutes_typed: bool = False
    details: tuple[bool, ...] = ()
    stop_commune: str | None = None

    def as_plain(self) -> dict[str, object]:
        """JSON values; `from_plain` makes them this again."""
        plain = msgspec.to_builtins(self)
        if not isinstance(plain, dict):
            raise TypeError("a dataclass becomes a mapping")
        return plain

    @property
    def opened_cards(self) -> tuple[bool, ...]:
        """``details``, one for each procedure whatever was kept."""
        count = len(self.entry.procedures)
        return (*self.details, *[False] * count)[:count]


def from_plain(plain: Mapping[str, object]) -> Typed:
    """What `as_plain` wrote, by this release or another: unknown fields are left out, missing ones empty.

    Raises ValueError.
    """
    typed = msgspec.convert(plain, Typed)
    if typed.entry.procedures:
        return typed
    return replace(typed, entry=replace(typed.entry, procedures=(ProcedureEntry(),)))
