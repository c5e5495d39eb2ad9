"""Says how likely two descriptions are of one person, in points and in words an agent can judge.

Duplicates are warned of from `WARN` points on. Weights and threshold are measured on a made-up population in
tests/core/test_likeness_measured.py; whoever changes one looks at the figures there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fsbus.core.letters_apart import letters_apart
from fsbus.core.name_words import SHORTEST_TWO_TYPOS, SHORTEST_TYPO
from fsbus.core.names import Name
from fsbus.core.phones import phone_key
from fsbus.core.redaction import redacted
from fsbus.core.residents import Resident

WARN = 62
SAME, SOUND, ONE_LETTER, TWO_LETTERS, PART, INITIAL, OTHER, UNKNOWN = range(8)
"""How two names compare; `UNKNOWN` when one of them is not given."""
_FAMILY: Mapping[int, int] = MappingProxyType(
    {SAME: 45, SOUND: 38, ONE_LETTER: 36, TWO_LETTERS: 28, PART: 28, INITIAL: 8, OTHER: -15, UNKNOWN: 0}
)
_GIVEN: Mapping[int, int] = MappingProxyType(
    {SAME: 30, SOUND: 26, ONE_LETTER: 24, TWO_LETTERS: 18, PART: 20, INITIAL: 12, OTHER: -25, UNKNOWN: 0}
)
_HOW = {
    SAME: "même {}",
    SOUND: "{} qui se prononce pareil",
    ONE_LETTER: "{} à une lettre près",
    TWO_LETTERS: "{} à deux lettres près",
    PART: "{} en partie le même",
    INITIAL: "même initiale du {}",
}
_SWAPPED = "nom et prénom échangés"
_LESS_FOR_SWAPPED = 5
_SAME_PHONE, _NEAR_PHONE, _SAME_EMAIL = 35, 15, 35
_SAME_YEAR, _NEAR_YEAR, _OTHER_YEAR, _SAME_COMMUNE = 15, 8, -30, 5
_YEARS_APART = 3
"""A birth year may be said or heard wrong by so much; more are two people, a father and his son say."""
_SHORTEST_PART = 3


@redacted("id")
@dataclass(frozen=True)
class Described:
    """What is compared of a person, made ready; ``id`` is empty for one who is being typed."""

    id: str
    family: Name
    given: Name
    phone: str = ""
    email: str = ""
    birth_year: int | None = None
    commune: str | None = None
    code: str = ""

    @classmethod
    def of(cls, resident: Resident) -> "Described":
        """This person, made ready."""
        return cls.typed(resident.id, vars(resident))

    @classmethod
    def typed(cls, key: str, fields: Mapping[str, object]) -> "Described":
        """The person of these fields, checked or not; what is left out or unreadable is unknown."""
        year = fields.get("birth_year")
        return cls(
            key,
            Name.of(str(fields.get("family_name") or "")),
            Name.of(str(fields.get("given_name") or "")),
            phone_key(str(fields.get("phone") or "")),
            str(fields.get("email") or "").strip().casefold(),
            year if isinstance(year, int) else None,
            str(fields.get("commune") or "") or None,
            code_key(str(fields.get("code") or "")),
        )


@redacted("score")
@dataclass(frozen=True)
class Likeness:
    """Points, and the reasons in words, the weightiest first."""

    score: int
    reasons: tuple[str, ...] = ()

    @property
    def warns(self) -> bool:
        """Whether the agent is told before a second record of the person is made."""
        return self.score >= WARN


def likeness(one: Described, other: Described) -> Likeness:
    """The same whichever comes first; total."""
    straight = _named(one.family, other.family, one.given, other.given)
    crossed = _crossed(one, other)
    score, reasons = max(straight, crossed, key=lambda found: found[0])
    for points, reason in (
        *_contact(one, other),
        _year(one.birth_year, other.birth_year),
        (_SAME_COMMUNE, "même commune") if one.commune and one.commune == other.commune else (0, ""),
    ):
        score += points
        reasons += (reason,) if reason else ()
    return Likeness(score, reasons)


def compared(one: Name, other: Name) -> int:
    """How two names compare: `SAME`, `SOUND`… the nearest that holds."""
    if not one.joined or not other.joined:
        return UNKNOWN
    if one.joined == other.joined or one.bare == other.bare:
        return SAME
    if one.sound == other.sound or one.bare_sound == other.bare_sound:
        return SOUND
    apart = _typed_apart(one.bare, other.bare)
    if apart <= 2:
        return ONE_LETTER if apart == 1 else TWO_LETTERS
    if len(one.parts) != len(other.parts) and any(
        len(part) >= _SHORTEST_PART and part in other.parts for part in one.parts
    ):
        return PART
    if 1 in (len(one.bare), len(other.bare)) and one.bare[0] == other.bare[0]:
        return INITIAL
    return OTHER


def code_key(text: str) -> str:
    """A ticket code as it is compared: « k7qm 4t » is « K7QM-4T »."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def _typed_apart(one: str, other: str) -> int:
    """1 or 2 for a slip of the keyboard that the length of the names allows; 3 for another name."""
    shorter = min(len(one), len(other))
    allowed = 0 if shorter < SHORTEST_TYPO else 1 if shorter < SHORTEST_TWO_TYPOS else 2
    apart = letters_apart(one, other, allowed) if allowed else 1
    return apart if apart <= allowed else 3


def _named(family: Name, other_family: Name, given: Name, other_given: Name) -> tuple[int, tuple[str, ...]]:
    how_family, how_given = compared(family, other_family), compared(given, other_given)
    reasons = [
        _HOW[how].format(word) for how, word in ((how_family, "nom"), (how_given, "prénom")) if how in _HOW
    ]
    return _FAMILY[how_family] + _GIVEN[how_given], tuple(reasons)


def _crossed(one: Described, other: Described) -> tuple[int, tuple[str, ...]]:
    """When both names stand each in the other's place."""
    there, back = compared(one.family, other.given), compared(one.given, other.family)
    if max(there, back) >= PART:
        return -100, ()
    # Weighed alike, so that the order of the two people says nothing.
    points = (_FAMILY[there] + _GIVEN[there] + _FAMILY[back] + _GIVEN[back]) // 2
    return points - _LESS_FOR_SWAPPED, (_SWAPPED,)


def _contact(one: Described, other: Described) -> list[tuple[int, str]]:
    found = []
    if one.phone and other.phone:
        if one.phone == other.phone:
            found.append((_SAME_PHONE, "même téléphone"))
        elif letters_apart(one.phone, other.phone, 1) == 1:
            found.append((_NEAR_PHONE, "téléphone à un chiffre près"))
    if one.email and one.email == other.email:
        found.append((_SAME_EMAIL, "même courriel"))
    return found


def _year(one: int | None, other: int | None) -> tuple[int, str]:
    if one is None or other is None:
        return 0, ""
    apart = abs(one - other)
    if apart == 0:
        return _SAME_YEAR, "même année de naissance"
    if apart == 1:
        return _NEAR_YEAR, "année de naissance à un an près"
    return (0, "") if apart <= _YEARS_APART else (_OTHER_YEAR, "")
