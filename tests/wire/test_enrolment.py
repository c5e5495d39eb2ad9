"""The one-time code catches typing errors, and proves both messages."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsbus.core.errors import InvalidInput
from fsbus.wire import enrolment
from fsbus.wire.enrolment import EnrollAnswer, EnrollRequest, NotProved, PendingEnrolment
from fsbus.wire.signing import device_id_of, public_key_of

KEY = bytes(range(32))
codes = st.builds(enrolment.new_code)


def asked(code: str) -> tuple[EnrollRequest, PendingEnrolment]:
    return enrolment.build_enroll_request(code, "Portable du bus", KEY)


def answered(code: str, pending: PendingEnrolment, **changes: object) -> EnrollAnswer:
    values: dict[str, object] = {
        "device": device_id_of(public_key_of(KEY)),
        "audience": "fsbus-1",
        "server_key": bytes(32),
        "feeds": ["bus-3"],
        "writes": "bus-3",
    }
    return enrolment.build_enroll_answer(enrolment.key_of(code), pending.nonce, **(values | changes))  # type: ignore[arg-type]  # the test's own values


def test_a_code_has_26_characters_and_is_shown_in_groups() -> None:
    code = enrolment.new_code()
    assert len(code) == 26
    assert set(code) <= set(enrolment.ALPHABET)
    assert [len(group) for group in enrolment.grouped(code).split("-")] == [5, 5, 5, 5, 6]
    assert enrolment.parse_code(enrolment.grouped(code)) == code


def test_no_two_codes_are_the_same() -> None:
    assert len({enrolment.new_code() for _ in range(200)}) == 200


@given(codes)
def test_a_code_typed_carelessly_is_read(code: str) -> None:
    careless = enrolment.grouped(code).lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert enrolment.parse_code(f"  {careless}\u202f") == code


@given(codes, st.integers(0, 25), st.sampled_from(enrolment.ALPHABET))
def test_one_wrong_character_is_always_caught(code: str, place: int, character: str) -> None:
    typed = code[:place] + character + code[place + 1 :]
    if typed == code:
        return
    with pytest.raises(InvalidInput) as caught:
        enrolment.parse_code(typed)
    assert caught.value.problems.keys() == {"code"}


@given(codes, st.integers(0, 22))
def test_two_neighbours_swapped_are_always_caught(code: str, place: int) -> None:
    typed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if typed == code:
        return
    with pytest.raises(InvalidInput):
        enrolment.parse_code(typed)


@pytest.mark.parametrize("text", ["", "ABCDE", "U" * 26, "é" * 26, "0" * 25, "0" * 27, "\0" * 26, "𝟘" * 26])
def test_anything_else_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        enrolment.parse_code(text)
    assert caught.value.problems["code"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_device_needs_a_name_of_ordinary_length(name: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        enrolment.build_enroll_request(enrolment.new_code(), name, KEY)


def test_both_messages_are_proved_by_the_code() -> None:
    code = enrolment.new_code()
    request, pending = asked(code)
    assert enrolment.check_enroll_request(request, enrolment.key_of(code)) == (
        public_key_of(KEY),
        pending.nonce,
    )
    enrolled = enrolment.read_enroll_answer(pending, answered(code, pending))
    assert (enrolled.device, enrolled.audience, enrolled.feeds, enrolled.writes) == (
        device_id_of(public_key_of(KEY)),
        "fsbus-1",
        ("bus-3",),
        "bus-3",
    )
    assert (enrolled.server_key, enrolled.private_key) == (bytes(32), KEY)


def test_another_code_proves_nothing() -> None:
    code, other = enrolment.new_code(), enrolment.new_code()
    request, pending = asked(code)
    with pytest.raises(NotProved):
        enrolment.check_enroll_request(request, enrolment.key_of(other))
    with pytest.raises(NotProved):
        enrolment.read_enroll_answer(pending, answered(other, pending))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Portable d’un autre"},
        {"ticket": "00000"},
        {"key": base64.b64encode(bytes(32)).decode()},
        {"nonce": base64.b64encode(bytes(32)).decode()},
        {"mac": base64.b64encode(bytes(32)).decode()},
        {"mac": "court"},
        {"key": "é"},
    ],
)
def test_a_request_that_was_changed_is_not_proved(changes: dict[str, str]) -> None:
    code = enrolment.new_code()
    request, _ = asked(code)
    with pytest.raises(NotProved):
        enrolment.check_enroll_request(msgspec.structs.replace(request, **changes), enrolment.key_of(code))


@pytest.mark.parametrize(
    "changes",
    [
        {"device": "z" * 25},
        {"audience": "fsbus-2"},
        {"server_key": base64.b64encode(bytes(range(32))).decode()},
        {"feeds": ["bus-3", "bus-4"]},
        {"writes": "bus-4"},
        {"server_key": ""},
    ],
)
def test_an_answer_that_was_changed_is_not_proved(changes: dict[str, object]) -> None:
    code = enrolment.new_code()
    _, pending = asked(code)
    with pytest.raises(NotProved):
        enrolment.read_enroll_answer(pending, msgspec.structs.replace(answered(code, pending), **changes))


def test_an_answer_for_another_device_is_not_taken() -> None:
    code = enrolment.new_code()
    _, pending = asked(code)
    with pytest.raises(NotProved):
        enrolment.read_enroll_answer(pending, answered(code, pending, device="z" * 25))


def test_no_secret_shows_in_what_may_be_logged() -> None:
    code = enrolment.new_code()
    _, pending = asked(code)
    enrolled = enrolment.read_enroll_answer(pending, answered(code, pending))
    for shown in (repr(pending), repr(enrolled)):
        assert repr(KEY) not in shown
        assert repr(pending.code_key) not in shown


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "A\tB", "Jean\u00a0Dupont", "A\u200dB"])
def test_a_name_that_the_centre_would_refuse_is_refused_here_with_its_reason(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        enrolment.build_enroll_request(enrolment.new_code(), name, KEY)
    assert list(caught.value.problems) == ["name"]
