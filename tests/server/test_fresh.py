"""The short way of a new record gives what the ordinary way gives, or leaves the operation to it."""

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsbus.core.entities import ENTITIES, PROCEDURE_RECORD, VISIT
from fsbus.core.whole_bodies import WholeReader
from fsbus.server import fresh
from fsbus.server.applying import Applying
from fsbus.server.bodies import read_fields
from fsbus.server.centre import Centre, open_centre
from fsbus.server.chunk import Chunk
from tests.server.laptop import FEED, Notebook, numbered_id, record_body, visit_body

BODIES = {VISIT: visit_body(), PROCEDURE_RECORD: record_body(numbered_id(1))}
odd = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 5), st.just(1.0), st.text(max_size=5), st.sampled_from(["\0", "\ud800", "x" * 5000]),
    st.lists(st.one_of(st.sampled_from(["computer", "phone", "a"]), st.integers(0, 1), st.booleans(), st.lists(st.none(), max_size=1)), max_size=3),
    st.dictionaries(st.sampled_from(["partner", "on", "x"]), st.text(max_size=3), max_size=2),
)  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, dict[str, object]]:
    """A good body with some fields made odd, or set to another good body's value."""
    kind = draw(st.sampled_from(sorted(BODIES)))
    names = draw(st.lists(st.sampled_from(sorted(BODIES[kind])), max_size=3, unique=True))
    return kind, {**BODIES[kind], **{name: draw(odd) for name in names}}


@given(st.lists(bodies(), min_size=1, max_size=6))
@settings(max_examples=150)
def test_a_whole_body_is_read_as_its_fields_are(several: list[tuple[str, dict[str, object]]]) -> None:
    readers = {kind: WholeReader(ENTITIES[kind]) for kind in BODIES}
    for kind, body in several:
        clean, wrong = read_fields(ENTITIES[kind], "create", body)
        read = readers[kind].read(body)
        assert typed(read) == (None if wrong else typed(clean))


def typed(body: Mapping[str, object] | None) -> object:
    """With the class of each value, because 1, 1.0 and True are equal."""
    return None if body is None else {name: repr(value) for name, value in body.items()}


@pytest.fixture(scope="module")
def empty_centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    centre = open_centre(f"sqlite:///{tmp_path_factory.mktemp('fresh') / 'centre.db'}")
    yield centre
    centre.close()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["visit", "child", "orphan", "agent", "amend", "erase", "bad", "odd", "witness", "extra"]
        ),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=12,
)


@given(STEPS)
@settings(max_examples=80)
def test_a_chunk_comes_out_alike_by_both_ways(empty_centre: Centre, steps: list[tuple[str, int]]) -> None:
    notes = Notebook(replica="a" * 32)
    for verb, number in steps:
        visit, child = numbered_id(10 + number), numbered_id(20 + number)
        match verb:
            case "visit":
                notes.create(visit, visit_body(minutes=number))
            case "child":
                notes.create(child, record_body(visit), PROCEDURE_RECORD)
            case "orphan":
                notes.create(child, record_body(numbered_id(99)), PROCEDURE_RECORD)
            case "agent":
                notes.create(numbered_id(30 + number), {"name": "Camille"}, "agent")
            case "amend":
                notes.amend(visit, 1, note=f"note {number}")
            case "erase":
                notes.add("erase", visit)
            case "bad":
                notes.create(visit, visit_body(minutes=-1))
            case "odd":
                notes.create(child, record_body("nobody"), PROCEDURE_RECORD)
            case "witness":
                notes.create(visit, visit_body(), why="witness")
            case "extra":
                notes.create(visit, visit_body(later="x"))
    with empty_centre.database.read() as connection:
        short, ordinary = (Chunk(connection, notes.replica, FEED, (FEED,)) for _ in range(2))
        arrived = Applying(short).apply(1, notes.lines)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fresh, "take", lambda *_: None)
            expected = Applying(ordinary).apply(1, notes.lines)
    assert arrived == expected
    assert [held.copy for held in short.changed] == [held.copy for held in ordinary.changed]
    assert [(held.feed, held.plain_for, held.stored) for held in short.changed] == [
        (held.feed, held.plain_for, held.stored) for held in ordinary.changed
    ]
    assert short.erased == ordinary.erased


def test_a_usual_push_takes_the_short_way(empty_centre: Centre) -> None:
    notes = Notebook(replica="b" * 32)
    notes.create(numbered_id(10), visit_body())
    notes.create(numbered_id(20), record_body(numbered_id(10)), PROCEDURE_RECORD)
    notes.create(numbered_id(21), record_body(numbered_id(98)), PROCEDURE_RECORD)
    with empty_centre.database.read() as connection:
        chunk = Chunk(connection, notes.replica, FEED, (FEED,))
        Applying(chunk).apply(1, notes.lines)
    assert [held.is_fresh for held in chunk.changed] == [True, True, True]
