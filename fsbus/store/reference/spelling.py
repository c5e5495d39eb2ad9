"""Puts right a word with one wrong letter, from the words by which answers are called."""

import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fsbus.core.catalog import normalise

SHORTEST = 4
"""Letters of a word that is put right: any shorter one is a letter away from too many others."""
LONGEST = 24
_LETTERS = string.ascii_lowercase


@dataclass(frozen=True)
class Spelling:
    """How often each known word, and each beginning of one, stands in titles and other names."""

    words: Counter[str]
    beginnings: Counter[str]

    @classmethod
    def of(cls, names: Iterable[str]) -> "Spelling":
        """The words of these names."""
        words = Counter(word for name in names for word in normalise(name).split() if len(word) >= SHORTEST)
        beginnings: Counter[str] = Counter()
        for word, count in words.items():
            for length in range(SHORTEST, len(word) + 1):
                beginnings[word[:length]] += count
        return cls(words, beginnings)

    def corrected(self, words: list[str], is_held: Callable[[str, bool], bool]) -> list[str]:
        """The words, each one that nothing holds replaced by the most usual one a letter away, if any.

        ``is_held(word, unfinished)`` tells whether anything can be found by it. The last word counts as unfinished.
        """
        return [self._right(word, number == len(words), is_held) for number, word in enumerate(words, 1)]

    def _right(self, word: str, unfinished: bool, is_held: Callable[[str, bool], bool]) -> str:
        if not SHORTEST <= len(word) <= LONGEST or not word.isalpha() or is_held(word, unfinished):
            return word
        # A whole word says more than the beginning of one.
        for known in (self.words, self.beginnings) if unfinished else (self.words,):
            near = {other for other in _a_letter_away(word) if other in known}
            if near:
                return min(near, key=lambda other: (-known[other], other))
        return word


def _a_letter_away(word: str) -> Iterator[str]:
    """Every spelling with one letter more, less, changed, or changed places with the next."""
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in _LETTERS)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in _LETTERS)
