"""Erasing reaches everything: the fields, what hangs on them, the log, the very bytes of the file."""

from pathlib import Path

from fsbus.server import tables
from fsbus.server.admin import check, visits
from fsbus.server.centre import Centre
from fsbus.server.database import select
from tests.server.conftest import Door
from tests.server.laptop import FEED, Notebook, numbered_id, record_body, visit_body
from tests.server.looking import all_that_is_kept
from tests.server.test_exchange import pulled, results, send

VISIT, RECORD, LATER = numbered_id(100), numbered_id(101), numbered_id(102)
NEEDLE = "Mirabelle-Quetsche-4711"


def is_kept(centre: Centre, folder: Path) -> bool:
    return NEEDLE.encode() in all_that_is_kept(centre, folder)


def lines(centre: Centre) -> list[bytes]:
    with centre.database.read() as connection:
        return list(connection.execute(select(tables.log.c.line)).scalars())


def test_erasing_a_visit_erases_what_hangs_on_it_everywhere(
    centre: Centre, door: Door, tmp_path: Path
) -> None:
    one, two, mine, theirs = door(), door(), Notebook(), Notebook()
    mine.create(VISIT, visit_body(note=NEEDLE))
    mine.create(RECORD, record_body(VISIT, precise_answer=f"{NEEDLE} à rappeler"), "procedure_record")
    send(one, mine)
    theirs.amend(VISIT, 1, minutes=30)
    theirs.amend(VISIT, 0, note=f"{NEEDLE} aussi")
    theirs.create(LATER, record_body(VISIT, channel=NEEDLE, mode="?"), "procedure_record")
    assert results(send(two, theirs)) == [(2, "conflict"), (3, "quarantined")]
    centre.database.forget_erased()
    assert is_kept(centre, tmp_path), "the test sees what it looks for"

    mine.add("erase", VISIT, why=f"demande de {NEEDLE}")
    answer = send(one, mine, first=3, pull={FEED: 0})

    assert results(answer) == []
    erased = {state.id: state for state in answer.states}
    assert erased[RECORD].erased
    assert VISIT not in erased, "its author knows"
    told = pulled(two)
    assert {state.kind for state in told.values()} == {"visit", "procedure_record", "conflict"}
    assert all(state.erased and state.body == {} for state in told.values())
    assert list(visits(centre)) == []
    assert set(lines(centre)) == {b""}
    assert not is_kept(centre, tmp_path)
    assert check(centre).problems == ()


def test_what_comes_after_an_erasure_is_erased_and_not_kept(
    centre: Centre, door: Door, tmp_path: Path
) -> None:
    one, two, mine, theirs = door(), door(), Notebook(), Notebook()
    mine.create(VISIT, visit_body())
    mine.add("erase", VISIT)
    send(one, mine)
    theirs.amend(VISIT, 1, note=NEEDLE)
    theirs.create(RECORD, record_body(VISIT, precise_answer=NEEDLE), "procedure_record")
    theirs.add("set", RECORD, "procedure_record", set={"precise_answer": NEEDLE})
    theirs.create(VISIT, visit_body(note=NEEDLE))
    theirs.add("erase", VISIT)
    answer = send(two, theirs)
    assert results(answer) == [(1, "erased"), (2, "erased"), (3, "erased"), (4, "erased")]
    assert pulled(one)[RECORD].erased
    centre.database.forget_erased()
    assert not is_kept(centre, tmp_path)
    assert check(centre).problems == ()


def test_a_visit_recorded_and_erased_in_one_chunk_leaves_its_id_only(
    centre: Centre, door: Door, tmp_path: Path
) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body(note=NEEDLE))
    notes.create(RECORD, record_body(VISIT, precise_answer=NEEDLE), "procedure_record")
    notes.add("erase", VISIT)
    assert results(send(one, notes)) == []
    states = pulled(one)
    assert states[VISIT].erased
    assert states[RECORD].erased
    centre.database.forget_erased()
    assert not is_kept(centre, tmp_path)


def test_the_erasure_may_come_before_the_record(door: Door) -> None:
    one, two, mine, theirs = door(), door(), Notebook(), Notebook()
    mine.add("erase", VISIT)
    assert results(send(one, mine)) == []
    theirs.create(VISIT, visit_body())
    assert results(send(two, theirs)) == [(1, "erased")]


def test_the_same_operations_after_an_erasure_still_match(door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    notes.add("erase", VISIT)
    send(one, notes)
    assert send(one, notes).header.acked == 2


def test_a_procedure_record_is_erased_without_its_visit(door: Door) -> None:
    one, notes = door(), Notebook()
    notes.create(VISIT, visit_body())
    notes.create(RECORD, record_body(VISIT), "procedure_record")
    notes.add("erase", RECORD, "procedure_record")
    send(one, notes)
    states = pulled(one)
    assert (states[VISIT].erased, states[RECORD].erased) == (False, True)


def test_a_field_named_as_another_kinds_parent_brings_no_child_of_an_erased_visit_back(
    centre: Centre, door: Door
) -> None:
    one, mine = door(), Notebook()
    standing = numbered_id(103)
    mine.create(VISIT, visit_body())
    mine.create(standing, visit_body())
    mine.add("erase", VISIT)
    # What the record of a conflict hangs on is called so: here it is a field of a newer fsbus.
    mine.create(RECORD, record_body(VISIT, record_id=standing), "procedure_record")
    assert results(send(one, mine)) == [(4, "erased")]
    assert check(centre).ok
