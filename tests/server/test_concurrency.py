"""Many laptops at once: nobody fails, no number is given twice, no reader misses a record."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fsbus.server import tables
from fsbus.server.admin import check
from fsbus.server.centre import Centre, open_centre
from fsbus.server.database import select
from fsbus.server.direct import DirectApi
from fsbus.server.serving import EmbeddedCentre
from tests.server.conftest import Door
from tests.server.laptop import FEED, HttpLaptop, Notebook, enrol, numbered_id, still_clock, visit_body
from tests.server.test_exchange import send

CHUNKS, SIZE = 15, 8


def test_a_reader_beside_two_writers_misses_nothing(centre: Centre, door: Door) -> None:
    stop = threading.Event()

    def write(start: int) -> None:
        api, notes = door(), Notebook()
        for chunk in range(CHUNKS):
            for number in range(SIZE):
                notes.create(numbered_id(start + chunk * SIZE + number), visit_body())
            send(api, notes, first=chunk * SIZE + 1)

    def read() -> list[str]:
        api, notes, position, seen = door(), Notebook(), 0, []
        while True:
            last_round = stop.is_set()
            answer = send(api, notes, pull={FEED: position}, max=4_000)
            place = answer.header.pull[FEED]
            assert place.to >= position
            seen += [state.id for state in answer.states]
            position = place.to
            if last_round and not place.more:
                return seen

    with ThreadPoolExecutor(4) as threads:
        readers = [threads.submit(read) for _ in range(2)]
        for writer in [threads.submit(write, start) for start in (1_000, 2_000)]:
            writer.result()
        stop.set()
        expected = {
            numbered_id(start + number) for start in (1_000, 2_000) for number in range(CHUNKS * SIZE)
        }
        for reader in readers:
            seen = reader.result()
            assert len(seen) == len(set(seen))
            assert set(seen) == expected
    with centre.database.read() as connection:
        numbers = list(connection.execute(select(tables.records.c.feed_seq)).scalars())
    assert sorted(numbers) == list(range(1, 2 * CHUNKS * SIZE + 1))
    assert check(centre).problems == ()


def test_the_same_chunk_sent_by_many_at_once_is_taken_once(centre: Centre, door: Door) -> None:
    api, notes = door(), Notebook()
    for number in range(50):
        notes.create(numbered_id(number), visit_body())

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(send, api, notes) for _ in range(24)]
        assert {answer.result().header.acked for answer in answers} == {50}

    found = check(centre)
    assert (found.operations, found.records, found.problems) == (50, 50, ())


def test_fifty_laptops_at_once_all_get_through(centre_url: str) -> None:
    with EmbeddedCentre(centre_url, clock=still_clock()) as served:
        laptops = [HttpLaptop(served.url, enrol(served.centre, f"bus-{number % 7}")) for number in range(50)]

        def day(number: int) -> int:
            notes, laptop = Notebook(), laptops[number]
            laptop.hello(notes.replica)
            for visit in range(20):
                notes.create(numbered_id(number * 100 + visit), visit_body())
                if visit % 5 == 4:
                    request = notes.request(
                        served.centre.epoch, first=visit - 3, pull={laptop.enrolled.writes: 0}
                    )
                    acked = laptop.exchange(request).header.acked
            return acked

        assert at_once(50, day) == [20] * 50
        found = check(served.centre)
        assert (found.devices, found.operations, found.records, found.problems) == (50, 1000, 1000, ())


def at_once(count: int, work: Callable[[int], int]) -> list[int]:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(work, range(count)))


def test_two_programs_on_one_database_wait_for_each_other(centre: Centre, centre_url: str) -> None:
    other = open_centre(centre_url)
    try:

        def write(start: int) -> None:
            where = centre if start else other
            api, notes = DirectApi(where, enrol(where).device, still_clock()), Notebook()
            for number in range(40):
                notes.create(numbered_id(start * 100 + number), visit_body())
                send(api, notes, first=number + 1)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(write, [0, 1, 0, 1]))
        assert check(centre).problems == ()
        assert check(other).operations == 160
    finally:
        other.close()
