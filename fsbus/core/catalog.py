"""The official lists as values: partners, procedures, communes, France Services and fiches."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

_MARKS = re.compile("[\u0300-\u036f]+")
_NOT_WORD = re.compile(r"[\W_]+")


def normalise(text: str) -> str:
    """Fold a text for comparing and searching: its words in lower case, without accents, one space apart.

    « Pruillé-l’Éguillé » gives ``pruille l eguille``, « Œuvre » gives ``oeuvre``. This is the only folding
    of the house, so what is indexed and what is typed always meet.
    """
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKD", text).casefold()
        folded = unicodedata.normalize("NFKD", folded).replace("œ", "oe").replace("æ", "ae")
        folded = _MARKS.sub("", folded)
    return _NOT_WORD.sub(" ", folded).strip()


@dataclass(frozen=True)
class Partner:
    """An organisation under the name it had between two days (``YYYY-MM-DD``, both included).

    An empty ``valid_from`` or ``valid_to`` is open. ``replaced_by`` holds the codes that take over, the
    main one first. ``national`` tells the operators of the France Services offer from the others.
    """

    code: str
    label: str
    short_label: str
    valid_from: str = ""
    valid_to: str = ""
    replaced_by: tuple[str, ...] = ()
    national: bool = False
    aliases: tuple[str, ...] = ()

    def in_force(self, day: str) -> bool:
        """Whether the partner bears this name on that day."""
        return self.valid_from <= day and (not self.valid_to or day <= self.valid_to)


@dataclass(frozen=True)
class Procedure:
    """One procedure of the catalogue; ``partner`` is a partner's code, ``topic`` a code of La Coop.

    ``fiche`` is the official fiche that tells it, empty when there is none. An inactive procedure is
    no longer proposed, but old records still name it.
    """

    code: str
    title: str
    partner: str
    fiche: str = ""
    documents: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    service_host: str = ""
    topic: str = ""
    aliases: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True)
class Catalog:
    """Every procedure and every partner, today's and yesterday's."""

    procedures: tuple[Procedure, ...]
    partners: tuple[Partner, ...]

    @cached_property
    def _by_code(self) -> Mapping[str, Procedure]:
        return {procedure.code: procedure for procedure in self.procedures}

    @cached_property
    def _partners(self) -> Mapping[str, Partner]:
        return {partner.code: partner for partner in self.partners}

    @cached_property
    def _partner_words(self) -> Mapping[str, str]:
        return partner_words(self.partners)

    def procedure(self, code: str) -> Procedure | None:
        """The procedure of that code, inactive ones too; None when the catalogue never had it."""
        return self._by_code.get(code)

    def partner(self, code: str) -> Partner | None:
        """The partner of that code, whatever the day; None when unknown."""
        return self._partners.get(code)

    def partner_label(self, code: str) -> str:
        """The short French label of a partner; the code itself when it is unknown."""
        partner = self._partners.get(code)
        return partner.short_label if partner else code

    def partner_on(self, code: str, day: str) -> str:
        """The code under which this partner works on that day: ANTS becomes France Titres, and back.

        A partner without predecessor or successor keeps its code, even outside its dates.
        """
        partner = self._partners.get(code)
        if partner is None or partner.in_force(day):
            return code
        return self._successor_on(partner, day) or self._predecessor_on(code, day) or code

    def _successor_on(self, partner: Partner, day: str) -> str | None:
        for _ in self.partners:  # at most one step for each: a loop in the file ends too
            following = self._partners.get(partner.replaced_by[0]) if partner.replaced_by else None
            if following is None or not partner.valid_to < day:
                return None
            if following.in_force(day):
                return following.code
            partner = following
        return None

    def _predecessor_on(self, code: str, day: str) -> str | None:
        wanted = {code}
        for _ in self.partners:
            before = [each for each in self.partners if wanted & set(each.replaced_by)]
            for each in before:
                if each.in_force(day):
                    return each.code
            wanted = {each.code for each in before}
        return None

    def partners_on(self, day: str, *, national_only: bool = False) -> tuple[Partner, ...]:
        """The partners in force on that day, in catalogue order; only the national operators if asked.

        January 2021 has the 9 operators of the first charter.
        """
        return tuple(
            partner
            for partner in self.partners
            if partner.in_force(day) and (partner.national or not national_only)
        )

    def resolve_partner(self, text: str) -> str | None:
        """The partner's code for a code, a label or an alias, accents and case ignored; None when unknown."""
        return self._partner_words.get(normalise(text))


def partner_words(partners: Iterable[Partner]) -> dict[str, str]:
    """Every folded way to name a partner, and its code. A code or a label wins over an alias."""
    words: dict[str, str] = {}
    partners = tuple(partners)
    for names in (
        lambda each: (each.code,),
        lambda each: (each.label, each.short_label),
        lambda each: each.aliases,
    ):
        for partner in partners:
            for name in names(partner):
                words.setdefault(normalise(name), partner.code)
    words.pop("", None)
    return words


@dataclass(frozen=True)
class Commune:
    """A commune; latitude and longitude (degrees, WGS 84) are those of its town hall, when known.

    An inactive commune has been merged since; old visits still name it.
    """

    insee_code: str
    name: str
    postcodes: tuple[str, ...] = ()
    departement_code: str = ""
    region_code: str = ""
    epci_code: str = ""
    epci_name: str = ""
    population: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    active: bool = True

    @property
    def label(self) -> str:
        """The name with its département, « Saint-Denis (974) »: homonyms are told apart."""
        return f"{self.name} ({self.departement_code})"


ITINERANT_FORMATS = frozenset({"Bus_équivalent", "Itinérante"})
"""Formats of the national list that stand for a structure that moves."""


@dataclass(frozen=True)
class Structure:
    """One France Services of the national list, as published.

    ``hours`` holds the six raw cells, Monday to Saturday: some are untidy, see `opening_ranges`.
    """

    id: str
    departement_code: str
    name: str
    address: str = ""
    complement: str = ""
    insee_code: str = ""
    postcode: str = ""
    commune_name: str = ""
    latitude: float | None = None
    longitude: float | None = None
    hours: tuple[str, ...] = ("",) * 6
    by_appointment: bool | None = None
    comment: str = ""
    kind: str = ""
    format: str = ""
    group: str = ""
    award: str = ""

    @property
    def itinerant(self) -> bool:
        """Whether it moves: a bus or the like."""
        return self.format in ITINERANT_FORMATS


_RANGE = r"(?:[01]\d|2[0-3]):[0-5]\d - (?:[01]\d|2[0-3]):[0-5]\d"
_HOURS = re.compile(rf"{_RANGE}(?: / {_RANGE})?")


def hours_are_tidy(cell: str) -> bool:
    """Whether a cell of opening hours is empty, or one or two ranges ``09:00 - 12:00 / 14:00 - 16:30``."""
    return not cell or _HOURS.fullmatch(cell) is not None


def opening_ranges(cell: str) -> tuple[tuple[str, str], ...]:
    """The opening ranges of one cell: in order, empty ones left out, overlapping ones joined.

    Text that is no range is ignored: `hours_are_tidy` tells whether there was any.
    """
    found = sorted((part[:5], part[-5:]) for part in re.findall(_RANGE, cell) if part[:5] < part[-5:])
    ranges: list[tuple[str, str]] = []
    for start, end in found:
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((start, end))
    return tuple(ranges)


@dataclass(frozen=True)
class Block:
    """One piece of a fiche, in reading order.

    ``kind``: ``heading`` (``text``), ``paragraph`` (``text``), ``list`` (``lines``), ``table`` (``rows``,
    ``text`` is its title), ``note`` (``text`` is « À savoir », « À noter »…, ``lines`` its paragraphs),
    ``link`` (``text`` and ``url``; ``lines`` holds the service that publishes it).
    ``level`` is the depth in the fiche, 1 for a chapter.
    """

    kind: str
    level: int = 1
    text: str = ""
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    url: str = ""


@dataclass(frozen=True)
class Fiche:
    """One official fiche « Vos droits et démarches »; ``updated_on`` is the day of its text."""

    code: str
    title: str
    kind: str = ""
    theme: str = ""
    updated_on: str = ""
    url: str = ""
    introduction: str = ""
    blocks: tuple[Block, ...] = ()
