"""Settling a conflict: which side an operation takes, and that only the first choice counts."""

from collections.abc import Mapping

from fsbus.core.changes import DELETE, SET, Change
from fsbus.core.entities import CENTRAL, DELETED, LOCAL, OPEN

_MARK = "choice:"


def choice_why(conflict_id: str) -> str:
    """The ``why`` of an operation that takes one side of this conflict."""
    return f"{_MARK}{conflict_id}"


def chosen_conflict(why: str) -> str | None:
    """The id of the conflict that an operation with this ``why`` settles; None for any other."""
    return why.removeprefix(_MARK) if why.startswith(_MARK) else None


def side_taken(conflict: Mapping[str, object], change: Change) -> str | None:
    """The side of a conflict (its body) that this change takes; None when it is not about that conflict."""
    if conflict.get("record_id") != change.record_id:
        return None
    if conflict.get("field") == DELETED:
        wanted = change.verb == DELETE
        return LOCAL if conflict.get("local") is wanted else CENTRAL
    taken = {str(conflict.get("field")): conflict.get("local")}
    return LOCAL if change.verb == SET and dict(change.fields) == taken else None


def is_open(conflict: Mapping[str, object]) -> bool:
    """Whether nobody has chosen yet."""
    return conflict.get("status") == OPEN
