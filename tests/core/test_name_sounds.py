"""Names of one family share their sound; other names do not; nothing that is typed breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.letters_apart import letters_apart
from fsbus.core.likeness import Described, likeness
from fsbus.core.name_sounds import sound
from fsbus.core.names import Name
from fsbus.core.people_index import PeopleIndex
from fsbus.core.phones import phone_key, spaced

_TYPED = st.fixed_dictionaries(
    {
        "family_name": st.text(max_size=20),
        "given_name": st.text(max_size=20),
        "phone": st.text("0123456789+ ().", max_size=16),
        "email": st.text(max_size=8),
        "birth_year": st.none() | st.integers(1900, 2100),
        "commune": st.none() | st.sampled_from(["02361", "2A004"]),
    }
)


@pytest.mark.parametrize(
    "family",
    [
        "Dupont Dupond Dupon",
        "Lefebvre Lefèvre Lefébure Lefeuvre Lefaivre",
        "Mathieu Matthieu Mathieux",
        "Gauthier Gautier Gaultier",
        "Thiébaut Thibault Thibaud Thiebault",
        "Nguyen Nguyên N’Guyen Ngyen",
        "Le_Goff Legoff LE_GOF",
        "Ben_Ahmed Benahmed Ben-Ahmed",
        "Renault Renaud Renaut Reno",
        "Leclerc Leclair Leclère",
        "Schmitt Schmidt Schmit",
        "François Francois Fransois",
        "Mohamed Mohammed Muhammad Mouhamed",
        "Meyer Mayer Maier",
        "Jean Jehan Jan",
        "Michaël Mickaël Michael",
        "Philippe Filipe Phillipe",
        "Moreau Morau Moreaux Morot",
        "Geoffroy Joffroy",
        "Œuvrard Oeuvrard",
    ],
)
def test_names_of_a_family_sound_alike(family: str) -> None:
    names = [name.replace("_", " ") for name in family.split()]
    assert len({sound(name) for name in names}) == 1, {name: sound(name) for name in names}


@pytest.mark.parametrize(
    "pair",
    [
        "Martin Marti",
        "Mathieu Mathis",
        "Anne Agnès",
        "Palard Poulard",
        "Adam Ahmed",
        "Jean Jeanne",
        "Roux Roy",
    ],
)
def test_other_names_sound_otherwise(pair: str) -> None:
    one, other = pair.split()
    assert sound(one) != sound(other)


@pytest.mark.parametrize(
    "text", ["06 12 34 56 78", "06.12.34.56.78", "+33 6 12 34 56 78", "0033612345678", "+33 (0)6 12 34 56 78"]
)
def test_a_number_is_one_however_it_is_written(text: str) -> None:
    assert phone_key(text) == "0612345678"
    assert spaced(text) == "06\u00a012\u00a034\u00a056\u00a078"


def test_other_numbers_keep_their_digits() -> None:
    assert phone_key("+262 692 12 34 56") == phone_key("0692 12 34 56")
    assert phone_key("+32 470 12 34 56") == "32470123456"
    assert phone_key("poste 12") == ""
    assert spaced("+32 470 12 34 56") == "+32 470 12 34 56"


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("dupont", "dupont", 0), ("dupont", "dpuont", 1), ("dupont", "dupond", 1), ("dupont", "dupnt", 1),
     ("charpentier", "carpentire", 2), ("martin", "bernard", 3)],
)  # fmt: skip
def test_letters_apart_are_counted_up_to_the_bound(one: str, other: str, apart: int) -> None:
    assert letters_apart(one, other, 2) == apart


@given(st.text("abé", max_size=7), st.text("abé", max_size=7))
def test_letters_apart_is_symmetric_and_its_bound_changes_nothing_below_it(one: str, other: str) -> None:
    whole = letters_apart(one, other, 14)
    assert whole == letters_apart(other, one, 14)
    assert (whole == 0) == (one == other)
    for at_most in range(4):
        assert letters_apart(one, other, at_most) == min(whole, at_most + 1)


@given(_TYPED, _TYPED)
def test_likeness_is_symmetric_and_total(one: dict[str, object], other: dict[str, object]) -> None:
    first, second = Described.typed("1", one), Described.typed("2", other)
    straight, back = likeness(first, second), likeness(second, first)
    assert (straight.score, sorted(straight.reasons)) == (back.score, sorted(back.reasons))


@given(st.lists(_TYPED, max_size=5), st.text(max_size=30))
def test_whatever_is_typed_is_looked_for(people: list[dict[str, object]], text: str) -> None:
    index = PeopleIndex(Described.typed(str(number), one) for number, one in enumerate(people))
    assert {hit.id for hit in index.search(text)} <= {str(number) for number in range(len(people))}
    for number, one in enumerate(people):
        again = Described.typed("", one)
        assert all(why.warns for _, why in index.alike(again))
        index.drop(str(number))
        assert str(number) not in {hit.id for hit in index.search(text)}
    assert len(index) == 0


@given(st.text(max_size=200))
def test_any_text_has_a_name_and_a_sound(text: str) -> None:
    name = Name.of(text)
    assert (name.sound == "") == (name.joined == "")
    assert sound(text) == sound(text.upper().lower()) or not text.isascii()
    phone_key(text)


def test_the_reasons_are_told_in_words() -> None:
    known = Described.typed(
        "1", {"family_name": "Lefebvre", "given_name": "Zoé", "phone": "0612345678", "birth_year": 1951}
    )
    typed = Described.typed(
        "", {"family_name": "Lefèvre", "given_name": "Zoe", "phone": "+33 6 12 34 56 78", "birth_year": 1952}
    )
    assert PeopleIndex([known]).alike(typed)[0][1].reasons == (
        "nom qui se prononce pareil",
        "même prénom",
        "même téléphone",
        "année de naissance à un an près",
    )
    son = Described.typed("", {"family_name": "Lefebvre", "given_name": "Zoé", "birth_year": 1980})
    assert PeopleIndex([known]).alike(son) == []
    swapped = Described.typed("", {"family_name": "Zoé", "given_name": "Lefebvre"})
    assert PeopleIndex([known]).alike(swapped)[0][1].reasons == ("nom et prénom échangés",)


def test_people_are_found_by_code_telephone_year_and_name_begun() -> None:
    known: dict[str, dict[str, object]] = {
        "a": {"family_name": "Le Goff", "given_name": "Yann", "phone": "0612345678", "code": "K7QM-4T"},
        "b": {"family_name": "de Villiers", "given_name": "Anne", "birth_year": 1951},
        "c": {"family_name": "Martin-Durand", "given_name": "Anne", "birth_year": 1980},
    }
    index = PeopleIndex(Described.typed(key, fields) for key, fields in known.items())
    for text in ("k7qm4t", "K7QM", "+33 6 12", "06 12 34 56 78", "legof", "le gof yan", "yann le", "Goff"):
        assert [hit.id for hit in index.search(text)] == ["a"], text
    for text in ("villiers", "anne 1951", "Vilié"):
        assert [hit.id for hit in index.search(text)] == ["b"], text
    assert [hit.id for hit in index.search("durand")] == ["c"]
    assert [hit.id for hit in index.search("anne")] == ["b", "c"]
    assert index.search("") == index.search("!?") == []
