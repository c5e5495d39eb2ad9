"""Makes verified backups of the centre, and follows those that PostgreSQL's own tools make: `durable`."""

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from fsbus.core.clock import as_utc_text
from fsbus.core.errors import InvalidInput, StoreDamaged, StoreUnavailable
from fsbus.core.redaction import redacted
from fsbus.core.system_words import reason
from fsbus.server import tables
from fsbus.server.appended import sync_folder
from fsbus.server.archive import VERSION, Archive, Header, write_archive
from fsbus.server.centre import Centre
from fsbus.server.database import Connection, Table, insert, select, text, update
from fsbus.server.migrations import head
from fsbus.wire.age import BadHeader
from fsbus.wire.codec import op_digest

DAYS = 35
"""Older backups in the same folder are removed, but for the last two."""
_KEPT = 2
_NAME = re.compile(r"centre-(\d{8}T\d{6}Z)-[0-9a-f]{8}\.age")
_STAMP = "%Y%m%dT%H%M%SZ"
_DERIVED = frozenset({"snapshots", "snapshot_parts"})
"""Made again from the records when somebody asks for them."""
_AT_ONCE = 500


@redacted("id", "operations")
@dataclass(frozen=True)
class Made:
    """A backup that was read again whole. ``size`` in bytes; ``removed``: files that were too old."""

    id: str
    path: str
    made_at: str
    size: int
    rows: int
    operations: int
    removed: int = 0


@redacted()
@dataclass(frozen=True)
class Read:
    """What reading a backup again proved. ``marks``: replica to its last operation that is inside."""

    header: Header
    marks: Mapping[str, int]
    rows: int
    operations: int


def kept_tables() -> list[Table]:
    """The tables that a backup holds, those that others hang on first."""
    return [table for table in tables.metadata.sorted_tables if table.name not in _DERIVED]


def back_up(centre: Centre, place: Path, now: datetime, recipients: Sequence[str] = ()) -> Made:
    """A new backup in this folder, or under this name; `durable` follows once it was read again whole.

    Killed at any moment, nothing has its name. Raises InvalidInput (``recipient``, ``file``), StoreUnavailable or
    StoreDamaged.
    """
    backup_id = secrets.token_hex(16)
    in_folder = place.is_dir()
    name = f"centre-{now.astimezone(UTC).strftime(_STAMP)}-{backup_id[:8]}.age"
    path = place / name if in_folder else place
    if not in_folder and place.suffix != ".age":
        raise InvalidInput({"file": f"{place}\u00a0: donnez un dossier qui existe, ou un nom en .age."})
    if path.exists():
        raise InvalidInput({"file": f"{path} existe déjà\u00a0: donnez un autre nom, ou un dossier."})
    part = path.with_name(f".{path.name}.part")
    header = _header(centre, backup_id, as_utc_text(now))
    try:
        _clear(path.parent, now)
        try:
            _write(centre, part, header, recipients)
            read = verify(part, centre.private_key)
            part.replace(path)
            sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
        _keep(centre, header.id, header.made_at, read.marks, as_utc_text(now))
        removed = _remove_old(path.parent, now) if in_folder else 0
        size = path.stat().st_size
    except BadHeader:
        raise InvalidInput({"recipient": "Un destinataire s’écrit age1… ; celui-ci est illisible."}) from None
    except OSError as error:
        raise StoreUnavailable(
            f"La copie ne peut pas être écrite dans {path.parent}\u00a0: {reason(error)}."
        ) from None
    return Made(header.id, str(path), header.made_at, size, read.rows, read.operations, removed)


def verify(path: Path, private_key: bytes) -> Read:
    """Read a backup whole: every table's digest, every operation's. Raises StoreDamaged or StoreUnavailable."""
    marks: dict[str, int] = {}
    count, operations = 0, 0
    try:
        with path.open("rb") as file:
            archive = Archive(file, path, private_key)
            for some in archive.tables():
                places = {column: place for place, column in enumerate(some.columns)}
                count += len(some.rows)
                if some.name == "replicas":
                    marks |= {row[places["id"]]: row[places["last_seq"]] for row in some.rows}
                if some.name == "log":
                    operations += len(some.rows)
                    for row in some.rows:
                        line = row[places["line"]]
                        if line and op_digest(line) != row[places["digest"]]:
                            raise StoreDamaged(f"{path}\u00a0: une opération n’est pas celle qui est venue.")
    except OSError as error:
        raise StoreUnavailable(f"Impossible de lire {path}\u00a0: {reason(error)}.") from None
    return Read(archive.header, marks, count, operations)


def verify_again(centre: Centre, path: Path, now: datetime) -> Made:
    """Read a backup of this centre again; `durable` follows when it is of its present life."""
    read = verify(path, centre.private_key)
    header = read.header
    if header.epoch == centre.epoch:
        _keep(centre, header.id, header.made_at, read.marks, as_utc_text(now))
    return Made(header.id, str(path), header.made_at, path.stat().st_size, read.rows, read.operations)


def mark(centre: Centre, now: datetime) -> str:
    """Note how far every replica is, before a copy is made by other means; the id to confirm it with."""
    backup_id = secrets.token_hex(16)
    replicas = tables.replicas
    with centre.database.alone() as connection:
        rows = connection.execute(select(replicas.c.id, replicas.c.last_seq))
        marks = {row.id: row.last_seq for row in rows}
        _insert(connection, backup_id, as_utc_text(now), marks, None)
    return backup_id


def confirm(centre: Centre, backup_id: str, now: datetime) -> int:
    """The copy made after this mark was proved by its owner: how many replicas are durable further now.

    Raises InvalidInput (``confirm``) for an unknown id, or one of before a restoring.
    """
    backups = tables.backups
    with centre.database.read() as connection:
        row = connection.execute(select(backups).where(backups.c.id == backup_id)).one_or_none()
    if row is None:
        raise InvalidInput(
            {
                "confirm": "Cette marque n’existe pas, ou date d’avant un retour en arrière\u00a0: recommencez par --mark."
            }
        )
    return _keep(centre, row.id, row.made_at, msgspec.json.decode(row.marks), as_utc_text(now))


def raise_durable(connection: Connection, marks: Mapping[str, int]) -> int:
    """Raise `durable` to these marks where they are higher, never beyond what is held; how many were raised."""
    statement = text(
        "UPDATE replicas SET durable_seq = :mark WHERE id = :id AND durable_seq < :mark AND last_seq >= :mark"
    )
    return sum(
        connection.execute(statement, {"id": key, "mark": number}).rowcount
        for key, number in sorted(marks.items())
    )


def note_restored(connection: Connection, read: Read, moment: str) -> None:
    """In a database just made from this backup: all that it holds is inside a verified one."""
    replicas, backups = tables.replicas, tables.backups
    connection.execute(update(replicas).values(durable_seq=replicas.c.last_seq))
    known = update(backups).where(backups.c.id == read.header.id).values(verified_at=moment)
    if not connection.execute(known).rowcount:
        _insert(connection, read.header.id, read.header.made_at, read.marks, moment)


def _keep(centre: Centre, backup_id: str, made_at: str, marks: Mapping[str, int], verified_at: str) -> int:
    """Note the backup as verified, and raise `durable`: some replicas at a time, so that nobody waits long."""
    listed = sorted(marks.items())
    raised = 0
    for start in range(0, len(listed), _AT_ONCE):
        some = dict(listed[start : start + _AT_ONCE])
        raised += centre.database.run(partial(raise_durable, marks=some))
    backups = tables.backups

    def note(connection: Connection) -> None:
        known = update(backups).where(backups.c.id == backup_id).values(verified_at=verified_at)
        if not connection.execute(known).rowcount:
            _insert(connection, backup_id, made_at, marks, verified_at)

    centre.database.run(note)
    return raised


def _insert(
    connection: Connection, backup_id: str, made_at: str, marks: Mapping[str, int], verified_at: str | None
) -> None:
    values = {
        "id": backup_id,
        "made_at": made_at,
        "verified_at": verified_at,
        "marks": msgspec.json.encode(marks).decode(),
    }
    connection.execute(insert(tables.backups).values(values))


def _header(centre: Centre, backup_id: str, made_at: str) -> Header:
    with centre.database.read() as connection:
        row = connection.execute(select(tables.centre)).one()
    return Header("centre", VERSION, backup_id, made_at, row.epoch, row.server_key, str(head()))


def _write(centre: Centre, part: Path, header: Header, recipients: Sequence[str]) -> None:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with centre.database.read(patient=True) as connection:
            write_archive(connection, kept_tables(), file, header, centre.private_key, recipients)
        file.flush()
        os.fsync(file.fileno())


def _remove_old(folder: Path, now: datetime) -> int:
    """Remove our own files that are too old, by the moment in their names, never the last two."""
    found = []
    for path in folder.glob("centre-*.age"):
        if name := _NAME.fullmatch(path.name):
            found.append((datetime.strptime(name[1], _STAMP).replace(tzinfo=UTC), path))
    old = [path for at, path in sorted(found, reverse=True)[_KEPT:] if now - at > timedelta(days=DAYS)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _clear(folder: Path, now: datetime) -> None:
    """Remove what a killed process left half made; another one may be at work on a fresh one."""
    for part in folder.glob(".*.age.part"):
        if now.timestamp() - part.stat().st_mtime > timedelta(days=1).total_seconds():
            part.unlink(missing_ok=True)
