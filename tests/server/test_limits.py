"""Each limit holds before the database: the longest value is taken, one more is put aside."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from backports import zstd

from fsbus.core.entities import AGENT, ENTITIES, PROCEDURE_RECORD, VISIT
from fsbus.core.fields import Group, Text, TextList, Whole
from fsbus.core.merge import QUARANTINED
from fsbus.server import archive
from fsbus.server.admin import check
from fsbus.server.applying import LARGEST_OPERATION
from fsbus.server.backups import back_up
from fsbus.server.bodies import DEEPEST, LARGEST_NUMBER, MOST_EXTRAS
from fsbus.server.centre import Centre
from fsbus.server.direct import DirectApi
from fsbus.wire.api import Op, Refused
from fsbus.wire.codec import encode_op, encode_request
from fsbus.wire.version import CONTENT_TYPE
from tests.server.application import InProcess
from tests.server.conftest import Door
from tests.server.laptop import (
    FEED,
    NOW,
    HttpLaptop,
    Notebook,
    enrol,
    numbered_id,
    record_body,
    visit_body,
)  # fmt: skip

PARENT, RECORD = numbered_id(100), numbered_id(101)
Body = dict[str, object]


def bodies(kind: str) -> Body:
    known: dict[str, Body] = {
        VISIT: visit_body(), PROCEDURE_RECORD: record_body(PARENT), AGENT: {"name": "Ana"}
    }  # fmt: skip
    return known[kind]


def result_of(api: DirectApi, centre: Centre, op: Callable[[Notebook], object]) -> tuple[str, str]:
    """What became of one operation of a new replica, whose visit is there already."""
    notes = Notebook()
    notes.create(PARENT, visit_body())
    api.exchange(notes.request(centre.epoch))
    op(notes)
    answer = api.exchange(notes.request(centre.epoch, first=2))
    found = [(result.r, result.why) for result in answer.header.results]
    return found[0] if found else ("plain", "")


def create(kind: str, body: Body) -> Callable[[Notebook], object]:
    return lambda notes: notes.create(RECORD, body, kind)


def bounded() -> Iterator[tuple[str, str, object, object]]:
    """Kind, field, the most that it takes, and one more."""
    for kind in (VISIT, PROCEDURE_RECORD, AGENT):
        for name, field in ENTITIES[kind].fields.items():
            match field:
                case Text():
                    yield kind, name, "é" * field.longest, "é" * (field.longest + 1)
                case TextList():
                    most = ["é" * field.longest] * field.most
                    yield kind, name, most, [*most, "x"]
                    yield kind, name, most, ["é" * (field.longest + 1)]
                case Whole():
                    yield kind, name, field.highest, field.highest + 1
                    yield kind, name, field.lowest, field.lowest - 1


@pytest.mark.parametrize(("kind", "name", "most", "more"), list(bounded()), ids=lambda value: str(value)[:20])
def test_a_field_takes_its_most_and_no_more(
    kind: str, name: str, most: object, more: object, centre: Centre, door: Door
) -> None:
    api = door()
    taken, _ = result_of(api, centre, create(kind, bodies(kind) | {name: most}))
    assert taken == "plain"
    result, why = result_of(door(), centre, create(kind, bodies(kind) | {name: more}))
    assert result == QUARANTINED
    assert why.partition("[")[0] == f"invalid: {name}"
    assert check(centre).problems == ()


def grouped() -> Iterator[tuple[str, str, int]]:
    for name, field in ENTITIES[PROCEDURE_RECORD].fields.items():
        if isinstance(field, Group):
            for inner, kind in field.fields.items():
                if isinstance(kind, Text):
                    yield name, inner, kind.longest


@pytest.mark.parametrize(("name", "inner", "longest"), list(grouped()))
def test_a_field_inside_a_group_has_its_limit_too(
    name: str, inner: str, longest: int, centre: Centre, door: Door
) -> None:
    body = record_body(PARENT, **{name: {inner: "é" * (longest + 1)}})
    result, why = result_of(door(), centre, create(PROCEDURE_RECORD, body))
    assert result == QUARANTINED
    assert f"{name}.{inner}" in why


def deep(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("most", "more"),
    [
        ({f"later_{n}": 1 for n in range(MOST_EXTRAS)}, {f"later_{n}": 1 for n in range(MOST_EXTRAS + 1)}),
        ({"later": deep(DEEPEST - 1)}, {"later": deep(DEEPEST)}),
        ({"later": LARGEST_NUMBER}, {"later": LARGEST_NUMBER + 1}),
        ({"later": "\u0001"}, {"later": "\0"}),
        ({"later": {"a": 1}}, {"later": {"\0": 1}}),
        ({"la\u0001ter": 1}, {"la\0ter": 1}),
    ],
    ids=["how many", "how deep", "how large", "NUL", "NUL inside", "NUL in a name"],
)
def test_fields_of_a_newer_laptop_are_kept_within_bounds(
    most: Body, more: Body, centre: Centre, door: Door
) -> None:
    assert result_of(door(), centre, create(VISIT, visit_body(**most)))[0] == "plain"
    result, why = result_of(door(), centre, create(VISIT, visit_body(**more)))
    assert (result, why) == (QUARANTINED, "invalid: unknown fields")


def test_a_record_takes_no_more_unknown_fields_by_several_operations_than_by_one(
    centre: Centre, door: Door
) -> None:
    """Else a record grows until no answer may hold it, and its feed is read by nobody any more."""
    notes, api, long = Notebook(), door(), "x" * (LARGEST_OPERATION // 3)
    notes.create(RECORD, visit_body(**{f"later_{n}": 1 for n in range(MOST_EXTRAS - 4)}))
    for number in range(5):
        notes.add("set", RECORD, base=number + 1, set={f"long_{number}": long})
    # What is there already may be said otherwise.
    notes.add("set", RECORD, base=4, set={"later_0": 2, "note": "bon"})
    answer = api.exchange(notes.request(centre.epoch))
    assert [(one.seq, one.r, one.why) for one in answer.header.results] == [
        (seq, QUARANTINED, "invalid: unknown fields") for seq in (4, 5, 6)
    ]
    many = Notebook()
    many.create(PARENT, visit_body(**{f"later_{n}": 1 for n in range(MOST_EXTRAS)}))
    many.add("set", PARENT, base=1, set={"one_more": 1})
    answer = api.exchange(many.request(centre.epoch))
    assert [one.seq for one in answer.header.results] == [2]


def line_of(size: int) -> bytes:
    """An operation line of exactly so many bytes."""
    empty = encode_op(Op(2, RECORD, VISIT, "create", set=visit_body(later="")))
    line = encode_op(Op(2, RECORD, VISIT, "create", set=visit_body(later="x" * (size - len(empty)))))
    assert len(line) == size
    return line


def test_an_operation_takes_its_most_bytes_and_no_more(centre: Centre, door: Door) -> None:
    taken = result_of(door(), centre, lambda notes: notes.lines.append(line_of(LARGEST_OPERATION)))
    assert taken == ("plain", "")
    more = result_of(door(), centre, lambda notes: notes.lines.append(line_of(LARGEST_OPERATION + 1)))
    assert more == (QUARANTINED, "too large")


def test_of_an_operation_too_large_the_digest_alone_is_kept(
    centre: Centre, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kilobytes may become 64 MiB: kept whole, no backup could be read again, and `durable` would stand still."""
    monkeypatch.setattr(archive, "LARGEST_LINE", 2**21)
    api, notes = door(), Notebook()
    notes.lines.append(b'"' + b"x" * (2 * 2**20) + b'"')
    for _ in range(2):
        answer = api.exchange(notes.request(centre.epoch))
        assert [(one.seq, one.r, one.why) for one in answer.header.results] == [(1, QUARANTINED, "too large")]
    assert check(centre).problems == ()
    back_up(centre, tmp_path, NOW)
    assert api.exchange(notes.request(centre.epoch)).header.durable == 1


@pytest.mark.parametrize("name", ["actor", "hlc"])
@pytest.mark.parametrize("value", ["x" * 41, "a\0b", "a\nb"], ids=["long", "NUL", "line"])
def test_who_and_when_are_short_words(name: str, value: str, centre: Centre, door: Door) -> None:
    result, why = result_of(door(), centre, lambda notes: notes.create(RECORD, visit_body(), **{name: value}))
    assert (result, why) == (QUARANTINED, "invalid: actor or hlc")


@pytest.mark.parametrize(
    "changes",
    [
        {"first": 2**53}, {"pull": {FEED: 2**53}}, {"pull": {FEED: -1}}, {"replica": "AB" * 16},
        {"replica": "ab" * 17}, {"replica": "é" * 32},
    ],
    ids=str,
)  # fmt: skip
def test_a_number_or_a_name_of_the_header_has_its_limit(changes: Body, centre: Centre, door: Door) -> None:
    request = Notebook().request(centre.epoch)
    request.header = msgspec.structs.replace(request.header, n=1, **changes)
    request.ops = [b"{}"]
    with pytest.raises(Refused, match=r"malformed|expect"):
        door().exchange(request)


def test_a_body_under_another_compression_is_not_opened(centre: Centre) -> None:
    """A bomb of gzip is bytes like others: only one frame of zstd is ever opened."""
    application, laptop = InProcess(centre), HttpLaptop("", enrol(centre))
    good = encode_request(Notebook().request(centre.epoch))
    for body in (gzip.compress(bytes(50_000_000)), gzip.compress(good), zstd.compress(good), good + good):
        headers = laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, body)
        for more in ({}, {"content-encoding": "gzip"}, {"content-encoding": "zstd"}):
            assert application.ask("POST", "/v1/sync", headers | more, body).status == 400
    application.close()
