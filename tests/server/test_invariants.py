"""Whatever laptops send, in whatever order: the log is whole, and the records are its replay."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsbus.core.changes import Change
from fsbus.core.merge import Copy, merge
from fsbus.server import tables
from fsbus.server.admin import check
from fsbus.server.centre import Centre, open_centre
from fsbus.server.copies import load_copies
from fsbus.server.database import select
from fsbus.server.direct import DirectApi
from fsbus.wire.codec import decode_op
from tests.server.laptop import FEED, Notebook, enrol, numbered_id, record_body, still_clock, visit_body
from tests.server.test_exchange import pulled, send

VISITS = [numbered_id(number) for number in (1, 2)]
RECORDS = [numbered_id(number) for number in (11, 12)]
steps = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 2), st.just("create"), st.sampled_from(VISITS), st.integers(1, 9)),
        st.tuples(st.integers(0, 2), st.just("child"), st.sampled_from(RECORDS), st.sampled_from([0, 1])),
        st.tuples(st.integers(0, 2), st.just("minutes"), st.sampled_from(VISITS), st.integers(0, 4)),
        st.tuples(st.integers(0, 2), st.just("note"), st.sampled_from(VISITS), st.integers(0, 4)),
        st.tuples(st.integers(0, 2), st.just("erase"), st.sampled_from(VISITS + RECORDS), st.just(0)),
        st.tuples(st.integers(0, 2), st.just("bad"), st.sampled_from(VISITS), st.just(0)),
        st.tuples(st.integers(0, 2), st.just("send"), st.just(""), st.integers(1, 5)),
        st.tuples(st.integers(0, 2), st.just("repeat"), st.just(""), st.integers(1, 5)),
    ),
    max_size=40,
)


@contextmanager
def a_centre() -> Iterator[Centre]:
    with tempfile.TemporaryDirectory() as folder:
        centre = open_centre(f"sqlite:///{Path(folder) / 'centre.db'}")
        try:
            yield centre
        finally:
            centre.close()


class Bus:
    """One laptop: writes down, sends in pieces, and repeats itself."""

    def __init__(self, centre: Centre) -> None:
        self.api = DirectApi(centre, enrol(centre).device, still_clock())
        self.notes = Notebook()
        self.acked = 0

    def step(self, verb: str, record: str, number: int) -> None:
        match verb:
            case "create":
                self.notes.create(record, visit_body(minutes=number))
            case "child":
                self.notes.create(record, record_body(VISITS[number]), "procedure_record")
            case "minutes":
                self.notes.amend(record, number, minutes=10 + len(self.notes.lines))
            case "note":
                self.notes.amend(record, number, note=f"note {len(self.notes.lines)}")
            case "erase":
                self.notes.add("erase", record, "visit" if record in VISITS else "procedure_record")
            case "bad":
                self.notes.amend(record, 1, minutes=-1)
            case "send":
                self.send(self.acked + 1, number)
            case "repeat":
                self.send(max(1, self.acked + 1 - number), number)

    def send(self, first: int, count: int) -> None:
        answer = send(self.api, self.notes, first, count, pull={FEED: 0})
        assert answer.header.acked >= self.acked
        self.acked = answer.header.acked


@given(steps)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_the_log_is_whole_and_the_records_are_its_replay(
    plan: list[tuple[int, str, str, int]],
) -> None:
    with a_centre() as centre:
        buses = [Bus(centre) for _ in range(3)]
        taken: list[tuple[str, int]] = []
        for number, verb, record, value in plan:
            bus = buses[number]
            before = bus.acked
            bus.step(verb, record, value)
            taken += [(bus.notes.replica, seq) for seq in range(before + 1, bus.acked + 1)]

        assert check(centre).problems == ()
        with centre.database.read() as connection:
            log = {(row.replica, row.seq): row for row in connection.execute(select(tables.log))}
            held = load_copies(connection, [FEED], [*VISITS, *RECORDS])
        assert sorted(log) == sorted(taken), "each operation once, and nothing else"
        for bus in buses:
            assert [bytes(log[bus.notes.replica, seq].line) for seq in range(1, bus.acked + 1)] == [
                b"" if log[bus.notes.replica, seq].line == b"" else line
                for seq, line in enumerate(bus.notes.lines[: bus.acked], 1)
            ], "to the byte, or emptied"

        copies = replay(buses, taken)
        assert {key: found.copy for key, found in held.items()} == copies
        assert {
            key: (state.version, state.erased)
            for key, state in pulled(buses[0].api).items()
            if state.kind != "conflict" and not state.erased
        } == {key: (copy.version, False) for key, copy in copies.items() if not copy.erased}


def replay(buses: list[Bus], taken: list[tuple[str, int]]) -> dict[str, Copy]:
    """The records after these operations in this order, by the pure rules alone."""
    lines = {(bus.notes.replica, seq): line for bus in buses for seq, line in enumerate(bus.notes.lines, 1)}
    copies: dict[str, Copy] = {}
    for replica, seq in taken:
        op = decode_op(lines[replica, seq])
        if op.set.get("minutes") == -1 and not (op.record in copies and copies[op.record].erased):
            continue
        copy, parent = copies.get(op.record), copies.get(str(op.set.get("visit_id")))
        if op.verb == "create" and copy is None and parent is not None and parent.erased:
            copies[op.record] = Copy(op.record, op.kind, 1, replica, erased=True)
            continue
        if (
            copy is not None
            and not copy.erased
            and op.set.get("visit_id") not in (None, copy.body.get("visit_id"))
        ):
            continue
        change = Change(replica, seq, op.record, op.kind, op.verb, op.base, op.set)
        after = merge(copy, change).copy
        if after is None:
            continue
        copies[op.record] = after
        if op.verb == "erase":
            for child in [one for one in copies.values() if one.body.get("visit_id") == op.record]:
                copies[child.id] = Copy(child.id, child.kind, child.version + 1, child.creator, erased=True)
            creator = op_creator(copy, replica)
            copies[op.record] = Copy(op.record, after.kind, after.version, creator, erased=True)
    return copies


def op_creator(copy: Copy | None, replica: str) -> str:
    """An erased record keeps the name of the replica that made it."""
    return replica if copy is None else copy.creator
