"""A device sees its bus, a coordinator’s laptop its region, a trainer’s nothing real."""

from collections.abc import Callable

import pytest

from fsbus.core.errors import InvalidInput
from fsbus.server import admin
from fsbus.server.centre import Centre
from fsbus.server.direct import DirectApi
from fsbus.server.enrolling import make_code
from fsbus.server.regions import FeedLine, feeds, set_region
from tests.server.laptop import FEED, NOW, Notebook, enrol, numbered_id, record_body, still_clock, visit_body
from tests.server.test_exchange import results, send

VISIT, RECORD, OTHER = numbered_id(100), numbered_id(101), numbered_id(200)
REGION, TRAINING = "nord", "training-nord"
Enrol = Callable[..., DirectApi]


@pytest.fixture
def enrolled(centre: Centre) -> Enrol:
    def make(feed: str, role: str = "agent") -> DirectApi:
        return DirectApi(centre, enrol(centre, feed, role=role).device, still_clock())

    return make


def test_a_coordinator_reads_and_changes_the_feeds_of_his_region_and_no_other(
    centre: Centre, enrolled: Enrol
) -> None:
    bus, far = enrolled(FEED), enrolled("bus-9")
    for api, visit in ((bus, VISIT), (far, OTHER)):
        notes = Notebook()
        notes.create(visit, visit_body())
        send(api, notes)
    set_region(centre, FEED, REGION)
    office, notes = enrolled(REGION, "coordinator"), Notebook()
    assert office.hello(notes.replica).feeds == {REGION: 0, FEED: 1}

    notes.create(RECORD, record_body(VISIT), "procedure_record")
    notes.amend(VISIT, 1, minutes=45)
    notes.amend(OTHER, 1, minutes=45)
    notes.create(numbered_id(300), visit_body())
    answer = send(office, notes, pull={REGION: 0, FEED: 0, "bus-9": 0})
    assert results(answer) == [(3, "quarantined")], "what is not granted is as if it did not exist"
    assert answer.header.pull.keys() == {REGION, FEED}
    seen = {
        state.id: (state.version, state.feed)
        for state in send(office, Notebook(), pull={REGION: 0, FEED: 0}).states
    }
    assert seen == {VISIT: (2, FEED), RECORD: (1, FEED), numbered_id(300): (1, "")}

    told = {state.id: state.feed for state in send(bus, Notebook(), pull={FEED: 0}).states}
    assert told == {VISIT: "", RECORD: ""}, "the bus has both, at home"


def test_a_feed_that_joins_or_leaves_is_told_at_the_next_exchange(centre: Centre, enrolled: Enrol) -> None:
    bus, notes = enrolled(FEED), Notebook()
    notes.create(VISIT, visit_body())
    send(bus, notes)
    office, mine = enrolled(REGION, "coordinator"), Notebook()
    assert send(office, mine, pull={REGION: 0}).header.feeds == []

    set_region(centre, FEED, REGION)
    assert send(office, mine, pull={REGION: 0}).header.feeds == [REGION, FEED]
    assert office.hello(mine.replica).feeds == {REGION: 0, FEED: 1}
    assert send(office, mine, pull={REGION: 0, FEED: 0}).header.feeds == []

    set_region(centre, FEED, None)
    answer = send(office, mine, pull={REGION: 0, FEED: 0})
    assert (answer.header.feeds, answer.states) == ([REGION], [])
    assert FEED not in office.hello(mine.replica).feeds
    mine.amend(VISIT, 1, minutes=50)
    assert results(send(office, mine)) == [(1, "quarantined")]
    assert send(office, mine, pull={}).header.feeds == [], "a request from a stick asks for none"


def test_training_feeds_are_for_trainers_alone_and_count_nowhere(centre: Centre, enrolled: Enrol) -> None:
    for feed, role in ((TRAINING, "agent"), (TRAINING, "coordinator"), (FEED, "trainer")):
        with pytest.raises(InvalidInput, match="formateur"):
            make_code(centre, feed, role, NOW)
    trainer, bus, made_up, true = enrolled(TRAINING, "trainer"), enrolled(FEED), Notebook(), Notebook()
    made_up.create(VISIT, visit_body())
    made_up.create(RECORD, record_body(VISIT), "procedure_record")
    true.create(OTHER, visit_body(minutes=11))
    assert results(send(trainer, made_up)) == results(send(bus, true)) == []

    assert [one["visit_id"] for one in admin.visits(centre)] == [OTHER]
    assert [one["visit_id"] for one in admin.visits(centre, TRAINING)] == [VISIT]
    with admin.month_facts(centre, "2026-11") as facts:
        assert ([one.minutes for one in facts.visits], list(facts.records)) == ([11], [])

    set_region(centre, TRAINING, REGION)
    office = enrolled(REGION, "coordinator")
    assert office.hello(Notebook().replica).feeds == {REGION: 0}, (
        "he approves its laptops, and does not see it"
    )
    with pytest.raises(InvalidInput, match="formation"):
        set_region(centre, FEED, TRAINING)


def test_feeds_are_listed_with_their_region_their_records_and_their_laptops(
    centre: Centre, enrolled: Enrol
) -> None:
    bus, notes = enrolled(FEED), Notebook()
    enrolled(FEED)
    enrolled(TRAINING, "trainer")
    notes.create(VISIT, visit_body())
    notes.create(OTHER, visit_body())
    notes.add("erase", OTHER)
    send(bus, notes)
    set_region(centre, FEED, REGION)
    assert feeds(centre) == [
        FeedLine(TRAINING, None, True, 0, 1),
        FeedLine(FEED, REGION, False, 1, 2),
    ]
    for feed, region, field in (("bus-77", REGION, "feed"), (FEED, " ", "region")):
        with pytest.raises(InvalidInput, match=field):
            set_region(centre, feed, region)
