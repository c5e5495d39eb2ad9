"""Three-way merging by field: what a change does to the centre's copy of a record.

Pure and total: the same changes in the same order give the same copies. No clock decides
anything. Different fields merge; on the same field the centre keeps its value and the other
becomes an open proposal; erasure wins over everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fsbus.core.changes import CREATE, ERASE, SET, VOID, Change
from fsbus.core.ids import derived_id
from fsbus.core.redaction import redacted

PLAIN, UNCHANGED, MERGED, CONFLICTED = "plain", "unchanged", "merged", "conflict"
ERASED, QUARANTINED = "erased", "quarantined"
UNKNOWN_RECORD = "unknown record"
"""Why a change of a record that the centre does not have is put aside."""


@redacted("id", "kind", "version")
@dataclass(frozen=True)
class Copy:
    """The centre's copy of one record.

    ``writers`` maps a field to (version of its last change, replica that made it); a field that is
    not in it was set at version 1 by ``creator``. ``erased`` copies hold nothing but their id.
    """

    id: str
    kind: str
    version: int
    creator: str
    body: Mapping[str, object] = field(default_factory=dict)
    writers: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    erased: bool = False

    def writer(self, name: str) -> tuple[int, str]:
        """Version and replica of the last change of this field."""
        return self.writers.get(name, (1, self.creator))


@redacted("id")
@dataclass(frozen=True)
class Proposal:
    """A value that the centre did not take, kept for people to choose."""

    id: str
    field: str
    local: object
    central: object


@redacted("changed")
@dataclass(frozen=True)
class Merge:
    """What came of one change: the copy after it (None: still nothing) and the word for its author."""

    result: str
    copy: Copy | None
    proposals: tuple[Proposal, ...] = ()
    why: str = ""
    changed: bool = True
    """False when the copy is as it was: no new version, nothing to tell the others."""


def merge(copy: Copy | None, change: Change) -> Merge:
    """Apply one change to the centre's copy.

    A change is plain when its author had seen every change that others made to the record: the
    author's replica already shows the result, and may count one version more without an echo.
    """
    if change.verb == VOID:
        return Merge(PLAIN, copy, changed=False)
    if copy is not None and copy.erased:
        return Merge(PLAIN if change.verb == ERASE else ERASED, copy, changed=False)
    if change.verb == ERASE:
        version = 1 if copy is None else copy.version + 1
        return Merge(PLAIN, Copy(change.record_id, change.kind, version, change.replica, erased=True))
    if copy is None:
        if change.verb == SET:
            return Merge(QUARANTINED, None, why=UNKNOWN_RECORD, changed=False)
        return Merge(PLAIN, Copy(change.record_id, change.kind, 1, change.replica, dict(change.fields)))
    if change.kind != copy.kind or change.verb not in (CREATE, SET):
        return Merge(QUARANTINED, copy, why="kind or verb does not fit the record", changed=False)
    return _merge_fields(copy, change)


def _merge_fields(copy: Copy, change: Change) -> Merge:
    taken: dict[str, object] = {}
    proposals: list[Proposal] = []
    for name, value in change.fields.items():
        central = copy.body.get(name)
        if name in copy.body and central == value:
            continue
        if _unseen(copy.writer(name) if name in copy.body else (0, ""), change):
            proposals.append(Proposal(_proposal_id(change, name), name, value, central))
        else:
            taken[name] = value
    seen_all = not any(_unseen(copy.writer(name), change) for name in copy.body)
    result = CONFLICTED if proposals else PLAIN if seen_all else MERGED
    if not taken:
        # No new version: an author who counted one would miss a later conflict.
        return Merge(UNCHANGED if result == PLAIN else result, copy, tuple(proposals), changed=False)
    version = copy.version + 1
    after = replace(
        copy,
        version=version,
        body={**copy.body, **taken},
        writers={**copy.writers, **dict.fromkeys(taken, (version, change.replica))},
    )
    return Merge(result, after, tuple(proposals))


def _unseen(writer: tuple[int, str], change: Change) -> bool:
    version, replica = writer
    return version > change.base and replica != change.replica


def _proposal_id(change: Change, name: str) -> str:
    """The same id whenever the same change is merged again."""
    return derived_id(f"{change.replica}:{change.seq}:{name}")
