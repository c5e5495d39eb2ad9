"""A chunk of many operations in dispute reads what the log says of their record once."""

import pytest

from fsbus.core.merge import CONFLICTED, MERGED
from fsbus.server import history
from fsbus.server.chunk import Chunk
from fsbus.wire.api import Op
from fsbus.wire.codec import decode_op
from tests.server.conftest import Door
from tests.server.laptop import Notebook, numbered_id, visit_body
from tests.server.test_exchange import pulled, results, send

VISIT = numbered_id(100)
LINES, DISPUTED = 30, 40


def said_by_somebody(door: Door) -> None:
    """A visit, and a log of changes to it."""
    notes = Notebook()
    notes.create(VISIT, visit_body())
    for number in range(LINES - 1):
        notes.add("set", VISIT, base=number + 1, set={"note": f"{number}"}, hlc=f"{number}", actor="a")
    send(door(), notes)


def disputing() -> Notebook:
    """As many changes of one field by somebody who saw none of that."""
    notes = Notebook()
    for number in range(DISPUTED):
        notes.add("set", VISIT, set={"note": f"autre {number}"}, hlc=f"autre {number}", actor="b")
    return notes


def test_what_the_log_says_of_a_record_is_read_once_for_a_whole_chunk(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    said_by_somebody(door)
    read, proposed = [], list[int]()

    def counted(line: bytes) -> Op:
        read.append(line)
        return decode_op(line)

    def own_proposals(chunk: Chunk, record_id: str) -> list[str]:
        found = own(chunk, record_id)
        proposed.append(len(found))
        return found

    own = Chunk.own_proposals
    monkeypatch.setattr(history, "decode_op", counted)
    monkeypatch.setattr(Chunk, "own_proposals", own_proposals)
    answer = send(door(), disputing())
    assert results(answer) == [(seq, CONFLICTED) for seq in range(1, DISPUTED + 1)]
    # Once for who said it before, once for whose value stands; nothing of its own is in the log yet.
    assert len(read) == 2 * LINES
    # What was withdrawn is not looked through again.
    assert len(proposed) == DISPUTED
    assert max(proposed) == 1


def test_of_many_proposals_for_one_field_the_last_one_stays_open(door: Door) -> None:
    said_by_somebody(door)
    send(door(), disputing())
    conflicts = [state.body for state in pulled(door()).values() if state.kind == "conflict"]
    assert [one["local"] for one in conflicts if one["status"] == "open"] == [f"autre {DISPUTED - 1}"]
    assert len(conflicts) == DISPUTED


def test_a_proposal_that_was_erased_by_itself_stands_in_nobodys_way(door: Door) -> None:
    said_by_somebody(door)
    api, notes = door(), Notebook()
    notes.add("set", VISIT, set={"note": "autre"}, hlc="autre", actor="b")
    send(api, notes)
    (mine,) = [state.id for state in pulled(api).values() if state.kind == "conflict"]
    notes.add("erase", mine, "conflict", base=1)
    notes.add("set", VISIT, base=LINES, set={"note": "enfin"}, hlc="enfin", actor="b")
    answer = send(api, notes, 2)
    assert (answer.header.acked, results(answer)) == (3, [])
    assert pulled(door())[VISIT].body["note"] == "enfin"


def test_the_same_words_under_a_new_name_are_known_again(door: Door) -> None:
    said_by_somebody(door)
    again = Notebook()
    again.add("set", VISIT, set={"note": "7"}, hlc="7", actor="a")
    again.add("set", VISIT, set={"note": "7"}, hlc="7", actor="z")
    assert results(send(door(), again)) == [(1, MERGED), (2, CONFLICTED)]
