"""A record is known by its feed and its id, and what is not granted does not exist."""

from dataclasses import replace

from fsbus.server import tables
from fsbus.server.admin import check
from fsbus.server.centre import Centre
from fsbus.server.database import select
from fsbus.server.devices import Device, find_device
from fsbus.server.sync import exchange
from tests.server.conftest import Door
from tests.server.laptop import FEED, NOW, Notebook, enrol, numbered_id, record_body, visit_body
from tests.server.test_exchange import pulled, results, send

VISIT, RECORD = numbered_id(100), numbered_id(101)


def test_a_record_of_another_feed_is_as_if_it_did_not_exist(centre: Centre, door: Door) -> None:
    one, stranger, mine, theirs = door(), door("bus-4"), Notebook(), Notebook()
    mine.create(VISIT, visit_body())
    mine.create(RECORD, record_body(VISIT), "procedure_record")
    send(one, mine)
    theirs.amend(VISIT, 1, minutes=50)
    theirs.create(VISIT, visit_body(minutes=7))
    theirs.create(RECORD, record_body(VISIT, precise_answer="Autre"), "procedure_record")
    theirs.add("erase", VISIT)
    answer = send(stranger, theirs, pull={FEED: 0, "bus-4": 0})
    assert [(result.seq, result.r) for result in answer.header.results] == [(1, "quarantined")]
    assert set(answer.header.pull) == {"bus-4"}
    assert [(state.id, state.erased) for state in answer.states] == [(RECORD, True)]
    states = pulled(one)
    assert (states[VISIT].body, states[RECORD].body) == (visit_body(), record_body(VISIT))
    with centre.database.read() as connection:
        kept = {(row.feed, row.seq) for row in connection.execute(select(tables.log)) if row.line}
    assert kept == {(FEED, 1), (FEED, 2)}, "the erasure emptied its own feed's log"
    assert check(centre).problems == ()


def test_a_coordinator_writes_where_the_record_is_and_new_ones_at_home(centre: Centre, door: Door) -> None:
    bus, mine, theirs = door(), Notebook(), Notebook()
    mine.create(VISIT, visit_body())
    mine.create(RECORD, record_body(VISIT), "procedure_record")
    send(bus, mine)
    office = enrolled_for(centre, "region-02", FEED)
    new, child = numbered_id(300), numbered_id(301)
    theirs.amend(VISIT, 1, minutes=50)
    theirs.amend(VISIT, 1, note="Vu au bureau")
    theirs.create(new, visit_body())
    theirs.create(child, record_body(VISIT), "procedure_record")
    request = theirs.request(centre.epoch, pull={FEED: 0, "region-02": 0})
    answer = exchange(centre, office, request, NOW)
    assert [(one.seq, one.r) for one in answer[0].results] == []
    mine.amend(VISIT, 1, note="Vu au bus")
    assert results(send(bus, mine, first=3)) == [(3, "conflict")]
    with centre.database.read() as connection:
        feeds = {row.id: row.feed for row in connection.execute(select(tables.records))}
        kinds = {row.kind: row.feed for row in connection.execute(select(tables.records))}
        log = {(row.feed, row.seq): row.record_feed for row in connection.execute(select(tables.log))}
    assert {key: feeds[key] for key in (VISIT, RECORD, new, child)} == {
        VISIT: FEED, RECORD: FEED, new: "region-02", child: FEED,
    }  # fmt: skip
    assert kinds["conflict"] == FEED
    assert [log["region-02", seq] for seq in (1, 2, 3, 4)] == [FEED, FEED, "region-02", FEED]
    assert {state.id for state in send(bus, Notebook(), pull={FEED: 0}).states} >= {VISIT, child}

    mine.add("erase", VISIT)
    send(bus, mine, first=4)
    with centre.database.read() as connection:
        kept = {(row.feed, row.seq) for row in connection.execute(select(tables.log)) if row.line}
    assert kept == {("region-02", 3)}, "what the coordinator said of it is gone too"
    assert check(centre).problems == ()


def enrolled_for(centre: Centre, *feeds: str) -> Device:
    """A device of the first feed that is granted all of them."""
    with centre.database.read() as connection:
        known = find_device(connection, enrol(centre, feeds[0]).device)
    assert known is not None
    return replace(known, feeds=feeds)


def test_a_child_that_comes_before_its_parent_goes_to_the_feed_that_it_names(
    centre: Centre, door: Door
) -> None:
    bus, mine, theirs = door(), Notebook(), Notebook()
    office = enrolled_for(centre, "region-02", FEED)
    unnamed, stranger, whole = (numbered_id(number) for number in (301, 302, 303))
    theirs.create(RECORD, record_body(VISIT), "procedure_record", feed=FEED)
    theirs.create(unnamed, record_body(numbered_id(900)), "procedure_record")
    theirs.create(stranger, record_body(numbered_id(901)), "procedure_record", feed="bus-9")
    theirs.create(whole, visit_body(), feed=FEED)
    exchange(centre, office, theirs.request(centre.epoch), NOW)
    mine.create(VISIT, visit_body())
    send(bus, mine)
    with centre.database.read() as connection:
        feeds = {row.id: row.feed for row in connection.execute(select(tables.records))}
    home = dict.fromkeys((unnamed, stranger, whole), "region-02")
    assert feeds == {VISIT: FEED, RECORD: FEED} | home, "only what hangs on another may go elsewhere"
    mine.add("erase", VISIT)
    assert {key: state.erased for key, state in pulled(bus).items()} == {VISIT: False, RECORD: False}
    send(bus, mine, first=2)
    assert {key: state.erased for key, state in pulled(bus).items()} == {VISIT: True, RECORD: True}
    assert check(centre).problems == ()
