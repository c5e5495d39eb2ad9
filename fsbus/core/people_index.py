"""Finds people among thousands by name, sound, slips of the keyboard, telephone, code, birth year."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fsbus.core.catalog import normalise
from fsbus.core.likeness import Described, Likeness, code_key, likeness
from fsbus.core.name_words import (
    BEGINS,
    EXACT,
    ONE_LETTER,
    SOUND_BEGINS,
    SOUNDS,
    TWO_LETTERS,
    NameWords,
)  # fmt: skip
from fsbus.core.redaction import redacted

LONGEST_SEARCH = 120
_MOST_WORDS = 6
_ENOUGH = 60
_FEWEST_DIGITS = 4
_WHY = {
    SOUNDS: "se prononce pareil",
    ONE_LETTER: "à une lettre près",
    SOUND_BEGINS: "se prononce pareil",
    TWO_LETTERS: "à deux lettres près",
}
_NOBODY: Mapping[str, int] = {}


@redacted("id", "score")
@dataclass(frozen=True)
class Hit:
    """A person found; ``why`` says in words what is not plain to see, empty when it is."""

    id: str
    score: int
    why: str = ""


class PeopleIndex:
    """People made ready to be found; holds no connection and is asked from one thread."""

    def __init__(self, people: Iterable[Described] = ()) -> None:
        self._people: dict[str, Described] = {}
        self._words = NameWords()
        self._by_contact: defaultdict[str, set[str]] = defaultdict(set)
        for one in people:
            self.put(one)

    def __len__(self) -> int:
        return len(self._people)

    def put(self, one: Described) -> None:
        """Make a person findable, in place of what was known of them."""
        self.drop(one.id)
        self._people[one.id] = one
        for word in _words_of(one):
            self._words.put(word, one.id)
        for contact in _contacts(one):
            self._by_contact[contact].add(one.id)

    def drop(self, key: str) -> None:
        """Forget a person; one who is not here is no problem."""
        one = self._people.pop(key, None)
        if one is None:
            return
        for word in _words_of(one):
            self._words.drop(word, key)
        for contact in _contacts(one):
            self._by_contact[contact].discard(key)

    def alike(self, typed: Described, most: int = 5) -> list[tuple[str, Likeness]]:
        """Who the typed person may be already, the likeliest first: only those to warn of."""
        named = [self._called(name.words) for name in (typed.family, typed.given) if name.joined]
        near = set.intersection(*named) if len(named) == 2 else set().union(*named)
        # Whoever has one name only is not in both.
        near |= {key for key in set().union(*named) if not self._people[key].given.joined}
        for contact in _contacts(typed):
            near |= self._by_contact.get(contact, set())
        near.discard(typed.id)
        found = [(key, likeness(typed, self._people[key])) for key in near]
        warned = [one for one in found if one[1].warns]
        return sorted(warned, key=lambda one: (-one[1].score, one[0]))[:most]

    def search(self, text: str, most: int = 30) -> list[Hit]:
        """Who this text may mean, the likeliest first; any text is safe, an empty one finds nobody."""
        text = text[:LONGEST_SEARCH]
        words = normalise(text).split()[:_MOST_WORDS]
        if not words:
            return []
        hits = {hit.id: hit for hit in self._by_number(text)}
        for spelt in _spellings(words):
            for hit in self._named(spelt):
                if hit.id not in hits or hits[hit.id].score < hit.score:
                    hits[hit.id] = hit
        return sorted(hits.values(), key=lambda hit: (-hit.score, self._sorting(hit.id)))[:most]

    def _called(self, words: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for word in words:
            found.update(self._words.scores(word), self._words.holders(word[0]))
        return found

    def _sorting(self, key: str) -> tuple[str, str, str]:
        one = self._people[key]
        return one.family.joined, one.given.joined, key

    def _by_number(self, text: str) -> Iterator[Hit]:
        """By a telephone or a ticket code, whole or begun."""
        code = code_key(text)
        if len(code) < _FEWEST_DIGITS:
            return
        if code.isascii() and code.isdigit():
            # +33 6 12… and 0033 6 12… as they are being typed.
            after = next((len(prefix) for prefix in ("0033", "33") if code.startswith(prefix)), 0)
            begun = "0" + code[after:] if after else code
            for one in self._people.values():
                if one.phone and (code in one.phone or one.phone.startswith(begun)):
                    yield Hit(one.id, EXACT if begun == one.phone else BEGINS, "téléphone")
        for one in self._people.values():
            if one.code.startswith(code):
                yield Hit(one.id, EXACT + 1 if one.code == code else BEGINS, "code du reçu")

    def _named(self, words: list[str]) -> Iterator[Hit]:
        """Those whom these words call well enough, taken together."""
        scores = [self._years(word) if word.isdigit() else self._words.scores(word) for word in words]
        for key in set().union(*scores):
            found = [each.get(key, 0) for each in scores]
            if sum(found) >= _ENOUGH * len(words):
                worst = min((each for each in found if each in _WHY), default=0)
                yield Hit(key, sum(found) // len(words), _WHY.get(worst, ""))

    def _years(self, word: str) -> Mapping[str, int]:
        if len(word) != 4:
            return _NOBODY
        apart = {
            key: abs(int(word) - one.birth_year)
            for key, one in self._people.items()
            if one.birth_year is not None
        }
        return {key: TWO_LETTERS if years else EXACT for key, years in apart.items() if years <= 1}


def _spellings(words: list[str]) -> Iterator[list[str]]:
    """The words as typed, and with two neighbours written as one: « le goff » is « Legoff » too."""
    yield words
    for place in range(len(words) - 1):
        if not (words[place].isdigit() or words[place + 1].isdigit()):
            yield [*words[:place], words[place] + words[place + 1], *words[place + 2 :]]


def _words_of(one: Described) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one.family.words, *one.given.words)))


def _contacts(one: Described) -> Iterator[str]:
    if one.phone:
        yield one.phone
    if one.email:
        yield one.email
