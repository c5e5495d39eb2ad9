"""Passphrases: the shipped list, the draw, one spelling for all, and what is refused."""

import math
import secrets
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fsbus.core.passphrases import (
    FEWEST_BITS,
    FEWEST_CHARACTERS,
    LIST_SIZE,
    cnil_bits,
    entropy_bits,
    generate,
    normalise,
    read_common,
    read_words,
    weakness,
)

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "passphrase"
LIST_TEXT = (FOLDER / "words-fr.txt").read_bytes().decode("ascii")
WORDS = read_words(LIST_TEXT)
COMMON = read_common((FOLDER / "common.txt").read_text(encoding="utf-8"))


# --- the shipped lists ---


def test_the_list_holds_7776_sorted_words_one_per_line() -> None:
    assert len(WORDS) == LIST_SIZE == 6**5
    assert list(WORDS) == sorted(set(WORDS))
    assert "".join(f"{word}\n" for word in WORDS) == LIST_TEXT


def test_no_two_words_differ_only_by_a_plural_an_infinitive_or_a_doubled_letter() -> None:
    listed = set(WORDS)
    assert [word for word in WORDS if word.endswith("er") and word[:-1] in listed] == []
    assert [word for word in WORDS if word[-1] in "sx" and word[:-1] in listed] == []
    singles = Counter(
        "".join(a for a, b in zip(word, word[1:] + " ", strict=True) if a != b) for word in WORDS
    )
    assert [word for word, times in singles.items() if times > 1] == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (LIST_TEXT.replace("ecole\n", "école\n"), r"line \d+: not a word"),
        (LIST_TEXT.replace("\n", "s'\n", 1), "line 1:"),
        (LIST_TEXT.partition("\n")[2], "7775 different words in 7775 lines"),
        (LIST_TEXT.partition("\n")[2] + WORDS[-1] + "\n", "7775 different words in 7776 lines"),
        ("", "0 different words"),
    ],
)
def test_a_damaged_list_is_refused_by_name(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_words(text)


def test_the_weak_list_is_folded_and_skips_comments() -> None:
    assert read_common("# note\nL’été à Paris !\n\nMot de passe\n") == {"leteaparis", "motdepasse"}
    assert len(COMMON) > 300


# --- the draw ---


@given(st.lists(st.integers(0, LIST_SIZE - 1), min_size=1, max_size=9))
def test_each_word_is_one_draw_over_the_whole_list(indices: list[int]) -> None:
    asked: list[int] = []
    answers = iter(indices)

    def choose(size: int) -> int:
        asked.append(size)
        return next(answers)

    phrase = generate(WORDS, choose, len(indices))
    assert phrase.split(" ") == [WORDS[index] for index in indices]
    assert asked == [LIST_SIZE] * len(indices)
    assert normalise(phrase) == phrase


def test_every_word_of_a_small_list_comes_as_often_as_the_others() -> None:
    turns = iter(range(6 * 5))
    words = ("lune", "pomme", "train", "vague", "zebre")
    counts = Counter(
        word for _ in range(5) for word in generate(words, lambda size: next(turns) % size).split()
    )
    assert counts == dict.fromkeys(words, 6)


@pytest.mark.parametrize("index", [-1, 2, 7776])
def test_a_draw_out_of_range_is_an_error_not_another_word(index: int) -> None:
    with pytest.raises(IndexError, match=str(index)):
        generate(("lune", "pomme"), lambda size: index)


@pytest.mark.parametrize(("words", "count"), [((), 6), (("lune",), 0), (("lune",), -2)])
def test_nothing_is_drawn_from_nothing(words: tuple[str, ...], count: int) -> None:
    with pytest.raises(ValueError, match="cannot draw"):
        generate(words, lambda size: 0, count)


def test_six_words_carry_77_bits_and_seven_90() -> None:
    assert entropy_bits(6, LIST_SIZE) == pytest.approx(77.55, abs=0.01)
    assert entropy_bits(7, LIST_SIZE) == pytest.approx(90.47, abs=0.01)


@given(st.lists(st.sampled_from(WORDS), min_size=6, max_size=7, unique=True))
def test_a_generated_phrase_is_accepted(drawn: list[str]) -> None:
    assume(sum(word not in COMMON for word in drawn) >= 3)
    assert weakness(" ".join(drawn), COMMON) is None


def test_real_draws_are_accepted() -> None:
    refused = [
        (phrase, why)
        for phrase in (generate(WORDS, secrets.randbelow) for _ in range(300))
        if (why := weakness(phrase, COMMON)) is not None
    ]
    assert refused == []


# --- one spelling ---


@given(st.text())
def test_all_unicode_forms_of_a_text_are_one_passphrase(text: str) -> None:
    expected = normalise(text)
    assert normalise(unicodedata.normalize("NFD", text)) == expected
    assert normalise(unicodedata.normalize("NFC", text)) == expected
    assert normalise(f"  {text}\n") == expected


@given(st.text())
def test_the_spelling_is_stable_and_has_single_inner_spaces(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == once.strip()
    assert "  " not in once


def test_white_space_of_any_kind_is_one_space_and_case_is_kept() -> None:
    assert normalise("\u00a0Été \t\u202f à\u3000la\nmer ") == "Été à la mer"
    assert normalise("E\u0301te\u0301") == "Été"
    assert normalise("ﬁl") == "fil"
    assert normalise("Mer") != normalise("mer")


# --- what is refused ---


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Tapez"),
        (" \u00a0 ", "Tapez"),
        ("Gr0s-Zébu%", "trop courte"),
        ("France Services", "premières"),
        ("motdepasse2026", "premières"),
        ("Mot de Passe 2026 !", "premières"),
        ("2026 M0t d€ P@sse 2026", "premières"),
        ("La Vie est Belle à Toulouse", "premières"),
        ("Conseiller France services 37", "premières"),
        ("Bonjour Soleil Chocolat", "premières"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "répète"),
        ("abcabcabcabcabcabcabc", "répète"),
        ("Camion vert, camion vert", "répète"),
        ("12345678901234567890123456", "répète"),
        ("1234567890azertyuiop", "ordre du clavier"),
        ("AZERTYUIOP qsdfghjklm", "ordre du clavier"),
        ("poiuytreza mlkjhgfdsq", "ordre du clavier"),
        ("abcdefghijklmnopqrstuvwxyz", "ordre du clavier"),
        ("abba baab abab bbaa babb", "trop peu"),
        ("73920461857392", "facile à deviner"),
        ("xkzvbqjwphgnmr", "facile à deviner"),
    ],
)
def test_a_weak_passphrase_is_refused_with_its_reason(text: str, says: str) -> None:
    why = weakness(text, COMMON)
    assert why is not None
    assert says in why


@pytest.mark.parametrize(
    "text",
    [
        "correct horse battery staple",
        "le zébu mauve tricote sous la pluie",
        "Mon vélo grince 3 fois au col du Galibier",
        "kX7#pQ2!mZ9$vR",
        "%&§*+=/|{}<>?;:~^#",
    ],
)
def test_a_good_passphrase_of_ones_own_is_accepted(text: str) -> None:
    assert weakness(text, COMMON) is None


@given(st.text(max_size=60))
def test_whatever_is_accepted_has_14_characters_and_80_bits(text: str) -> None:
    if weakness(text, COMMON) is None:
        assert len(normalise(text)) >= FEWEST_CHARACTERS
        assert cnil_bits(normalise(text)) >= FEWEST_BITS


@given(st.text(max_size=60))
def test_the_verdict_is_the_same_on_macos_and_windows(text: str) -> None:
    assert weakness(unicodedata.normalize("NFD", text), COMMON) == weakness(text, COMMON)


@given(st.sampled_from(sorted(COMMON)), st.sampled_from(["", "1", "2026", "!", " 123"]), st.booleans())
def test_no_known_password_passes_by_a_number_or_capitals(known: str, end: str, loud: bool) -> None:
    assert weakness((known.upper() if loud else known) + end, COMMON) is not None


@given(st.text(min_size=1, max_size=12), st.integers(2, 8))
def test_saying_it_again_does_not_make_it_strong(piece: str, times: int) -> None:
    assume(normalise(piece) == piece)
    assert weakness(piece * times, COMMON) is not None


def test_a_page_pasted_by_mistake_is_judged_quickly_and_accepted() -> None:
    assert weakness(" ".join(WORDS[::40]), COMMON) is None


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("mer", 26),
        ("Mer", 52),
        ("Mer7", 62),
        ("la mer", 27),
        ("été", 26 + 37),
        ("7!", 10 + 37),
        ("été 7A", 100),
    ],
)
def test_the_cnil_measure_is_length_times_log2_of_the_alphabet(text: str, signs: int) -> None:
    assert cnil_bits(text) == pytest.approx(len(text) * math.log2(signs))
