"""Turns what an agent types into a full-text expression that is never an error."""

from collections.abc import Iterable, Mapping

from fsbus.core.catalog import normalise

LONGEST_TEXT = 200
MOST_WORDS = 12
LONGEST_TERM = 5
"""Words in the longest synonym that is looked for."""

_EMPTY_WORDS = frozenset({
    "a", "au", "aux", "avec", "ce", "ces", "comment", "d", "dans", "de", "des", "du", "elle", "en",
    "et", "faire", "il", "j", "je", "l", "la", "le", "les", "leur", "ma", "mes", "mon", "n", "ne",
    "nos", "notre", "nous", "on", "ou", "par", "pas", "pour", "qu", "que", "qui", "s", "sa", "se",
    "ses", "si", "son", "sur", "ta", "un", "une", "vos", "votre", "y",
})  # fmt: skip

Words = tuple[str, ...]
Synonyms = Mapping[Words, tuple[str, ...]]


def read_synonym_groups(groups: Iterable[Iterable[str]]) -> Synonyms:
    """Each term, as folded words, with the folded other terms of its groups."""
    found: dict[Words, dict[str, None]] = {}
    for group in groups:
        folded = [normalise(term) for term in group]
        for term in folded:
            others = found.setdefault(tuple(term.split()), {})
            others.update((other, None) for other in folded if other != term)
    return {term: tuple(others) for term, others in found.items()}


def expressions(text: str, synonyms: Synonyms) -> tuple[str, str]:
    """Two FTS5 expressions: every idea of the text, then any of them; both empty when it has no word.

    Each word is folded and quoted, so nothing typed is ever read as an operator. The last word
    counts as unfinished. Singular and plural meet.
    """
    words = search_words(text)
    if not words:
        return "", ""
    ideas = _ideas(words, synonyms)
    return " AND ".join(ideas), " OR ".join(ideas)


def search_words(text: str) -> list[str]:
    """The folded words of a text, at most twelve; no surrogate, no mark, no operator among them."""
    return normalise(text[:LONGEST_TEXT]).split()[:MOST_WORDS]


def _ideas(words: list[str], synonyms: Synonyms) -> list[str]:
    ideas: list[str] = []
    start = 0
    while start < len(words):
        size = _longest_term(words, start, synonyms)
        chosen = words[start : start + max(size, 1)]
        last = start + len(chosen) == len(words)
        start += len(chosen)
        if size:
            own = " AND ".join(_word(word, last and word is chosen[-1]) for word in chosen)
            others = " OR ".join(f'"{other}"' for other in synonyms[tuple(chosen)])
            ideas.append(f"(({own}) OR {others})")
        elif chosen[0] not in _EMPTY_WORDS:
            ideas.append(_word(chosen[0], last))
    # « le » alone is still worth an answer.
    return ideas or [_word(words[-1], True)]


def _longest_term(words: list[str], start: int, synonyms: Synonyms) -> int:
    for size in range(min(LONGEST_TERM, len(words) - start), 0, -1):
        if tuple(words[start : start + size]) in synonyms:
            return size
    return 0


def _word(word: str, unfinished: bool) -> str:
    if unfinished:
        if len(word) > 4 and word[-1] in "sx":
            return f'("{word}"* OR "{word[:-1]}")'
        return f'"{word}"*'
    if len(word) < 4 or not word.isalpha():
        return f'"{word}"'
    other = word[:-1] if word[-1] in "sx" else word + "s"
    return f'("{word}" OR "{other}")'
