"""Brings an operation to today's shape of its record; its line stays as it is."""

import msgspec

from fsbus.core.changes import CREATE, SET
from fsbus.core.upcasting import TODAY, Upcasting
from fsbus.wire.api import Op


def as_of_today(op: Op, upcasting: Upcasting = TODAY) -> Op:
    """The operation with the fields of the newest schema. Its own schema must be a known one."""
    if op.schema >= upcasting.newest or op.verb not in (CREATE, SET):
        return op
    fields = upcasting.fields(op.schema, op.kind, op.verb, op.set)
    return msgspec.structs.replace(op, set=dict(fields), schema=upcasting.newest)
