"""Prepares a person's name for comparing: folded, joined, without particles, in parts, by its sound."""

from dataclasses import dataclass
from functools import cached_property

from fsbus.core.catalog import normalise
from fsbus.core.name_sounds import sound
from fsbus.core.redaction import redacted

LONGEST = 120
"""Characters that are looked at: no name is longer, and what is searched may be anything."""
_PARTICLES = frozenset(["d", "de", "du", "des", "da", "do", "dos", "von", "van", "der", "den", "el", "al"])
"""Left out or kept as one likes: « de Villiers », « El Amrani ». « Goff » is another name than « Le Goff »."""


@redacted()
@dataclass(frozen=True)
class Name:
    """A family name, or given names.

    ``joined``: as one word, « legoff »; ``bare``: the same without particles before it; ``parts``: its words, two
    for « Martin-Durand ».
    """

    joined: str
    bare: str
    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Name":
        """The name in this text; everything is empty when it holds no letter."""
        words = normalise(text[:LONGEST]).split()
        after = next((place for place, word in enumerate(words) if word not in _PARTICLES), 0)
        return cls("".join(words), "".join(words[after:]), tuple(words[after:]))

    @cached_property
    def sound(self) -> str:
        """How the whole is heard."""
        return sound(self.joined)

    @cached_property
    def bare_sound(self) -> str:
        """How it is heard without its particles."""
        return self.sound if self.bare == self.joined else sound(self.bare)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word by which it may be called."""
        return tuple(dict.fromkeys(word for word in (self.joined, self.bare, *self.parts) if word))
