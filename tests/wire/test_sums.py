"""Sums of records say the same on both sides, in any order, and change with everything that counts."""

import hashlib
import json

import hypothesis.strategies as st
import msgspec
from hypothesis import given

from fsbus.wire.api import SumsAnswer
from fsbus.wire.canonical import canonical
from fsbus.wire.sums import BUCKETS, bucket_of, bucket_sums, record_sum, written
from tests.wire.test_golden import read

RECORD = "0190b6f0-0000-7000-8000-0000000000ff"
BODY = {"name": "Camille Lenoir", "zone": "nord"}
VALUES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20)
BODIES = st.dictionaries(st.text(max_size=8), VALUES | st.lists(VALUES, max_size=3), max_size=5)


def test_the_sum_of_a_record_is_the_one_that_was_released() -> None:
    bucket = msgspec.json.decode(read("bucket.json"), type=SumsAnswer)
    assert bucket.records == [(RECORD, 3, written(record_sum(RECORD, 3, BODY)))]
    spelt = json.dumps([RECORD, 3, BODY], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert bucket.records[0][2] == hashlib.sha256(spelt.encode()).hexdigest()[:16]


def test_the_buckets_are_those_that_were_released() -> None:
    sums = msgspec.json.decode(read("sums.json"), type=SumsAnswer).sums
    assert sums == bucket_sums([(RECORD, record_sum(RECORD, 3, BODY))])
    assert [place for place, total in enumerate(sums) if int(total, 16)] == [bucket_of(RECORD)] == [255]


@given(BODIES, st.integers(1, 2**31))
def test_a_sum_is_over_the_canonical_form(body: dict[str, object], version: int) -> None:
    backwards = dict(reversed(body.items()))
    expected = hashlib.sha256(canonical([RECORD, version, body])).digest()[:8]
    assert record_sum(RECORD, version, backwards) == int.from_bytes(expected)


@given(BODIES)
def test_version_content_and_deletion_all_count(body: dict[str, object]) -> None:
    sums = {
        record_sum(RECORD, 1, body),
        record_sum(RECORD, 2, body),
        record_sum(RECORD, 1, {"deleted": body}),
    }
    assert len(sums | {record_sum(RECORD, 1, {**body, "more": 1})}) == 4


@given(st.lists(st.tuples(st.uuids().map(str), st.integers(0, 2**64 - 1)), max_size=40))
def test_the_order_of_records_does_not_count(records: list[tuple[str, int]]) -> None:
    assert bucket_sums(records) == bucket_sums(reversed(records))
    assert len(bucket_sums(records)) == BUCKETS
