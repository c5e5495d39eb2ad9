"""Reads what belongs to people who are followed up: who is whom, their visits and appointments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from fsbus.core.entities import APPOINTMENT, RESIDENT, VISIT
from fsbus.core.redaction import redacted
from fsbus.core.same_people import roots
from fsbus.store.database import Database, rows
from fsbus.store.rows import SHAPES, Value


@redacted()
@dataclass(frozen=True)
class OfPeople:
    """Ids to kinds of all that is held of some people, those that were removed included."""

    residents: Mapping[str, str]
    visits: Mapping[str, str]
    appointments: Mapping[str, str]


def stamp(db: Database) -> tuple[int, int]:
    """Another one whenever this connection or another one wrote something."""
    return int(next(rows(db, "PRAGMA data_version"))[0]), int(db.conn.total_changes)


def resident_rows(db: Database) -> list[tuple[Value, ...]]:
    """Every resident as `SHAPES[RESIDENT]` reads it."""
    return [tuple(row) for row in rows(db, SHAPES[RESIDENT].select)]


def root_of_each(db: Database) -> dict[str, str]:
    """Every resident's id, with that of the person they were found to be (or their own)."""
    return roots({str(key): into for key, into in rows(db, "SELECT id, merged_into FROM residents")})


def same_person(db: Database, resident_id: str) -> frozenset[str]:
    """The ids of all residents who were found to be this person; the id alone when it is not here."""
    root = root_of_each(db)
    wanted = root.get(resident_id, resident_id)
    return frozenset({resident_id, *(key for key, into in root.items() if into == wanted)})


def of_people(db: Database, resident_ids: Iterable[str]) -> OfPeople:
    """All that is held of these people; an appointment of one of their visits is theirs too."""
    wanted = msgspec.json.encode(sorted(resident_ids)).decode()
    residents = rows(db, "SELECT id FROM residents WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    visits = [
        str(key)
        for (key,) in rows(
            db,
            "SELECT id FROM visits WHERE resident_id IN (SELECT value FROM json_each(?)) UNION SELECT id FROM"
            " deleted WHERE kind = 'visit' AND json_extract(body, '$.resident_id') IN (SELECT value FROM json_each(?))",
            (wanted, wanted),
        )
    ]
    seen = msgspec.json.encode(visits).decode()
    appointments = rows(
        db,
        "SELECT id FROM appointments WHERE resident_id IN (SELECT value FROM json_each(?1))"
        " OR visit_id IN (SELECT value FROM json_each(?2)) UNION SELECT id FROM deleted WHERE kind = 'appointment'"
        " AND (json_extract(body, '$.resident_id') IN (SELECT value FROM json_each(?1))"
        " OR json_extract(body, '$.visit_id') IN (SELECT value FROM json_each(?2)))",
        (wanted, seen),
    )
    return OfPeople(
        {str(key): RESIDENT for (key,) in residents},
        dict.fromkeys(visits, VISIT),
        {str(key): APPOINTMENT for (key,) in appointments},
    )


def last_visit_day(db: Database, resident_ids: Iterable[str]) -> str | None:
    """The day of their newest visit that is shown; None when there is none."""
    wanted = msgspec.json.encode(sorted(resident_ids)).decode()
    sql = "SELECT max(visited_on) FROM visits WHERE resident_id IN (SELECT value FROM json_each(?))"
    found = next(rows(db, sql, (wanted,)))[0]
    return None if found is None else str(found)


def of_the_forgotten(db: Database) -> dict[str, str]:
    """Visits and appointments, removed or not, to the erased person whom they name: recorded elsewhere before that was known there."""
    sql = (
        "SELECT id, resident_id FROM visits WHERE resident_id IN (SELECT id FROM erased) UNION ALL"
        " SELECT id, resident_id FROM appointments WHERE resident_id IN (SELECT id FROM erased) UNION ALL"
        " SELECT id, json_extract(body, '$.resident_id') FROM deleted WHERE kind IN ('visit', 'appointment')"
        " AND json_extract(body, '$.resident_id') IN (SELECT id FROM erased) ORDER BY id"
    )
    return {str(key): str(owner) for key, owner in rows(db, sql)}


def owners(db: Database, kind: str, ids: Iterable[str]) -> dict[str, str | None]:
    """The resident named by each of these visits or appointments that is shown."""
    wanted = msgspec.json.encode(sorted(ids)).decode()
    table = SHAPES[kind].table
    sql = f"SELECT id, resident_id FROM {table} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return {str(key): owner for key, owner in rows(db, sql, (wanted,))}
