"""What the « À vérifier » desk shows, as values."""

from dataclasses import dataclass

from fsbus.core.redaction import redacted

KEEP, TAKE = "keep", "take"
CORRECT, AGAIN, GIVE_UP, PUT_BACK = "correct", "again", "give_up", "put_back"


@redacted()
@dataclass(frozen=True)
class ValueShown:
    """One of two values: what it is to choose it, the value, by whom and when."""

    heading: str
    value: str
    told_by: str


@redacted()
@dataclass(frozen=True)
class ChoiceShown:
    """The choice to make now. ``place``: « 1 sur 3 »; ``is_readable``: its visit can be read on this laptop."""

    place: str
    about: str
    field: str
    kept: ValueShown
    other: ValueShown
    is_readable: bool


@redacted("id")
@dataclass(frozen=True)
class RowShown:
    """Something below the choices, with what can be done about it (`CORRECT`, `AGAIN`, `GIVE_UP`, `PUT_BACK`)."""

    id: str
    about: str
    words: str
    can: tuple[str, ...]


@redacted()
@dataclass(frozen=True)
class DeskShown:
    """The whole page; ``choice`` is None when there is nothing to choose."""

    summary: str
    choice: ChoiceShown | None
    aside: tuple[RowShown, ...]
    removed: tuple[RowShown, ...]
