"""Turns the fields of a record into columns and back, and reads what a laptop sent for them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fsbus.core.changes import CREATE
from fsbus.core.entities import ENTITIES, Entity
from fsbus.core.fields import read_all
from fsbus.server.tables import is_json

MOST_EXTRAS = 100
LARGEST_EXTRAS = 256 * 1024
"""Bytes of JSON that the unknown fields of a record have together: what one operation may bring."""
DEEPEST = 8
LARGEST_NUMBER = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_JSON_FIELDS = {
    kind: frozenset(name for name, field in entity.fields.items() if is_json(field))
    for kind, entity in ENTITIES.items()
}
_JSON_PLACES = {
    kind: [place for place, name in enumerate(entity.fields, 2) if name in _JSON_FIELDS[kind]]
    for kind, entity in ENTITIES.items()
}
"""Where JSON stands in a row of the kind's table."""


def row_of(kind: str, feed: str, record_id: str, body: Mapping[str, object]) -> tuple[object, ...]:
    """The row of the kind's table, values in the order of its columns."""
    row = [feed, record_id, *map(body.get, ENTITIES[kind].fields)]
    for place in _JSON_PLACES[kind]:
        value = row[place]
        if value is not None:
            row[place] = "[]" if value == [] else _encode(value).decode()
    return tuple(row)


def extra_of(kind: str, body: Mapping[str, object]) -> str | None:
    """The fields that this version does not know, as JSON text; None when there are none."""
    fields = ENTITIES[kind].fields
    if body.keys() <= fields.keys():
        return None
    extra = {name: value for name, value in body.items() if name not in fields}
    return _encode(extra).decode()


def body_of_row(kind: str, row: Sequence[Any], extra: str | None) -> dict[str, object]:
    """The body behind a row of the kind's table (feed and id first) and the unknown fields beside it."""
    as_json = _JSON_FIELDS[kind]
    names = ENTITIES[kind].fields
    body = {
        name: _decode(value) if name in as_json and value is not None else value
        for name, value in zip(names, row[2:], strict=True)
    }
    return body if extra is None else {**body, **_decode(extra)}


def read_fields(entity: Entity, verb: str, sent: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """The clean values of what was sent, and the names of the fields that are wrong.

    A ``create`` gives every field; a ``set`` only those sent. Fields of a newer fsbus are kept as
    they came, within bounds. No value is ever repeated in the names.
    """
    declared = entity.fields
    # An extra field is rare: most of what comes is looked at once.
    known = (
        sent if sent.keys() <= declared.keys() else {name: sent[name] for name in declared if name in sent}
    )
    problems: dict[str, str] = {}
    wanted = declared if verb == CREATE else {name: declared[name] for name in known}
    clean = read_all(wanted, known, problems)
    for name in _JSON_FIELDS[entity.kind]:
        if isinstance(value := clean.get(name), tuple):
            clean[name] = list(value)
    if len(known) < len(sent):
        extras = {name: value for name, value in sent.items() if name not in declared}
        if len(extras) > MOST_EXTRAS or not _bounded(extras, DEEPEST):
            problems["unknown fields"] = ""
        clean |= extras
    return clean, list(problems)


def rule_problems(entity: Entity, body: Mapping[str, object]) -> list[str]:
    """The names of the fields that break a rule between fields, « unknown fields » for too many of them."""
    problems: dict[str, str] = {}
    if entity.check_rules is not None:
        entity.check_rules(body, "", problems)
    unknown = len(body) - len(entity.fields)
    if unknown > MOST_EXTRAS or (unknown > 0 and len(extra_of(entity.kind, body) or "") > LARGEST_EXTRAS):
        problems["unknown fields"] = ""
    return list(problems)


def writers_text(writers: Mapping[str, tuple[int, str]]) -> str:
    """Who changed each field last, as it is kept."""
    return _encode(writers).decode() if writers else "{}"


def read_writers(text: str) -> dict[str, tuple[int, str]]:
    """The opposite of `writers_text`."""
    if text == "{}":
        return {}
    return {name: (version, replica) for name, (version, replica) in json.loads(text).items()}


def _bounded(value: object, depth: int) -> bool:
    """Whether every database takes this value as JSON: no NUL, no huge number, not too deep."""
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, int):
        return abs(value) <= LARGEST_NUMBER
    if isinstance(value, list):
        return depth > 0 and all(_bounded(item, depth - 1) for item in value)
    if isinstance(value, dict):
        return depth > 0 and all(
            _bounded(name, 1) and _bounded(item, depth - 1) for name, item in value.items()
        )
    return True
