"""Gives a class a `repr` that names what it stands for and never what it holds.

A value ends in a log, a report or a terminal by its `repr`: of personal data and of secrets, only ids,
kinds and counts may be seen there. A test makes every value of fsbus with private words and looks.
"""

from collections.abc import Callable
from typing import TypeVar

from fsbus.core.tellable import UNTOLD, Rule, a_count, an_id, one_of, yes_or_no

T = TypeVar("T", bound=type)

_a_word = one_of(
    "visit", "procedure_record", "agent", "conflict", "create", "set", "erase", "void", "open", "local", "central",
)  # fmt: skip


def redacted(*shown: str) -> Callable[[T], T]:
    """The class decorator, above ``@dataclass`` too: ``repr`` shows these attributes, when they may be told."""

    def dress(kind: T) -> T:
        def told(self: object) -> str:
            found = (_told(getattr(self, name, None)) for name in shown)
            return f"{type(self).__name__}({' '.join(found)})" if shown else f"{type(self).__name__}(…)"

        setattr(kind, "__repr__", told)  # noqa: B010 -- mypy takes no assignment to a method
        setattr(kind, "__str__", told)  # noqa: B010 -- mypy takes no assignment to a method
        return kind

    return dress


_RULES: tuple[Rule, ...] = (an_id, a_count, yes_or_no, _a_word)


def _told(value: object) -> str:
    if value is None:
        return "None"
    if getattr(type(value).__repr__, "__module__", "") == __name__:
        return repr(value)
    return next((str(told) for rule in _RULES if (told := rule(value)) != UNTOLD), "…")
