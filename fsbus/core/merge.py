"""Three-way merging by field: what a change does to the centre's copy of a record.

Pure and total: the same changes in the same order give the same copies. No clock decides
anything. Different fields merge; on the same field the centre keeps its value and the other
becomes an open proposal; a change wins over a deletion that had not seen it, and over one that it had
not seen; the first choice between two values stands; erasure wins over everything.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from fsbus.core.changes import CREATE, DELETE, ERASE, SET, VOID, WITNESS, Change
from fsbus.core.entities import CONFLICT, DELETED, OPEN
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
    not in it was set at version 1 by ``creator``. Under `DELETED` it holds who deleted the record or brought
    it back last, and under `WITNESS` whether a witness did. A ``deleted`` copy keeps its content; an ``erased`` one holds nothing but its id.
    """

    id: str
    kind: str
    version: int
    creator: str
    body: Mapping[str, object] = field(default_factory=dict)
    writers: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    erased: bool = False
    deleted: bool = False

    def writer(self, name: str) -> tuple[int, str]:
        """Version and replica of the last change of this field."""
        return self.writers.get(name, (1, self.creator))


@redacted("record_id", "replica")
@dataclass(frozen=True)
class Rival:
    """Whose value stands against a proposal: the replica that last wrote ``field`` of ``record_id``."""

    record_id: str
    field: str
    replica: str


@redacted("id")
@dataclass(frozen=True)
class Proposal:
    """A value that the centre did not take, kept for people to choose."""

    id: str
    field: str
    local: object
    central: object
    rival: Rival


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
        if change.verb != CREATE:
            return Merge(QUARANTINED, None, why=UNKNOWN_RECORD, changed=False)
        return Merge(PLAIN, Copy(change.record_id, change.kind, 1, change.replica, dict(change.fields)))
    if change.kind != copy.kind or change.verb not in (CREATE, SET, DELETE):
        return Merge(QUARANTINED, copy, why="kind or verb does not fit the record", changed=False)
    return delete(copy, change) if change.verb == DELETE else _merge_fields(copy, change)


def delete(copy: Copy, change: Change, hanging: Iterable[Copy] = ()) -> Merge:
    """Delete a record that stands, unless somebody else's change to it, or to what hangs on it, was not seen.

    ``hanging``: the records that hang on it; ``change.fields`` gives the version of each that its author had
    seen. Only the record itself is deleted: what hangs on it is neither shown nor counted while it is.
    """
    alive = [one for one in hanging if not (one.deleted or one.erased)]
    rivals = [*_rivals(copy, change)]
    for one in alive:
        rivals += _rivals(one, replace(change, base=_version(change.fields.get(one.id))))
    if copy.deleted:
        return Merge(MERGED if rivals else UNCHANGED, copy, changed=False)
    if rivals:
        refused = Proposal(_proposal_id(change, DELETED), DELETED, local=True, central=False, rival=rivals[0])
        return Merge(MERGED, copy, (refused,), changed=False)
    return Merge(PLAIN, _standing(copy, change, deleted=True))


def bring_back(parent: Copy, change: Change) -> Merge:
    """Bring back a deleted record because of a change to one that hangs on it, or of a new one.

    Its author cannot have seen the deletion, which hides what hangs on the record, unless it is their own.
    """
    after, rival = _standing(parent, change, deleted=False), _rival(parent, DELETED)
    if rival.replica == change.replica:
        return Merge(MERGED, after)
    proposal_id = _proposal_id(change, f"{DELETED}:{parent.id}")
    return Merge(MERGED, after, (Proposal(proposal_id, DELETED, local=False, central=True, rival=rival),))


def _merge_fields(copy: Copy, change: Change) -> Merge:
    taken: dict[str, object] = {}
    proposals: list[Proposal] = []
    is_overruled = False
    for name, value in change.fields.items():
        central = copy.body.get(name)
        if name in copy.body and central == value:
            continue
        if copy.kind == CONFLICT and name == "status":
            # The first choice stands, whoever had seen what.
            is_overruled |= central != OPEN
            if central == OPEN:
                taken[name] = value
        elif _unseen(copy.writer(name) if name in copy.body else (0, ""), change):
            proposals.append(Proposal(_proposal_id(change, name), name, value, central, _rival(copy, name)))
        else:
            taken[name] = value
    seen_all = not (is_overruled or any(_rivals(copy, change)))
    result = CONFLICTED if proposals else PLAIN if seen_all else MERGED
    deletion_unseen = copy.deleted and _unseen(copy.writer(DELETED), change)
    if deletion_unseen and is_told_deleted(copy) and not (taken or proposals):
        # Its author says again what was said before the loss: the deletion came after.
        return Merge(MERGED, copy, changed=False)
    if deletion_unseen:
        rival = _rival(copy, DELETED)
        proposals.append(
            Proposal(_proposal_id(change, DELETED), DELETED, local=False, central=True, rival=rival)
        )
    if not taken and not copy.deleted:
        # No new version: an author who counted one would miss a later conflict.
        return Merge(UNCHANGED if result == PLAIN else result, copy, tuple(proposals), changed=False)
    after = (
        _standing(copy, change, deleted=False) if copy.deleted else replace(copy, version=copy.version + 1)
    )
    after = replace(
        after,
        body={**after.body, **taken},
        writers={**after.writers, **dict.fromkeys(taken, (after.version, change.replica))},
    )
    return Merge(result, after, tuple(proposals))


def _standing(copy: Copy, change: Change, *, deleted: bool) -> Copy:
    version = copy.version + 1
    writers = {**copy.writers, DELETED: (version, change.replica)}
    writers.pop(WITNESS, None)
    if deleted and change.why == WITNESS:
        writers[WITNESS] = (version, change.replica)
    return replace(copy, version=version, deleted=deleted, writers=writers)


def is_told_deleted(copy: Copy) -> bool:
    """Whether the record is deleted by the word of a witness, who gave it back so after a loss."""
    return copy.deleted and WITNESS in copy.writers


def _rivals(copy: Copy, change: Change) -> Iterator[Rival]:
    """The changes of others to this record that the author had not seen."""
    names = (DELETED, *copy.body) if DELETED in copy.writers else copy.body
    return (_rival(copy, name) for name in names if _unseen(copy.writer(name), change))


def _rival(copy: Copy, name: str) -> Rival:
    return Rival(copy.id, name, copy.writer(name)[1])


def _unseen(writer: tuple[int, str], change: Change) -> bool:
    version, replica = writer
    return version > change.base and replica != change.replica


def _version(seen: object) -> int:
    """The version that a ``delete`` names; 0 for anything else."""
    return seen if isinstance(seen, int) and not isinstance(seen, bool) else 0


def _proposal_id(change: Change, name: str) -> str:
    """The same id whenever the same change is merged again."""
    return derived_id(f"{change.replica}:{change.seq}:{name}")
