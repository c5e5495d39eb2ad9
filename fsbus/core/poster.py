"""The month's poster of a commune: when and where the bus comes, in large type, to be put up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil

from fsbus.core.french import WEEKDAYS, day_of_month, full_day, hour, month_and_year
from fsbus.core.papers import Paper
from fsbus.core.planning import Planned
from fsbus.core.redaction import redacted
from fsbus.core.sheets import BY_HAND, Part, Sheet

POSTER_A4 = Paper("a4", "A4", 210, 297, 18, 15, scale=2.2)
POSTER_A3 = Paper("a3", "A3", 297, 420, 25, 21, scale=3.2)
PAPERS = (POSTER_A4, POSTER_A3)
_SMALLEST = 0.6
_LETTER, _LINE = 0.5, 1.3
"""How wide a letter and how high a line is, for a text of size 1, on the safe side."""
_HELP = (
    "Papiers d’identité, carte grise, impôts, retraite, santé, famille, emploi, logement, énergie, justice\u00a0: nos agents "
    "vous expliquent, cherchent avec vous et vous aident à faire vos démarches, sur papier ou sur internet."
)
_BRING = "Vos papiers et vos courriers, votre téléphone et vos identifiants si vous en avez."


@redacted("month")
@dataclass(frozen=True)
class PosterTold:
    """What a poster is made of; ``off`` are days on which the bus would come and does not, with the reason."""

    commune: str
    month: str
    bus: str
    made_on: str
    passages: tuple[Planned, ...]
    off: tuple[tuple[str, str], ...] = ()


def poster(told: PosterTold, paper: Paper) -> Sheet:
    """The poster on this paper."""
    lines = _lines(told.passages)
    parts = [Part(heading, words) for heading, words in lines]
    if told.off:
        days = ", ".join(f"{_weekday_and_day(day)} ({reason})" for day, reason in told.off)
        parts.append(Part("Pas de passage", f"{days[:1].upper()}{days[1:]}."))
    parts += [
        Part("Gratuit, pour tous, avec ou sans rendez-vous", _HELP),
        Part("À apporter", _BRING),
        Part("Renseignements", facts=(("Téléphone", BY_HAND[:13]),)),
    ]
    sheet = Sheet(
        f"Le bus France Services {to_commune(told.commune)}",
        f"Passages de {month_and_year(told.month)}" if told.month[5:7] not in _VOWELS else f"Passages d’{month_and_year(told.month)}",
        tuple(parts),
        " — ".join(filter(None, (told.bus, f"affiche faite le {full_day(date.fromisoformat(told.made_on))}"))),
        paper,
    )  # fmt: skip
    return replace(sheet, paper=replace(paper, scale=_fitting(sheet)))


def _fitting(sheet: Sheet) -> float:
    """The largest type with which a poster stays on one page."""
    paper, scale = sheet.paper, sheet.paper.scale
    room = ((paper.height or 0) - 2 * paper.along) / 25.4 * 72
    while scale > _SMALLEST and _height(sheet, scale) > room:
        scale -= 0.05
    return round(scale, 2)


def _height(sheet: Sheet, scale: float) -> float:
    """Points that the sheet takes with this type, at most."""
    width = (sheet.paper.width - 2 * sheet.paper.across) / 25.4 * 72

    def text(words: str, size: float) -> float:
        return ceil(len(words) * size * scale * _LETTER / width) * size * scale * _LINE

    whole = text(sheet.title, 18) + text(sheet.about, 9.5) + 30 + text(sheet.foot, 8.5)
    for part in sheet.parts:
        whole += text(part.heading, 12.5) + text(part.words, 10) + 21 + len(part.facts) * (text("x", 10) + 4)
    return whole


_VOWELS = ("04", "08", "10")


def to_commune(name: str) -> str:
    """« à Guise », « au Nouvion-en-Thiérache », « aux Lilas », « à La Capelle »."""
    for article, short in (("Le ", "au "), ("Les ", "aux ")):
        if name.startswith(article):
            return short + name.removeprefix(article)
    return f"à {name}"


def _lines(passages: Sequence[Planned]) -> list[tuple[str, str]]:
    """One line for each place, its hours and weekday: its days, then where and when."""
    found: dict[tuple[int, str, str], list[date]] = {}
    for one in sorted(passages, key=lambda one: (one.day, one.opens_at or "")):
        day = date.fromisoformat(one.day)
        hours = ""
        if one.opens_at and one.closes_at:
            hours = f"de {hour(one.opens_at)} à {hour(one.closes_at)}"
        found.setdefault((day.weekday(), one.place, hours), []).append(day)
    told = []
    for (weekday, place, hours), days in found.items():
        words = ", ".join(filter(None, (place, hours)))
        told.append((_days(weekday, list(dict.fromkeys(days))), f"{words[:1].upper()}{words[1:]}"))
    return told


def _days(weekday: int, days: Sequence[date]) -> str:
    """« Mardi 24 novembre », « Les mardis 3, 10 et 24 novembre »."""
    name = WEEKDAYS[weekday]
    if len(days) == 1:
        return f"{name.capitalize()} {day_of_month(days[0])}"
    numbers = ["1er" if day.day == 1 else str(day.day) for day in days[:-1]]
    return f"Les {name}s {', '.join(numbers)} et {day_of_month(days[-1])}"


def _weekday_and_day(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{WEEKDAYS[found.weekday()]} {day_of_month(found)}"
