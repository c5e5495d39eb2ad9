"""Decides which single values may be told outside the sealed files: ids, counts, names of our code.

Each rule takes any value and gives back what may be written, or `UNTOLD`. None of them lets through a
text because it looks harmless: it must have the form of an id, or be of a closed list.
"""

import re
import sys
from collections.abc import Callable, Iterable

Told = str | int | float | bool | None | list[str]
Rule = Callable[[object], Told]

UNTOLD = "?"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_NUMBERS = re.compile(r"[0-9]{1,5}(\.[0-9]{1,6}){0,3}")
_PLACE = re.compile(r"[a-z_][a-z0-9_]*(/[a-z_][a-z0-9_]*)*\.py:[0-9]{1,5}")
_CATEGORY = re.compile(r"default|qt(\.[a-z]{1,16}){0,4}")
_LONGEST_NAME = 120
MOST = 10_000_000
"""A count is below it; a telephone number or a social security number is not."""
LONGEST_SECONDS = 1_000_000
MOST_FIELDS = 40
LIBRARIES = frozenset(
    {
        "PIL", "PySide6", "alembic", "asyncio", "charset_normalizer", "concurrent", "dateutil", "fsbus", "holidays", "msgspec",
        "requests", "shiboken6", "sqlalchemy", "sqlite_utils", "starlette", "urllib3", "uvicorn", "xlsxwriter",
    }
)  # fmt: skip
OTHER_FIELDS = frozenset(
    {
        "agent", "bus", "code", "feed", "file", "format", "id", "json", "kind", "limit", "month", "name", "names",
        "out", "passphrase", "passphrase_file", "procedures", "record_id", "resident", "role", "server", "set",
        "stop", "visit", "visit_id",
    }
)  # fmt: skip
"""Field names that an action or a command may refuse, beside those of the records."""


def an_id(value: object) -> Told:
    """A UUID or a replica, 128 bits that name something and say nothing of it."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else UNTOLD


def a_count(value: object) -> Told:
    """A whole number from 0 to `MOST`."""
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST
    return int(value) if good and isinstance(value, int) else UNTOLD


def kibibytes(value: object) -> Told:
    """A number of bytes, told in KiB."""
    return a_count(value // 1024) if isinstance(value, int) else UNTOLD


def seconds(value: object) -> Told:
    """A duration in seconds, told to the millisecond."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LONGEST_SECONDS:
        return UNTOLD
    return round(value, 3)


def yes_or_no(value: object) -> Told:
    """A boolean."""
    return value if isinstance(value, bool) else UNTOLD


def one_of(*words: str) -> Rule:
    """The rule that takes these words only."""
    closed = frozenset(words)

    def rule(value: object) -> Told:
        return value if isinstance(value, str) and value in closed else UNTOLD

    return rule


def a_class(value: object) -> Told:
    """The name of a class of our code, of Python or of a library; for one made at run time, of its parent.

    None stands for no class at all.
    """
    if value is None:
        return None
    if not isinstance(value, type):
        return UNTOLD
    return next((name for one in value.__mro__ if (name := _written_name(one))), UNTOLD)


def numbers(value: object) -> Told:
    """The numbers that a version begins with: « 6.1.0-my-own » is 6.1.0."""
    found = _NUMBERS.match(value) if isinstance(value, str) else None
    return found.group() if found else UNTOLD


def a_place(value: object) -> Told:
    """A file of a package and a line of it, ``fsbus/desktop/main.py:12``."""
    return value if isinstance(value, str) and _PLACE.fullmatch(value) else UNTOLD


def a_library(value: object) -> Told:
    """The first part of a logger's name, when it is a library that we use."""
    first = value.partition(".")[0] if isinstance(value, str) else ""
    return first if first in LIBRARIES else UNTOLD


def a_category(value: object) -> Told:
    """A logging category of Qt."""
    return value if isinstance(value, str) and _CATEGORY.fullmatch(value) else UNTOLD


def field_names(value: object) -> Told:
    """The names of refused fields, ``procedures.precise_answer``: those that the code declares, each once."""
    if not isinstance(value, Iterable) or isinstance(value, str | bytes):
        return UNTOLD
    told: dict[str, None] = {}
    for path, _ in zip(value, range(MOST_FIELDS), strict=False):
        parts = re.sub(r"\[[0-9]{1,5}\]", "", path).split(".") if isinstance(path, str) else [UNTOLD]
        told[".".join(parts) if _known_fields().issuperset(parts) else UNTOLD] = None
    return list(told)


def _known_fields() -> frozenset[str]:
    # Not at the top: the records stand on the rules of this module.
    from fsbus.core.entities import ENTITIES
    from fsbus.core.fields import Group

    found = set(OTHER_FIELDS)
    for entity in ENTITIES.values():
        for name, field in entity.fields.items():
            found.add(name)
            if isinstance(field, Group):
                found.update(field.fields)
    return frozenset(found)


def _written_name(kind: type) -> str | None:
    """The name under which a module really holds this class; None when none does."""
    module, name = kind.__module__, kind.__qualname__
    found: object = sys.modules.get(str(module))
    full = name if module == "builtins" else f"{module}.{name}"
    if found is None or len(full) > _LONGEST_NAME or not _NAME.fullmatch(full):
        return None
    for part in name.split("."):
        found = getattr(found, part, None)
    return full if found is kind else None
