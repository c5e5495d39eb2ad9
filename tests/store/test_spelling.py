"""One wrong letter in what is searched finds what is meant."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.store.reference import Reference
from fsbus.store.reference.spelling import Spelling
from tests.reference_samples import open_reference


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """What the program ships, opened once: these tests only read it."""
    reference = open_reference(tmp_path_factory.mktemp("spelling"))
    yield reference
    reference.close()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("passport", "FT-PAS-1"), ("pasesport", "FT-PAS-1"), ("carte grsie perdue", "FT-CG-DUP"), ("reverssion", "CNAV-REV"),
        ("cheque enrgie", "ASP-CHEQ"), ("immatriculaton", "FT-CG-OCC"), ("quotien familial", "CAF-SITU"),
        ("pole emlpoi", "FTR-INS"), ("carte vitael", "CPAM-VIT"), ("xarte vitale", "CPAM-VIT"),
    ],
)  # fmt: skip
def test_one_wrong_letter_is_put_right(shipped: Reference, text: str, code: str) -> None:
    assert code in [hit.code for hit in shipped.search(text)]
    assert code in [hit.code for hit in shipped.search_procedures(text)]


@given(st.data())
def test_any_letter_of_a_word_may_be_wrong(shipped: Reference, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(["passeport", "retraite", "surendettement", "reversion"]))
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    kinds = [word[:place] + word[place + 1 :], word[:place] + letter + word[place:]]
    kinds += [
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    ]
    typed = data.draw(st.sampled_from(kinds))
    # What is a word of something else, or begins one, is no error.
    if not shipped._holds(typed, True):
        meant = {hit.code for hit in shipped.search(word, 40)}
        assert {hit.code for hit in shipped.search(typed, 5)} & meant, typed


def test_a_word_that_something_holds_is_never_put_right(shipped: Reference) -> None:
    spelling = Spelling.of(["Carte grise", "Cartes"])
    assert spelling.corrected(["carte", "grisee"], lambda *_: True) == ["carte", "grisee"]
    assert spelling.corrected(["karte", "gris"], lambda word, _: word == "gris") == ["carte", "gris"]
    assert spelling.corrected(["gir", "grixx", "1234", "œuvre"], lambda *_: False) == [
        "gir",
        "grixx",
        "1234",
        "œuvre",
    ]


def test_an_unfinished_word_is_put_right_by_the_beginning_of_another() -> None:
    spelling = Spelling.of(["Surendettement"])
    assert spelling.corrected(["surendetemen"], lambda *_: False) == ["surendettemen"]
    assert spelling.corrected(["surendetemen", "x"], lambda *_: False) == ["surendetemen", "x"]
