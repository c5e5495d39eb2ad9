"""Finds where this laptop and its centre differ, and makes them equal: PROTOCOL.md « Repair »."""

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
    """One comparison of one feed, once nothing waits and the feed was read to its end.

    Of the whole feed only numbers are held; bodies are read, and states asked for, ``AT_ONCE`` at a time.
    """

    store: Store
    api: SyncApi
    feed: str
    asked: Callable[[], None] = lambda: None
    """Called before each request, to count it."""
    done: Repaired = Repaired()
    _known: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Version and sum of each record here when it was compared, those that others hang on first."""
    _gone: set[str] = field(default_factory=set)
    _behind: dict[str, int] = field(default_factory=dict)
    """Records of which the centre has a lower version than this laptop, and that version."""
    _wanted: list[str] = field(default_factory=list)

    def run(self) -> Repaired:
        """Compare, take what is missing here, and write the operations that give back what is missing there.

        They travel with the next exchange. Raises what the door raises; a comparison that was cut is begun anew.
        """
        self.store.maintain(note_what_hangs)
        self._known = {record.id: (record.version, record.sum) for record in self._held()}
        self._compare()
        aside = put_aside(self.store.db)
        for some in _portions([key for key in self._wanted if key not in aside]):
            self._put_right([state for state in self._states(some) if not state.erased])
        for some in _portions([key for key in self._known if key in self._gone and key not in aside]):
            self._save([_given_back(record, None, self.feed) for record in self._unchanged(some)], {})
        return self.done

    def _home(self) -> str:
        enrolled = self.store.link().enrolment
        return self.feed if enrolled is None else enrolled.writes

    def _held(self, ids: Collection[str] | None = None) -> Iterator[Held]:
        return held_records(self.store.db, self.feed, self._home(), ids)

    def _unchanged(self, ids: Collection[str]) -> Iterator[Held]:
        """Those of these records that are still as they were compared; the others are to be compared again."""
        passed_over = len(ids)
        for record in self._held(ids):
            if self._known[record.id] == (record.version, record.sum):
                passed_over -= 1
                yield record
        self.done = dataclasses.replace(self.done, passed_over=self.done.passed_over + passed_over)

    def _put_right(self, told: Sequence[State]) -> None:
        """Make equal what the centre has otherwise than this laptop, or alone."""
        erased = erased_here(self.store.db, [state.id for state in told])
        behind = {one.id: one for one in told if one.id in self._behind and one.id not in erased}
        missing = [one for one in told if one.id not in behind and one.id not in erased]
        if missing and self.feed != self._home():
            missing = [replace(one, feed=self.feed) for one in missing]
        kinds = self.store.take(missing) if missing else frozenset()
        self.done = dataclasses.replace(
            self.done,
            taken=self.done.taken + len(missing),
            erased_again=self.done.erased_again + len(erased),
            kinds=self.done.kinds | kinds,
        )
        again = [Edit(one.kind, one.id, ERASE, why=WITNESS) for one in told if one.id in erased]
        if again:
            self.store.save(again, actor="", write=GivingBack(self._behind))
        mine = list(self._unchanged(behind)) if behind else []
        self._save(
            [_given_back(record, behind[record.id], "") for record in mine],
            {record.id: record.version for record in mine},
        )

    def _save(self, edits: Sequence[Sequence[Edit]], seen: Mapping[str, int]) -> None:
        """Write what is given back, all of one record in one transaction: nobody changes it between."""
        if not edits:
            return
        write = GivingBack(self._behind, seen)
        self.store.save([edit for of_one in edits for edit in of_one], actor="", write=write)
        passed_over = len(write.passed_over)
        self.done = dataclasses.replace(
            self.done,
            given_back=self.done.given_back + len(edits) - passed_over,
            passed_over=self.done.passed_over + passed_over,
        )

    def _compare(self) -> None:
        """Sort out what differs, bucket by bucket."""
        self.asked()
        theirs = self.api.sums(self.feed)
        self._check_epoch(theirs.epoch)
        if len(theirs.sums) != BUCKETS:
            raise SyncError("La réponse du centre est illisible. Tout est enregistré sur ce poste.")
        ours = bucket_sums((key, total) for key, (_, total) in self._known.items())
        for number in [place for place, (a, b) in enumerate(zip(ours, theirs.sums, strict=True)) if a != b]:
            self.asked()
            bucket = self.api.bucket(self.feed, number)
            self._check_epoch(bucket.epoch)
            listed = {record_id: (version, total) for record_id, version, total in bucket.records}
            for record_id, (version, total) in listed.items():
                mine = self._known.get(record_id)
                if mine is not None and is_ahead(mine[0], version):
                    self._behind[record_id] = version
                if mine is None or (mine[0], written(mine[1])) != (version, total):
                    self._wanted.append(record_id)
            self._gone |= {key for key in self._known if bucket_of(key) == number and key not in listed}

    def _states(self, ids: Sequence[str]) -> list[State]:
        self.asked()
        header, states = self.api.states(self.feed, ids)
        self._check_epoch(header.epoch)
        return states

    def _check_epoch(self, epoch: str) -> None:
        if epoch != self.store.link().epoch:
            raise SyncError("Le centre a changé pendant l’échange : synchronisez à nouveau.")


def _given_back(mine: Held, theirs: State | None, feed: str) -> list[Edit]:
    """What the centre has lost of a record, all of it, in its feed, when it has none; a deleted one is deleted again, last."""
    edits = []
    if theirs is None:
        edits.append(Edit(mine.kind, mine.id, CREATE, mine.body, why=WITNESS, feed=feed))
    else:
        newer = {name: value for name, value in mine.body.items() if theirs.body.get(name) != value}
        if newer or not mine.deleted:
            edits.append(Edit(mine.kind, mine.id, SET, newer, why=WITNESS))
    if mine.deleted:
        edits.append(Edit(mine.kind, mine.id, DELETE, why=WITNESS, feed=feed))
    return edits


def _portions(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
