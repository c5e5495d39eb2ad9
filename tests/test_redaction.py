"""Every value of fsbus is made with private words, and none of them may be seen in its repr."""

import dataclasses
import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import pytest

import fsbus
from fsbus.core.entities import Agent, Conflict
from fsbus.core.errors import InvalidInput
from fsbus.core.events import Event
from fsbus.core.redaction import redacted
from fsbus.store.store import Edit
from tests.builders import AGENT_ID

NEEDLE = "Zéphyrine-Nédelec"
DIGITS = 1_850_578_006_084_36
PUBLIC = {
    "fsbus.bench": "measures made-up days",
    "fsbus.training": "made-up people",
    "fsbus.core.catalog": "official lists, public",
    "fsbus.core.fields": "rules, with no value in them",
    "fsbus.core.clock": "functions and a counter of milliseconds",
    "fsbus.desktop.palettes": "colours",
    "fsbus.desktop.report_drawing": "colours",
    "fsbus.store.reference": "official lists, public",
    "fsbus.store.rows": "names of tables and columns",
    "fsbus.store.key_slots": "layout of a file that is read without the key",
}
"""Modules and packages whose values hold nothing of anybody, each with its reason."""


def modules() -> Iterator[types.ModuleType]:
    for found in pkgutil.walk_packages(fsbus.__path__, "fsbus."):
        if found.name.endswith("__main__") or found.name.startswith("fsbus.server.migrations"):
            continue
        yield importlib.import_module(found.name)


def is_value(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct) or hasattr(kind, "_fields")


def values() -> list[type]:
    """Every dataclass, Struct and NamedTuple of fsbus, but those of the public modules and the log's events."""
    found = {
        kind
        for module in modules()
        if not any(module.__name__ == name or module.__name__.startswith(f"{name}.") for name in PUBLIC)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__ and is_value(kind) and not issubclass(kind, Event)
    }
    return sorted(found, key=lambda kind: (kind.__module__, kind.__qualname__))


def filled(hint: Any) -> Any:
    """A value of this type with the needle wherever a text or bytes fit; a number of ours is a count."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return filled(args[0])
    if origin in (typing.Union, types.UnionType):
        return filled(next(one for one in args if one is not type(None)))
    if origin is typing.Literal:
        return args[0]
    if origin is tuple:
        return tuple(filled(one) for one in args if one is not ...)
    if origin in (list, set, frozenset, Sequence, Iterable, Iterator):
        whole = origin if origin in (list, set, frozenset) else tuple
        return whole([filled(args[0])])
    if origin in (dict, Mapping, types.MappingProxyType):
        return {filled(args[0]): filled(args[1])}
    if origin is Callable or hint is Callable or (origin is not None and not isinstance(origin, type)):
        return len
    if origin is not None:
        return plain(origin)
    return plain(hint)


def plain(hint: Any) -> Any:
    simple: dict[Any, Any] = {
        str: NEEDLE, object: NEEDLE, Any: NEEDLE, bytes: NEEDLE.encode(), bytearray: bytearray(NEEDLE.encode()),
        int: 7, float: 1.5, bool: True, type(None): None, dict: {NEEDLE: NEEDLE}, list: [NEEDLE],
        tuple: (NEEDLE,), Path: Path("/home") / NEEDLE, date: date(1985, 5, 7),
        datetime: datetime(1985, 5, 7, tzinfo=UTC), type: int,
    }  # fmt: skip
    if hint in simple:
        return simple[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if isinstance(hint, type) and is_value(hint):
        return make(hint)
    # A service, a widget, a callable: what it is called says nothing of a person.
    return object()


def make(kind: type) -> Any:
    """One of these, each field with the needle; nothing of the class itself is run."""
    try:
        hints = typing.get_type_hints(kind)
    except NameError:  # a type that is imported for the checker only: the needle then stands everywhere
        hints = {}
    if issubclass(kind, msgspec.Struct):
        return kind(**{name: filled(hints[name]) for name in kind.__struct_fields__})
    if not dataclasses.is_dataclass(kind):
        return kind(**{name: filled(hints[name]) for name in kind._fields})  # type: ignore[attr-defined]  # a NamedTuple has fields
    made = object.__new__(kind)
    for field in dataclasses.fields(kind):
        object.__setattr__(made, field.name, filled(hints.get(field.name, object)))
    return made


def seen_in(value: object) -> list[str]:
    """The needles that a repr shows, however it is asked for."""
    told = [repr(value), str(value), f"{value}", f"{value!r}", f"{[value]}"]
    needles = [NEEDLE, ascii(NEEDLE)[1:-1], repr(NEEDLE.encode())[2:-1], str(DIGITS), "1985"]
    return [needle for needle in needles if any(needle in text for text in told)]


@pytest.mark.parametrize("kind", values(), ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_no_value_of_fsbus_shows_what_it_holds(kind: type) -> None:
    assert seen_in(make(kind)) == [], "put @redacted(…) of fsbus.core.redaction on it, ids and counts shown"


def test_the_walk_meets_what_holds_people_and_secrets_and_would_see_a_leak() -> None:
    names = {kind.__name__ for kind in values()}
    assert {"Visit", "ProcedureRecord", "Agent", "Edit", "Op", "Keys", "Enrolment", "VisitEntry"} <= names
    assert len(names) > 60

    @dataclasses.dataclass
    class Leak:
        name: str
        when: date
        secret: bytes
        held: tuple[Agent, ...]

    assert len(seen_in(Leak(NEEDLE, date(1985, 5, 7), NEEDLE.encode(), ()))) >= 3


def test_a_redacted_repr_shows_ids_kinds_and_counts_only() -> None:
    assert repr(Agent(AGENT_ID, NEEDLE)) == f"Agent({AGENT_ID})"
    assert repr(Agent(NEEDLE, NEEDLE)) == "Agent(…)"
    assert NEEDLE not in repr(Conflict(AGENT_ID, NEEDLE, "visit", "note", NEEDLE, NEEDLE, "", ""))
    assert repr(Edit("visit", AGENT_ID, "create", {"note": NEEDLE})) == f"Edit(create visit {AGENT_ID})"

    @redacted("a", "b", "c", "d", "e")
    @dataclasses.dataclass(frozen=True)
    class Shown:
        a: object
        b: object
        c: object
        d: object
        e: object

    assert repr(Shown("durand", 12, True, None, 612_345_678)) == "Shown(… 12 True None …)"


def test_a_refusal_shows_the_fields_and_our_own_words_only() -> None:
    from fsbus.core import records, visits
    from tests.fakes import SmallReference

    told = set()
    hostile: list[object] = [NEEDLE, NEEDLE * 500, [NEEDLE], {NEEDLE: NEEDLE}, DIGITS, [[NEEDLE]], "97999"]
    fields = [*visits.FIELDS, "procedures", "started_at"]
    for bad in hostile:
        procedure = dict.fromkeys(records.DRAFT_FIELDS, bad)
        for draft in (dict.fromkeys(fields, bad), {"procedures": [procedure]}, {NEEDLE: bad}):
            with pytest.raises(InvalidInput) as refused:
                visits.record(
                    draft,
                    new_id=lambda: AGENT_ID,
                    now=datetime(2026, 11, 24, tzinfo=UTC),
                    agent_id=AGENT_ID,
                    reference=SmallReference(),
                )
            told |= {str(refused.value), repr(refused.value)}
    assert [text for text in told if NEEDLE in text or str(DIGITS) in text or "97999" in text] == []
