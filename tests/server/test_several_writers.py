"""Writers that meet, on each engine: nothing is skipped, lost, doubled, or left waiting."""

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from fsbus.server import sync, tables
from fsbus.server.admin import check
from fsbus.server.centre import KEY_VARIABLE, Centre, open_centre
from fsbus.server.copies import number_and_write, raise_counter
from fsbus.server.database import Connection, select
from fsbus.server.devices import Device, find_device
from fsbus.server.direct import DirectApi
from fsbus.server.enrolling import enroll, make_code
from fsbus.server.sync import exchange
from fsbus.wire.api import Refused
from fsbus.wire.enrolment import build_enroll_request
from fsbus.wire.signing import new_private_key
from tests.server.conftest import Door
from tests.server.laptop import FEED, NOW, Notebook, enrol, numbered_id, record_body, still_clock, visit_body
from tests.server.old_centre import KEY
from tests.server.test_exchange import pulled, send

VISIT, RECORD = numbered_id(100), numbered_id(101)


def at_once(works: list[Callable[[], object]]) -> list[object]:
    """What each gives; all begin together."""
    gate = threading.Barrier(len(works))

    def begin(work: Callable[[], object]) -> object:
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as threads:
        return [one.result() for one in [threads.submit(begin, work) for work in works]]


def test_a_puller_beside_eight_slow_writers_skips_nothing(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = itertools.cycle([0.0, 0.002, 0.0, 0.02])

    def slowly(*words: object) -> object:
        given = number_and_write(*words)  # type: ignore[arg-type]  # as it was called
        # The numbers are taken, and nobody sees them yet.
        time.sleep(next(waits))
        return given

    monkeypatch.setattr(sync, "number_and_write", slowly)
    done = threading.Event()

    def write(start: int) -> None:
        api, notes = DirectApi(centre, enrol(centre).device, still_clock()), Notebook()
        for number in range(8):
            notes.create(numbered_id(start * 1000 + number), visit_body())
            send(api, notes, first=number + 1)

    def pull() -> list[str]:
        api, notes, position, seen = DirectApi(centre, enrol(centre).device, still_clock()), Notebook(), 0, []
        while True:
            last_round = done.is_set()
            answer = send(api, notes, pull={FEED: position})
            position = answer.header.pull[FEED].to
            seen += [state.id for state in answer.states]
            if last_round:
                return seen

    with ThreadPoolExecutor(9) as threads:
        reader = threads.submit(pull)
        for writer in [threads.submit(write, start) for start in range(1, 9)]:
            writer.result()
        done.set()
        seen = reader.result()
    assert sorted(seen) == sorted(numbered_id(start * 1000 + n) for start in range(1, 9) for n in range(8))
    assert check(centre).problems == ()


def test_those_who_write_to_the_same_feeds_in_opposite_orders_all_get_through(centre: Centre) -> None:
    buses = [f"bus-{number}" for number in range(1, 5)]
    visits = {feed: numbered_id(500 + number) for number, feed in enumerate(buses)}
    for feed, visit in visits.items():
        notes = Notebook()
        notes.create(visit, visit_body())
        send(DirectApi(centre, enrol(centre, feed).device, still_clock()), notes)

    def office(number: int) -> Callable[[], object]:
        order = buses if number % 2 else buses[::-1]
        device = granted(centre, f"region-{number}", *order)
        notes = Notebook()

        def write() -> int:
            for turn in range(5):
                for feed in order:
                    notes.amend(visits[feed], 9, minutes=1 + (number + turn) % 60)
                request = notes.request(centre.epoch, first=turn * len(order) + 1)
                acked = exchange(centre, device, request, NOW)[0].acked
            return acked

        return write

    assert at_once([office(number) for number in range(6)]) == [20] * 6
    assert check(centre).problems == ()


def granted(centre: Centre, *feeds: str) -> Device:
    with centre.database.read() as connection:
        known = find_device(connection, enrol(centre, feeds[0]).device)
    assert known is not None
    return replace(known, feeds=feeds)


def test_a_transaction_that_the_database_turns_back_is_done_again_whole(centre: Centre) -> None:
    """Two counters raised in opposite orders: PostgreSQL ends one of the two, which begins again."""
    met, tries = threading.Barrier(2), list[str]()

    def raising(*feeds: str) -> Callable[[], object]:
        def work(connection: Connection) -> int:
            tries.append(feeds[0])
            first = raise_counter(connection, feeds[0], 1)
            if not centre.database.is_sqlite and tries.count(feeds[0]) == 1:
                met.wait(10)
            return first + raise_counter(connection, feeds[1], 1)

        return lambda: centre.database.run(work)

    sums = at_once([raising("a", "b"), raising("b", "a")])
    assert set(sums) == {2, 4}, "one whole transaction after the other"
    assert len(tries) == (2 if centre.database.is_sqlite else 3)
    with centre.database.read() as connection:
        assert {row.name: row.seq for row in connection.execute(select(tables.feeds))} == {"a": 2, "b": 2}


def test_changes_of_different_fields_at_once_are_all_kept(centre: Centre, door: Door) -> None:
    one, first = door(), Notebook()
    first.create(VISIT, visit_body())
    send(one, first)
    fields: list[dict[str, object]] = [
        {"minutes": 61}, {"note": "vu"}, {"satisfaction": 1}, {"gender": "male"}, {"channel": "phone"}, {"first_visit": False},
    ]  # fmt: skip

    def amend(change: dict[str, object]) -> Callable[[], object]:
        api, notes = door(), Notebook()
        notes.amend(VISIT, 1, **change)
        return lambda: send(api, notes).header.acked

    assert at_once([amend(change) for change in fields]) == [1] * len(fields)
    state = pulled(one)[VISIT]
    assert state.version == 1 + len(fields)
    assert state.body == visit_body() | {name: value for change in fields for name, value in change.items()}


def test_a_child_added_while_its_visit_is_erased_is_erased(centre: Centre, door: Door) -> None:
    for turn in range(6):
        visit, child = numbered_id(1000 + turn), numbered_id(2000 + turn)
        one, two, mine, theirs = door(), door(), Notebook(), Notebook()
        mine.create(visit, visit_body())
        send(one, mine)
        mine.add("erase", visit)
        theirs.create(child, record_body(visit), "procedure_record")
        at_once([lambda: send(one, mine, first=2), lambda: send(two, theirs)])  # noqa: B023  # used within this turn
        assert pulled(one)[child].erased
    with centre.database.read() as connection:
        assert not any(row.line for row in connection.execute(select(tables.log)))
    assert check(centre).problems == ()


def test_one_code_takes_in_one_of_those_who_come_together(centre: Centre) -> None:
    code = make_code(centre, FEED, "agent", NOW).code

    def come() -> bool:
        request, _ = build_enroll_request(code, "Portable", new_private_key())
        try:
            enroll(centre, request, NOW)
        except Refused:
            return False
        return True

    assert sorted(map(bool, at_once([come] * 6))) == [False] * 5 + [True]
    assert check(centre).devices == 1


def test_several_processes_may_make_the_same_centre_at_once(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if empty_url.startswith("postgresql"):
        monkeypatch.setenv(KEY_VARIABLE, KEY)

    def begin() -> tuple[str, str]:
        with closing(open_centre(empty_url)) as centre:
            return centre.epoch, centre.audience

    assert len(set(at_once([begin] * 5))) == 1
