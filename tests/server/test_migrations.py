"""A centre of an older release is brought up to this one, with everything that it held."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from fsbus.core.errors import NotAllowed
from fsbus.server import tables
from fsbus.server.admin import check, devices, lease_code, visits
from fsbus.server.centre import KEY_VARIABLE, Centre, open_centre
from fsbus.server.database import select
from fsbus.server.direct import DirectApi
from fsbus.wire.api import Request, RequestHeader
from tests.server.laptop import FEED, enrol, numbered_id, still_clock, visit_body
from tests.server.old_centre import KEY, make_old_centre

VISIT, RECORD, GONE, ELSEWHERE = (numbered_id(number) for number in (100, 101, 110, 200))


def reopened(url: str) -> Centre:
    return open_centre(url, environment={KEY_VARIABLE: KEY})


def test_the_migrations_make_exactly_the_tables_of_the_program(centre: Centre) -> None:
    with centre.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_everything_of_a_centre_of_before_feeds_in_keys_is_carried_over(empty_url: str) -> None:
    make_old_centre(empty_url, "v0002")
    centre = reopened(empty_url)
    try:
        with centre.database.read() as connection:
            assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
            log = connection.execute(select(tables.log)).all()
            feeds = {row.name: row.seq for row in connection.execute(select(tables.feeds))}
            records = {row.id: row for row in connection.execute(select(tables.records))}
            homes = {row.id[0]: row.feed for row in connection.execute(select(tables.replicas))}
        found = check(centre)
        assert (found.devices, found.operations, found.records, found.erased) == (3, 11, 7, 2)
        assert (found.quarantined, found.problems) == (2, ())
        assert feeds == {"bus-3": 8, "bus-4": 1}
        assert homes == {"a": "bus-3", "b": "bus-3", "c": "bus-4"}
        assert {row.feed for row in log if row.replica[0] in "ab"} == {"bus-3"}
        assert all(row.feed == row.record_feed for row in log)
        assert [(records[key].feed, records[key].version) for key in (VISIT, RECORD, GONE, ELSEWHERE)] == [
            ("bus-3", 2), ("bus-3", 1), ("bus-3", 2), ("bus-4", 1),
        ]  # fmt: skip
        assert not any(row.deleted for row in records.values())
        assert [line["visit_id"] for line in visits(centre)] == [VISIT, ELSEWHERE]
        assert [line.name for line in devices(centre)] == ["Portable 1", "Portable 2", "Portable 3"]
    finally:
        centre.close()


def test_a_laptop_goes_on_with_a_centre_that_was_brought_up(empty_url: str) -> None:
    make_old_centre(empty_url, "v0002")
    centre = reopened(empty_url)
    try:
        api = DirectApi(centre, enrol(centre, FEED).device, still_clock())
        header = RequestHeader("d" * 32, 0, centre.epoch, pull={FEED: 0})
        states = {state.id: state for state in api.exchange(Request(header, [])).states}
        assert states[VISIT].body == visit_body(minutes=40, note="Un “mot” d’avant ; l'apostrophe")
        assert states[RECORD].body["future"] == "gardé"
        assert states[GONE].erased
        assert {state.kind for state in states.values()} >= {"conflict", "agent"}
        assert ELSEWHERE not in states
    finally:
        centre.close()


def test_a_centre_made_before_leases_is_brought_up_with_its_laptops(empty_url: str) -> None:
    make_old_centre(empty_url, "v0001")
    centre = reopened(empty_url)
    try:
        with pytest.raises(NotAllowed, match="avant les codes"):
            lease_code(centre, devices(centre)[0].device, "1234 5678")
    finally:
        centre.close()
