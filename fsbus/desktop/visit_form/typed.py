"""All that a visit form holds while it is typed, as plain values that a draft keeps and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from fsbus.core.privacy import masked
from fsbus.core.redaction import redacted
from fsbus.desktop.visit_form.entry import ProcedureEntry, VisitEntry


@redacted("ids")
@dataclass(frozen=True, repr=False)
class Began:
    """How a correction began: what the form showed, the records of its procedures, and each record (id) as it stood."""

    entry: VisitEntry
    ids: tuple[str, ...]
    seen: dict[str, dict[str, object]]


@redacted()
@dataclass(frozen=True, repr=False)
class Typed:
    """The ``entry`` as it stands, half-typed texts included, and what the form knows beside it.

    ``details``: for each procedure whether all its parts are shown; ``stop_commune``: where the bus stood. Of a
    correction, how it ``began``, and the id of the record of each procedure, new ones included.
    """

    entry: VisitEntry
    minutes_typed: bool = False
    details: tuple[bool, ...] = ()
    stop_commune: str | None = None
    began: Began | None = None
    record_ids: tuple[str, ...] = ()

    def as_plain(self) -> dict[str, object]:
        """JSON values; `from_plain` makes them this again, but for what may never be stored: dots stand in its place.

        The rules refuse such a value at saving; it is not to be on a disk before that, sealed or not.
        """
        plain = msgspec.to_builtins(self)
        if not isinstance(plain, dict):
            raise TypeError("a dataclass becomes a mapping")
        return {**plain, "entry": _masked(plain["entry"])}

    @property
    def is_correction(self) -> bool:
        """Whether this is what a correction keeps, whole: a record for each procedure, then and now."""
        began = self.began
        return (
            began is not None
            and len(began.ids) == len(began.entry.procedures)
            and len(self.record_ids) == len(self.entry.procedures)
        )

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


def _masked(value: object) -> object:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value
