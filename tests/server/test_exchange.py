"""One exchange takes operations once, in order, merges them, and gives back the feed."""

import pytest

from fsbus.core.ids import new_replica
from fsbus.server import tables
from fsbus.server.admin import check
from fsbus.server.centre import Centre
from fsbus.server.database import func, select
from fsbus.server.direct import DirectApi
from fsbus.wire.api import Answer, Op, Refused, State
from fsbus.wire.codec import encode_op, op_digest
from tests.server.conftest import Door
from tests.server.laptop import FEED, Notebook, numbered_id, record_body, visit_body

VISIT, RECORD = numbered_id(100), numbered_id(101)


def send(api: DirectApi, notes: Notebook, first: int = 1, count: int | None = None, **rest: object) -> Answer:
    return api.exchange(notes.request(api.centre.epoch, first, count, **rest))


def pulled(api: DirectApi, after: int = 0, replica: str | None = None) -> dict[str, State]:
    notes = Notebook(replica=replica or new_replica())
    return {state.id: state for state in send(api, notes, pull={FEED: after}).states}


def results(answer: Answer) -> list[tuple[int, str]]:
    return [(result.seq, result.r) for result in answer.header.results]


def refusal(api: DirectApi, notes: Notebook, **rest: object) -> tuple[str, int]:
    with pytest.raises(Refused) as caught:
        send(api, notes, **rest)  # type: ignore[arg-type]  # the test's own fields
    return caught.value.problem.problem, caught.value.problem.expect


def operations(centre: Centre) -> int:
    with centre.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.log)).scalar_one())


def test_what_one_laptop_sends_another_receives(door: Door) -> None:
    one, two, notes = door(), door(), Notebook()
    notes.create(VISIT, visit_body(note="à suivre"))
    notes.create(RECORD, record_body(VISIT), "procedure_record")

    answer = send(one, notes, pull={FEED: 0})

    assert (answer.header.acked, answer.header.results) == (2, [])
    states = pulled(two)
    assert states[VISIT] == State(VISIT, "visit", 1, visit_body(note="à suivre"))
    assert states[RECORD] == State(RECORD, "procedure_record", 1, record_body(VISIT))


def test_a_laptop_is_not_told_its_own_plain_changes(door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    answer = send(one, notes, pull={FEED: 0})
    assert answer.states == []
    assert answer.header.pull[FEED].to == 1
    assert VISIT in pulled(one), "another replica of the same device is told"


def test_the_same_operations_again_change_nothing_and_are_told_the_same(centre: Centre, door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    notes.create(VISIT, visit_body(), "rumour")
    notes.amend(VISIT, 1, minutes=40)
    first = send(one, notes)
    again = send(one, notes)
    assert results(first) == results(again) == [(2, "quarantined")]
    assert first.header.acked == again.header.acked == 3
    assert operations(centre) == 3
    assert pulled(one)[VISIT].version == 2


def test_a_chunk_that_overlaps_what_is_held_adds_only_the_rest(centre: Centre, door: Door) -> None:
    one, notes = door(), Notebook()
    for number in range(4):
        notes.create(numbered_id(200 + number), visit_body())
    send(one, notes, count=3)
    assert send(one, notes, first=2).header.acked == 4
    assert operations(centre) == 4


def test_a_hole_is_refused_with_the_number_wanted(centre: Centre, door: Door) -> None:
    one, notes = door(), Notebook()
    for number in range(3):
        notes.create(numbered_id(200 + number), visit_body())
    assert refusal(one, notes, first=2) == ("expect", 1)
    send(one, notes, count=1)
    assert refusal(one, notes, first=3) == ("expect", 2)
    assert operations(centre) == 1


def test_another_operation_under_a_number_that_is_held_is_a_fork(centre: Centre, door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    send(one, notes)
    forked = Notebook(replica=notes.replica)
    forked.create(VISIT, visit_body(minutes=30))
    forked.create(RECORD, record_body(VISIT), "procedure_record")
    assert refusal(one, forked) == ("forked", 0)
    assert operations(centre) == 1


def test_a_replica_belongs_to_one_device(door: Door) -> None:
    one, two, notes = door(), door(), Notebook()
    notes.create(VISIT, visit_body())
    send(one, notes)
    assert refusal(two, notes) == ("forked", 0)
    with pytest.raises(Refused, match="forked"):
        two.hello(notes.replica)


def test_a_replica_belongs_to_its_device_from_its_first_word(door: Door) -> None:
    one, two, notes = door(), door(), Notebook()
    send(one, notes)
    assert refusal(two, notes) == ("forked", 0)


def test_a_void_matches_what_is_held_and_empties_it(centre: Centre, door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body(note="secret de Polichinelle"))
    send(one, notes)
    notes.lines[0] = encode_op(Op(1, VISIT, "", "void"))
    assert send(one, notes).header.acked == 1
    with centre.database.read() as connection:
        assert connection.execute(select(tables.log.c.line)).scalar_one() == b""
    notes.lines[0] = encode_op(Op(1, RECORD, "", "void"))
    assert refusal(one, notes) == ("forked", 0)


def test_a_void_that_was_never_sent_is_taken(door: Door) -> None:
    one, notes = door(), Notebook()
    notes.add("void", VISIT, "")
    notes.create(RECORD, record_body(VISIT), "procedure_record")
    answer = send(one, notes)
    assert (answer.header.acked, results(answer)) == (2, [])
    assert set(pulled(one)) == {RECORD}


def test_different_fields_merge_and_the_same_field_becomes_a_conflict(door: Door) -> None:
    one, two, mine, theirs = door(), door(), Notebook(), Notebook()
    mine.create(VISIT, visit_body())
    send(one, mine)
    mine.amend(VISIT, 1, minutes=40)
    send(one, mine, first=2)
    theirs.amend(VISIT, 1, note="passée deux fois")
    theirs.amend(VISIT, 1, minutes=50)

    answer = send(two, theirs, pull={FEED: 0})

    assert results(answer) == [(1, "merged"), (2, "conflict")]
    states = {state.kind: state for state in answer.states}
    assert states["visit"].body["minutes"] == 40
    assert states["visit"].body["note"] == "passée deux fois"
    conflict = states["conflict"].body
    assert (conflict["record_id"], conflict["field"], conflict["local"], conflict["central"]) == (
        VISIT,
        "minutes",
        50,
        40,
    )
    assert conflict["status"] == "open"
    assert states["conflict"].id in pulled(one), "both sides see it"


def test_a_conflict_is_settled_by_its_status_and_made_by_the_centre_alone(door: Door) -> None:
    one, two, mine, theirs = door(), door(), Notebook(), Notebook()
    mine.create(VISIT, visit_body())
    mine.amend(VISIT, 1, minutes=40)
    send(one, mine)
    theirs.amend(VISIT, 1, minutes=50)
    answer = send(two, theirs, pull={FEED: 0})
    [conflict] = [state for state in answer.states if state.kind == "conflict"]
    theirs.add("set", conflict.id, "conflict", base=1, set={"status": "central"})
    theirs.add("set", conflict.id, "conflict", base=1, set={"local": 60})
    theirs.create(numbered_id(300), dict(conflict.body), "conflict")
    assert results(send(two, theirs, first=2)) == [(3, "quarantined"), (4, "quarantined")]
    settled = pulled(one)[conflict.id].body
    assert (settled["status"], settled["local"]) == ("central", 50)


def test_an_unchanged_field_is_said_to_be_unchanged(door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    notes.amend(VISIT, 1, minutes=25)
    assert results(send(one, notes)) == [(2, "unchanged")]
    assert pulled(one)[VISIT].version == 1


BAD = {
    "unknown kind": Op(1, VISIT, "rumour", "create", set={}),
    "bad code": Op(1, VISIT, "visit", "create", set=visit_body(channel="telepathy")),
    "missing field": Op(1, VISIT, "visit", "create", set={"minutes": 5}),
    "not an answer": Op(1, RECORD, "procedure_record", "create", set=record_body(VISIT, outcome="follow_up")),
    "forbidden text": Op(1, VISIT, "visit", "create", set=visit_body(note="mot de passe : Azerty123")),
    "unknown verb": Op(1, VISIT, "visit", "rename", set={}),
    "no id": Op(1, "visit-1", "visit", "create", set=visit_body()),
    "nul in the id": Op(1, "\0" * 36, "visit", "create", set=visit_body()),
    "huge base": Op(1, VISIT, "visit", "set", base=2**70, set={"minutes": 5}),
    "huge number": Op(1, VISIT, "visit", "create", set=visit_body(minutes=2**80)),
    "another number": Op(7, VISIT, "visit", "create", set=visit_body()),
    "unknown record": Op(1, VISIT, "visit", "set", set={"minutes": 5}),
    "nul in an unknown field": Op(1, VISIT, "visit", "create", set=visit_body(later="a\0b")),
    "huge unknown field": Op(1, VISIT, "visit", "create", set=visit_body(later=2**70)),
    "many unknown fields": Op(
        1, VISIT, "visit", "create", set=visit_body(**{f"f{number}": 1 for number in range(101)})
    ),
    "too large": Op(1, VISIT, "visit", "create", set=visit_body(later="x" * 300_000)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_operation_is_kept_aside_whole_and_blocks_nothing(
    name: str, centre: Centre, door: Door
) -> None:
    one, notes = door(), Notebook()
    line = encode_op(BAD[name])
    notes.lines.append(line)
    notes.create(numbered_id(300), visit_body())
    answer = send(one, notes)
    [result] = answer.header.results
    assert (result.seq, result.r, answer.header.acked) == (1, "quarantined", 2)
    assert result.why
    assert "Azerty" not in result.why
    assert set(pulled(one)) == {numbered_id(300)}
    with centre.database.read() as connection:
        kept = connection.execute(select(tables.log).where(tables.log.c.seq == 1)).one()
    # No fsbus makes one too large: its digest tells it again, its bytes would make backups that nobody can read.
    assert (kept.line, kept.digest) == (b"" if name == "too large" else line, op_digest(line))
    assert check(centre).problems == ()


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"\xff\xfe", b'{"seq":1,"record":"\xe9"}', b"[1]", b'{"seq":1}', b'{"seq":"1"}']
)
def test_a_line_that_is_no_operation_is_kept_aside_too(line: bytes, door: Door) -> None:
    one, notes = door(), Notebook(lines=[line])
    assert results(send(one, notes)) == [(1, "quarantined")]
    assert results(send(one, notes)) == [(1, "quarantined")]


def test_a_change_that_breaks_a_rule_with_what_is_there_is_kept_aside(door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(RECORD, record_body(VISIT), "procedure_record")
    notes.add("set", RECORD, "procedure_record", base=1, set={"outcome": "referred"})
    notes.add("set", RECORD, "procedure_record", base=1, set={"visit_id": numbered_id(9)})
    answer = send(one, notes)
    assert results(answer) == [(2, "quarantined"), (3, "quarantined")]
    assert pulled(one)[RECORD].body == record_body(VISIT)


def test_a_field_of_a_newer_fsbus_is_kept_and_given_back(door: Door) -> None:
    one, notes = door(), Notebook()
    later = {"weather": ["rain", {"wind": 3}], "mood": None}
    notes.create(VISIT, visit_body(**later), schema=9)
    notes.amend(VISIT, 1, weather="sun")
    assert results(send(one, notes)) == []
    assert pulled(one)[VISIT].body == visit_body(weather="sun", mood=None)


def test_values_come_back_in_their_one_form(door: Door) -> None:
    one, notes = door(), Notebook()
    given = visit_body(started_at="2026-11-24T09:20:00+01:00", equipment=["phone", "computer", "phone"])
    notes.create(VISIT, given)
    send(one, notes)
    assert pulled(one)[VISIT].body == visit_body(equipment=["computer", "phone"])


def test_a_child_may_come_before_its_parent(door: Door) -> None:
    one, two, mine, theirs = door(), door(), Notebook(), Notebook()
    mine.create(RECORD, record_body(VISIT), "procedure_record")
    theirs.create(VISIT, visit_body())
    assert results(send(one, mine)) == results(send(two, theirs)) == []
    assert set(pulled(one)) == {VISIT, RECORD}


def test_the_feed_comes_in_pages_without_a_hole(door: Door) -> None:
    one, two, notes = door(), door(), Notebook()
    ids = [numbered_id(1000 + number) for number in range(950)]
    for record in ids:
        notes.create(record, visit_body())
    send(one, notes)
    reader, position, seen, pages = Notebook(), 0, [], 0
    more = True
    while more:
        answer = send(two, reader, pull={FEED: position}, max=20_000)
        seen += [state.id for state in answer.states]
        position, more = answer.header.pull[FEED].to, answer.header.pull[FEED].more
        pages += 1
    assert seen == ids
    assert position == 950
    assert pages > 10


def test_one_record_larger_than_a_page_still_passes(door: Door) -> None:
    one, two, notes = door(), door(), Notebook()
    for number in range(3):
        notes.create(numbered_id(500 + number), visit_body(note="x" * 900))
    send(one, notes)
    answer = send(two, Notebook(), pull={FEED: 0}, max=1)
    assert (len(answer.states), answer.header.pull[FEED].to, answer.header.pull[FEED].more) == (1, 1, True)


def test_another_epoch_is_told_before_anything_is_taken(centre: Centre, door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    with pytest.raises(Refused, match="epoch"):
        one.exchange(notes.request("another"))
    assert operations(centre) == 0


def test_a_laptop_that_is_too_old_may_push_but_not_pull(centre: Centre, door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    assert refusal(one, notes, proto=0, pull={FEED: 0}) == ("upgrade", 0)
    assert operations(centre) == 1
    # Asking for nothing, it hears that it was taken, and sends on.
    assert one.exchange(notes.request(centre.epoch, proto=0)).header.acked == 1


def test_hello_says_what_is_held(door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    assert one.hello(notes.replica).last_seq == 0
    send(one, notes)
    hello = one.hello(notes.replica)
    assert (hello.last_seq, hello.feeds, hello.writes, hello.device) == (1, {FEED: 1}, FEED, one.device)
    assert hello.epoch == one.centre.epoch


@pytest.mark.parametrize("rest", [{"pull": {FEED: -1}}, {"pull": {FEED: 2**70}}, {"first": 0}, {"first": -5}])
def test_numbers_out_of_bounds_are_malformed(rest: dict[str, object], door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    request = notes.request(one.centre.epoch, pull=rest.get("pull", {}))
    request.header.first = int(str(rest.get("first", 1)))
    with pytest.raises(Refused, match="malformed"):
        one.exchange(request)


@pytest.mark.parametrize("replica", ["", "A" * 32, "ab", "\0" * 32, "ab" * 17])
def test_a_replica_has_its_one_form(replica: str, door: Door) -> None:
    with pytest.raises(Refused, match="malformed"):
        door().hello(replica)
