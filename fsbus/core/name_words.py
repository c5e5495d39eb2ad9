"""Holds every word of people's names once, and tells which of them a typed word may mean."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from fsbus.core.letters_apart import letters_apart
from fsbus.core.name_sounds import sound

EXACT, BEGINS, SOUNDS, ONE_LETTER, SOUND_BEGINS, TWO_LETTERS = 100, 92, 80, 72, 66, 62
SHORTEST_TYPO, SHORTEST_TWO_TYPOS = 4, 8
"""Letters that a word has at least when one or two of them may be wrong."""
_SHORTEST_SOUND = 3


class NameWords:
    """Word → who bears it. The words are a few thousand when the people are many thousands."""

    def __init__(self) -> None:
        self._holders: dict[str, set[str]] = {}
        self._sounds: dict[str, str] = {}
        self._by_pair: defaultdict[str, set[str]] = defaultdict(set)

    def put(self, word: str, holder: str) -> None:
        """Somebody bears this word."""
        if word not in self._holders:
            self._holders[word] = set()
            self._sounds[word] = sound(word)
            for pair in _pairs(word):
                self._by_pair[pair].add(word)
        self._holders[word].add(holder)

    def drop(self, word: str, holder: str) -> None:
        """They do no longer; a word that nobody bears is forgotten."""
        holders = self._holders[word]
        holders.discard(holder)
        if not holders:
            del self._holders[word], self._sounds[word]
            for pair in _pairs(word):
                self._by_pair[pair].discard(word)

    def holders(self, word: str) -> set[str]:
        """Who bears this very word."""
        return self._holders.get(word, set())

    def scores(self, typed: str) -> Mapping[str, int]:
        """Whom the word may call, each with how well its best word does: `EXACT`… `TWO_LETTERS`."""
        found: dict[str, int] = {}
        for word, score in sorted(self._alike(typed).items(), key=lambda one: one[1]):
            found.update(dict.fromkeys(self._holders[word], score))
        return found

    def _alike(self, typed: str) -> dict[str, int]:
        heard = sound(typed)
        shared: Counter[str] = Counter()
        for pair in _pairs(typed):
            shared.update(self._by_pair.get(pair, ()))
        # A letter that is wrong spoils two pairs, two that changed places three.
        fewest = max(1, len(typed) - (5 if len(typed) >= SHORTEST_TWO_TYPOS else 3))
        found = {}
        for word, count in shared.items():
            score = _likeness(typed, word) if count >= fewest else 0
            if score:
                found[word] = score
        for word, its_sound in self._sounds.items():
            if its_sound == heard:
                found[word] = max(SOUNDS, found.get(word, 0))
            elif len(heard) >= _SHORTEST_SOUND and its_sound.startswith(heard):
                found[word] = max(SOUND_BEGINS, found.get(word, 0))
        return found


def _likeness(typed: str, word: str) -> int:
    if word.startswith(typed):
        return EXACT if typed == word else BEGINS
    shorter = min(len(typed), len(word))
    if shorter < SHORTEST_TYPO:
        return 0
    at_most = 2 if shorter >= SHORTEST_TWO_TYPOS else 1
    if abs(len(typed) - len(word)) <= at_most:
        apart = letters_apart(typed, word, at_most)
        if apart <= at_most:
            return ONE_LETTER if apart == 1 else TWO_LETTERS
    # Still being typed, with a slip already.
    if len(word) > len(typed) > SHORTEST_TYPO and letters_apart(typed, word[: len(typed)], 1) <= 1:
        return SOUND_BEGINS
    return 0


def _pairs(word: str) -> set[str]:
    """Every two letters that follow each other, the first one with what stands before the word."""
    whole = f" {word}"
    return {whole[place : place + 2] for place in range(len(word))}
