"""A change: one numbered operation of one replica on one record, named for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fsbus.core.redaction import redacted

SCHEMA = 1
"""Number of the record shapes in `fsbus.core.entities`; an older one is up-converted: `fsbus.core.upcasting`."""
FIRST_SCHEMA = 1
"""What a line that names no schema is in, for ever."""

CREATE, SET, DELETE, ERASE, VOID = "create", "set", "delete", "erase", "void"
WITNESS = "witness"
"""The ``why`` of an operation that gives back what the centre had lost."""
VERBS = frozenset({CREATE, SET, DELETE, ERASE, VOID})


@redacted("replica", "seq", "verb", "kind")
@dataclass(frozen=True)
class Change:
    """What one replica did to one record.

    ``(replica, seq)`` names it for ever; ``base`` is the version of the record that its author had
    seen from the centre (0: none); ``fields`` holds the new values only; those of a ``delete`` are the
    versions seen of the records that hang on it, by id. ``void`` stands for a change whose content was
    erased before or after it was sent.
    """

    replica: str
    seq: int
    record_id: str
    kind: str
    verb: str
    base: int = 0
    fields: Mapping[str, object] = field(default_factory=dict)
    actor: str = ""
    hlc: str = ""
    schema: int = SCHEMA
    why: str = ""
