"""A code takes in one laptop, once, in time, and gives nothing away."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from fsbus.core.errors import InvalidInput
from fsbus.server import tables
from fsbus.server.admin import devices
from fsbus.server.centre import Centre
from fsbus.server.database import func, select, update
from fsbus.server.enrolling import MOST_ATTEMPTS, EnrollCode, enroll, make_code
from fsbus.server.serving import EmbeddedCentre
from fsbus.wire.api import Problem, Refused
from fsbus.wire.enrolment import (
    EnrollAnswer,
    EnrollRequest,
    PendingEnrolment,
    build_enroll_request,
    new_code,
    read_enroll_answer,
)  # fmt: skip
from fsbus.wire.signing import new_private_key
from tests.server.laptop import FEED, NOW, send, still_clock
from tests.server.looking import all_that_is_kept


def asked(code: EnrollCode) -> tuple[EnrollRequest, PendingEnrolment]:
    return build_enroll_request(code.code, "Portable 1", new_private_key())


def refuses(centre: Centre, request: EnrollRequest, after: timedelta = timedelta()) -> bool:
    with pytest.raises(Refused) as caught:
        enroll(centre, request, NOW + after)
    return caught.value.problem == Problem("bad_code")


def test_a_code_takes_in_one_laptop(centre: Centre) -> None:
    code = make_code(centre, FEED, "agent", NOW)
    assert code.expires_at == "2026-11-27T08:00:00Z"
    request, pending = asked(code)
    enrolled = read_enroll_answer(pending, enroll(centre, request, NOW))
    assert (enrolled.feeds, enrolled.writes, enrolled.server_key) == ((FEED,), FEED, centre.public_key)
    [line] = devices(centre)
    assert (line.device, line.name, line.role, line.feed) == (enrolled.device, "Portable 1", "agent", FEED)


def test_a_lost_answer_is_asked_for_again(centre: Centre) -> None:
    request, _ = asked(make_code(centre, FEED, "agent", NOW))
    first = enroll(centre, request, NOW)
    assert enroll(centre, request, NOW + timedelta(days=30)) == first
    assert len(devices(centre)) == 1


def test_a_spent_code_takes_in_nobody_else(centre: Centre) -> None:
    code = make_code(centre, FEED, "agent", NOW)
    enroll(centre, asked(code)[0], NOW)
    assert refuses(centre, asked(code)[0])
    assert len(devices(centre)) == 1


def test_the_same_key_with_another_nonce_is_another_use(centre: Centre) -> None:
    code, key = make_code(centre, FEED, "agent", NOW), new_private_key()
    enroll(centre, build_enroll_request(code.code, "Portable 1", key)[0], NOW)
    assert refuses(centre, build_enroll_request(code.code, "Portable 1", key)[0])


def test_a_laptop_whose_enrolment_was_lost_is_taken_in_by_a_fresh_code(centre: Centre) -> None:
    key = new_private_key()
    for _ in range(2):
        code = make_code(centre, FEED, "agent", NOW)
        request, pending = build_enroll_request(code.code, "Portable 1", key)
        enrolled = read_enroll_answer(pending, enroll(centre, request, NOW))
    [line] = devices(centre)
    assert line.device == enrolled.device
    assert refuses(centre, asked(code)[0]), "the fresh code is spent"


def test_a_fresh_code_neither_moves_a_laptop_nor_takes_a_revoked_one_back(centre: Centre) -> None:
    key = new_private_key()

    def request_for(feed: str, role: str) -> EnrollRequest:
        return build_enroll_request(make_code(centre, feed, role, NOW).code, "Portable 1", key)[0]

    enroll(centre, request_for(FEED, "agent"), NOW)
    assert refuses(centre, request_for("bus-99", "agent"))
    assert refuses(centre, request_for(FEED, "coordinator"))
    with centre.database.write() as connection:
        connection.execute(update(tables.devices).values(revoked_at="2026-11-24T08:00:00Z"))
    assert refuses(centre, request_for(FEED, "agent"))


def test_a_code_expires(centre: Centre) -> None:
    code = make_code(centre, FEED, "agent", NOW)
    assert refuses(centre, asked(code)[0], timedelta(hours=72))
    enroll(centre, asked(code)[0], NOW + timedelta(hours=71, minutes=59))


def test_wrong_tries_are_counted_and_end_the_code(centre: Centre) -> None:
    code = make_code(centre, FEED, "agent", NOW)
    request, _ = asked(code)
    for _ in range(MOST_ATTEMPTS):
        assert refuses(centre, msgspec.structs.replace(request, name="Portable 2"))
    assert refuses(centre, request)
    assert devices(centre) == []


def test_an_unknown_code_is_refused_like_a_wrong_one(centre: Centre) -> None:
    assert refuses(centre, build_enroll_request(new_code(), "Portable 1", new_private_key())[0])


def test_who_names_no_code_does_not_wait_for_the_turn_to_write(centre: Centre) -> None:
    # Were it to write too, this would wait for ever: one writer at a time.
    with centre.database.write():
        assert refuses(centre, build_enroll_request(new_code(), "Portable 1", new_private_key())[0])


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"name": "a\0b"}, {"name": "x" * 81}, {"ticket": "\0" * 9}, {"ticket": "A\0B"}]
)
def test_a_request_out_of_bounds_is_refused(changes: dict[str, str], centre: Centre) -> None:
    request, _ = asked(make_code(centre, FEED, "agent", NOW))
    assert refuses(centre, msgspec.structs.replace(request, **changes))


@pytest.mark.parametrize(
    ("feed", "role", "field"),
    [
        ("", "agent", "feed"),
        ("x" * 81, "agent", "feed"),
        ("bus/3", "agent", "feed"),
        ("..", "agent", "feed"),
        (FEED, "king", "role"),
    ],
)
def test_a_code_is_for_a_feed_and_a_role_that_exist(feed: str, role: str, field: str, centre: Centre) -> None:
    with pytest.raises(InvalidInput) as caught:
        make_code(centre, feed, role, NOW)
    assert list(caught.value.problems) == [field]


def test_the_code_itself_is_not_kept(centre: Centre, tmp_path: Path) -> None:
    code = make_code(centre, FEED, "agent", NOW)
    centre.database.forget_erased()
    secret = code.code.replace("-", "")
    assert secret not in repr(code)
    kept = all_that_is_kept(centre, tmp_path)
    assert secret[:5].encode() in kept, "the ticket is"
    assert secret[5:15].encode() not in kept


def test_enrolling_over_http(tmp_path: Path) -> None:
    json = {"content-type": "application/json"}
    with EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}", clock=still_clock()) as served:
        code = make_code(served.centre, FEED, "agent", NOW)
        request, pending = asked(code)
        body = msgspec.json.encode(request)
        status, _, answer = send(served.url, "POST", "/v1/enroll", json, body)
        assert status == 200
        read_enroll_answer(pending, msgspec.json.decode(answer, type=EnrollAnswer))
        for wrong, expected, problem in (
            (msgspec.json.encode(asked(code)[0]), 403, "bad_code"),
            (b"{}", 400, "malformed"),
            (b"\xff", 400, "malformed"),
            (b"x" * 9000, 413, "too_large"),
        ):
            status, _, answer = send(served.url, "POST", "/v1/enroll", json, wrong)
            assert (status, msgspec.json.decode(answer, type=Problem).problem) == (expected, problem)
        with served.centre.database.read() as connection:
            assert connection.execute(select(func.count()).select_from(tables.devices)).scalar_one() == 1
