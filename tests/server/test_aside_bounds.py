"""Whatever a revoked laptop sends, what is kept of it stays small enough to be looked through."""

import base64
import os

import pytest

from fsbus.core.errors import DeviceRevoked
from fsbus.server import aside
from fsbus.server.applying import LARGEST_OPERATION
from fsbus.server.centre import Centre
from fsbus.server.direct import DirectApi
from fsbus.server.lost_device import revoke
from fsbus.server.taking_aside import take
from fsbus.wire.api import Request, RequestHeader
from tests.server.conftest import Door
from tests.server.laptop import NOW, Notebook, numbered_id, visit_body
from tests.server.test_exchange import results, send

REPLICA = "ab" * 16
LONG = 200_000


def junk(size: int) -> bytes:
    """A line that no operation is, and that does not compress."""
    return base64.b64encode(os.urandom(size))[:size]


@pytest.fixture
def turned_away(centre: Centre, door: Door) -> DirectApi:
    """A laptop that was revoked."""
    api = door()
    revoke(centre, api.device)
    return api


def keep(api: DirectApi, lines: list[bytes], first: int = 1, replica: str = REPLICA) -> None:
    header = RequestHeader(replica, 0, api.centre.epoch, first, len(lines))
    with pytest.raises(DeviceRevoked):
        api.exchange(Request(header, lines))


def assert_others_may_erase(door: Door) -> None:
    notes, visit = Notebook(), numbered_id(500)
    notes.create(visit, visit_body())
    notes.add("erase", visit, base=1)
    answer = send(door(), notes)
    assert (answer.header.acked, results(answer)) == (2, [])


def test_lines_that_grow_when_they_come_again_stand_in_no_erasures_way(
    turned_away: DirectApi, door: Door
) -> None:
    keep(turned_away, [junk(10) for _ in range(60)])
    for first in (1, 31):
        keep(turned_away, [junk(LONG) for _ in range(30)], first)
    assert_others_may_erase(door)


def test_a_request_that_was_pressed_harder_than_we_do_stands_in_no_erasures_way(
    turned_away: DirectApi, door: Door
) -> None:
    # As sent, it may have been small: what repeats far apart is found by who looks far enough.
    keep(turned_away, [junk(LONG) for _ in range(80)])
    assert_others_may_erase(door)


def test_empty_lines_weigh_too(
    centre: Centre, turned_away: DirectApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "MOST", 20_000)
    for number in range(10):
        keep(turned_away, [b""] * 200, replica=f"{number:032x}")
    (kept,) = aside.listed(centre.database)
    assert (0 < kept.operations < 400, kept.bytes) == (True, 0)


def test_what_comes_again_longer_does_not_pass_the_end_either(
    centre: Centre, turned_away: DirectApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "MOST", 20_000)
    keep(turned_away, [junk(10) for _ in range(20)])
    keep(turned_away, [junk(5_000) for _ in range(20)])
    (kept,) = aside.listed(centre.database)
    assert kept.operations == 20
    assert 10_000 < kept.bytes < 20_000


def test_a_line_that_no_centre_takes_keeps_its_place_only(centre: Centre, turned_away: DirectApi) -> None:
    notes = Notebook()
    notes.create(numbered_id(100), visit_body())
    keep(turned_away, [*notes.lines, junk(LARGEST_OPERATION + 1)])
    assert aside.listed(centre.database)[0].bytes == len(notes.lines[0])
    taken = take(centre, turned_away.device, NOW)
    assert (taken.taken, dict(taken.results)) == (2, {"quarantined": 1})
