"""The poster says each day, hour and place of the month, on one page, and reads well."""

import pytest

from fsbus.core.planning import Planned
from fsbus.core.poster import PAPERS, POSTER_A4, PosterTold, poster, to_commune
from tests.builders import new_id


def passage(day: str, place: str = "Place du marché", opens: str | None = "09:30") -> Planned:
    return Planned(new_id(), day, "02361", place, opens, "12:30" if opens else None, new_id())


def told(*passages: Planned, off: tuple[tuple[str, str], ...] = (), month: str = "2026-11") -> PosterTold:
    return PosterTold("Guise", month, "Thiérache", "2026-11-02", passages, off)


def test_days_of_one_place_and_hour_stand_together() -> None:
    sheet = poster(
        told(
            passage("2026-11-24"),
            passage("2026-11-03"),
            passage("2026-11-10"),
            passage("2026-11-20", "EHPAD", opens=None),
            off=(("2026-11-11", "Armistice"),),
        ),
        POSTER_A4,
    )
    words = sheet.in_words().replace("\u00a0", " ")
    assert sheet.title == "Le bus France Services à Guise"
    assert "Les mardis 3, 10 et 24 novembre\nPlace du marché, de 9 h 30 à 12 h 30" in words
    assert "Vendredi 20 novembre\nEHPAD" in words
    assert "Mercredi 11 novembre (Armistice)." in words
    assert "Passages de novembre 2026" in words


def test_the_month_and_the_commune_are_written_as_they_are_said() -> None:
    assert "d’avril 2027" in poster(told(passage("2027-04-06"), month="2027-04"), POSTER_A4).about
    names = ("Guise", "Le Nouvion-en-Thiérache", "Les Lilas", "La Capelle", "Lesquielles")
    assert [to_commune(name) for name in names] == [
        "à Guise",
        "au Nouvion-en-Thiérache",
        "aux Lilas",
        "à La Capelle",
        "à Lesquielles",
    ]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.code)
def test_many_lines_are_smaller(paper: object) -> None:
    assert isinstance(paper, type(POSTER_A4))
    few = poster(told(passage("2026-11-03")), paper)
    many = poster(told(*(passage("2026-11-03", f"Place {number}") for number in range(10))), paper)
    assert paper.scale >= few.paper.scale > many.paper.scale
    assert (few.paper.width, few.paper.height) == (paper.width, paper.height)
