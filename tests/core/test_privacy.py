"""What may never be stored is found however it is typed, and ordinary texts pass."""

from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.errors import InvalidInput
from fsbus.core.privacy import KINDS, MASK, check_file_name, forbidden_kinds, masked, refusal
from tests.core.private_corpus import CARD, IBAN, NIR, PASSING, REFUSED, iban, luhn, nir, tax_number

MARKS = ("", "", "", " ", "\u00a0", "\u202f", "\u2009", ".", "-", "\u2011", "\u2013", "_", "\u200b")


@pytest.mark.parametrize(("text", "kind"), REFUSED)
def test_a_forbidden_value_is_found_and_what_to_write_instead_is_told(text: str, kind: str) -> None:
    assert kind in forbidden_kinds(text)
    told = refusal(text)
    assert told is not None
    assert KINDS[kind] in told
    assert "Écrivez plutôt" in told
    assert not any(part in told for part in (NIR, IBAN, CARD, "Soleil", "soleil", "4321"))


@pytest.mark.parametrize(("text", "kind"), REFUSED)
def test_a_masked_text_holds_the_value_no_more_and_keeps_the_rest(text: str, kind: str) -> None:
    hidden = masked(text)
    assert kind not in forbidden_kinds(hidden)
    before, _, after = hidden.partition(MASK)
    assert text.startswith(before)
    assert text.endswith(after.rpartition(MASK)[2])


@pytest.mark.parametrize("text", PASSING)
def test_an_ordinary_text_passes(text: str) -> None:
    assert forbidden_kinds(text) == ()
    assert refusal(text) is None
    assert masked(text) == text


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


NIRS = st.builds(
    lambda sex, year, month, place, rest: nir(f"{sex}{year}{month:02d}{place}{rest}"),
    st.sampled_from("1278"), digits(2), st.integers(1, 12),
    st.sampled_from([*(f"{number:02d}" for number in range(1, 96) if number != 20), "2A", "2B", "99"]), digits(6),
)  # fmt: skip
IBANS = st.builds(iban, st.just("FR"), st.builds(lambda a, b, c: a + b + c, digits(10), st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=11, max_size=11), digits(2))) | st.builds(iban, st.sampled_from(["DE"]), digits(18))  # fmt: skip
CARDS = st.builds(luhn, st.builds(str.__add__, st.sampled_from(["4", "51", "55", "2221", "65"]), digits(15)).map(lambda text: text[:15]))  # fmt: skip
TAXES = st.builds(lambda first, rest: tax_number(first + rest), st.sampled_from("0123"), digits(9))


@pytest.mark.parametrize(("kind", "numbers"), [("nir", NIRS), ("iban", IBANS), ("card", CARDS), ("tax_number", TAXES)])  # fmt: skip
@given(data=st.data())
def test_a_forbidden_number_is_found_in_any_spacing_inside_any_text(
    kind: str, numbers: st.SearchStrategy[str], data: st.DataObject
) -> None:
    number = data.draw(numbers)
    marks = data.draw(st.lists(st.sampled_from(MARKS), min_size=len(number) - 1, max_size=len(number) - 1))
    typed = number[0] + "".join(mark + sign for mark, sign in zip(marks, number[1:], strict=True))
    typed = data.draw(st.sampled_from([typed, typed.lower()]))
    before, after = data.draw(st.tuples(st.text(max_size=30), st.text(max_size=30)))
    # Digits that touch it make another number of it.
    text = f"{before}{data.draw(st.sampled_from([' ', ' : ', '(']))}{typed}{data.draw(st.sampled_from([' ', ', ', ')']))}{after}"
    if len(set(number)) == 1:  # a row of one digit has every key, and is nobody's
        return
    assert kind in forbidden_kinds(text)
    assert kind not in forbidden_kinds(masked(text))
    assert typed not in masked(text)


@given(
    text=st.text(max_size=200)
    | st.text(alphabet="0123456789 .-ABab٣²fr", max_size=80)
    | st.lists(st.sampled_from(["mot de passe", "mdp", " : ", "« ", "caf", " 1234567", "x1", " est"])).map(
        "".join
    )
)
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    kinds = forbidden_kinds(text)
    assert set(kinds) <= set(KINDS)
    assert bool(kinds) == (masked(text) != text)
    assert (refusal(text) is None) == (not kinds)


@pytest.mark.parametrize("unit", ["1 ", "FR76 ", "mot de passe ", "a1", "2A", "caf ", "caf 1", "4 9-", "mdp : nouveau ", "1234567 "])  # fmt: skip
def test_a_long_text_is_looked_at_quickly(unit: str) -> None:
    # A pattern that tries everything would take minutes here.
    started = perf_counter()
    forbidden_kinds(unit * (4_000 // len(unit)))
    assert perf_counter() - started < 5.0


def test_the_name_of_a_file_to_be_written_is_guarded_too() -> None:
    check_file_name(Path("reçu-2026-11-24.pdf"))
    with pytest.raises(InvalidInput) as refused:
        check_file_name(Path(f"dossier/mandat_{NIR}.pdf"), "out")
    assert "nom de fichier" in refused.value.problems["out"]
    assert NIR not in str(refused.value)
