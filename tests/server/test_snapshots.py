"""Snapshots, sums and states over real HTTP: signed, whole ranges, nothing that is not granted."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fsbus.core.clock import Clock
from fsbus.server import admin
from fsbus.server.serving import EmbeddedCentre
from fsbus.store.incoming import LARGE_FEED
from fsbus.store.sums import want_comparison
from fsbus.sync import http_api
from fsbus.wire.api import Refused
from fsbus.wire.signing import new_private_key
from fsbus.wire.sums import written
from tests.sync.world import LaptopUnderTest, World


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[World, str]]:
    world = World(tmp_path)
    with EmbeddedCentre(world.url) as embedded:
        yield world, embedded.url
    world.close()


def attach(world: World, url: str, name: str) -> LaptopUnderTest:
    laptop = LaptopUnderTest(world, name, "", b"")
    code = admin.enroll_code(world.centre, "bus-3", clock=Clock()).code
    laptop.store.set_enrolment(http_api.enroll(url, code, name, new_private_key()))
    return laptop


def test_a_new_laptop_reads_a_snapshot_by_ranges_and_compares(served: tuple[World, str]) -> None:
    world, url = served
    author, reader = attach(world, url, "auteur"), attach(world, url, "neuf")
    with author.store.batch():
        for number in range(LARGE_FEED // 4 + 1):
            author.record(f"visite {number}", procedures=3)
    http_api.sync_by_http(author.store, clock=Clock())
    reader.store.maintain(want_comparison)
    report = http_api.sync_by_http(reader.store, clock=Clock())
    assert report.pulled > LARGE_FEED
    # Hello, what waits, the choice, one part, the rest of the feed, the sums.
    assert report.requests <= 6
    assert reader.lines() == author.lines()
    author.close()
    reader.close()


def test_a_range_that_the_file_has_not_is_told(served: tuple[World, str]) -> None:
    world, url = served
    laptop = attach(world, url, "un")
    laptop.record("une")
    http_api.sync_by_http(laptop.store, clock=Clock())
    enrolled = laptop.store.link().enrolment
    assert enrolled is not None
    with closing(http_api.HttpApi(enrolled, Clock())) as api:
        made = api.snapshot("bus-3")
        whole = api.snapshot_part("bus-3", made.id, 0, made.size + 500)
        assert len(whole) == made.size
        assert api.snapshot_part("bus-3", made.id, 7, 5) == whole[7:12]
        for start, name, problem in ((made.size, made.id, "range"), (0, "0" * 32, "gone")):
            with pytest.raises(Refused) as refused:
                api.snapshot_part("bus-3", name, start, 1)
            assert refused.value.problem.problem == problem
        empty, asked = written(0), api.sums("bus-3").sums
        filled = [number for number, total in enumerate(asked) if total != empty]
        (record_id, version, total), *_ = [
            one for number in filled for one in api.bucket("bus-3", number).records
        ]
        assert (len(total), version) == (16, 1)
        _, states = api.states("bus-3", [record_id, "0190b6f0-0000-7000-8000-000000000000"])
        assert [state.id for state in states] == [record_id]
        with pytest.raises(Refused, match="not_granted"):
            api.sums("bus-9")
    laptop.close()
