"""What the screens, the command line and the reports read from the store."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from fsbus.core.entities import AGENT, CONFLICT, PROCEDURE_RECORD, VISIT, Agent, Conflict
from fsbus.core.records import ProcedureRecord
from fsbus.core.redaction import redacted
from fsbus.core.visits import Visit
from fsbus.store.database import Database, rows
from fsbus.store.migrations import version_of
from fsbus.store.rows import SHAPES, agent_from, conflict_from, record_from, visit_from

_VISITS = SHAPES[VISIT].select
_RECORDS = SHAPES[PROCEDURE_RECORD].select
_WORD = re.compile(r"\w+")
_TO_CHOOSE = "status = 'open' AND (field = 'deleted' OR record_id NOT IN (SELECT id FROM deleted))"
MOST_WORDS = 8
"""Words of a search that count; more would only slow it down."""

VisitWithRecords = tuple[Visit, tuple[ProcedureRecord, ...]]


@redacted("replica", "seq", "record_id", "kind")
@dataclass(frozen=True)
class Quarantined:
    """An operation of this laptop that the centre put aside, and its word why."""

    replica: str
    seq: int
    record_id: str
    kind: str
    why: str
    verb: str = ""


@redacted("visits", "pending")
@dataclass(frozen=True)
class StatusFacts:
    """The store in figures. ``strangers``: records that only a newer fsbus can show."""

    visits: int
    procedure_records: int
    pending: int
    open_conflicts: int
    quarantined: int
    strangers: int
    last_sync_at: str | None
    enrolled: bool
    schema: int


@redacted()
@dataclass(frozen=True)
class Extent:
    """What a thief would find, in figures: first and last day of the visits, and how many name a person.

    ``people``: those who are kept by name, and the appointments under a name of their own.
    """

    first_day: str | None
    last_day: str | None
    identified: int
    agents: int
    people: int


def extent(db: Database) -> Extent:
    """The days that the visits cover, those of an identified person, and the agents known here."""
    # What was deleted is still here for a thief.
    counted = (
        "SELECT min(visited_on), max(visited_on), count(resident_id), (SELECT count(*) FROM agents),"
        " (SELECT count(*) FROM residents) + (SELECT count(*) FROM appointments WHERE name || phone <> '')"
        " + (SELECT count(*) FROM deleted WHERE kind = 'appointment') FROM"
        " (SELECT visited_on, resident_id FROM visits UNION ALL SELECT json_extract(body, '$.visited_on'),"
        " json_extract(body, '$.resident_id') FROM deleted WHERE kind = 'visit')"
    )
    return Extent(*next(rows(db, counted)))


def visits_between(db: Database, first: str, last: str) -> Iterator[VisitWithRecords]:
    """The visits of these days, both included, in order of day and hour; read as they are asked for."""
    for row in rows(
        db, f"{_VISITS} WHERE visited_on BETWEEN ? AND ? ORDER BY visited_on, started_at, n", (first, last)
    ):
        found = visit_from(row)
        yield found, records_of(db, found.id)


def visits_of_day(db: Database, day: str) -> list[VisitWithRecords]:
    """The visits of one day, in order of hour."""
    return list(visits_between(db, day, day))


def visit(db: Database, visit_id: str) -> Visit | None:
    """One visit, or None."""
    row = next(rows(db, f"{_VISITS} WHERE id = ?", (visit_id,)), None)
    return None if row is None else visit_from(row)


def record(db: Database, record_id: str) -> ProcedureRecord | None:
    """One procedure record, or None."""
    row = next(rows(db, f"{_RECORDS} WHERE id = ?", (record_id,)), None)
    return None if row is None else record_from(row)


def records_of(db: Database, visit_id: str) -> tuple[ProcedureRecord, ...]:
    """The procedure records of a visit, in the order they were made."""
    return tuple(map(record_from, rows(db, f"{_RECORDS} WHERE visit_id = ? ORDER BY id", (visit_id,))))


def recent_procedures(db: Database, limit: int, *, among: int = 500) -> list[str]:
    """Codes of the procedures most often recorded among the last ``among`` records, most used first."""
    found = rows(
        db,
        "SELECT procedure FROM (SELECT n, procedure FROM procedure_records ORDER BY n DESC LIMIT ?)"
        " GROUP BY procedure ORDER BY count(*) DESC, max(n) DESC LIMIT ?",
        (among, limit),
    )
    return [str(row[0]) for row in found]


def recent_answers(
    db: Database, procedure: str, limit: int, *, resident_id: str | None = None, among: int = 3_000
) -> list[str]:
    """The last precise answers given for a procedure, newest first, each once, among the last ``among`` records.

    None of a visit that names a person, but of ``resident_id``: it may tell of that person.
    """
    found = rows(
        db,
        "SELECT r.precise_answer FROM (SELECT n, visit_id, procedure, precise_answer FROM procedure_records"
        " ORDER BY n DESC LIMIT ?) AS r JOIN visits AS v ON v.id = r.visit_id"
        " WHERE r.procedure = ? AND r.precise_answer <> '' AND (v.resident_id IS NULL OR v.resident_id = ?)"
        " GROUP BY r.precise_answer ORDER BY max(r.n) DESC LIMIT ?",
        (among, procedure, resident_id, limit),
    )
    return [str(row[0]) for row in found]


def recent_communes(db: Database, limit: int, *, among: int = 500) -> list[str]:
    """Codes of the communes where the people of the last ``among`` visits live, the most frequent first."""
    found = rows(
        db,
        "SELECT resident_commune FROM (SELECT n, resident_commune FROM visits ORDER BY n DESC LIMIT ?)"
        " WHERE resident_commune IS NOT NULL GROUP BY resident_commune ORDER BY count(*) DESC, max(n) DESC LIMIT ?",
        (among, limit),
    )
    return [str(row[0]) for row in found]


def last_visit_of(db: Database, agent_id: str) -> VisitWithRecords | None:
    """The visit that this agent recorded last on this laptop, or None."""
    row = next(rows(db, f"{_VISITS} WHERE agent_id = ? ORDER BY n DESC LIMIT 1", (agent_id,)), None)
    if row is None:
        return None
    found = visit_from(row)
    return found, records_of(db, found.id)


def search_visits(
    db: Database,
    text: str,
    limit: int,
    procedures_with: Callable[[str], Collection[str]] = lambda _word: (),
) -> list[Visit]:
    """The newest visits that hold every word of the text, or its beginning, in their note or their records.

    Accents and case do not count; any text is safe. Precise answers, referrals and missing
    documents are searched too, and a word may stand in a procedure's name: ``procedures_with``
    gives the codes of those that are named so, which the official lists know and the store does not.
    """
    words = _WORD.findall(text)[:MOST_WORDS]
    if not words:
        return []
    wanted: list[str] = []
    terms: list[str] = []
    for word in words:
        codes = sorted(procedures_with(word))
        wanted.append(
            "id IN (SELECT v.id FROM texts t JOIN visits v ON v.n = t.rowid / 2"
            " WHERE texts MATCH ? AND t.rowid % 2 = 0"
            " UNION SELECT r.visit_id FROM texts t JOIN procedure_records r ON r.n = t.rowid / 2"
            " WHERE texts MATCH ? AND t.rowid % 2 = 1"
            f" UNION SELECT visit_id FROM procedure_records WHERE procedure IN ({', '.join('?' * len(codes))}))"
        )
        # The index folds accents, not ligatures.
        spelt = sorted({word, word.replace("œ", "oe"), word.replace("oe", "œ")})
        expression = " OR ".join(f'"{each}"*' for each in spelt)
        terms += [expression, expression, *codes]
    sql = f"{_VISITS} WHERE {' AND '.join(wanted)} ORDER BY visited_on DESC, started_at DESC, n DESC LIMIT ?"
    return [visit_from(row) for row in rows(db, sql, (*terms, limit))]


def open_conflicts(db: Database) -> list[Conflict]:
    """The proposals that wait for a choice, oldest first; no value of a removed record does."""
    found = rows(db, f"{SHAPES[CONFLICT].select} WHERE {_TO_CHOOSE} ORDER BY hlc, id")
    return list(map(conflict_from, found))


def conflict_feeds(db: Database) -> dict[str, str]:
    """Where conflicts are, by id; those of the feed that this laptop writes to are not named."""
    sql = "SELECT id, feed FROM elsewhere WHERE id IN (SELECT id FROM conflicts)"
    return {str(key): str(feed) for key, feed in rows(db, sql)}


def conflict(db: Database, conflict_id: str) -> Conflict | None:
    """One conflict, settled or not, or None."""
    row = next(rows(db, f"{SHAPES[CONFLICT].select} WHERE id = ?", (conflict_id,)), None)
    return None if row is None else conflict_from(row)


def quarantined(db: Database) -> list[Quarantined]:
    """The operations that the centre put aside, oldest first."""
    found = rows(
        db,
        "SELECT replica, seq, record_id, kind, coalesce(why, ''), verb FROM operations"
        " WHERE result = 'quarantined' ORDER BY replica, seq",
    )
    return [Quarantined(*row) for row in found]


def agents(db: Database) -> list[Agent]:
    """Every agent known here, by name."""
    return list(map(agent_from, rows(db, f"{SHAPES[AGENT].select} ORDER BY name, id")))


def agent(db: Database, agent_id: str) -> Agent | None:
    """One agent, or None."""
    row = next(rows(db, f"{SHAPES[AGENT].select} WHERE id = ?", (agent_id,)), None)
    return None if row is None else agent_from(row)


def status_facts(db: Database) -> StatusFacts:
    """The store in figures, all from one moment."""
    counted = (
        "SELECT (SELECT count(*) FROM visits), (SELECT count(*) FROM procedure_records),"
        " (SELECT count(*) FROM operations o WHERE o.replica = link.replica AND o.seq > link.acked),"
        f" (SELECT count(*) FROM conflicts WHERE {_TO_CHOOSE}),"
        " (SELECT count(*) FROM operations WHERE result = 'quarantined'),"
        " (SELECT count(*) FROM strangers), last_sync_at, enrolment IS NOT NULL FROM link"
    )
    visits, procedures, pending, conflicts, aside, strangers, last_sync_at, enrolled = next(rows(db, counted))
    return StatusFacts(
        visits=visits,
        procedure_records=procedures,
        pending=pending,
        open_conflicts=conflicts,
        quarantined=aside,
        strangers=strangers,
        last_sync_at=last_sync_at,
        enrolled=bool(enrolled),
        schema=version_of(db),
    )
