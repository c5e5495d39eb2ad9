"""Finds numbers that may never be stored, by their keys, in a text made plain by `fsbus.core.privacy`.

What is found is told as (kind, start, end). A key is what keeps an ordinary long number apart: only where there
is none (a NIR cut after 13 digits, a tax number, an allocataire) do its form and the words beside it decide.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fsbus.core.iban import SHAPES, is_iban

Found = tuple[str, int, int]

_GAP = r"[\s.,:;/|'\"*()_-]{0,3}"
_RUN = re.compile(rf"\d(?:{_GAP}(?:\d|[AB](?={_GAP}\d)))*")
_IBAN_START = re.compile(rf"(?=([A-Z]){_GAP}([A-Z]){_GAP}\d{_GAP}\d)")
_IBAN_SIGN = re.compile(rf"{_GAP}([0-9A-Z])")
_NIR = re.compile(r"[1-478]\d\d(?:0[1-9]|1[0-2]|[2-9]\d)(?:2[AB]|\d\d)\d{6}\d\d")
_NIR_WITHOUT_KEY = re.compile(r"[1-478]\d\d(?:0[1-9]|1[0-2])(?:2[AB]|0[1-9]|[1-9]\d)(?!000)\d{3}(?!000)\d{3}")
_NIR_GAPS = frozenset({1, 3, 5, 7, 10})
"""Where people part the digits of a NIR: sex, year, month, département, commune, order."""
_TIGHT = frozenset({"", " ", ".", "-", "_"})
_NETWORKS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5\d|35|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)\d{12,14}|6\d{15,18}|3[47]\d{13}"
)
_CLUB = re.compile(r"3(?:0[0-5]|[689]\d)\d{11}")
_CLUB_GAPS = frozenset({4, 10})
_CARD_WORDS = re.compile(r"\bCARTE (?:BANCAIRE|BLEUE|DE CREDIT|DE PAIEMENT)\b|\bCB\b|DINERS")
_TAX_WORDS = re.compile(r"FISCA|IMPOT|IMPOS|\bSPI\b|\bTAX\b")
_ALONE = r"(?<![\d,.])(?<!\d )"
_NO_AMOUNT = r"(?![\d,/A-Z])(?!\.\d)(?! ?(?:€|EUR|\d))"
_BENEFIT = re.compile(
    r"(?:\bC\.?A\.?F\b|\bCNAF\b|ALLOCATAIRES?\b).{0,40}?"
    rf"{_ALONE}(\d{{7}}|\d{{3}}[ .]\d{{4}}|\d[ .]\d{{3}}[ .]\d{{3}})(?:[ -]?[A-Z])?{_NO_AMOUNT}"
    rf"|{_ALONE}(\d{{7}}){_NO_AMOUNT}[ (]{{0,2}}(?:CAF\b|ALLOCATAIRE)"
)
_AROUND = 60
"""Signs before and after a number in which a word tells what it is."""


@dataclass(frozen=True, repr=False)
class _Run:
    """Digits (and the A or B of Corsica) with what parts them: ``gaps[n]`` stands before ``signs[n]``."""

    signs: str
    places: tuple[int, ...]
    gaps: tuple[str, ...]

    def windows(self, *sizes: int) -> Iterator[tuple[int, int]]:
        """(first, end) of as many signs in a row, parted from or of another kind than what stands beside them."""
        for first in range(len(self.signs)):
            for size in sizes:
                if first + size <= len(self.signs) and self._parted(first) and self._parted(first + size):
                    yield first, first + size

    def cuts(self, first: int, end: int) -> frozenset[int]:
        """After how many of these signs something parts them."""
        return frozenset(place - first for place in range(first + 1, end) if self.gaps[place])

    def is_tight(self, first: int, end: int) -> bool:
        """Whether one number may be parted so: by single marks, or always by the same."""
        gaps = self.gaps[first + 1 : end]
        return all(gap in _TIGHT for gap in gaps) or len(set(gaps) - {""}) == 1

    def found(self, kind: str, first: int, end: int) -> Found:
        return kind, self.places[first], self.places[end - 1] + 1

    def _parted(self, place: int) -> bool:
        if place in (0, len(self.signs)) or self.gaps[place]:
            return True
        return self.signs[place].isalpha() or self.signs[place - 1].isalpha()


def numbers_in(text: str) -> Iterator[Found]:
    """Every number of a kind that may not be stored. ``text``: capitals without accents, plain marks."""
    for match in _RUN.finditer(text):
        if match.end() - match.start() >= 13:
            run = _run(match)
            yield from _nirs(run)
            yield from _cards(run, text)
            yield from _tax_numbers(run, text)
    for match in _IBAN_START.finditer(text):
        if (end := _iban_end(text, match)) is not None:
            yield "iban", match.start(), end
    for match in _BENEFIT.finditer(text):
        group = 1 if match[1] else 2
        yield "benefit_number", match.start(group), match.end(group)


def _run(match: re.Match[str]) -> _Run:
    signs, places, gaps, last = "", list[int](), list[str](), match.start()
    for place in range(match.start(), match.end()):
        sign = match.string[place]
        if sign.isalnum():
            signs += sign
            places.append(place)
            gaps.append(match.string[last:place])
            last = place + 1
    return _Run(signs, tuple(places), tuple(gaps))


def _nirs(run: _Run) -> Iterator[Found]:
    for first, end in run.windows(15):
        signs = run.signs[first:end]
        if _NIR.fullmatch(signs):
            body = int(signs[:13].replace("2A", "19").replace("2B", "18"))
            if 97 - body % 97 == int(signs[13:]):
                yield run.found("nir", first, end)
    for first, end in run.windows(13):
        # Without its key, only what is written as a NIR is, and has nothing impossible in it.
        if run.cuts(first, end) <= _NIR_GAPS and _NIR_WITHOUT_KEY.fullmatch(run.signs[first:end]):
            after = run.signs[end : end + 2]
            has_other_key = len(after) == 2 and after.isdigit() and len(run.signs) - end == 2
            if not has_other_key:
                yield run.found("nir", first, end)


def _cards(run: _Run, text: str) -> Iterator[Found]:
    for first, end in run.windows(13, 14, 15, 16, 17, 18, 19):
        signs = run.signs[first:end]
        if not signs.isdigit() or not run.is_tight(first, end) or not _luhn(signs):
            continue
        if _NETWORKS.fullmatch(signs):
            yield run.found("card", first, end)
        elif _CLUB.fullmatch(signs):
            # Every SIRET has this key and as many digits: only how it is written, or said, tells a card.
            beside = text[max(0, run.places[first] - _AROUND) : run.places[first]]
            if run.cuts(first, end) == _CLUB_GAPS or _CARD_WORDS.search(beside):
                yield run.found("card", first, end)


def _tax_numbers(run: _Run, text: str) -> Iterator[Found]:
    for first, end in run.windows(13):
        signs = run.signs[first:end]
        if signs.isdigit() and signs[0] in "0123" and run.is_tight(first, end):
            start, stop = run.places[first], run.places[end - 1] + 1
            beside = text[max(0, start - _AROUND) : start] + " " + text[stop : stop + _AROUND]
            alone = end - first == len(run.signs)
            if int(signs[:10]) % 511 == int(signs[10:]) or (alone and _TAX_WORDS.search(beside)):
                yield run.found("tax_number", first, end)


def _iban_end(text: str, start: re.Match[str]) -> int | None:
    shape = SHAPES.get(f"{start[1]}{start[2]}")
    if shape is None:
        return None
    signs, place = "", start.start()
    for _ in range(shape[1]):
        sign = _IBAN_SIGN.match(text, place)
        if sign is None:
            return None
        signs, place = signs + sign[1], sign.end()
    return place if is_iban(signs) else None


def _luhn(digits: str) -> bool:
    if len(set(digits)) == 1:
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
