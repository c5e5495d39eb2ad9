"""Moves a laptop to its next master key: a new database file, then the key file, then the names.

The key file is the one moment of change. Before it, the new database is a leftover; after it, the
old one is. Each waits beside under the number of its epoch, so whatever instant the process
dies at, `settle` finds the database of the keys that opened. Nothing is deleted before both opened.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fsbus.core.errors import KeysDamaged, StoreDamaged, StoreUnavailable
from fsbus.core.redaction import redacted
from fsbus.store import drafts, keyring, quarantine
from fsbus.store.backup import Backups
from fsbus.store.database import Database, close_database, known_errors, open_database, problems_in, rows
from fsbus.store.home_lock import alone
from fsbus.store.journal import Journals
from fsbus.store.keyfile import Keys
from fsbus.store.reference import Reference
from fsbus.store.whole_files import file_errors, fsync_file, fsync_folder

_NUMBERED = re.compile(r"(?:bak-|ops-|\.part-|.*\.epoch-)(\d{1,10})(?:[-.].*)?")
_COMPANIONS = ("", "-wal", "-shm", "-journal")


@redacted()
@dataclass(frozen=True)
class Files:
    """Where a laptop keeps its keys, its database, its official lists and its backups."""

    keys: Path
    database: Path
    reference: Path
    backups: Path

    def of_epoch(self, epoch: int) -> Path:
        """Where the database of an epoch waits when it has not the plain name."""
        return self.database.with_name(f"{self.database.name}.epoch-{epoch}")


def rotate(files: Files, keys: Keys, *, without: str, now: datetime) -> Keys:
    """Shut this agent out: a new master key for the others, and everything written anew under it.

    A verified backup under the new key is made before it counts: the backups and journals of today cannot
    be read with it. Returns the new keys; `settle` then opens with them. Everybody must have left: raises StoreUnavailable when one is open elsewhere or the disk is full, StoreDamaged when the copy is
    not equal, InvalidInput for the last agent; the laptop is then as it was.
    """
    new = keys.next_epoch()
    target = files.of_epoch(new.epoch)
    part = target.with_name(f"{target.name}.part")
    with file_errors(files.database):
        _remove(part)
        _remove(target)
    with alone(files.keys.parent), _alone(files.database, keys.subkey("db")) as source:
        try:
            _export(source, part, new.subkey("db"))
            with file_errors(target):
                fsync_file(part)
                part.replace(target)
                fsync_folder(target.parent)
            _back_up(files, new, target, now)
            drafts.pass_on_drafts(files.keys.parent, keys, new, without=without)
            keyring.pass_on(files.keys, keys, new, without=without)
        except BaseException:
            with file_errors(part):
                _remove(part)
                if not keyring.is_current(files.keys, new):
                    # Its database last: while it waits, what else there is of this key means nothing.
                    for copy in Backups(files.backups, keys).of_other_epochs():
                        copy.unlink()
                    _remove(target)
            raise
    return new


def settle(files: Files, keys: Keys) -> None:
    """Give the database of these keys its plain name, after a change that was cut short or undone.

    Nothing to do on most days. To be called before the database is opened, by one process at a time.
    Raises KeysDamaged when a key file of another day was put back: nothing may be written under its keys.
    """
    _refuse_rolled_back(files, keys)
    waiting = files.of_epoch(keys.epoch)
    if not waiting.exists():
        return
    # The keys in the key file: the change went through. In the copy beside: it is taken back.
    aside = files.of_epoch(keys.epoch - 1 if keyring.is_current(files.keys, keys) else keys.epoch + 1)
    Reference.discard(files.reference)
    with file_errors(waiting):
        if files.database.exists():
            _rename(files.database, aside)
        _rename(waiting, files.database)


def of_other_epochs(files: Files, keys: Keys) -> list[Path]:
    """What other master keys left: databases, backups, journals."""
    return [
        *Backups(files.backups, keys).of_other_epochs(),
        *Journals.of(files.database.parent, keys).of_other_epochs(),
        # Last, as in `rotate`.
        *files.database.parent.glob(f"{files.database.name}.epoch-*"),
    ]


def forget_others(files: Files, keys: Keys) -> None:
    """Once the database opened with these keys, and has a backup: settle the key files, delete what others left.

    Raises StoreUnavailable when the disk refuses and it matters: a twin of the key file can wait for another
    day, but nothing may be written while a damaged key file could still lead back to the database before.
    """
    others = of_other_epochs(files, keys)
    try:
        keyring.confirm(files.keys, keys)
    except StoreUnavailable:
        if others:
            raise
    with file_errors(files.database):
        for path in files.keys.parent.glob(f".{files.keys.name}.*"):
            path.unlink(missing_ok=True)
    drafts.forget_other_epochs(files.keys.parent, keys)
    if others:
        _forget(files, others)


def _forget(files: Files, others: Iterable[Path]) -> None:
    """The databases go last, and what lies aside first: a cut leaves a trace, and the next opening goes on."""
    databases = [path for path in others if path.name.startswith(f"{files.database.name}.epoch-")]
    aside = files.keys.parent.glob(f"{files.keys.name}.abime-*")
    quarantine.empty(files.keys.parent)
    with file_errors(files.database):
        for path in (*aside, *(path for path in others if path not in databases)):
            path.unlink(missing_ok=True)
        for folder in (files.backups, files.keys.parent):
            fsync_folder(folder)
        for path in databases:
            path.unlink(missing_ok=True)


def _refuse_rolled_back(files: Files, keys: Keys) -> None:
    """Backups or journals of a later master key prove that it was in use, unless its database still waits
    beside (a change cut short): `rotate` and `forget_others` make and remove the files in that order."""
    folder = files.database.parent
    if any(epoch > keys.epoch for epoch in _epochs(folder.glob(f"{files.database.name}.epoch-*"))):
        return
    if files.of_epoch(keys.epoch).exists():
        return
    if any(epoch > keys.epoch for epoch in _epochs([*files.backups.glob("*"), *folder.glob("ops-*")])):
        raise KeysDamaged(
            "Le fichier des clés (keys.fsk) est plus ancien que les données de ce poste : quelqu’un l’a remplacé."
            " Rien n’a été écrit : n’effacez rien et appelez le coordinateur."
        )


def _epochs(paths: Iterable[Path]) -> Iterator[int]:
    for path in paths:
        name = _NUMBERED.fullmatch(path.name)
        if name is not None:
            yield int(name[1])


def _back_up(files: Files, keys: Keys, path: Path, now: datetime) -> None:
    db = open_database(path, keys.subkey("db"), must_exist=True)
    try:
        Backups(files.backups, keys).make(db, now)
    finally:
        close_database(db)


@contextmanager
def _alone(path: Path, key: bytes) -> Iterator[Database]:
    """The only connection to this file, all of it in one piece: no write-ahead log, no other reader."""
    db = open_database(path, key, must_exist=True)
    with closing(db.conn), known_errors():
        db.conn.execute("PRAGMA busy_timeout = 1000")
        db.conn.execute("PRAGMA locking_mode = EXCLUSIVE")
        # Both refuse while anyone else has the file open.
        db.conn.execute("PRAGMA journal_mode = DELETE")
        db.conn.execute("BEGIN EXCLUSIVE")
        db.conn.execute("COMMIT")
        yield db


def _export(source: Database, target: Path, key: bytes) -> None:
    conn = source.conn
    conn.execute("PRAGMA foreign_keys = OFF")
    # Only its owner reads it, from its first byte.
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    conn.execute("ATTACH DATABASE ? AS fresh KEY ?", (str(target), f"x'{key.hex()}'"))
    conn.execute("PRAGMA fresh.synchronous = FULL")
    conn.execute("SELECT sqlcipher_export('fresh')").fetchall()
    # The export leaves these two numbers behind.
    for name in ("user_version", "application_id"):
        number = int(next(rows(source, f"PRAGMA main.{name}"))[0])
        conn.execute(f"PRAGMA fresh.{name} = {number}")
    conn.execute("DETACH DATABASE fresh")
    copy = open_database(target, key, must_exist=True)
    try:
        if problems_in(copy) or _counts(copy) != _counts(source):
            raise StoreDamaged(
                "La copie de la base n’est pas égale : rien n’a été changé. Lancez « fsbus check »."
            )
    finally:
        close_database(copy)


def _counts(db: Database) -> dict[str, int]:
    names = [str(name) for (name,) in rows(db, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: int(next(rows(db, f'SELECT count(*) FROM "{name}"'))[0]) for name in names}


def _rename(path: Path, target: Path) -> None:
    # A log left beside would be taken for that of the file that comes in its place.
    for companion in reversed(_COMPANIONS):
        found = path.with_name(path.name + companion)
        if found.exists():
            found.replace(target.with_name(target.name + companion))
    fsync_folder(path.parent)


def _remove(path: Path) -> None:
    for companion in _COMPANIONS:
        path.with_name(path.name + companion).unlink(missing_ok=True)
