"""The ledger of erased records and revoked laptops: bare ids, outside the database and its backups.

`fsbus-erased 1`, then a line for each record (check, id, kind, feed) and for each laptop (check, ``revoked``, device,
moment, role, public key, feed). It is appended, and durable, before the transaction that erases or revokes ends; one
that then fails leaves an id too many, of what somebody wanted erased or revoked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fsbus.core.errors import StoreUnavailable
from fsbus.core.redaction import redacted
from fsbus.server.appended import append_lines, checked, make_lines, read_lines
from fsbus.server.copies import Held

FIRST = "fsbus-erased 1"
_REVOKED = "revoked"
LEDGER_VARIABLE = "FSBUS_ERASURE_LEDGER"
"""Environment variable that names the ledger, where the database is no file."""


@redacted("id", "kind")
@dataclass(frozen=True)
class Erased:
    """One erased record."""

    feed: str
    id: str
    kind: str


@redacted("role")
@dataclass(frozen=True)
class Revoked:
    """One laptop that was turned away: enough to know it again where a database has never met it."""

    device: str
    at: str
    role: str
    public_key: str
    feed: str


@redacted()
@dataclass(frozen=True)
class Ledger:
    """The ledger of one machine; its processes share it."""

    path: Path

    def read(self) -> tuple[set[Erased], int]:
        """All erased records that it holds, and how many of its lines prove nothing. Raises StoreError."""
        lines, damaged = read_lines(self.path, FIRST)
        found = set()
        for line in lines:
            record_id, kind, feed = line.split(" ", 2)
            if record_id != _REVOKED:
                found.add(Erased(feed, record_id, kind))
        return found, damaged

    def read_revoked(self) -> dict[str, Revoked]:
        """All revoked laptops that it holds, by their identifier, each at its first moment. Raises StoreError."""
        found: dict[str, Revoked] = {}
        for line in read_lines(self.path, FIRST)[0]:
            if line.startswith(f"{_REVOKED} "):
                _, *words = line.split(" ", 5)
                one = Revoked(*words)
                found[one.device] = min(one, found.get(one.device, one), key=lambda known: known.at)
        return found

    def append(self, erased: Iterable[Erased]) -> None:
        """Keep these for good, durable on return. Raises StoreUnavailable."""
        ordered = sorted(erased, key=lambda one: (one.feed, one.id))
        lines = [checked(f"{one.id} {one.kind} {one.feed}") for one in ordered]
        append_lines(self.path, FIRST, lines, durable=True)

    def append_revoked(self, revoked: Iterable[Revoked]) -> None:
        """Keep these for good, durable on return. Raises StoreUnavailable."""
        ordered = sorted(revoked, key=lambda one: one.device)
        words = (
            f"{_REVOKED} {one.device} {one.at} {one.role} {one.public_key} {one.feed}" for one in ordered
        )
        append_lines(self.path, FIRST, map(checked, words), durable=True)

    def make(self) -> None:
        """Begin the file when there is none, so that a path that cannot be written is told at once."""
        make_lines(self.path, FIRST)


def keep_erased(ledger: Ledger | None, erased: Iterable[Held]) -> None:
    """Before the transaction that erases these ends. Raises StoreUnavailable: then it must not end well."""
    needed(ledger).append(Erased(held.feed, held.copy.id, held.copy.kind) for held in erased)


def needed(ledger: Ledger | None) -> Ledger:
    """The ledger, which what is for good cannot do without. Raises StoreUnavailable."""
    if ledger is None:
        raise StoreUnavailable(
            f"Le registre des effacements manque\u00a0: donnez-le par --ledger FICHIER ou par {LEDGER_VARIABLE}."
        )
    return ledger
