"""Makes a centre from a backup, in an empty database of either engine: a new life of it."""

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fsbus.core.clock import as_utc_text
from fsbus.core.errors import StoreDamaged, StoreUnavailable
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.archive import Archive, Rows
from fsbus.server.backups import kept_tables, note_restored, verify
from fsbus.server.centre import ledger_of, read_key, write_key_beside
from fsbus.server.database import BUSY, UNREADABLE, Connection, connect, sqlite_file
from fsbus.server.ledger import Ledger
from fsbus.server.lives import Lives, begin_life
from fsbus.server.migrations import upgrade
from fsbus.server.reaching import check_server, out_of_reach
from fsbus.server.revoking import turn_away_again
from fsbus.server.settling import settle
from fsbus.wire.signing import public_key_of


@redacted("id", "operations")
@dataclass(frozen=True)
class Restored:
    """What came back. ``erased``: records that were erased again, ``revoked``: laptops, because a ledger says so."""

    id: str
    made_at: str
    rows: int
    operations: int
    erased: int
    revoked: int


def restore(
    url: str,
    backup: Path,
    now: datetime,
    *,
    key_file: Path | None = None,
    ledger: Path | None = None,
    others: Sequence[Path] = (),
    environment: Mapping[str, str] = os.environ,
) -> Restored:
    """Fill the empty database at this URL; all of it, or nothing. ``others``: the ledgers of other machines, which
    must be there: a name mistyped would bring back who was erased on one of them.

    Raises StoreUnavailable when it is not empty, StoreDamaged when the backup is damaged or of another key.
    """
    key = read_key(url, key_file, environment)
    read = verify(backup, key)
    if read.header.server_key != base64.b64encode(public_key_of(key)).decode():
        raise StoreDamaged("Cette copie n’est pas celle du centre de cette clé\u00a0: rien n’a été changé.")
    own = ledger_of(url, ledger, environment)
    if own is None:
        raise StoreUnavailable("Donnez le registre des effacements\u00a0: --ledger FICHIER.")
    for path in others:
        if not path.is_file():
            raise StoreUnavailable(f"Registre des effacements absent\u00a0: {path}. Rien n’a été changé.")
    made = sqlite_file(url)
    leftover = None if made is None or made.exists() else made
    database = connect(url)
    try:
        with database.alone() as connection:
            check_server(connection)
            upgrade(connection, read.header.schema)
            _require_empty(connection)
            with backup.open("rb") as file:
                for some in Archive(file, backup, key).tables():
                    _fill(connection, some)
            upgrade(connection)
            moment = as_utc_text(now)
            begin_life(connection, moment, len(Lives(own.path.with_suffix(".life")).read().epochs))
            note_restored(connection, read, moment)
            elsewhere = [Ledger(path) for path in others]
            revoked = turn_away_again(connection, own, elsewhere)
            erased = settle(database, connection, own, moment, elsewhere)
        leftover = None
        if erased:
            database.forget_erased()
    except BUSY:
        raise StoreUnavailable(out_of_reach(url)) from None
    except UNREADABLE:
        raise StoreDamaged("Cette base ne peut pas recevoir la copie\u00a0: rien n’y a été changé.") from None
    finally:
        database.close()
        if leftover is not None:
            leftover.unlink(missing_ok=True)
    write_key_beside(url, key, environment)
    return Restored(read.header.id, read.header.made_at, read.rows, read.operations, erased, revoked)


def _require_empty(connection: Connection) -> None:
    # By name alone: at an older schema some of today's columns are not there.
    for table in tables.metadata.sorted_tables:
        if not connection.dialect.has_table(connection, table.name):
            continue
        if connection.exec_driver_sql(f"SELECT 1 FROM {table.name} LIMIT 1").first() is not None:
            raise StoreUnavailable(
                "La base n’est pas vide\u00a0: rien n’y a été changé. Donnez-en une nouvelle, et gardez celle-ci."
            )


def _fill(connection: Connection, some: Rows) -> None:
    known = {table.name for table in kept_tables()}
    if some.name not in known or not all(name.isidentifier() and name.isascii() for name in some.columns):
        raise StoreDamaged(f"La copie a une table que cette version ne connaît pas\u00a0: {some.name[:40]}.")
    if some.rows:
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        marks = ", ".join(mark for _ in some.columns)
        statement = f"INSERT INTO {some.name} ({', '.join(some.columns)}) VALUES ({marks})"
        connection.exec_driver_sql(statement, [tuple(row) for row in some.rows])
