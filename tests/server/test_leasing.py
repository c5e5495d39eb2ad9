"""The centre dictates codes that its laptop takes, and none for a laptop turned away."""

import re

import pytest

from fsbus.core.errors import InvalidInput, NotAllowed
from fsbus.server import tables
from fsbus.server.admin import lease_code
from fsbus.server.centre import Centre
from fsbus.server.database import update
from fsbus.server.enrolling import enroll, make_code
from fsbus.wire.enrolment import Enrolled, build_enroll_request, read_enroll_answer
from fsbus.wire.lease_codes import days_of, parse_digits
from fsbus.wire.signing import new_private_key
from tests.server.laptop import FEED, NOW, enrol

CHALLENGE = "1234 5678"


def answered(enrolled: Enrolled, code: str, challenge: str = CHALLENGE) -> int | None:
    return days_of(
        enrolled.lease_key, parse_digits(challenge, "challenge", 8), parse_digits(code, "code", 12)
    )


def test_the_laptop_takes_the_code_of_its_centre_and_no_other_laptops(centre: Centre) -> None:
    mine, other = enrol(centre, FEED), enrol(centre, FEED)
    for days in range(1, 8):
        made = lease_code(centre, mine.device, CHALLENGE, days)
        assert re.fullmatch(r"\d{4}\xa0\d{4}\xa0\d{4}", made.code)
        assert answered(mine, made.code) == made.days == days
        assert answered(other, made.code) is None
        assert made.code not in repr(made)


def test_a_later_enrolment_of_the_same_laptop_replaces_its_key(centre: Centre) -> None:
    key = new_private_key()
    granted = []
    for _ in range(2):
        request, pending = build_enroll_request(make_code(centre, FEED, "agent", NOW).code, "Poste", key)
        granted.append(read_enroll_answer(pending, enroll(centre, request, NOW)))
    first, second = granted
    code = lease_code(centre, first.device, CHALLENGE).code
    assert (answered(first, code), answered(second, code)) == (None, 7)


def test_an_older_enrolment_sent_again_takes_no_newer_key_back(centre: Centre) -> None:
    key = new_private_key()
    old, _ = build_enroll_request(make_code(centre, FEED, "agent", NOW).code, "Poste", key)
    told = enroll(centre, old, NOW)
    request, pending = build_enroll_request(make_code(centre, FEED, "agent", NOW).code, "Poste", key)
    granted = read_enroll_answer(pending, enroll(centre, request, NOW))
    assert enroll(centre, old, NOW) == told
    assert answered(granted, lease_code(centre, granted.device, CHALLENGE).code) == 7


def test_an_enrolment_whose_answer_was_lost_leads_to_the_same_key(centre: Centre) -> None:
    request, pending = build_enroll_request(
        make_code(centre, FEED, "agent", NOW).code, "Poste", new_private_key()
    )
    enroll(centre, request, NOW)
    granted = read_enroll_answer(pending, enroll(centre, request, NOW))
    assert answered(granted, lease_code(centre, granted.device, CHALLENGE).code) == 7


def test_the_beginning_of_a_name_is_enough_when_only_one_begins_so(centre: Centre) -> None:
    laptop = enrol(centre, FEED)
    typed = f" {laptop.device[:5].upper()}-{laptop.device[5:8]} "
    assert lease_code(centre, typed, CHALLENGE).device == laptop.device


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"challenge": "1234567"}, "challenge"),
        ({"challenge": "abcdefgh"}, "challenge"),
        ({"days": 0}, "days"),
        ({"days": 8}, "days"),
        ({"device": "zzzzz"}, "device"),
        ({"device": ""}, "device"),
    ],
)
def test_what_cannot_be_right_is_refused_by_its_field(
    centre: Centre, changes: dict[str, object], field: str
) -> None:
    asked: dict[str, object] = {"device": enrol(centre, FEED).device, "challenge": CHALLENGE, "days": 7}
    with pytest.raises(InvalidInput) as caught:
        lease_code(centre, **{**asked, **changes})  # type: ignore[arg-type]  # one is wrong on purpose
    assert set(caught.value.problems) == {field}


def test_a_laptop_turned_away_gets_no_code(centre: Centre) -> None:
    device = enrol(centre, FEED).device
    with centre.database.write() as connection:
        connection.execute(update(tables.devices).values(revoked_at="2026-11-24T08:00:00Z"))
    with pytest.raises(NotAllowed, match="plus accepté"):
        lease_code(centre, device, CHALLENGE)
