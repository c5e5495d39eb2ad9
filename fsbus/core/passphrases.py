"""Draws passphrases, gives them one spelling, and says in French why one is too weak."""

import math
import re
import unicodedata
from collections.abc import Callable, Container, Sequence

LIST_SIZE = 7776
"""Words in the shipped list: 12.9 bits each, 77.5 bits for six, 90.5 for seven."""
WORDS = 6
"""Words in a generated passphrase."""
FEWEST_CHARACTERS = 14
FEWEST_BITS = 80.0
"""CNIL, délibération n° 2022-100 of 21 July 2022: 80 bits when the passphrase is the only protection."""
FEWEST_DISTINCT = 6
FEWEST_OF_ONES_OWN = 6
"""Characters that must be left once known passwords and runs of keys are taken out."""

_WORD = re.compile(r"[a-z]{4,9}")
_SHORTEST_KNOWN = 4  # shorter pieces occur inside too many harmless words
_LONGEST_KNOWN = 60  # keeps a page pasted by mistake quick to judge
_SPECIAL = 37  # the special characters that CNIL counts: 26 + 26 + 10 + 37 signs
_LOOKALIKES = str.maketrans("013457@$€!", "oieastasei")
_RUNS = tuple(
    run
    for row in (
        "abcdefghijklmnopqrstuvwxyz", "01234567890", "azertyuiop", "qsdfghjklm", "wxcvbn",
        "qwertyuiop", "asdfghjkl", "zxcvbnm",
    )
    for run in (row, row[::-1])
)  # fmt: skip

_RESCUE = "Choisissez plusieurs mots sans rapport entre eux, ou prenez la phrase proposée."


def read_words(text: str) -> tuple[str, ...]:
    """The list of words from the text of its file, one word of 4 to 9 letters a-z per line.

    Raises ValueError, naming the line, on anything else: a damaged list would make guessable passphrases.
    """
    words = tuple(text.splitlines())
    for line, word in enumerate(words, start=1):
        if not _WORD.fullmatch(word):
            raise ValueError(f"word list, line {line}: not a word of 4 to 9 letters a-z")
    if len(words) != LIST_SIZE or len(set(words)) != LIST_SIZE:
        raise ValueError(
            f"word list: {len(set(words))} different words in {len(words)} lines, not {LIST_SIZE}"
        )
    return words


def read_common(text: str) -> frozenset[str]:
    """The folded weak passphrases from the text of their file: one per line, « # » starts a comment line."""
    return frozenset(_fold(line) for line in text.splitlines() if not line.startswith("#")) - {""}


def generate(words: Sequence[str], choose: Callable[[int], int], count: int = WORDS) -> str:
    """`count` words drawn with replacement by ``choose(n)`` (0 ≤ index < n, ``secrets.randbelow``).

    They are separated by spaces: the space bar is in one place on every keyboard, while the hyphen
    moves between AZERTY and QWERTY, and `normalise` forgives a space typed twice.
    Raises ValueError on a count or list below 1, IndexError when `choose` leaves its range.
    """
    if count < 1 or not words:
        raise ValueError(f"cannot draw {count} words from a list of {len(words)}")
    drawn = []
    for _ in range(count):
        index = choose(len(words))
        if not 0 <= index < len(words):
            raise IndexError(f"choose({len(words)}) returned {index}")
        drawn.append(words[index])
    return " ".join(drawn)


def entropy_bits(count: int, list_size: int) -> float:
    """Bits of `count` words drawn uniformly from `list_size`: what an attacker who has the list faces."""
    return count * math.log2(list_size)


def normalise(text: str) -> str:
    """The one spelling from which keys are derived: Unicode NFKC, no outer space, one space between words.

    An « é » typed on macOS (NFD) then equals the same « é » typed on Windows (NFC). Case is kept.
    """
    return " ".join(unicodedata.normalize("NFKC", text).split())


def cnil_bits(text: str) -> float:
    """Length × log2(alphabet used), the measure of CNIL's délibération n° 2022-100, in bits.

    The space counts for one sign; other special characters, accented letters included, for 37.
    The formula knows nothing of meaning: that is what the other rules of `weakness` are for.
    """
    kinds = (
        (26, any("a" <= sign <= "z" for sign in text)),
        (26, any("A" <= sign <= "Z" for sign in text)),
        (10, any("0" <= sign <= "9" for sign in text)),
        (1, " " in text),
        (_SPECIAL, any(not (sign.isascii() and (sign.isalnum() or sign == " ")) for sign in text)),
    )
    alphabet = sum(size for size, used in kinds if used)
    return len(text) * math.log2(alphabet) if alphabet else 0.0


def weakness(text: str, common: Container[str]) -> str | None:
    """What is wrong with a chosen passphrase and what to do, in French; None when it is accepted.

    Accepted: at least 14 characters and 80 bits by CNIL's formula (délibération n° 2022-100), neither
    repeated nor poor in characters, and not made of known passwords (`common`, from `read_common`)
    and runs of keys with less than six characters of one's own.
    """
    phrase = normalise(text)
    if not phrase:
        return "Tapez une phrase secrète, ou prenez la phrase proposée."
    folded = _fold(phrase)
    distinct = len(set(phrase.casefold()))
    if _repeats(phrase) or (2 * len(folded) >= len(phrase) and _repeats(folded)):
        return f"Cette phrase répète le même morceau. {_RESCUE}"
    if _left_over(folded, _in_a_run) < min(FEWEST_OF_ONES_OWN, len(folded)):
        return f"Cette phrase suit l’ordre du clavier, de l’alphabet ou des chiffres. {_RESCUE}"
    if any(_known(spelling, common) for spelling in (folded, _fold(phrase.translate(_LOOKALIKES)))):
        return f"Cette phrase est parmi les premières qu’un voleur essaierait. {_RESCUE}"
    if len(phrase) < FEWEST_CHARACTERS:
        return f"Cette phrase est trop courte\u00a0: il faut au moins {FEWEST_CHARACTERS} caractères. Ajoutez un ou deux mots."
    if distinct < FEWEST_DISTINCT:
        return f"Cette phrase emploie trop peu de caractères différents. {_RESCUE}"
    if cnil_bits(phrase) < FEWEST_BITS:
        return "Cette phrase est trop facile à deviner. Ajoutez un ou deux mots sans rapport avec les autres."
    return None


def _fold(text: str) -> str:
    """Letters and digits only, without accents or case: how a guesser tries a known password."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if sign.isalnum())


def _repeats(text: str) -> bool:
    """Whether the text is one piece said at least twice, the last time perhaps cut short."""
    return any(text[size:] == text[:-size] for size in range(1, len(text) // 2 + 1))


def _in_a_run(piece: str) -> bool:
    return any(piece in run for run in _RUNS)


def _known(folded: str, common: Container[str]) -> bool:
    core = folded.strip("0123456789")  # a year or a number at either end is everyone's first idea
    own = _left_over(core, lambda piece: piece in common or _in_a_run(piece))
    return folded in common or core in common or own < min(FEWEST_OF_ONES_OWN, len(core))


def _left_over(folded: str, guessable: Callable[[str], bool]) -> int:
    """Fewest characters outside guessable pieces, over every way to cut the text."""
    fewest = [0]
    for end in range(1, len(folded) + 1):
        best = fewest[end - 1] + 1
        for start in range(max(0, end - _LONGEST_KNOWN), end - _SHORTEST_KNOWN + 1):
            if fewest[start] < best and guessable(folded[start:end]):
                best = fewest[start]
        fewest.append(best)
    return fewest[-1]
