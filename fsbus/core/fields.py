"""Reads one field of a draft or of a change: its type, its bounds, its French problem.

Every rule on one field stands here once, so the form, the file, the stick and the centre refuse
the same things. Readers return the clean value and add to ``problems`` what is wrong: a sentence of ours,
which never repeats what was typed, for problems travel further than drafts do.
"""

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from fsbus.core.clock import as_utc_text
from fsbus.core.ids import is_id
from fsbus.core.privacy import refusal

Problems = MutableMapping[str, str]
TO_CHOOSE = "À choisir."
"""Said where the list is in sight; a file is told the codes too."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HOUR = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+){0,4}")
_INSEE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")


class Field(Protocol):
    """Reads a raw JSON value; ``None`` stands for « left out »."""

    def read(self, raw: object, path: str, problems: Problems) -> object: ...


@dataclass(frozen=True)
class Text:
    """Free text, kept as typed, guarded against what may never be stored."""

    longest: int = 4_000
    required: bool = False

    def read(self, raw: object, path: str, problems: Problems) -> str:
        if raw is None:
            raw = ""
        if not isinstance(raw, str):
            problems[path] = "Un texte est attendu."
            return ""
        if self.required and not raw.strip():
            problems[path] = "À remplir."
        elif len(raw) > self.longest:
            problems[path] = f"Texte trop long : {self.longest} caractères au plus."
        elif not raw:
            return raw
        elif _CONTROL.search(raw) or not _is_unicode(raw):
            problems[path] = "Ce texte contient un caractère illisible : retapez-le."
        elif why := refusal(raw):
            problems[path] = why
        return raw


@dataclass(frozen=True)
class Code:
    """One code of a closed list."""

    labels: Mapping[str, str]
    default: str | None = None
    required: bool = False

    def read(self, raw: object, path: str, problems: Problems) -> str | None:
        if raw is None or raw == "":
            if self.required:
                problems[path] = TO_CHOOSE
            return self.default
        if not isinstance(raw, str) or raw not in self.labels:
            problems[path] = f"Code inconnu. Codes possibles : {', '.join(self.labels)}."
            return self.default
        return raw


@dataclass(frozen=True)
class CodeList:
    """Several codes of a closed list, each once, in the order of the list."""

    labels: Mapping[str, str]

    def read(self, raw: object, path: str, problems: Problems) -> tuple[str, ...]:
        if raw is None:
            return ()
        if not isinstance(raw, list | tuple):
            problems[path] = "Une liste de codes est attendue."
            return ()
        unknown = [item for item in raw if not isinstance(item, str) or item not in self.labels]
        if unknown:
            problems[path] = f"Code inconnu. Codes possibles : {', '.join(self.labels)}."
            return ()
        return tuple(code for code in self.labels if code in raw)


@dataclass(frozen=True)
class TextList:
    """Several short guarded texts, in the order given."""

    most: int = 40
    longest: int = 200

    def read(self, raw: object, path: str, problems: Problems) -> tuple[str, ...]:
        if raw is None:
            return ()
        if not isinstance(raw, list | tuple):
            problems[path] = "Une liste de textes est attendue."
            return ()
        if len(raw) > self.most:
            problems[path] = f"Trop d’éléments : {self.most} au plus."
            return ()
        text = Text(longest=self.longest, required=True)
        return tuple(text.read(item, f"{path}[{number}]", problems) for number, item in enumerate(raw))


@dataclass(frozen=True)
class Whole:
    """A whole number between two bounds, both included."""

    lowest: int
    highest: int
    required: bool = False

    def read(self, raw: object, path: str, problems: Problems) -> int | None:
        if raw is None:
            if self.required:
                problems[path] = f"À remplir : un nombre de {self.lowest} à {self.highest}."
            return None
        if not isinstance(raw, int) or isinstance(raw, bool) or not self.lowest <= raw <= self.highest:
            problems[path] = f"Un nombre entier de {self.lowest} à {self.highest} est attendu."
            return None
        return raw


@dataclass(frozen=True)
class Flag:
    """Yes, no, or left out."""

    def read(self, raw: object, path: str, problems: Problems) -> bool | None:
        if raw is not None and not isinstance(raw, bool):
            problems[path] = "Oui (true) ou non (false) est attendu."
            return None
        return raw


@dataclass(frozen=True)
class Moment:
    """A moment with its time zone; kept as UTC text to the second."""

    required: bool = False

    def read(self, raw: object, path: str, problems: Problems) -> str | None:
        moment = read_moment(raw, path, problems, required=self.required)
        return None if moment is None else as_utc_text(moment)


@dataclass(frozen=True)
class Day:
    """A calendar day, ``2026-11-24``."""

    required: bool = False

    def read(self, raw: object, path: str, problems: Problems) -> str | None:
        if raw is None or raw == "":
            if self.required:
                problems[path] = "Jour à remplir (AAAA-MM-JJ)."
            return None
        try:
            # Weeks and days without dashes are ISO 8601 too, but not what is asked for.
            if not isinstance(raw, str) or date.fromisoformat(raw).isoformat() != raw:
                raise ValueError
            return raw
        except ValueError:
            problems[path] = "Jour illisible : AAAA-MM-JJ est attendu."
            return None


@dataclass(frozen=True)
class Hour:
    """An hour of the day where the bus is, ``09:30``."""

    required: bool = False

    def read(self, raw: object, path: str, problems: Problems) -> str | None:
        if raw is None or raw == "":
            if self.required:
                problems[path] = "Heure à remplir (HH:MM)."
            return None
        if not isinstance(raw, str) or not _HOUR.fullmatch(raw):
            problems[path] = "Heure illisible\u00a0: HH:MM est attendu, 09:30 par exemple."
            return None
        return raw


@dataclass(frozen=True)
class DayList:
    """Several days, each once, in their order."""

    most: int = 400

    def read(self, raw: object, path: str, problems: Problems) -> tuple[str, ...]:
        if raw is None:
            return ()
        if not isinstance(raw, list | tuple):
            problems[path] = "Une liste de jours est attendue."
            return ()
        if len(raw) > self.most:
            problems[path] = f"Trop de jours\u00a0: {self.most} au plus."
            return ()
        day = Day(required=True)
        found = [day.read(item, f"{path}[{number}]", problems) for number, item in enumerate(raw)]
        return tuple(sorted({one for one in found if one is not None}))


@dataclass(frozen=True)
class Identifiers:
    """The ids of several other records, each once, in the order given."""

    most: int = 20

    def read(self, raw: object, path: str, problems: Problems) -> tuple[str, ...]:
        if raw is None:
            return ()
        if not isinstance(raw, list | tuple) or len(raw) > self.most:
            problems[path] = f"Une liste de {self.most} identifiants au plus est attendue."
            return ()
        key = Identifier(required=True)
        found = [key.read(item, f"{path}[{number}]", problems) for number, item in enumerate(raw)]
        return tuple(dict.fromkeys(one for one in found if one is not None))


@dataclass(frozen=True)
class Insee:
    """The INSEE code of a commune, five characters; its existence is checked by the caller."""

    def read(self, raw: object, path: str, problems: Problems) -> str | None:
        if raw is None or raw == "":
            return None
        if not isinstance(raw, str) or not _INSEE.fullmatch(raw):
            problems[path] = "Code de commune illisible : le code INSEE est attendu."
            return None
        return raw


@dataclass(frozen=True)
class Identifier:
    """The id of another record."""

    required: bool = False

    def read(self, raw: object, path: str, problems: Problems) -> str | None:
        if raw is None:
            if self.required:
                problems[path] = "Identifiant manquant."
            return None
        if not is_id(raw):
            problems[path] = "Identifiant illisible."
            return None
        return str(raw)


@dataclass(frozen=True)
class Group:
    """A small object of named fields, or None when left out; a bare text stands for ``shorthand``."""

    fields: Mapping[str, Field]
    shorthand: str | None = None

    def read(self, raw: object, path: str, problems: Problems) -> dict[str, object] | None:
        if raw is None:
            return None
        if self.shorthand is not None and isinstance(raw, str):
            raw = {self.shorthand: raw}
        if not isinstance(raw, Mapping):
            problems[path] = "Un objet est attendu."
            return None
        return read_all(self.fields, raw, problems, prefix=f"{path}.")


LISTS = (CodeList, TextList, DayList, Identifiers)
"""The fields whose value is a list."""


def read_all(
    fields: Mapping[str, Field],
    raw: Mapping[str, object],
    problems: Problems,
    *,
    prefix: str = "",
) -> dict[str, object]:
    """Every declared field read, in order; each field that is not declared is a named problem."""
    for name in raw:
        if name not in fields:
            problems[f"{prefix}{shown(name)}"] = "Champ inconnu."
    return {name: field.read(raw.get(name), f"{prefix}{name}", problems) for name, field in fields.items()}


def read_moment(raw: object, path: str, problems: Problems, *, required: bool = False) -> datetime | None:
    """The moment with the time zone that was written, or None with the problem told."""
    if raw is None or raw == "":
        if required:
            problems[path] = "Date et heure à remplir."
        return None
    try:
        if not isinstance(raw, str) or len(raw) < 16:
            raise ValueError
        moment = datetime.fromisoformat(raw)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        problems[path] = "Date illisible : 2026-11-24T09:20:00+01:00 est attendu."
        return None
    if moment.tzinfo is None:
        problems[path] = "Fuseau horaire manquant : 2026-11-24T09:20:00+01:00 est attendu."
        return None
    return moment


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(name: object) -> str:
    """The name of a field that nobody declared, when it looks like one: a value may stand in its place."""
    return name if isinstance(name, str) and _FIELD_NAME.fullmatch(name) else "…"
