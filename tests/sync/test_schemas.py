"""Laptops of older and newer releases meet one centre, and a newer laptop an older centre."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fsbus.core.errors import UpgradeRequired
from fsbus.server import tables
from fsbus.server.centre import Centre, open_centre
from fsbus.server.checking import check
from fsbus.server.database import select
from fsbus.server.direct import DirectApi
from fsbus.store.taking import take_states
from fsbus.wire.api import State
from fsbus.wire.codec import decode_op, encode_op, op_digest
from tests.older_shapes import FOUR, body_in
from tests.server.laptop import Notebook, enrol, numbered_id, still_clock, visit_body
from tests.sync.world import World

VISIT = numbered_id(100)


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """One whose records have had four shapes."""
    opened = open_centre(f"sqlite:///{tmp_path / 'centre.db'}")
    yield dataclasses.replace(opened, upcasting=FOUR)
    opened.close()


def door(centre: Centre) -> DirectApi:
    return DirectApi(centre, enrol(centre).device, still_clock())


def states(api: DirectApi) -> dict[str, State]:
    notes = Notebook()
    answer = api.exchange(notes.request(api.centre.epoch, pull={"bus-3": 0}))
    return {state.id: state for state in answer.states}


@pytest.mark.parametrize("schema", [1, 2, 3, 4])
def test_what_a_laptop_of_an_older_release_wrote_is_todays_record(centre: Centre, schema: int) -> None:
    api, notes = door(centre), Notebook()
    body = visit_body(note="vu", minutes=120)
    notes.create(VISIT, body_in(schema, body), schema=schema)
    notes.add("set", VISIT, set={"hours": 3} if schema < 3 else {"minutes": 180}, schema=schema)
    answer = api.exchange(notes.request(centre.epoch))
    assert answer.header.results == []
    assert states(door(centre))[VISIT].body == {**body, "minutes": 180}
    with centre.database.read() as connection:
        log = connection.execute(select(tables.log).order_by(tables.log.c.seq)).all()
    assert [bytes(row.line) for row in log] == notes.lines
    assert [row.digest for row in log] == [op_digest(line) for line in notes.lines]
    # Sent again, they are known: the bytes are compared, not what was made of them.
    assert api.exchange(notes.request(centre.epoch)).header.acked == 2
    assert check(centre).ok


def test_laptops_of_three_releases_change_one_record_and_only_the_same_field_conflicts(
    centre: Centre,
) -> None:
    first, second, third = door(centre), door(centre), door(centre)
    notes, others, thirds = Notebook(), Notebook(), Notebook()
    notes.create(VISIT, body_in(1, visit_body(minutes=60)), schema=1)
    first.exchange(notes.request(centre.epoch))
    others.add("set", VISIT, base=1, set={"hours": 2}, schema=2, actor=numbered_id(1), hlc="b")
    second.exchange(others.request(centre.epoch))
    thirds.add("set", VISIT, base=1, set={"note": "du troisième", "minutes": 180}, schema=4, hlc="c")
    answer = third.exchange(thirds.request(centre.epoch))
    assert [result.r for result in answer.header.results] == ["conflict"]
    found = states(door(centre))
    assert (found[VISIT].body["minutes"], found[VISIT].body["note"]) == (120, "du troisième")
    [conflict] = [state.body for state in found.values() if state.kind == "conflict"]
    assert (conflict["field"], conflict["local"], conflict["central"]) == ("minutes", 180, 120)


def test_an_older_operation_sent_again_under_another_name_is_known(centre: Centre) -> None:
    api, notes, again = door(centre), Notebook(), Notebook()
    notes.create(VISIT, body_in(1, visit_body(minutes=60)), schema=1, hlc="a")
    notes.add("set", VISIT, base=1, set={"hours": 2}, schema=1, hlc="b")
    notes.add("set", VISIT, base=1, set={"hours": 3}, schema=1, hlc="c")
    api.exchange(notes.request(centre.epoch))
    again.lines = [*notes.lines]
    results = api.exchange(again.request(centre.epoch)).header.results
    assert {result.r for result in results} <= {"merged", "unchanged"}
    assert states(door(centre))[VISIT].body["minutes"] == 180


def test_a_schema_that_nobody_knows_any_more_is_put_aside_whole(centre: Centre) -> None:
    api, notes = door(centre), Notebook()
    notes.create(VISIT, visit_body(), schema=0)
    answer = api.exchange(notes.request(centre.epoch))
    assert [(result.r, "schema" in result.why) for result in answer.header.results] == [("quarantined", True)]
    with centre.database.read() as connection:
        assert bytes(connection.execute(select(tables.log.c.line)).scalar_one()) == notes.lines[0]


@pytest.mark.parametrize("ahead", [1, 2, 3])
def test_a_newer_laptop_gets_its_unknown_fields_back_from_an_older_centre(tmp_path: Path, ahead: int) -> None:
    centre = open_centre(f"sqlite:///{tmp_path / 'centre.db'}")
    api, older, notes = door(centre), door(centre), Notebook()
    extra = {f"field_of_{number}": {"value": number} for number in range(2, 2 + ahead)}
    notes.create(VISIT, visit_body(note="vu") | extra, schema=1 + ahead)
    api.exchange(notes.request(centre.epoch))
    # An older laptop changes what it knows: the rest stays.
    changes = Notebook()
    changes.amend(VISIT, 1, minutes=44)
    older.exchange(changes.request(centre.epoch))
    notes.add("set", VISIT, base=2, set={"field_of_2": "autre"}, schema=1 + ahead)
    api.exchange(notes.request(centre.epoch))
    assert states(door(centre))[VISIT].body == {
        **visit_body(note="vu"), **extra, "minutes": 44, "field_of_2": "autre",
    }  # fmt: skip
    assert check(centre).ok
    centre.close()


def test_fields_of_a_newer_release_stay_on_an_older_laptop_and_go_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    laptop = world.laptop("ancien")
    visit = laptop.record("vue")
    laptop.sync()
    newer, notes = DirectApi(world.centre, world.laptop("nouveau").device, world.clock), Notebook()
    notes.add("set", visit, base=1, set={"queue_minutes": 12}, schema=3)
    newer.exchange(notes.request(world.centre.epoch))
    laptop.sync()
    laptop.amend(visit, minutes=33)
    laptop.sync()
    kept = laptop.store.db.conn.execute("SELECT extra FROM visits").fetchall()
    assert [msgspec.json.decode(extra) for (extra,) in kept] == [{"queue_minutes": 12}]
    body = {state.id: state.body for state in states(newer).values()}[visit]
    assert (body["queue_minutes"], body["minutes"]) == (12, 33)
    laptop.close()
    world.close()


@pytest.mark.parametrize("schema", [1, 2, 3])
def test_a_laptops_own_waiting_operations_of_an_older_release_are_laid_over_in_todays_words(
    tmp_path: Path, schema: int
) -> None:
    world = World(tmp_path)
    laptop = world.laptop("un")
    visit = laptop.record("vue")
    laptop.sync()
    laptop.amend(visit, minutes=240)
    [(seq, line)] = laptop.store.pending(after=laptop.store.link().acked, max_bytes=1)
    fields: dict[str, object] = {"hours": 4} if schema < 3 else {"minutes": 240}
    older = encode_op(msgspec.structs.replace(decode_op(line), set=fields, schema=schema))
    laptop.store.maintain(
        lambda db: db.conn.execute("UPDATE operations SET line = ? WHERE seq = ?", (older, seq))
    )
    told = State(visit, "visit", 7, visit_body(note="du centre", minutes=30))
    laptop.store.maintain(lambda db: take_states(db, [told], FOUR))
    [shown] = laptop.lines()
    assert (shown["note"], shown["minutes"]) == ("du centre", 240)
    laptop.close()
    world.close()


def test_a_line_that_names_no_schema_is_in_the_first_one_for_ever() -> None:
    assert decode_op(b'{"seq":1,"record":"r","kind":"visit","verb":"set"}').schema == 1


def test_a_laptop_that_is_too_old_sends_all_it_has_and_then_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    laptop = world.laptop("ancien")
    monkeypatch.setattr("fsbus.server.sync.OLDEST_PULL", 2)
    for number in range(5):
        laptop.record(f"note {number}")
    with pytest.raises(UpgradeRequired):
        laptop.sync(chunk=700)
    assert laptop.store.pending_count() == 0
    assert laptop.lines() == world.central_lines()
    laptop.record("encore une")
    with pytest.raises(UpgradeRequired):
        laptop.sync()
    assert laptop.lines() == world.central_lines()
    laptop.close()
    world.close()
