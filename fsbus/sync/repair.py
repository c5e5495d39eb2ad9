"""Finds where this laptop and its centre differ, and makes them equal: PROTOCOL.md « Repair »."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec.structs import replace

from fsbus.core.changes import CREATE, DELETE, ERASE, SET, WITNESS
from fsbus.core.errors import SyncError
from fsbus.core.lives import is_ahead
from fsbus.core.redaction import redacted
from fsbus.store.edits import Edit
from fsbus.store.elsewhere import note_what_hangs
from fsbus.store.store import Store
from fsbus.store.sums import GivingBack, Held, erased_here, held_records, put_aside
from fsbus.wire.api import State, SyncApi
from fsbus.wire.sums import BUCKETS, bucket_of, bucket_sums, written

_T = TypeVar("_T")
AT_ONCE = 500
"""Records asked for, or given back, at a time."""


@redacted("taken", "given_back", "erased_again", "passed_over")
@dataclass(frozen=True)
class Repaired:
    """What a comparison put right: records taken from the centre, given back to it, erased there again."""

    taken: int = 0
    given_back: int = 0
    erased_again: int = 0
    passed_over: int = 0
    """Records to give back that somebody changed here meanwhile: they are to be compared again once that was sent."""
    kinds: frozenset[str] = frozenset()
    """Kinds of record that changed here."""


@redacted()
@dataclass
class Repair:
    """One comparison of one feed, once nothing waits and the feed was read to its end."""

    store: Store
    api: SyncApi
    feed: str
    asked: Callable[[], None] = lambda: None
    """Called before each request, to count it."""
    _gone: list[Held] = field(default_factory=list)
    _behind: dict[str, int] = field(default_factory=dict)
    """Records of which the centre has a lower version than this laptop, and that version."""
    _wanted: list[str] = field(default_factory=list)

    def run(self) -> Repaired:
        """Compare, take what is missing here, and write the operations that give back what is missing there.

        They travel with the next exchange. Raises what the door raises; a comparison that was cut is begun anew.
        """
        enrolled = self.store.link().enrolment
        home = self.feed if enrolled is None else enrolled.writes
        self.store.maintain(note_what_hangs)
        held = {record.id: record for record in held_records(self.store.db, self.feed, home)}
        self._compare(held)
        aside = put_aside(self.store.db)
        told = [state for state in self._states(self._wanted) if state.id not in aside and not state.erased]
        erased = erased_here(self.store.db, [state.id for state in told])
        behind = [state for state in told if state.id in self._behind and state.id not in erased]
        missing = [state for state in told if state.id not in self._behind and state.id not in erased]
        kinds: set[str] = set()
        for portion in _portions(missing):
            kinds |= self.store.take(
                portion if self.feed == home else [replace(one, feed=self.feed) for one in portion]
            )
        edits = [[Edit(state.kind, state.id, ERASE, why=WITNESS)] for state in told if state.id in erased]
        gone = [record for record in self._gone if record.id not in aside]
        edits += [
            [dataclasses.replace(edit, feed=self.feed) for edit in _given_back(record, None)]
            for record in gone
        ]
        edits += [_given_back(held[state.id], state) for state in behind]
        write = GivingBack(self._behind, {state.id: held[state.id].version for state in behind})
        for some in _portions(edits):
            # All of one record in one transaction: nobody changes it between.
            self.store.save([edit for of_one in some for edit in of_one], actor="", write=write)
        passed_over = len(write.passed_over)
        return Repaired(
            len(missing),
            len(gone) + len(behind) - passed_over,
            len(erased),
            passed_over,
            frozenset(kinds),
        )

    def _compare(self, held: Mapping[str, Held]) -> None:
        """Sort out what differs, bucket by bucket."""
        self.asked()
        theirs = self.api.sums(self.feed)
        self._check_epoch(theirs.epoch)
        if len(theirs.sums) != BUCKETS:
            raise SyncError("La réponse du centre est illisible. Tout est enregistré sur ce poste.")
        ours = bucket_sums((record.id, record.sum) for record in held.values())
        for number in [place for place, (a, b) in enumerate(zip(ours, theirs.sums, strict=True)) if a != b]:
            self.asked()
            bucket = self.api.bucket(self.feed, number)
            self._check_epoch(bucket.epoch)
            listed = {record_id: (version, total) for record_id, version, total in bucket.records}
            for record_id, (version, total) in listed.items():
                mine = held.get(record_id)
                if mine is not None and is_ahead(mine.version, version):
                    self._behind[record_id] = version
                if mine is None or (mine.version, written(mine.sum)) != (version, total):
                    self._wanted.append(record_id)
            self._gone += [
                record
                for record in held.values()
                if bucket_of(record.id) == number and record.id not in listed
            ]

    def _states(self, ids: Sequence[str]) -> Iterator[State]:
        for some in _portions(ids):
            self.asked()
            header, states = self.api.states(self.feed, some)
            self._check_epoch(header.epoch)
            yield from states

    def _check_epoch(self, epoch: str) -> None:
        if epoch != self.store.link().epoch:
            raise SyncError("Le centre a changé pendant l’échange : synchronisez à nouveau.")


def _given_back(mine: Held, theirs: State | None) -> list[Edit]:
    """What the centre has lost of a record, all of it when it has none; a deleted one is deleted again, last."""
    edits = []
    if theirs is None:
        edits.append(Edit(mine.kind, mine.id, CREATE, mine.body, why=WITNESS))
    else:
        newer = {name: value for name, value in mine.body.items() if theirs.body.get(name) != value}
        if newer or not mine.deleted:
            edits.append(Edit(mine.kind, mine.id, SET, newer, why=WITNESS))
    if mine.deleted:
        edits.append(Edit(mine.kind, mine.id, DELETE, why=WITNESS))
    return edits


def _portions(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
