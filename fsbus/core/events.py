"""The events that a laptop's log may hold, each with its fields: nothing else can be logged.

Every field names the rule (`fsbus.core.tellable`) that decides at run time what of it is written. The log is
readable without the key: no event says what was recorded, for whom, or how many visits a day had.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, dataclass_transform, get_args, get_type_hints

from fsbus.core import tellable
from fsbus.core.tellable import Rule, Told

Id = Annotated[str, tellable.an_id]
Count = Annotated[int, tellable.a_count]
Bytes = Annotated[int, tellable.kibibytes]
Seconds = Annotated[float, tellable.seconds]
Yes = Annotated[bool, tellable.yes_or_no]
Class = Annotated[type | None, tellable.a_class]
Fields = Annotated[tuple[str, ...], tellable.field_names]
Version = Annotated[str, tellable.numbers]
System = Annotated[str, tellable.one_of("Linux", "Windows", "Darwin")]
Place = Annotated[str, tellable.a_place]
Library = Annotated[str, tellable.a_library]
Category = Annotated[str, tellable.a_category]
Level = Annotated[str, tellable.one_of("debug", "info", "warning", "error", "critical", "fatal", "system")]
Part = Annotated[str, tellable.one_of("desktop", "cli")]
Kind = Annotated[str, tellable.one_of("visit", "procedure_record", "agent")]
Reference = Annotated[str, tellable.one_of("catalog", "fiches", "communes", "structures")]
Reason = Annotated[
    str, tellable.one_of("idle", "asked", "panic", "sleep", "lock", "count", "time", "migration", "damage")
]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Event:
    """One line of the log; `name` is its own, and its fields are those that a class below it annotates.

    As dataclasses are, but not made by `dataclass`: two dozens of them would cost the start 20 ms.
    """

    name: ClassVar[str] = ""

    def __init__(self, **fields: object) -> None:
        if fields.keys() != type(self).__annotations__.keys() - {"name"}:
            raise TypeError(f"{type(self).__name__} has other fields than these: {sorted(fields)}")
        self.__dict__.update(fields)

    def told(self) -> dict[str, Told]:
        """What is written of it, beside its name and the moment."""
        return {name: rule(getattr(self, name, None)) for name, rule in rules_of(type(self)).items()}

    def __repr__(self) -> str:
        return f"{self.name}{self.told()}"


Log = Callable[[Event], None]
"""Where actions, store and exchange tell what happened; it never fails and never waits for the disk."""


def unheard(event: Event) -> None:
    """The log of whoever keeps none."""


def rules_of(kind: type) -> Mapping[str, Rule]:
    """Field to rule, in order. Raises TypeError for a field without one: it could hold anything."""
    rules: dict[str, Rule] = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if name == "name":
            continue
        given = get_args(hint)
        if len(given) != 2 or not callable(given[1]):
            raise TypeError(f"{kind.__name__}.{name} has no rule that says what of it may be logged")
        rules[name] = given[1]
    return rules


class Started(Event):
    """A program of ours began."""

    name: ClassVar[str] = "started"
    part: Part
    version: Version
    python: Version
    system: System


class Ended(Event):
    """It ended by itself."""

    name: ClassVar[str] = "ended"
    part: Part


class Opened(Event):
    """An agent opened the laptop."""

    name: ClassVar[str] = "opened"
    agent: Id
    seconds: Seconds


class OpeningRefused(Event):
    """It did not open: a wrong passphrase, the ``failures``-th in a row, or damage."""

    name: ClassVar[str] = "opening_refused"
    error: Class
    failures: Count
    wait: Seconds


class Locked(Event):
    """The laptop was locked."""

    name: ClassVar[str] = "locked"
    agent: Id
    reason: Reason


class SaveRefused(Event):
    """What was typed could not be taken: which fields, never with what."""

    name: ClassVar[str] = "save_refused"
    kind: Kind
    fields: Fields


class SaveFailed(Event):
    """The disk or the store refused what was good."""

    name: ClassVar[str] = "save_failed"
    kind: Kind
    error: Class


class Erased(Event):
    """Records were erased for good."""

    name: ClassVar[str] = "erased"
    records: Count


class AccessChanged(Event):
    """Who opens the laptop changed; ``agent`` is who it is about."""

    name: ClassVar[str] = "access_changed"
    what: Annotated[str, tellable.one_of("added", "invited", "accepted", "removed", "passphrase", "recovery")]
    agent: Id


class Migrating(Event):
    """The store is about to be brought to this release's tables."""

    name: ClassVar[str] = "migrating"
    before: Count
    after: Count


class Synced(Event):
    """An exchange with the centre ended; ``finished`` is false when it was cancelled."""

    name: ClassVar[str] = "synced"
    pushed: Count
    pulled: Count
    requests: Count
    conflicts: Count
    quarantined: Count
    seconds: Seconds
    finished: Yes


class SyncFailed(Event):
    """An exchange broke off; what was confirmed before stays so."""

    name: ClassVar[str] = "sync_failed"
    error: Class
    pushed: Count
    pulled: Count
    seconds: Seconds


class LeaseSeen(Event):
    """What the lease says at an opening of a laptop that has one."""

    name: ClassVar[str] = "lease"
    days_left: Count
    warns: Yes
    expired: Yes


class LeaseCodeTried(Event):
    """A coordinator's code was typed."""

    name: ClassVar[str] = "lease_code"
    taken: Yes


class BackupMade(Event):
    """A backup was written, reopened and found whole."""

    name: ClassVar[str] = "backup_made"
    size: Bytes
    seconds: Seconds


class BackupFailed(Event):
    """A backup could not be made; the ones before stay."""

    name: ClassVar[str] = "backup_failed"
    error: Class


class Restoring(Event):
    """A damaged or missing store is about to be replaced by a backup: it takes seconds."""

    name: ClassVar[str] = "restoring"


class Restored(Event):
    """A damaged store was replaced by a backup and the journal on top."""

    name: ClassVar[str] = "restored"
    operations: Count
    added: Count


class Replayed(Event):
    """Journals held operations that the database lacked; they are in now. Damaged ones were put aside."""

    name: ClassVar[str] = "replayed"
    operations: Count
    damaged: Count


class Checked(Event):
    """A check ended: how many problems of each kind."""

    name: ClassVar[str] = "checked"
    sound: Yes
    database: Count
    operations: Count
    fulltext: Count
    reference: Count
    repaired: Count


class Imported(Event):
    """The next edition of an official list was taken in."""

    name: ClassVar[str] = "imported"
    kind: Reference
    refused: Count


class Crashed(Event):
    """A bug, for the ``times``-th time in this run."""

    name: ClassVar[str] = "crashed"
    error: Class
    place: Place
    times: Count


class FaultFound(Event):
    """The last run ended by a fault in native code."""

    name: ClassVar[str] = "fault_found"
    frames: Count


class LibraryTold(Event):
    """A library logged something; its words are not kept."""

    name: ClassVar[str] = "library"
    library: Library
    level: Level
    error: Class


class Warned(Event):
    """Python warned of something; its words are not kept."""

    name: ClassVar[str] = "warned"
    category: Class


class QtTold(Event):
    """Qt logged something; its words are not kept."""

    name: ClassVar[str] = "qt"
    level: Level
    category: Category
