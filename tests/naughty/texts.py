"""Texts that are likely to cause trouble, and the fields of every kind of record that take a text."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from fsbus.core.entities import CONFLICT, ENTITIES
from fsbus.core.fields import Field, Group, Text, TextList
from tests.builders import body

LIST: tuple[str, ...] = tuple(json.loads((Path(__file__).parent / "blns.json").read_text()))
LONG_WORD = "Z" * 10_000
OURS = (
    "",
    " ",
    "ordre \u202e\u05d0\u05d1 inversé \u2067مرحبا\u2069 fin",
    "ل\u200dا\u200b \ufeffé\u0301" + "e" + "\u0301\u0327\u0323" * 60,
    "👩\u200d👩\u200d👧\u200d👦 ŒŸ € « œuf »",
    "<b>gras</b><img src='file:///etc/passwd'> &lt; &amp; &nbsp;",
    '=HYPERLINK("http://127.0.0.1")',
    "mot " * 1_000,
    LONG_WORD[:4_000],
    LONG_WORD,
)
TEXTS = LIST + OURS
KINDS = tuple(kind for kind in ENTITIES if kind != CONFLICT)
"""A conflict is made by the centre: nobody types one."""
Path_ = tuple[str, ...]


def text_fields(kind: str) -> Iterator[tuple[Path_, Text]]:
    """Where a text may be typed in a record of this kind; a list of texts ends with « 0 »."""
    yield from _in_fields(ENTITIES[kind].fields, ())


def _in_fields(fields: Mapping[str, Field], above: Path_) -> Iterator[tuple[Path_, Text]]:
    for name, field in fields.items():
        if isinstance(field, Text):
            yield (*above, name), field
        elif isinstance(field, TextList):
            yield (*above, name, "0"), Text(longest=field.longest, required=True)
        elif isinstance(field, Group):
            yield from _in_fields(field.fields, (*above, name))


def whole_body(kind: str) -> dict[str, Any]:
    """A right body of any kind."""
    return {"name": "Camille Exemple"} if set(ENTITIES[kind].fields) == {"name"} else dict(body(kind))


def put(where: dict[str, Any], path: Path_, text: str) -> None:
    """Write the text at this place of a body."""
    name, *rest = path
    if not rest:
        where[name] = text
    elif rest == ["0"]:
        where[name] = [text]
    else:
        where[name] = dict(where.get(name) or {})
        put(where[name], tuple(rest), text)


def full_of(kind: str, text: str) -> dict[str, Any]:
    """A right body with as much of this text in each of its fields as they take; what is refused is left out."""
    made = whole_body(kind)
    for path, field in text_fields(kind):
        tried = deepcopy(made)
        put(tried, path, text[: field.longest])
        if not ENTITIES[kind].problems(tried):
            made = tried
    return made
