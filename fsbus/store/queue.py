"""The tickets of the queue at the door: never sent, destroyed when the day is over."""

from collections.abc import Sequence

from fsbus.core.queue import Ticket
from fsbus.store.database import Database, rows

_SELECT = "SELECT number, day, arrived_at, called_at, left_at, how, agent_id FROM tickets"


def tickets_of(db: Database, day: str) -> list[Ticket]:
    """Those of one day, by number."""
    return [Ticket(*row) for row in rows(db, f"{_SELECT} WHERE day = ? ORDER BY number", (day,))]


def days_with_tickets(db: Database) -> list[str]:
    """The days that have some."""
    return [str(day) for (day,) in rows(db, "SELECT DISTINCT day FROM tickets ORDER BY day")]


def recent_minutes(db: Database, most: int) -> Sequence[int]:
    """How long the last visits took of people who came, the newest first."""
    query = "SELECT minutes FROM visits WHERE channel IN ('walk_in', 'appointment') ORDER BY id DESC LIMIT ?"
    return [int(minutes) for (minutes,) in rows(db, query, (most,))]


def write_ticket(db: Database, one: Ticket) -> None:
    """Put a ticket as it is now in the place of itself; inside a transaction of the store."""
    with_values = (one.number, one.day, one.arrived_at, one.called_at, one.left_at, one.how, one.agent_id)
    db.conn.execute(
        "INSERT OR REPLACE INTO tickets (number, day, arrived_at, called_at, left_at, how, agent_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        with_values,
    )


def drop_ticket(db: Database, day: str, number: int) -> None:
    """Destroy one ticket; inside a transaction of the store."""
    db.conn.execute("DELETE FROM tickets WHERE day = ? AND number = ?", (day, number))


def drop_tickets(db: Database, day: str) -> None:
    """Destroy the tickets of one day; inside a transaction of the store."""
    db.conn.execute("DELETE FROM tickets WHERE day = ?", (day,))
