"""A revoked laptop is refused everything, and what it sends waits aside for a person."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsbus.core.errors import DeviceRevoked
from fsbus.server import aside, tables
from fsbus.server.admin import check, visits
from fsbus.server.centre import Centre
from fsbus.server.database import delete, func, select
from fsbus.server.direct import DirectApi
from fsbus.server.lost_device import revoke
from fsbus.server.serving import EmbeddedCentre
from fsbus.server.taking_aside import Hole, take
from fsbus.wire.api import Op, Refused
from fsbus.wire.codec import decode_request, encode_op
from fsbus.wire.version import CONTENT_TYPE
from tests.server.conftest import Door
from tests.server.laptop import (
    FEED,
    NOW,
    HttpLaptop,
    Notebook,
    enrol,
    numbered_id,
    record_body,
    still_clock,
    visit_body,
)  # fmt: skip
from tests.server.test_exchange import send

READING = (
    ("GET", "/v1/hello", f"replica={'ab' * 16}"),
    ("GET", f"/v1/snapshot/{FEED}", "nonce=1"),
    ("GET", f"/v1/snapshot/{FEED}/abcd", "nonce=1"),
    ("GET", "/v1/sums", f"feed={FEED}"),
    ("POST", "/v1/states", ""),
)
"""Every route that tells something, beside the exchange."""
VISIT, RECORD, OTHER = numbered_id(100), numbered_id(101), numbered_id(200)


def count(centre: Centre, table: str) -> int:
    with centre.database.read() as connection:
        return int(
            connection.execute(select(func.count()).select_from(tables.metadata.tables[table])).scalar_one()
        )


def plain(centre: Centre) -> bytes:
    """All that is aside, opened."""
    with centre.database.read() as connection:
        bodies = connection.execute(select(tables.aside.c.body)).scalars()
        return b"\n".join(line for body in bodies for line in decode_request(body).ops)


def refused(api: DirectApi, notes: Notebook, first: int = 1, number: int | None = None) -> None:
    with pytest.raises(DeviceRevoked):
        send(api, notes, first, number)


@pytest.fixture
def turned_away(centre: Centre, door: Door) -> DirectApi:
    """A laptop that was revoked."""
    api = door()
    revoke(centre, api.device)
    return api


def test_what_it_sends_is_kept_once_and_nothing_is_acknowledged(
    centre: Centre, turned_away: DirectApi
) -> None:
    notes = Notebook()
    for number in range(10):
        notes.create(numbered_id(100 + number), visit_body())
    with pytest.raises(DeviceRevoked):
        turned_away.hello(notes.replica)
    for first, number in ((1, 4), (1, 4), (3, 5), (1, 10), (9, 1)):
        refused(turned_away, notes, first, number)
    assert (count(centre, "log"), count(centre, "records")) == (0, 0)
    (line,) = aside.listed(centre.database)
    assert (line.device, line.operations) == (turned_away.device, 10)
    assert line.bytes == sum(map(len, notes.lines))

    taken = take(centre, turned_away.device, NOW)
    assert (taken.taken, taken.results, taken.holes, taken.refused) == (10, {}, (), ())
    assert (len(list(visits(centre))), count(centre, "aside")) == (10, 0)
    assert check(centre).problems == ()
    with pytest.raises(DeviceRevoked):
        send(turned_away, notes)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=6))
def test_however_its_chunks_overlap_each_operation_is_kept_once(
    centre: Centre, turned_away: DirectApi, sent: list[tuple[int, int]]
) -> None:
    with centre.database.write() as connection:
        connection.execute(delete(tables.aside))
    notes, numbers = Notebook(), set()
    for number in range(12):
        notes.create(numbered_id(100 + number), visit_body())
    for first, size in sent:
        refused(turned_away, notes, first, size)
        numbers |= set(range(first, min(first + size, 13)))
    with centre.database.read() as connection:
        runs = aside.kept_of(connection, turned_away.device).get(notes.replica, [])
    kept = {first + place: line for first, lines in runs for place, line in enumerate(lines)}
    assert kept == {number: notes.lines[number - 1] for number in numbers}
    assert sum(line.operations for line in aside.listed(centre.database)) == len(numbers)


def test_it_goes_on_after_what_the_centre_had_before(centre: Centre, door: Door) -> None:
    api, notes = door(), Notebook()
    for number in range(4):
        notes.create(numbered_id(100 + number), visit_body())
    send(api, notes, 1, 2)
    revoke(centre, api.device)
    refused(api, notes, 2, 3)
    notes.add("create", "no id", "visit")
    refused(api, notes, 5)
    taken = take(centre, api.device, NOW)
    assert (taken.taken, taken.results) == (3, {"quarantined": 1})
    assert len(list(visits(centre))) == 4
    assert check(centre).problems == ()


def test_a_hole_is_told_and_what_follows_stays(centre: Centre, turned_away: DirectApi) -> None:
    notes = Notebook()
    for number in range(6):
        notes.create(numbered_id(100 + number), visit_body())
    refused(turned_away, notes, 1, 2)
    refused(turned_away, notes, 5, 2)
    taken = take(centre, turned_away.device, NOW)
    assert (taken.taken, taken.holes) == (2, (Hole(notes.replica, 3, 4),))
    assert aside.listed(centre.database)[0].operations == 2
    refused(turned_away, notes, 3, 2)
    assert take(centre, turned_away.device, NOW).taken == 4
    assert aside.listed(centre.database) == []


def test_what_contradicts_the_centre_stays_aside(centre: Centre, door: Door) -> None:
    api, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    send(api, notes)
    revoke(centre, api.device)
    copy = Notebook(replica=notes.replica)
    copy.create(VISIT, visit_body(minutes=99))
    copy.create(OTHER, visit_body())
    refused(api, copy)
    taken = take(centre, api.device, NOW)
    assert (taken.taken, taken.refused) == (0, (notes.replica,))
    assert aside.listed(centre.database)[0].operations == 2


def test_it_is_dropped_whole(centre: Centre, turned_away: DirectApi) -> None:
    notes = Notebook()
    notes.create(VISIT, visit_body(note="un texte"))
    refused(turned_away, notes)
    aside.drop(centre.database, turned_away.device)
    assert (aside.listed(centre.database), count(centre, "aside")) == ([], 0)
    assert take(centre, turned_away.device, NOW).taken == 0


def test_an_erasure_empties_what_is_aside_about_the_person(centre: Centre, door: Door) -> None:
    here, api, notes, mine = door(), door(), Notebook(), Notebook()
    mine.create(VISIT, visit_body())
    send(here, mine)
    revoke(centre, api.device)
    child = numbered_id(301)
    notes.amend(VISIT, 1, note="Madame Zéphyrine")
    notes.create(child, record_body(VISIT, precise_answer="Madame Zéphyrine"), "procedure_record")
    notes.add("set", child, "procedure_record", base=1, set={"precise_answer": "Zéphyrine encore"})
    notes.create(OTHER, visit_body(note="Quelqu’un d’autre"))
    notes.lines.append(b'{"seq":5,"record":"' + VISIT.encode() + "Zéphyrine".encode())
    refused(api, notes)
    assert "Zéphyrine".encode() in plain(centre)

    mine.add("erase", VISIT)
    send(here, mine, 2)
    assert "Zéphyrine".encode() not in plain(centre)
    assert "Quelqu’un d’autre".encode() in plain(centre)

    refused(api, notes)  # the laptop does not know of it, and sends the same again
    assert "Zéphyrine".encode() not in plain(centre)
    taken = take(centre, api.device, NOW)
    assert (taken.taken, taken.results) == (5, {"quarantined": 1})
    assert [one["visit_id"] for one in visits(centre)] == [OTHER]
    with centre.database.read() as connection:
        lines = b"".join(connection.execute(select(tables.log.c.line)).scalars())
    assert "Zéphyrine".encode() not in lines
    assert check(centre).problems == ()


def test_what_the_laptop_erased_itself_meanwhile_is_emptied_here_too(
    centre: Centre, turned_away: DirectApi
) -> None:
    notes = Notebook()
    notes.create(VISIT, visit_body(note="Zéphyrine"))
    notes.create(OTHER, visit_body())
    refused(turned_away, notes)
    notes.lines[0] = encode_op(Op(seq=1, record=VISIT, kind="visit", verb="void"))
    notes.add("erase", VISIT)
    refused(turned_away, notes)
    assert "Zéphyrine".encode() not in plain(centre)
    assert take(centre, turned_away.device, NOW).taken == 3
    assert [one["visit_id"] for one in visits(centre)] == [OTHER]


def test_several_requests_at_once_are_kept_once_each(centre: Centre, turned_away: DirectApi) -> None:
    notes = Notebook()
    for number in range(24):
        notes.create(numbered_id(100 + number), visit_body())
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(refused, turned_away, notes, first, 5) for first in range(1, 21)]:
            done.result()
    (line,) = aside.listed(centre.database)
    assert line.operations == 24
    assert take(centre, turned_away.device, NOW).taken == 24


def test_there_is_an_end_to_what_is_kept(
    centre: Centre, turned_away: DirectApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "MOST", 2_000)
    notes = Notebook()
    for number in range(6):
        notes.create(numbered_id(100 + number), visit_body(note="x" * 300))
        refused(turned_away, notes, number + 1)
    assert 0 < aside.listed(centre.database)[0].bytes <= 2_000


def test_over_http_it_is_refused_with_a_signed_word_whatever_it_sends(centre_url: str) -> None:
    with EmbeddedCentre(centre_url, clock=still_clock()) as running:
        laptop, notes = HttpLaptop(running.url, enrol(running.centre, FEED)), Notebook()
        notes.create(VISIT, visit_body())
        epoch = laptop.hello(notes.replica).epoch
        revoke(running.centre, laptop.enrolled.device)
        for tried in (lambda: laptop.hello(notes.replica), lambda: laptop.exchange(notes.request(epoch))):
            with pytest.raises(Refused) as caught:
                tried()
            assert caught.value.problem.problem == "revoked"
        for body in (b"", b"no message", b"\x28\xb5\x2f\xfd"):
            status, told = laptop.call("POST", "/v1/sync", "", CONTENT_TYPE, body)
            assert (status, told) == (401, b'{"problem":"revoked"}')
        for asked in READING:
            assert laptop.call(*asked, "application/json", b"")[0] == 401
        assert [line.operations for line in aside.listed(running.centre.database)] == [1]
        assert count(running.centre, "log") == 0
