"""Looks through what is kept aside before a transaction begins, so that no writer waits for it.

It may be 64 MiB of lines for each revoked laptop. What was looked through is known again by the edition of its row;
only what came meanwhile is opened inside the transaction.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fsbus.core.changes import VOID
from fsbus.core.ids import is_id
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.database import AnyRow, Connection, Database, Select, pages, select
from fsbus.wire.api import Op
from fsbus.wire.codec import Malformed, decode_op, decode_request

_AN_ID = re.compile(rb"(?=([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}))")


class LookFirst(Exception):
    """Something is kept aside that nobody looked through before this transaction began."""


@redacted("number", "first", "n")
@dataclass(frozen=True)
class Seen:
    """What one kept request names, without its content: operations ``first``, ``first + 1``…, ``n`` of them."""

    device: str
    number: int
    replica: str
    edition: str
    first: int
    n: int
    named: frozenset[str]
    """Every id in its lines, those that cannot be read included."""
    hangs: tuple[tuple[str, str], ...]
    """Records with the one that each hangs on."""
    void: frozenset[str]
    """Records whose content was erased on the laptop or here."""

    @property
    def last(self) -> int:
        return self.first + self.n - 1


Looked = Mapping[tuple[str, int, str], Seen]
"""What was looked through, by device, number and edition."""


def look(database: Database, device_id: str | None = None, replica: str | None = None) -> Looked:
    """Look through all that is kept, or that of one device and replica. In no transaction of the caller's."""
    with database.read(patient=True) as connection:
        statement = those_kept(select(tables.aside), device_id, replica)
        seen = (_seen(row) for page in pages(connection, statement, size=4) for row in page)
        return {(one.device, one.number, one.edition): one for one in seen}


def seen_in(
    connection: Connection, looked: Looked | None, device_id: str | None = None, replica: str | None = None
) -> list[Seen]:
    """What is kept now, in its order; what was not looked through before is opened.

    Raises LookFirst when nobody looked (None) and there is something.
    """
    table = tables.aside
    statement = those_kept(select(table.c.device, table.c.number, table.c.edition), device_id, replica)
    keys = [tuple(row) for row in connection.execute(statement).all()]
    if keys and looked is None:
        raise LookFirst
    known = looked or {}
    return [known[key] if key in known else _seen(row_of(connection, *key[:2])) for key in keys]


def row_of(connection: Connection, device_id: str, number: int) -> AnyRow:
    """One kept request, whole."""
    table = tables.aside
    mine = (table.c.device == device_id, table.c.number == number)
    return connection.execute(select(table).where(*mine)).one()


def ops_in(lines: Iterable[bytes]) -> Iterator[Op]:
    """The operations of the lines that can be read."""
    for line in lines:
        try:
            yield decode_op(line)
        except Malformed:
            continue


def hangs_on(op: Op) -> str:
    """The record that the one of a `create` hangs on; empty when it hangs on none."""
    return str(op.set.get(tables.PARENTS.get(op.kind) or "", ""))


def hanging_in(ops: Iterable[Op]) -> Iterator[tuple[str, str]]:
    """The records of these operations that hang on another, each with that one."""
    return ((op.record, hangs_on(op)) for op in ops if is_id(op.record) and hangs_on(op))


def those_kept(
    statement: Select[*tuple[Any, ...]], device_id: str | None = None, replica: str | None = None
) -> Select[*tuple[Any, ...]]:
    """The statement about `aside` for one device, one replica, or all, in order."""
    table = tables.aside
    statement = statement.order_by(table.c.device, table.c.number)
    if device_id is not None:
        statement = statement.where(table.c.device == device_id)
    return statement if replica is None else statement.where(table.c.replica == replica)


def _seen(row: AnyRow) -> Seen:
    request = decode_request(row.body)
    ops = list(ops_in(request.ops))
    named = {found.decode() for line in request.ops for found in _AN_ID.findall(line)}
    named |= {key for op in ops for key in (op.record, hangs_on(op)) if is_id(key)}
    return Seen(
        row.device,
        row.number,
        row.replica,
        row.edition,
        request.header.first,
        len(request.ops),
        frozenset(named),
        tuple(hanging_in(ops)),
        frozenset(op.record for op in ops if op.verb == VOID),
    )
