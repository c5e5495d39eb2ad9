"""Reads the operations that the centre has not acknowledged."""

from fsbus.store.database import Database, rows

_WAITING = (
    "SELECT seq, line FROM operations WHERE replica = (SELECT replica FROM link) AND seq > ? ORDER BY seq"
)
_COUNTED = "SELECT count(*) FROM operations JOIN link USING (replica) WHERE seq > acked"


def waiting_lines(db: Database, *, after: int, max_bytes: int) -> list[tuple[int, bytes]]:
    """(seq, line) of this replica above ``after``, oldest first, at least one and ``max_bytes`` at most."""
    found: list[tuple[int, bytes]] = []
    size = 0
    waiting = rows(db, _WAITING, (after,))
    for seq, line in waiting:
        size += len(line)
        if found and size > max_bytes:
            break
        found.append((int(seq), bytes(line)))
    waiting.close()
    return found


def count_waiting(db: Database) -> int:
    """How many there are."""
    return int(next(rows(db, _COUNTED))[0])
