"""Reads the whole bodies of many records fast: thousands repeat the same codes and days."""

from collections.abc import Mapping
from operator import getitem

from fsbus.core.entities import Entity
from fsbus.core.fields import Code, Day, Field, Hour, Identifier, Insee, Moment, Text
from fsbus.core.redaction import redacted

_OF_TEXT = (Code, Day, Hour, Identifier, Insee, Moment, Text)
"""The fields that take a text or nothing: no value of another class is ever found good."""
_LONGEST_REMEMBERED = 40
_MOST_REMEMBERED = 8


class WholeReader:
    """Serves the records of one kind in one chunk only, so that no text outlives its reading.

    The rules are those of the fields themselves, asked once for each value that was not found good before.
    """

    def __init__(self, entity: Entity) -> None:
        self._problems: dict[str, str] = {}
        texts = {name: field for name, field in entity.fields.items() if isinstance(field, _OF_TEXT)}
        self._names = tuple(texts)
        self._texts = [_Known(name, field, self._problems) for name, field in texts.items()]
        self._others = {
            name: _Known(name, field, self._problems)
            for name, field in entity.fields.items()
            if name not in texts
        }

    def read(self, body: Mapping[str, object]) -> dict[str, object] | None:
        """The clean values of a body with every declared field and no other; None when one is not right."""
        try:
            # Half as long as a loop, and most of the work of a push.
            values = map(getitem, self._texts, map(body.__getitem__, self._names))
            clean: dict[str, object] = dict(zip(self._names, values, strict=True))
        except TypeError:
            # A list where a text is expected.
            self._problems.clear()
            return None
        for name, known in self._others.items():
            clean[name] = known.other(body[name])
        if self._problems:
            self._problems.clear()
            return None
        return clean


@redacted()
class _Known(dict[object, object]):
    """One field: each value that was found good, and its clean form."""

    def __init__(self, name: str, field: Field, problems: dict[str, str]) -> None:
        super().__init__()
        self._name, self._field, self._problems = name, field, problems

    def __missing__(self, value: object) -> object:
        clean = self._field.read(value, self._name, self._problems)
        if not self._problems and (value is None or len(str(value)) <= _LONGEST_REMEMBERED):
            self[value] = clean
        return clean

    def other(self, value: object) -> object:
        """The same for a field that takes more than texts: only short lists of texts are remembered.

        1, 1.0 and True are the same key, and none is the other.
        """
        if not isinstance(value, list):
            return self._read(value)
        try:
            key = tuple(value)
            found = self.get(key)
        except TypeError:
            # A list of what cannot be a key.
            return self._read(value)
        if found is not None:
            return found
        clean = self._read(value)
        if not self._problems and len(key) <= _MOST_REMEMBERED and all(type(item) is str for item in key):
            self[key] = clean
        return clean

    def _read(self, value: object) -> object:
        clean = self._field.read(value, self._name, self._problems)
        return list(clean) if isinstance(clean, tuple) else clean
