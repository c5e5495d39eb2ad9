"""Turns laptops away for good: in the database, and in the ledger that outlives it."""

from collections.abc import Iterable

from fsbus.server import tables
from fsbus.server.database import AnyRow, Connection, insert, select, update
from fsbus.server.devices import ACTIVE
from fsbus.server.ledger import Ledger, Revoked, needed

_NAME = "Poste refusé, connu par le registre"
"""What a laptop is called whose name was lost with the database that knew it."""


def turn_away(connection: Connection, ledger: Ledger | None, row: AnyRow, moment: str) -> None:
    """Revoke the laptop of this row of `devices`, in the caller's transaction; asked twice, the first moment stays.

    Raises StoreUnavailable: without a ledger, a centre put back from a backup would let it in again.
    """
    if row.revoked_at is None:
        needed(ledger).append_revoked([Revoked(row.id, moment, row.role, row.public_key, row.feed)])
        connection.execute(
            update(tables.devices).where(tables.devices.c.id == row.id).values(revoked_at=moment)
        )


def turn_away_again(connection: Connection, ledger: Ledger, others: Iterable[Ledger] = ()) -> int:
    """Revoke again what any ledger holds and the database does not, and give this ledger what it lacks.

    A laptop that the database has never met is written there: it may not enrol again under its key, and what it
    sends is kept aside. In the caller's transaction; how many were revoked again. Raises StoreError.
    """
    held = ledger.read_revoked()
    wanted = dict(held)
    for other in others:
        wanted = other.read_revoked() | wanted
    table = tables.devices
    known = {row.id: row for row in connection.execute(select(table)).all()}
    in_database = {
        key: Revoked(key, row.revoked_at, row.role, row.public_key, row.feed)
        for key, row in known.items()
        if row.revoked_at is not None
    }
    ledger.append_revoked(one for key, one in (wanted | in_database).items() if key not in held)
    again = [one for key, one in sorted(wanted.items()) if key not in in_database]
    for one in again:
        values = {"revoked_at": one.at}
        if one.device in known:
            connection.execute(update(table).where(table.c.id == one.device).values(values))
            continue
        values |= {"id": one.device, "public_key": one.public_key, "name": _NAME, "role": one.role}
        values |= {"feed": one.feed, "enrolled_at": one.at, "state": ACTIVE}
        connection.execute(insert(table).values(values))
    return len(again)
