"""The telephone code of the lease: bound to key, challenge and days, and read however it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.errors import InvalidInput
from fsbus.core.lease import LONGEST_CODE
from fsbus.wire.lease_codes import CODE_DIGITS, code_for, days_of, grouped, parse_digits

KEYS = st.binary(min_size=32, max_size=32)
CHALLENGES = st.text("0123456789", min_size=8, max_size=8)
DAYS = st.integers(1, LONGEST_CODE)


@given(KEYS, CHALLENGES, DAYS)
def test_a_code_gives_its_days_for_its_key_and_challenge_only(key: bytes, challenge: str, days: int) -> None:
    code = code_for(key, challenge, days)
    assert (len(code), code.isdigit()) == (CODE_DIGITS, True)
    assert days_of(key, challenge, code) == days
    other = str((int(challenge) + 1) % 10**8).zfill(8)
    assert days_of(key, other, code) is None
    assert (
        days_of(bytes(32 - len(key[:31])) + key[1:] if key[0] else b"\1" + key[1:], challenge, code) is None
    )


@given(KEYS, CHALLENGES, DAYS, st.integers(0, CODE_DIGITS - 1), st.integers(1, 9))
def test_one_wrong_digit_anywhere_is_a_wrong_code(
    key: bytes, challenge: str, days: int, place: int, by: int
) -> None:
    code = code_for(key, challenge, days)
    digit = (int(code[place]) + by) % 10
    assert days_of(key, challenge, f"{code[:place]}{digit}{code[place + 1 :]}") is None


def test_without_a_key_no_code_is_right() -> None:
    assert days_of(b"", "12345678", "1" * 12) is None
    with pytest.raises(ValueError, match="key"):
        code_for(b"", "12345678", 7)
    with pytest.raises(ValueError, match="days"):
        code_for(b"k", "12345678", 8)


@pytest.mark.parametrize("typed", ["1234 5678", "1234\u00a05678", " 12-34.56 78 ", "12345678"])
def test_digits_are_read_however_they_are_grouped(typed: str) -> None:
    assert parse_digits(typed, "challenge", 8) == "12345678"
    assert parse_digits(grouped("12345678"), "challenge", 8) == "12345678"


@pytest.mark.parametrize(
    "typed", ["", "1234567", "123456789", "1234567a", "１２３４５６７８", "٣" * 8, "²" * 8]
)
def test_what_is_no_code_is_refused_by_its_field(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_digits(typed, "code", 8)
    assert set(caught.value.problems) == {"code"}
