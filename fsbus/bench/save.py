"""Saving one visit, beside the same rows written by the bare driver with the same durability."""

from collections import deque
from collections.abc import Iterator, Sequence
from secrets import token_bytes
from typing import Any

from fsbus.actions.session import Session
from fsbus.actions.visits import record_visit
from fsbus.bench import places
from fsbus.bench.measure import Figure, middle, pairs_in_turn, seconds, slowest_twentieth
from fsbus.store.store import Store

RUNS = 200
Rows = list[tuple[str, Sequence[tuple[object, ...]]]]
"""Each table's bare statement with its rows."""
_TABLES = ("visits", "procedure_records", "operations")


def bench(runs: int | None) -> Iterator[Figure]:
    """``save``, a draft of two procedures checked, journalled and saved; and its slowest twentieth."""
    runs = runs or RUNS
    with places.folder() as folder, places.laptop(folder / "home") as session:
        bare = Store.create(folder / "bare.db", token_bytes(32), clock=session.clock)
        # The limit writes rows and nothing else: no index of words to keep, no guard.
        connection: Any = bare.db.conn
        connection.execute("PRAGMA query_only = OFF")
        _drop_triggers(connection)
        made = places.drafts(session, runs + 2, 2 * (runs + 2))
        written: deque[Rows] = deque()

        def ours(number: int) -> float:
            took = seconds(lambda: record_visit(session, made[number]))
            written.append(_newest_rows(session))
            return took

        def limit(_: int) -> float:
            # One visit behind: each visit's rows are written bare exactly once, whoever goes first.
            rows = written.popleft()
            return seconds(lambda: _write(connection, rows))

        try:
            ours(runs + 1)
            pairs = pairs_in_turn(ours, limit, runs)
            yield middle("save", pairs)
            yield slowest_twentieth("save_p95", pairs)
        finally:
            bare.close()


def _write(connection: Any, tables: Rows) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement, rows in tables:
        connection.executemany(statement, rows)
    connection.execute("COMMIT")


def _newest_rows(session: Session) -> Rows:
    """The rows that the last save wrote, with the bare statement that writes each table's."""
    connection = session.store.db.conn
    (visit,) = connection.execute("SELECT id FROM visits ORDER BY n DESC LIMIT 1").fetchone()
    records = [
        row[0] for row in connection.execute("SELECT id FROM procedure_records WHERE visit_id = ?", (visit,))
    ]
    found: Rows = []
    for table in _TABLES:
        column = "record_id" if table == "operations" else "id"
        marks = ", ".join("?" for _ in [visit, *records])
        rows = connection.execute(
            f"SELECT * FROM {table} WHERE {column} IN ({marks})", [visit, *records]
        ).fetchall()
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            found.append((f"INSERT INTO {table} VALUES ({marks})", rows))
    return found


def _drop_triggers(connection: Any) -> None:
    triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (table,) in triggers:
        connection.execute(f"DROP TRIGGER {table}")
