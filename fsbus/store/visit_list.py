"""All visits, some at a time: narrowed and sorted by the store, never in memory."""

from collections.abc import Mapping
from dataclasses import dataclass

from fsbus.core.redaction import redacted
from fsbus.store.database import Database, rows

NEWEST, OLDEST, LONGEST, SHORTEST, BY_AGENT = "newest", "oldest", "longest", "shortest", "by_agent"
ORDERS: Mapping[str, str] = {
    NEWEST: "v.visited_on DESC, v.started_at DESC, v.n DESC",
    OLDEST: "v.visited_on, v.started_at, v.n",
    LONGEST: "v.minutes DESC, v.visited_on DESC, v.n DESC",
    SHORTEST: "v.minutes, v.visited_on DESC, v.n DESC",
    BY_AGENT: "(SELECT name FROM agents a WHERE a.id = v.agent_id), v.visited_on DESC, v.started_at DESC, v.n DESC",
}
_COLUMNS = (
    "v.id, v.visited_on, v.started_at, v.minutes, v.channel, coalesce(v.stop_commune, ''),"
    " (SELECT name FROM agents a WHERE a.id = v.agent_id),"
    " (SELECT group_concat(procedure || ' ' || outcome, char(10))"
    " FROM (SELECT procedure, outcome FROM procedure_records WHERE visit_id = v.id ORDER BY id))"
)


@redacted()
@dataclass(frozen=True)
class Wanted:
    """What every visit of the list has; an empty part narrows nothing. Days are included."""

    first: str = ""
    last: str = ""
    commune: str = ""
    agent_id: str = ""
    procedure: str = ""
    outcome: str = ""
    """Procedure and outcome are those of one and the same record."""


@redacted("id")
@dataclass(frozen=True)
class Listed:
    """One visit of the list; ``procedures`` are (code, outcome) in the order they were recorded."""

    id: str
    visited_on: str
    started_at: str
    minutes: int
    channel: str
    commune: str
    agent: str
    procedures: tuple[tuple[str, str], ...]


def count(db: Database, wanted: Wanted) -> int:
    """How many visits are wanted."""
    sql, given = counting(wanted)
    return int(str(next(rows(db, sql, given))[0]))


def some(db: Database, wanted: Wanted, order: str, start: int, most: int) -> list[Listed]:
    """The wanted visits from the ``start``-th on, in one of `ORDERS`."""
    sql, given = selecting(wanted, order, start, most)
    return [
        Listed(
            id=key,
            visited_on=day,
            started_at=at,
            minutes=minutes,
            channel=channel,
            commune=commune,
            agent=agent or "",
            procedures=tuple(map(_pair, (told or "").splitlines())),
        )
        for key, day, at, minutes, channel, commune, agent, told in rows(db, sql, given)
    ]


def counting(wanted: Wanted) -> tuple[str, tuple[str | int, ...]]:
    """The statement of `count`."""
    where, given = _where(wanted)
    return f"SELECT count(*) FROM visits v{where}", given


def selecting(wanted: Wanted, order: str, start: int, most: int) -> tuple[str, tuple[str | int, ...]]:
    """The statement of `some`: the visits are found first, what is told of them is read for those alone."""
    where, given = _where(wanted)
    found = f"SELECT v.n FROM visits v{where} ORDER BY {ORDERS[order]} LIMIT ? OFFSET ?"
    sql = f"SELECT {_COLUMNS} FROM visits v WHERE v.n IN ({found}) ORDER BY {ORDERS[order]}"
    return sql, (*given, most, start)


def _where(wanted: Wanted) -> tuple[str, tuple[str, ...]]:
    inside = {"r.procedure = ?": wanted.procedure, "r.outcome = ?": wanted.outcome}
    record = {condition: value for condition, value in inside.items() if value}
    of_record = (
        f"EXISTS (SELECT 1 FROM procedure_records r WHERE {' AND '.join(['r.visit_id = v.id', *record])})"
    )
    plain = {
        "v.visited_on >= ?": wanted.first,
        "v.visited_on <= ?": wanted.last,
        "v.stop_commune = ?": wanted.commune,
        "v.agent_id = ?": wanted.agent_id,
    }
    parts = [condition for condition, value in plain.items() if value] + ([of_record] if record else [])
    given = (*(value for value in plain.values() if value), *record.values())
    return (f" WHERE {' AND '.join(parts)}" if parts else ""), given


def _pair(text: str) -> tuple[str, str]:
    code, _, outcome = text.partition(" ")
    return code, outcome
