"""The never-store guard: finds what no free text may hold (NIR, IBAN, card, tax number, password).

Only the kind that was found is ever told, never the value.
"""

import re
from collections.abc import Iterator

_SEPARATORS = r"[\s.\-  _]?"
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"(?<!\d)\d(?:[\s.\-  _]?\d){11,22}(?!\d)")
_NIR = re.compile(
    r"(?<![0-9A-Za-z])([1-478])" + _SEPARATORS + r"(\d\d)" + _SEPARATORS
    + r"(0[1-9]|1[0-2]|[2-9]\d)" + _SEPARATORS
    + r"(2[AaBb]|\d\d)" + _SEPARATORS + r"(\d\d\d)" + _SEPARATORS + r"(\d\d\d)"
    + r"(?:" + _SEPARATORS + r"(\d\d))?(?![0-9A-Za-z])"
)  # fmt: skip
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}\d{2}(?:[\s.\-  ]?[0-9A-Za-z]){11,30}")
_TAX = re.compile(r"(?<!\d)[0-3]" + (_SEPARATORS + r"\d") * 12 + r"(?!\d)")
_TAX_WORDS = re.compile(r"fiscal|imp[oô]t|\bspi\b|\btax\b", re.IGNORECASE)
_PASSWORD = re.compile(
    r"(?:mots?\s+de\s+passe|\bmdp\b|\bpassword\b|code\s+d['’ ]\s?acc[eè]s|code\s+confidentiel|\bcode\s+pin\b)"
    r"\s*(?:(?:est|is|provisoire|temporaire|caf|ameli)\s*)*[:=→>«\"]+\s*[«\"]?\s*\S+",
    re.IGNORECASE,
)
_PASSWORD_TOKEN = re.compile(
    r"(?:mots?\s+de\s+passe|\bmdp\b|\bpassword\b|code\s+d['’ ]\s?acc[eè]s)(?:\s+est)?\s+"
    r"(?=\S*\d)(?=\S*[^\W\d_])\S{6,}",
    re.IGNORECASE,
)
_SHORTEST = 5
"""Characters of the shortest text that may be refused: « mdp=x »."""

KINDS = {
    "nir": "un numéro de sécurité sociale",
    "iban": "un IBAN",
    "card": "un numéro de carte bancaire",
    "tax_number": "un numéro fiscal",
    "password": "un mot de passe",
}


def forbidden_kinds(text: str) -> tuple[str, ...]:
    """The kinds (keys of `KINDS`) that the text seems to hold, in a fixed order; empty when none.

    The keys of each number are computed, so an ordinary long number passes: NIR modulo 97 with
    2A and 2B (INSEE), IBAN modulo 97 (ISO 13616), card by Luhn (ISO 7812). The tax number has no
    public key: 13 digits count only beside a word of taxes.
    """
    if len(text) < _SHORTEST:
        return ()
    found = set(_found(text))
    return tuple(kind for kind in KINDS if kind in found) if found else ()


def refusal(text: str) -> str | None:
    """The French sentence to show when the text may not be stored, or None."""
    kinds = forbidden_kinds(text)
    if not kinds:
        return None
    named = " et ".join(KINDS[kind] for kind in kinds)
    return f"Ce texte semble contenir {named} : retirez-le, fsbus ne le conserve jamais."


def _found(text: str) -> Iterator[str]:
    # Most texts hold no digit and no such word: two cheap looks spare them eight searches.
    if _DIGIT.search(text):
        yield from _found_numbers(text)
    folded = text.casefold()
    # One of these words is in every text that the two patterns find.
    if ("passe" in folded or "mdp" in folded or "password" in folded or "code" in folded) and (
        _PASSWORD.search(text) or _PASSWORD_TOKEN.search(text)
    ):
        yield "password"


def _found_numbers(text: str) -> Iterator[str]:
    if any(_is_nir(match) for match in _NIR.finditer(text)):
        yield "nir"
    if any(_holds_iban(re.sub(r"[\s.\-  ]", "", match.group())) for match in _IBAN.finditer(text)):
        yield "iban"
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if 13 <= len(digits) <= 19 and _luhn(digits):
            yield "card"
    if _TAX.search(text) and _TAX_WORDS.search(text):
        yield "tax_number"


def _is_nir(match: re.Match[str]) -> bool:
    *parts, key = match.groups()
    body = "".join(parts).upper()
    # Without its key, a number is taken for a NIR only when nothing in it is impossible.
    if key is None:
        return "01" <= parts[2] <= "12" and parts[3] != "00" and parts[5] != "000"
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(key)


def _holds_iban(text: str) -> bool:
    # Words may follow without a separator that counts: try each possible length.
    return any(_is_iban(text[:length]) for length in range(15, min(len(text), 34) + 1))


def _is_iban(text: str) -> bool:
    turned = (text[4:] + text[:4]).upper()
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _luhn(digits: str) -> bool:
    if len(set(digits)) == 1:
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
