"""Sums of records, by which a laptop and the centre find where they differ: PROTOCOL.md « Repair »."""

import hashlib
from collections.abc import Iterable

import msgspec

BUCKETS = 256
_MODULUS = 2**64
# Sorted names are the canonical form of JSON (`fsbus.wire.canonical`); what is kept was checked when it was written.
_encode = msgspec.json.Encoder(order="sorted").encode


def bucket_of(record_id: str) -> int:
    """The bucket of a record, 0 to 255: the last two hex digits of its id, which are chance."""
    return int(record_id[-2:], 16)


def record_sum(record_id: str, version: int, state: object) -> int:
    """The sum of one record as it stands; ``state`` is its body, or what stands for it."""
    return int.from_bytes(hashlib.sha256(_encode([record_id, version, state])).digest()[:8])


def written(number: int) -> str:
    """A sum as it travels, 16 hex digits."""
    return f"{number:016x}"


def bucket_sums(records: Iterable[tuple[str, int]]) -> list[str]:
    """The sum of each bucket, from (id, sum) of every record, in any order."""
    totals = [0] * BUCKETS
    for record_id, number in records:
        place = bucket_of(record_id)
        totals[place] = (totals[place] + number) % _MODULUS
    return [written(total) for total in totals]
