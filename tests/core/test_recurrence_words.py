"""Rules are said in plain French, and what a person chooses comes back as it was chosen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core import recurrence
from fsbus.core.recurrence_words import (
    EACH_FORTNIGHT,
    EACH_WEEK,
    IN_EVEN,
    IN_MONTH,
    IN_ODD,
    KINDS,
    NO_DAY,
    NO_WHICH,
    ONCE,
    OTHER,
    Repeating,
    repeating,
    rule_text,
    said,
)

FIRST = "2026-09-01"
days = st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found)))
which = st.sets(st.sampled_from((1, 2, 3, 4, 5, -1)), min_size=1).map(lambda found: tuple(sorted(found)))
chosen = st.one_of(
    st.just(Repeating(ONCE)),
    st.builds(Repeating, st.sampled_from((EACH_WEEK, EACH_FORTNIGHT, IN_ODD, IN_EVEN)), days),
    st.builds(Repeating, st.just(IN_MONTH), days, which),
)


@given(chosen)
def test_a_choice_gives_a_good_rule_and_comes_back(choice: Repeating) -> None:
    text = rule_text(choice)
    assert recurrence.problem(text, FIRST) is None
    assert repeating(text, FIRST) == choice


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "le mardi 1er septembre 2026"),
        ("FREQ=WEEKLY", "chaque mardi"),
        ("FREQ=WEEKLY;BYDAY=TU,FR", "chaque mardi et vendredi"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "un mardi sur deux"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,FR", "une semaine sur deux, le lundi, mardi et vendredi"),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=TU", "toutes les 3 semaines, le mardi"),
        ("FREQ=MONTHLY;BYDAY=1TU,3TU", "1er et 3e mardi du mois"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "dernier vendredi du mois"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=2WE", "2e mercredi tous les 2 mois"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "le 1er et 15 du mois"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "le dernier jour du mois"),
        ("FREQ=DAILY", "chaque jour"),
        ("FREQ=WEEKLY;BYDAY=TU;BYMONTH=7,8", "chaque mardi, en juillet et août"),
        ("FREQ=SECONDLY", "règle d’une autre version de fsbus"),
    ],
)
def test_a_rule_is_said_in_plain_words(text: str, words: str) -> None:
    assert said(text, FIRST).replace("\u00a0", " ") == words


def test_odd_and_even_weeks_are_said() -> None:
    assert said(rule_text(Repeating(IN_ODD, (1,))), FIRST) == "le mardi des semaines impaires"
    assert said(rule_text(Repeating(IN_EVEN, (1, 3))), FIRST) == "le mardi et jeudi des semaines paires"


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU;BYMONTH=7", "FREQ=MONTHLY;BYMONTHDAY=15",
        "FREQ=MONTHLY;BYDAY=1TU,3FR", "FREQ=MONTHLY;BYDAY=TU", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=TU", "FREQ=DAILY", "n’importe quoi",
    ],
)  # fmt: skip
def test_a_rule_that_nobody_chooses_here_is_kept_as_it_is(text: str) -> None:
    assert repeating(text, FIRST) == Repeating(OTHER, kept=text)
    assert rule_text(repeating(text, FIRST)) == text


def test_what_is_still_to_be_chosen_is_said() -> None:
    with pytest.raises(ValueError, match=NO_DAY):
        rule_text(Repeating(EACH_WEEK))
    with pytest.raises(ValueError, match=NO_WHICH):
        rule_text(Repeating(IN_MONTH, (1,)))
    assert set(KINDS) == {ONCE, EACH_WEEK, EACH_FORTNIGHT, IN_ODD, IN_EVEN, IN_MONTH}
