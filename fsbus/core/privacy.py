"""The never-store guard: finds what no text and no file name may hold, says what to write instead.

Only the kind that was found is ever told, never the value.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from fsbus.core.errors import InvalidInput
from fsbus.core.private_numbers import Found, numbers_in
from fsbus.core.private_words import passwords_in

KINDS = {
    "nir": "un numéro de sécurité sociale",
    "iban": "un IBAN",
    "card": "un numéro de carte bancaire",
    "tax_number": "un numéro fiscal",
    "benefit_number": "un numéro d’allocataire",
    "password": "un mot de passe ou un code d’accès",
}
_INSTEAD = {
    "nir": "numéro de sécurité sociale vérifié",
    "iban": "RIB fourni",
    "card": "payé par carte",
    "tax_number": "numéro fiscal vérifié",
    "benefit_number": "numéro d’allocataire vérifié",
    "password": "mot de passe changé avec la personne",
}
MASK = "•••"
_FEWEST_DIGITS = 7
_PASSWORD_HINTS = ("passe", "mdp", "password", "pass word", "pwd", "code")
"""One of these is in every text that introduces a password."""


def forbidden_kinds(text: str) -> tuple[str, ...]:
    """The kinds (keys of `KINDS`) that the text seems to hold, in a fixed order; empty when none."""
    found = {kind for kind, _, _ in _found(text)}
    return tuple(kind for kind in KINDS if kind in found) if found else ()


def refusal(text: str) -> str | None:
    """The French sentence to show when the text may not be stored, with what to write instead; or None."""
    kinds = forbidden_kinds(text)
    if not kinds:
        return None
    named = " et ".join(KINDS[kind] for kind in kinds)
    instead = " ou ".join(f"«\u00a0{_INSTEAD[kind]}\u00a0»" for kind in kinds)
    return (
        f"Ce texte semble contenir {named}\u00a0: retirez-le, fsbus ne le conserve jamais. "
        f"Écrivez plutôt, par exemple, {instead}."
    )


def masked(text: str) -> str:
    """The text with dots in the place of each value that may not be stored; itself when it holds none."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted((start, end) for _, start, end in _found(text)):
        if spans and start <= spans[-1][1]:
            start, end = spans[-1][0], max(end, spans.pop()[1])  # noqa: PLW2901  # one value found in two ways
        spans.append((start, end))
    for start, end in reversed(spans):
        text = text[:start] + MASK + text[end:]
    return text


def name_refusal(name: str) -> str | None:
    """The French sentence to show when no file may be written under this name, or None."""
    kinds = forbidden_kinds(name)
    if not kinds:
        return None
    named = " et ".join(KINDS[kind] for kind in kinds)
    return f"Ce nom de fichier semble contenir {named}\u00a0: donnez-en un autre. Rien n’a été écrit."


def check_file_name(path: Path, field: str = "file") -> None:
    """Refuse to write a file under such a name. Raises InvalidInput."""
    if why := name_refusal(path.name):
        raise InvalidInput({field: why})


def _found(text: str) -> Iterator[Found]:
    # Most texts hold few digits and no such word: two cheap looks spare them all the searches.
    has_numbers = sum(map(str.isdigit, text)) >= _FEWEST_DIGITS
    folded = text.casefold()
    has_words = any(hint in folded for hint in _PASSWORD_HINTS)
    if not (has_numbers or has_words):
        return
    plain = text.upper() if text.isascii() else text.translate(_PLAIN)
    if has_numbers:
        yield from numbers_in(plain)
    if has_words:
        yield from passwords_in(plain)


class _Plain(dict[int, str]):
    """One plain sign for each sign, so that places stay: capitals, no accents, ASCII digits, dashes and quotes."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        kind = unicodedata.category(sign)
        digit = unicodedata.digit(sign, None)
        if digit is not None:
            plain = str(digit)
        elif kind == "Pd" or sign == "−":
            plain = "-"
        elif kind in ("Zs", "Cf"):
            plain = " "
        elif kind in ("Pi", "Pf"):
            plain = "'" if sign in "’‘" else '"'
        else:
            letter = unicodedata.normalize("NFKD", sign)[0].upper()
            plain = letter if len(letter) == 1 and letter.isalpha() else sign
        self[code] = plain
        return plain


_PLAIN = _Plain()
