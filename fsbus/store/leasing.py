"""Keeps the lease of this laptop inside the encrypted store, out of reach without the key."""

import secrets
from collections.abc import Callable

import msgspec

from fsbus.core.errors import StoreDamaged
from fsbus.core.lease import Lease, begun, lengthened, renewed
from fsbus.store.database import Database, rows
from fsbus.wire.lease_codes import CHALLENGE_DIGITS

_NAME = "lease"


def read_lease(db: Database) -> Lease | None:
    """The lease as kept; None when this laptop never had one. Raises StoreDamaged."""
    found = next(rows(db, "SELECT value FROM settings WHERE name = ?", (_NAME,)), None)
    if found is None:
        return None
    try:
        return msgspec.json.decode(found[0], type=Lease)
    except (msgspec.DecodeError, ValueError):
        raise StoreDamaged("Le bail de ce poste est illisible : appelez le coordinateur.") from None


def change_lease(db: Database, change: Callable[[Lease | None], Lease]) -> Lease:
    """Read, change and keep the lease; inside the caller's transaction."""
    lease = change(read_lease(db))
    db.conn.execute(
        "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_NAME, msgspec.json.encode(lease).decode()),
    )
    return lease


def begin_lease(db: Database, wall: int) -> None:
    """After an enrolment, which the one-time code proved."""

    def change(known: Lease | None) -> Lease:
        return begun(wall, new_challenge(), 0 if known is None else known.number + 1)

    change_lease(db, change)


def renew_lease(db: Database, told: int, wall: int) -> None:
    """After a proved and fresh answer of the centre, ``told`` in milliseconds by its clock, ``wall`` in seconds."""
    seconds = told // 1000
    change_lease(db, lambda known: renewed(known or begun(seconds, ""), seconds, wall, new_challenge()))


def lengthen_lease(db: Database, told: int, wall: int) -> None:
    """After a proved answer of the centre that was carried here; the same units as `renew_lease`."""
    seconds = told // 1000
    change_lease(db, lambda known: lengthened(known or begun(wall, ""), seconds, new_challenge()))


def new_challenge() -> str:
    """Eight digits to read aloud, that nobody can foresee."""
    return f"{secrets.randbelow(10**CHALLENGE_DIGITS):0{CHALLENGE_DIGITS}d}"
