"""Reads what is left to do after visits: here today, for the network, late, coming, and done lately.

What is open is the condition of an index (`INDEXES`), so that it costs the same in a store of many years.
"""

from dataclasses import dataclass

from fsbus.core.follow_ups import Late, ToFollow
from fsbus.core.records import FollowUp
from fsbus.core.redaction import redacted
from fsbus.store.database import Database, rows

_ON, _DONE_ON = "json_extract(follow_up, '$.on')", "json_extract(follow_up, '$.done_on')"
_OPEN = f"(outcome IN ('follow_up', 'no_network') OR {_ON} IS NOT NULL) AND {_DONE_ON} IS NULL"
"""`fsbus.core.follow_ups.is_open`, word for word the condition of the index: only so it is used."""
INDEXES = f"""
CREATE INDEX open_follow_ups ON procedure_records ({_ON}) WHERE {_OPEN};
CREATE INDEX done_follow_ups ON procedure_records ({_DONE_ON}) WHERE {_DONE_ON} IS NOT NULL;
"""
_WHERE = "coalesce(json_extract(follow_up, '$.commune'), stop_commune)"
_SELECT = (
    "SELECT r.id, r.visit_id, r.procedure, r.outcome, r.precise_answer, json_extract(follow_up, '$.on'),"
    " json_extract(follow_up, '$.note'), json_extract(follow_up, '$.commune'), json_extract(follow_up, '$.done_on'),"
    f" v.visited_on, {_WHERE}, v.resident_id, count(*) OVER ()"
    " FROM procedure_records AS r JOIN visits AS v ON v.id = r.visit_id WHERE "
)
_FIRST_DUE = f" ORDER BY coalesce({_ON}, v.visited_on), r.id LIMIT ?"


@redacted("total")
@dataclass(frozen=True)
class Listed:
    """The first of a list, and how many there are in all."""

    found: tuple[ToFollow, ...] = ()
    total: int = 0


def here(db: Database, commune: str, day: str, limit: int) -> Listed:
    """What is set for this day or before in this commune, the longest waiting first."""
    return _listed(db, f"{_SELECT}{_OPEN} AND {_ON} <= ? AND {_WHERE} = ?{_FIRST_DUE}", day, commune, limit)


def for_network(db: Database, limit: int) -> Listed:
    """What could not be done without a network, oldest first."""
    return _listed(db, f"{_SELECT}{_OPEN} AND outcome = 'no_network'{_FIRST_DUE}", limit)


def late(db: Database, since: Late, limit: int) -> Listed:
    """What is late wherever it is, the longest first."""
    sql = f"{_SELECT}{_OPEN} AND ({_ON} < ? OR ({_ON} IS NULL AND v.visited_on < ?)){_FIRST_DUE}"
    return _listed(db, sql, since.with_day, since.without_day, limit)


def coming(db: Database, day: str, limit: int) -> Listed:
    """What is set for later than this day, the soonest first."""
    return _listed(db, f"{_SELECT}{_OPEN} AND {_ON} > ?{_FIRST_DUE}", day, limit)


def every_open(db: Database, commune: str | None, limit: int) -> Listed:
    """All that is left to do, the longest due first; ``commune``: only what is taken up there."""
    return _listed(db, f"{_SELECT}{_OPEN} AND {_WHERE} IS coalesce(?, {_WHERE}){_FIRST_DUE}", commune, limit)


def done_since(db: Database, day: str, limit: int) -> Listed:
    """What was done on this day or later, the last one first."""
    sql = f"{_SELECT}{_DONE_ON} >= ? ORDER BY {_DONE_ON} DESC, r.id DESC LIMIT ?"
    return _listed(db, sql, day, limit)


def count_here(db: Database, commune: str, day: str) -> int:
    """How many `here` would list."""
    sql = (
        "SELECT count(*) FROM procedure_records AS r JOIN visits AS v ON v.id = r.visit_id WHERE "
        f"{_OPEN} AND {_ON} <= ? AND {_WHERE} = ?"
    )
    return int(next(rows(db, sql, (day, commune)))[0])


def _listed(db: Database, sql: str, *values: str | int | None) -> Listed:
    found = list(rows(db, sql, values))
    return Listed(tuple(_one(*row) for row in found), int(found[0][12]) if found else 0)


def _one(
    record_id: str,
    visit_id: str,
    procedure: str,
    outcome: str,
    precise_answer: str,
    on: str | None,
    note: str | None,
    commune: str | None,
    done_on: str | None,
    visited_on: str,
    place: str | None,
    resident_id: str | None,
    _total: int,
) -> ToFollow:
    return ToFollow(
        record_id,
        visit_id,
        procedure,
        outcome,
        precise_answer,
        FollowUp(on, note or "", commune, done_on),
        visited_on,
        place,
        resident_id,
    )
