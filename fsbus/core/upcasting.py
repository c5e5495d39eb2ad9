"""Brings the fields of an operation from an older shape of its record to today's, step by step.

A laptop may wait for months before it sends: what it wrote then is understood as long as a step leads on from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fsbus.core.changes import SCHEMA
from fsbus.core.redaction import redacted

Fields = Mapping[str, object]
Step = Callable[[str, str, Fields], Fields]
"""From (kind, verb, fields of one schema) to the fields of the next. A ``create`` has all fields, a ``set`` only those
that changed; a field that it does not know passes unchanged. Total: a value of another shape passes too."""


@redacted("newest")
@dataclass(frozen=True)
class Upcasting:
    """The schemas that are understood: ``newest``, and each older one from which steps lead to it."""

    newest: int
    steps: Mapping[int, Step] = field(default_factory=dict)
    """Schema to the step from it to the next one."""

    def knows(self, schema: int) -> bool:
        """Whether fields of this schema can be taken: today's, a newer one's as they come, an older one's step by step."""
        return schema >= self.newest or (
            schema > 0 and all(number in self.steps for number in range(schema, self.newest))
        )

    def fields(self, schema: int, kind: str, verb: str, fields: Fields) -> Fields:
        """The same as today's schema says it; those of a newer schema as they are."""
        for number in range(schema, self.newest):
            fields = self.steps[number](kind, verb, fields)
        return fields


TODAY = Upcasting(SCHEMA)
"""Of this release. The first schema is the only one so far: there is no step yet."""
