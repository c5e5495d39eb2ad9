"""Files of drafts are taken in line by line: each one whole or not at all, and memory stays flat."""

import io
import json
import os
import random
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsbus.actions.intake import LineResult, amend_lines, record_lines
from fsbus.actions.session import Session
from fsbus.core.entities import as_line
from fsbus.store import queries
from fsbus.store.database import problems_in
from tests.builders import draft, new_id, procedure_draft, referral_draft


def line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def visits(session: Session) -> int:
    return queries.status_facts(session.store.db).visits


def taken(session: Session, content: bytes) -> list[LineResult]:
    return list(record_lines(session, io.BytesIO(content)))


def problems(session: Session, content: bytes) -> list[tuple[int, set[str]]]:
    before = visits(session)
    results = taken(session, content)
    assert visits(session) == before + sum(not one.problems for one in results)
    return [(one.line, set(one.problems)) for one in results]


ONE, TWO = draft(minutes=11), draft(minutes=12)


@pytest.mark.parametrize(
    "content",
    [
        line(ONE) + b"\n" + line(TWO) + b"\n",
        line(ONE) + b"\r\n\r\n" + line(TWO),
        b"\xef\xbb\xbf" + line(ONE) + b"\n" + line(TWO),
        line([ONE, TWO]),
        json.dumps([ONE, TWO], indent=2).encode(),
        b"\n  " + line([ONE, TWO]) + b"  \n\n",
        json.dumps(ONE, indent=2).encode() + b"\n" + json.dumps(TWO, indent=2).encode() + b"\n",
        json.dumps(ONE, indent=1).encode() + b"\n" + line(TWO),
    ],
    ids=["lines", "windows", "bom", "array", "tidy-array", "spaces", "tidy-objects", "mixed"],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_objects_arrays_and_lines_are_read_alike(device: Session, content: bytes, size: int) -> None:
    class Trickle(io.BytesIO):
        def read1(self, wanted: int | None = -1, /) -> bytes:
            return super().read(size)

    results = list(record_lines(device, Trickle(content)))
    assert [one.problems for one in results] == [{}, {}]
    found = [queries.visit(device.store.db, one.visit_id or "") for one in results]
    assert [one.minutes if one else None for one in found] == [11, 12]


def test_an_ordinary_list_of_lines_may_be_given(device: Session) -> None:
    results = list(record_lines(device, [line(ONE), b"", line(TWO) + b"\n"]))
    assert [(one.line, bool(one.visit_id)) for one in results] == [(1, True), (3, True)]


@pytest.mark.parametrize("content", [b"", b"\n \n", b"[]", b" [ ] \n", b"\xef\xbb\xbf"])
def test_nothing_given_is_nothing_taken(device: Session, content: bytes) -> None:
    assert taken(device, content) == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", [(1, {"json"})]),
        (b"nope\n" + line(ONE), [(1, {"json"}), (2, set())]),
        (line(ONE) + b"\n[1]\n" + line(TWO), [(1, set()), (2, {"json"}), (3, set())]),
        (b"[1]\n" + line(ONE), [(1, {"json"}), (2, set())]),
        (b'{"minutes":\n' + line(ONE) + b"\n" + line(TWO), [(1, {"json"}), (2, set()), (3, set())]),
        (line(ONE)[:80] + b"\n" + line(TWO), [(1, {"json"}), (2, set())]),
        (line([ONE, 3, TWO]), [(1, set()), (2, {"json"}), (3, set())]),
        (line([ONE])[:-1] + b",]", [(1, set()), (2, {"json"})]),
        (line([ONE])[:-1] + b"," + line(TWO)[:50], [(1, set()), (2, {"json"})]),
        (line([ONE]) + b" and more", [(1, set()), (2, {"json"})]),
        (b'"text"\n3\nnull\ntrue', [(number, {"json"}) for number in (1, 2, 3, 4)]),
        (b'{"minutes": 1, "minutes": 2}', [(1, {"json"})]),
        (b'{"minutes": NaN}\n{"minutes": -Infinity}\n{"minutes": 1e999}', [(1, {"json"}), (2, {"json"}), (3, {"json"})]),
        (b'{"minutes": ' + b"9" * 5000 + b"}", [(1, {"json"})]),
        (b'{"note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", [(1, {"json"})]),
        (b'{"note": "\xff"}', [(1, {"json"})]),
        (line({"note": "x" * 1_100_000}) + b"\n" + line(ONE), [(1, {"json"}), (2, set())]),
        (line([{"note": "x" * 1_100_000}, ONE]), [(1, {"json"}), (2, set())]),
        (line({**ONE, "age": 3, "procedures": [procedure_draft(colour="red")]}), [(1, {"age", "procedures[0].colour"})]),
        (line({**ONE, "minutes": True}), [(1, {"minutes"})]),
        (line({**ONE, "note": None, "equipment": "computer"}), [(1, {"equipment"})]),
        (json.dumps({**ONE, "note": "\ud800"}).encode(), [(1, {"note"})]),
    ],
)  # fmt: skip
def test_a_broken_document_is_refused_by_its_line_and_the_others_are_taken(
    device: Session, content: bytes, expected: list[tuple[int, set[str]]]
) -> None:
    assert problems(device, content) == expected


def test_each_problem_is_french_and_never_repeats_a_secret(device: Session) -> None:
    (one,) = taken(device, line({**ONE, "note": "mot de passe : azerty12"}))
    assert one.as_json() == {"line": 1, "problems": one.problems}
    assert "azerty12" not in str(one.as_json())
    assert "mot de passe" in one.problems["note"]


def test_a_result_says_what_was_saved(device: Session) -> None:
    (one,) = taken(device, line(ONE))
    assert one.as_json() == {"line": 1, "visit_id": one.visit_id}


def many(count: int, bad: set[int]) -> Iterator[bytes]:
    wrong: list[Any] = [
        b'{"minutes":', line({**ONE, "minutes": 0}), line({**ONE, "stop_commune": "99999"}),
        line({**ONE, "procedures": [referral_draft(precise_answer="non")]}), b"\xff\xfe",
    ]  # fmt: skip
    good = line(draft(procedures=[procedure_draft()]))
    for number in range(1, count + 1):
        yield (wrong[number % len(wrong)] if number in bad else good) + b"\n"


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is told in another way there")
def test_10_000_drafts_with_500_bad_lines(device: Session, tmp_path: Path) -> None:
    chance = random.Random(7)
    bad = set(chance.sample(range(1, 10_001), 500))
    path = tmp_path / "drafts.ndjson"
    with path.open("wb") as file:
        file.writelines(many(10_000, bad))
    taken(device, next(many(1, set())))
    before, memory = visits(device), peak_memory()
    saved, refused = 0, set()
    with path.open("rb") as file:
        for one in record_lines(device, file):
            if one.problems:
                refused.add(one.line)
                assert set(one.problems) <= {
                    "json",
                    "minutes",
                    "stop_commune",
                    "procedures[0].precise_answer",
                }
            else:
                saved += 1
    assert refused == bad
    assert saved == 9_500
    assert visits(device) == before + 9_500
    assert problems_in(device.store.db) == []
    # 7 MB of drafts went through; what is held is one document and one batch of results.
    assert peak_memory() - memory < 12 * 1024 * 1024


def peak_memory() -> int:
    """The most memory that this process ever held, in bytes."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def test_a_result_is_given_only_once_it_is_durable(device: Session) -> None:
    other = device.reopen()
    for one in record_lines(device, [line(ONE)] * 250):
        assert queries.visit(other.store.db, one.visit_id or "") is not None
    other.close()


def test_a_program_that_feeds_line_by_line_is_answered_line_by_line(device: Session) -> None:
    reading, writing = os.pipe()
    answered: list[LineResult] = []
    with open(reading, "rb") as source, open(writing, "wb", buffering=0) as sink:  # noqa: PTH123  # opens descriptors, not paths
        results = record_lines(device, source)
        for _ in range(3):
            feeder = threading.Thread(target=sink.write, args=(line(ONE) + b"\n",))
            feeder.start()
            # Would wait for ever if the answer waited for more lines.
            answered.append(next(results))
            feeder.join()
        sink.close()
        assert list(results) == []
    assert [(one.line, bool(one.visit_id)) for one in answered] == [(1, True), (2, True), (3, True)]


def test_nothing_waits_on_the_input_with_the_store_locked(device: Session) -> None:
    other = device.reopen()

    def lines() -> Iterable[bytes]:
        for _ in range(3):
            with other.store.batch():
                pass
            yield line(ONE)

    assert len(list(record_lines(device, lines()))) == 3
    other.close()


KEYS = st.sampled_from(["minutes", "note", "procedures", "started_at", "channel", "x", "\ud800", ""])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
DRAFTS = st.builds(lambda key, value: json.dumps({**ONE, key: value}).encode(), KEYS, JSON)
LINES = st.binary(max_size=40) | DRAFTS | JSON.map(lambda value: json.dumps(value).encode())


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(lines=st.lists(LINES, max_size=6), separator=st.sampled_from([b"\n", b"\r\n", b"", b",\n"]))
def test_any_bytes_are_taken_or_refused_and_nothing_is_half_written(
    long_lived: Session, lines: list[bytes], separator: bytes
) -> None:
    db = long_lived.store.db
    before, pending = queries.status_facts(db), long_lived.store.pending_count()
    results = taken(long_lived, separator.join(lines))
    after = queries.status_facts(db)
    saved = [one for one in results if not one.problems]
    assert after.visits - before.visits == len(saved)
    new_records = after.procedure_records - before.procedure_records
    assert long_lived.store.pending_count() - pending == len(saved) + new_records
    assert all(text and field for one in results for field, text in one.problems.items())


# --- corrections -------------------------------------------------------------------------------------------------


@pytest.fixture
def visit_id(device: Session) -> str:
    (one,) = taken(device, line(ONE))
    return str(one.visit_id)


def amended(session: Session, *corrections: object) -> list[LineResult]:
    return list(amend_lines(session, [line(one) for one in corrections]))


def test_a_visit_and_its_records_are_corrected(device: Session, visit_id: str) -> None:
    record = queries.records_of(device.store.db, visit_id)[0]
    results = amended(
        device,
        {"visit_id": visit_id, "set": {"minutes": 40}},
        {"visit_id": visit_id, "record_id": record.id, "set": {"mode": "taught"}},
        {"record_id": record.id, "set": {"nature": "information"}},
    )
    assert [one.as_json() for one in results] == [
        {"line": 1, "visit_id": visit_id},
        {"line": 2, "visit_id": visit_id, "record_id": record.id},
        {"line": 3, "visit_id": visit_id, "record_id": record.id},
    ]
    shown = queries.visit(device.store.db, visit_id)
    assert shown is not None
    told = json.loads(json.dumps(as_line(shown, queries.records_of(device.store.db, visit_id))))
    assert told["minutes"] == 40
    assert (told["procedures"][0]["mode"], told["procedures"][0]["nature"]) == ("taught", "information")


def test_a_wrong_correction_is_refused_and_the_next_is_taken(device: Session, visit_id: str) -> None:
    record = queries.records_of(device.store.db, visit_id)[0]
    other = str(taken(device, line(TWO))[0].visit_id)
    results = amended(
        device,
        {"visit_id": visit_id, "set": {"minutes": 0}},
        {"visit_id": new_id(), "set": {"minutes": 5}},
        {"visit_id": other, "record_id": record.id, "set": {"mode": "taught"}},
        {"visit_id": "x", "record_id": 3, "set": [], "extra": 1},
        {"set": {"minutes": 5}},
        {"visit_id": visit_id, "set": {}},
        {"visit_id": visit_id, "set": {"minutes": 41}},
    )
    assert [set(one.problems) for one in results] == [
        {"minutes"}, {"visit_id"}, {"record_id"}, {"record_id", "set", "extra"}, {"visit_id"}, {"set"}, set(),
    ]  # fmt: skip
    shown = queries.visit(device.store.db, visit_id)
    assert shown is not None
    assert shown.minutes == 41


def test_a_file_is_told_what_may_be_chosen(device: Session) -> None:
    empty = {
        "started_at": "2026-11-20T09:20:00+01:00",
        "minutes": 20,
        "procedures": [{"procedure": "CAF-RSA"}],
    }
    (refused,) = taken(device, line(empty))
    for field, code in (
        ("channel", "walk_in"),
        ("procedures[0].nature", "information"),
        ("procedures[0].mode", "assisted"),
        ("procedures[0].outcome", "resolved"),
    ):
        told = refused.problems[field]
        assert told.startswith("À choisir\u00a0: ")
        assert code in told.removesuffix(".").removeprefix("À choisir\u00a0: ").split(", ")
