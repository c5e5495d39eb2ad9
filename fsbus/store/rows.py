"""Values to rows and back: one column per field, lists and groups as JSON text, named as in core."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec

from fsbus.core.entities import (
    AGENT,
    APPOINTMENT,
    ATTENDANCE,
    CONFLICT,
    ENTITIES,
    INCIDENT,
    PASSAGE,
    PROCEDURE_RECORD,
    RESIDENT,
    STOP,
    VISIT,
    WORKSHOP,
    Agent,
    Conflict,
    Json,
    from_body,
)
from fsbus.core.fields import LISTS, Flag, Group
from fsbus.core.records import FollowUp, Mandate, ProcedureRecord, Referral
from fsbus.core.visits import Visit

Value = str | int | bytes | float | None
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


@dataclass(frozen=True)
class Shape:
    """How one kind is stored: its table, its columns in order, and the statements for whole rows."""

    kind: str
    table: str
    columns: tuple[str, ...]
    altered: tuple[int, ...]
    """Where in the columns stand those whose value is not the field's own."""
    as_json: frozenset[str]
    as_flag: frozenset[str]
    insert: str
    """Parameters: id, the columns. A new row at version 0."""
    put: str
    """Parameters: id, the columns, version, extra. The row as the centre has it, new or not."""
    select: str
    """`SELECT` of id and the columns, without condition."""
    select_one: str
    select_extra: str
    """The fields that only a newer fsbus knows, as JSON text, of one id."""
    versions: str
    """Id and version of many rows. Parameter: their ids as a JSON list."""
    delete: str
    children: str | None
    """Ids of the rows that hang on a record; None for a kind that hangs on nothing."""
    count_plain: str
    """Count the plain operations of a span as versions seen. Parameters: replica, from (excluded), to, kind."""
    count_one: str
    """Count one version more on a row that stands at this version at least. Parameters: id, version."""
    put_version: str
    """Put a row at a version. Parameters: version, id."""
    lower_version: str
    """Take back versions that the centre no longer has. Parameters: version, id."""

    def value_of(self, column: str, value: object) -> Value:
        """The value of one field as its column holds it."""
        if column in self.as_json:
            # A conflict's missing side is JSON null; an absent group is SQL NULL.
            return None if value is None and self.kind != CONFLICT else _encode(value).decode()
        if column in self.as_flag:
            return None if value is None else int(bool(value))
        return value  # type: ignore[return-value]  # the fields of core are text or numbers

    def values_of(self, body: Mapping[str, object]) -> tuple[Value, ...]:
        """The columns of a whole body, in order. Raises KeyError when a field is missing."""
        values: list[Any] = list(map(body.__getitem__, self.columns))
        for place in self.altered:
            values[place] = self.value_of(self.columns[place], values[place])
        return tuple(values)

    def body_of(self, row: Sequence[Value]) -> dict[str, object]:
        """The fields of a row of `select`, id left out, as JSON values."""
        return {
            column: self._plain(column, value) for column, value in zip(self.columns, row[1:], strict=True)
        }

    def _plain(self, column: str, value: Value) -> object:
        if value is None:
            return None
        if column in self.as_json:
            return _decode(str(value))
        return bool(value) if column in self.as_flag else value


_COUNT_PLAIN = """
    UPDATE {table} SET version = version + counted.times
    FROM (SELECT record_id, count(*) AS times FROM operations
          WHERE replica = ? AND seq > ? AND seq <= ? AND kind = ? AND result = 'plain'
          AND verb IN ('create', 'set', 'delete') GROUP BY record_id) AS counted
    WHERE {table}.id = counted.record_id"""


def _shape(kind: str, table: str) -> Shape:
    fields = ENTITIES[kind].fields
    columns = tuple(fields)
    named = ", ".join(("id", *columns))
    marks = ", ".join("?" * (len(columns) + 1))
    parent = ENTITIES[kind].parent
    kept = ", ".join(f"{column} = excluded.{column}" for column in (*columns, "version", "extra"))
    as_json = frozenset(name for name, field in fields.items() if isinstance(field, (*LISTS, Group, Json)))
    as_flag = frozenset(name for name, field in fields.items() if isinstance(field, Flag))
    return Shape(
        kind=kind,
        table=table,
        columns=columns,
        altered=tuple(place for place, name in enumerate(columns) if name in as_json | as_flag),
        as_json=as_json,
        as_flag=as_flag,
        insert=f"INSERT INTO {table} ({named}) VALUES ({marks})",
        put=f"INSERT INTO {table} ({named}, version, extra) VALUES ({marks}, ?, ?)"
        f" ON CONFLICT (id) DO UPDATE SET {kept}",
        select=f"SELECT {named} FROM {table}",
        select_one=f"SELECT {named} FROM {table} WHERE id = ?",
        select_extra=f"SELECT extra FROM {table} WHERE id = ?",
        versions=f"SELECT id, version FROM {table} WHERE id IN (SELECT value FROM json_each(?))",
        delete=f"DELETE FROM {table} WHERE id = ?",
        children=parent and f"SELECT id FROM {table} WHERE {parent} = ?",
        count_plain=_COUNT_PLAIN.format(table=table),
        count_one=f"UPDATE {table} SET version = version + 1 WHERE id = ? AND version >= ?",
        put_version=f"UPDATE {table} SET version = ? WHERE id = ?",
        lower_version=f"UPDATE {table} SET version = min(version, ?) WHERE id = ?",
    )


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        AGENT: _shape(AGENT, "agents"),
        VISIT: _shape(VISIT, "visits"),
        PROCEDURE_RECORD: _shape(PROCEDURE_RECORD, "procedure_records"),
        CONFLICT: _shape(CONFLICT, "conflicts"),
        STOP: _shape(STOP, "stops"),
        PASSAGE: _shape(PASSAGE, "passages"),
        INCIDENT: _shape(INCIDENT, "incidents"),
        ATTENDANCE: _shape(ATTENDANCE, "attendances"),
        RESIDENT: _shape(RESIDENT, "residents"),
        APPOINTMENT: _shape(APPOINTMENT, "appointments"),
        WORKSHOP: _shape(WORKSHOP, "workshops"),
    }
)


def visit_from(row: Sequence[Value]) -> Visit:
    """The visit of a row of `SHAPES[VISIT].select`."""
    body = SHAPES[VISIT].body_of(row)
    body["equipment"] = tuple(body["equipment"])  # type: ignore[arg-type]  # a JSON array, by CHECK
    return Visit(id=row[0], **body)  # type: ignore[arg-type]  # typed by STRICT columns


def record_from(row: Sequence[Value]) -> ProcedureRecord:
    """The procedure record of a row of `SHAPES[PROCEDURE_RECORD].select`."""
    body = SHAPES[PROCEDURE_RECORD].body_of(row)
    for name in ("missing_documents", "blockers"):
        body[name] = tuple(body[name])  # type: ignore[arg-type]  # a JSON array, by CHECK
    for name, group in (("referral", Referral), ("follow_up", FollowUp), ("mandate", Mandate)):
        if body[name] is not None:
            body[name] = _convert(body[name], group)
    return ProcedureRecord(id=row[0], **body)  # type: ignore[arg-type]  # typed by STRICT columns


def conflict_from(row: Sequence[Value]) -> Conflict:
    """The conflict of a row of `SHAPES[CONFLICT].select`."""
    return Conflict(id=row[0], **SHAPES[CONFLICT].body_of(row))  # type: ignore[arg-type]  # typed by STRICT columns


def value_from(kind: str, row: Sequence[Value]) -> object:
    """The value of a row of `SHAPES[kind].select`, for the kinds that are not read by thousands."""
    return from_body(kind, str(row[0]), SHAPES[kind].body_of(row))


def agent_from(row: Sequence[Value]) -> Agent:
    """The agent of a row of `SHAPES[AGENT].select`."""
    return Agent(id=str(row[0]), name=str(row[1]))


def _convert(value: object, group: type[Referral] | type[FollowUp] | type[Mandate]) -> object:
    # Fields of a group that a newer fsbus added are left out.
    return msgspec.convert(value, group)
