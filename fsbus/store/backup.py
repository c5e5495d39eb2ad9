"""Verified backups of the store, each under a key of its own, in the folder `backups`.

A backup is a SQLCipher file in one piece. Its first 16 bytes, the salt, are its id: the first is the
version of this format, the others are random. Its key is drawn from the master key with that id.
"""

import contextlib
import itertools
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fsbus.core.errors import DiskFull, StoreDamaged, StoreError, StoreTooNew
from fsbus.core.redaction import redacted
from fsbus.store.checking import log_problems
from fsbus.store.database import (
    Database,
    DatabaseError,
    changed_pages,
    close_database,
    copy_database,
    open_copy,
    problems_in,
    rows,
    size_of,
)
from fsbus.store.disk import free_bytes, refusals
from fsbus.store.erasing import erased_ids
from fsbus.store.journal import Journal, Journals
from fsbus.store.keyfile import Keys
from fsbus.store.leftovers import PART
from fsbus.store.replay import is_kept
from fsbus.store.whole_files import fsync_file, fsync_folder, make_folder

FOLDER = "backups"
VERSION = 1
ID_BYTES = 16
DAYS = 14
"""No backup is older, but for the last two."""
WRONG_CLOCK = timedelta(days=1)
MOST_BYTES, MOST_SHARE = 2 * 2**30, 0.2
"""What all but the last two may weigh: so many bytes, and this share of the free room of the disk."""
_LATEST, _DAILY, _WEEKLY, _NEVER_DROPPED = 3, 7, 2, 2
_NAME = re.compile(r"bak-(\d+)-(\d+)-(\d{8}T\d{6}Z)\.fsbak")
_STAMP = "%Y%m%dT%H%M%SZ"
_EPOCH = re.compile(r"(?:bak|\.part)-(\d+)-.*")
_COUNTS = (
    "SELECT replica, (SELECT coalesce(max(seq), 0) FROM operations WHERE replica = link.replica),"
    " (SELECT count(*) FROM visits), (SELECT count(*) FROM procedure_records),"
    " (SELECT count(*) FROM operations) FROM link"
)


@redacted("replica", "seq", "operations")
@dataclass(frozen=True)
class Counts:
    """What a store holds: the replica and its newest operation, visits, procedure records, operations."""

    replica: str
    seq: int
    visits: int
    procedure_records: int
    operations: int


@redacted("number")
@dataclass(frozen=True)
class Backup:
    """One backup file, by its name: how many were made before, and when it was made by the laptop's clock."""

    path: Path
    number: int
    at: datetime


class Backups:
    """The backups of one laptop, readable with its keys."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self.folder, self._keys = folder, keys

    def all(self) -> list[Backup]:
        """Every backup of these keys, verified when it was made, newest first.

        They are numbered: no clock that was wrong for a day makes an old one the newest.
        """
        found = []
        for path in self.folder.glob("bak-*.fsbak"):
            name = _NAME.fullmatch(path.name)
            if name is not None and int(name[1]) == self._keys.epoch:
                at = datetime.strptime(name[3], _STAMP).replace(tzinfo=UTC)
                found.append(Backup(path, int(name[2]), at))
        return sorted(found, key=lambda one: (one.number, one.at), reverse=True)

    def newer_than(self, backup: Path) -> list[Backup]:
        """Those made after this one, newest first; all of them when its name does not tell."""
        name = _NAME.fullmatch(backup.name)
        number = int(name[2]) if name is not None and int(name[1]) == self._keys.epoch else -1
        return [one for one in self.all() if one.number > number and one.path != backup]

    def make(self, db: Database, now: datetime) -> Backup:
        """A new backup of an open store: it counts, and has its name, only once it was read again whole.

        Raises StoreUnavailable when the disk refuses, StoreDamaged when the store or the copy is.
        """
        backup_id = bytes((VERSION,)) + secrets.token_bytes(ID_BYTES - 1)
        part = self.folder / f"{PART}{self._keys.epoch}-{backup_id.hex()}"
        with _disk():
            make_folder(self.folder)
            self._clear(now)
            try:
                copy_database(db, part, self._key(backup_id), salt=backup_id)
                self.verify(part)
                fsync_file(part)
                made = self._next(now)
                part.replace(made.path)
                fsync_folder(self.folder)
            finally:
                part.unlink(missing_ok=True)
        return made

    def read_pages(self, path: Path) -> None:
        """Prove every page of a backup; StoreDamaged otherwise.

        What they say was read when it was made, and each proves itself under a key of this file alone.
        """
        with self.opened(path) as db:
            if path.stat().st_size != size_of(db) or changed_pages(db):
                raise StoreDamaged(f"La copie {path.name} est endommagée : prenez-en une autre.")

    def verify(self, path: Path) -> Counts:
        """What a backup holds, after every page and every operation of it was read; StoreDamaged otherwise."""
        with self.opened(path) as db:
            # Before every page is read: what is not of the copy may be as large as the disk.
            if path.stat().st_size != size_of(db) or problems_in(db) + log_problems(db):
                raise StoreDamaged(f"La copie {path.name} est endommagée : prenez-en une autre.")
            return counts_of(db)

    @contextlib.contextmanager
    def opened(self, path: Path) -> Iterator[Database]:
        """A backup, for reading. Raises StoreUnavailable, StoreTooNew, or StoreDamaged when it is not of these keys."""
        words = f"La copie {path.name} ne peut pas être lue : vérifiez le disque."
        with refusals(words), path.open("rb") as file:
            backup_id = file.read(ID_BYTES)
        # Any file that was picked by mistake has a first byte: by its name it must be a copy at least.
        if path.suffix == ".fsbak" and len(backup_id) == ID_BYTES and backup_id[0] > VERSION:
            raise StoreTooNew(
                f"Une version plus récente de fsbus a fait la copie {path.name} : installez-la, ou prenez une autre copie."
            )
        if len(backup_id) < ID_BYTES or backup_id[0] != VERSION:
            raise StoreDamaged(f"{path.name} n’est pas une copie que cette version de fsbus sait lire.")
        try:
            db = open_copy(path, self._key(backup_id))
        except StoreDamaged:
            raise StoreDamaged(
                f"La copie {path.name} est endommagée, ou vient d’un autre poste : prenez-en une autre."
            ) from None
        try:
            yield db
        finally:
            close_database(db)

    def cover(self, db: Database, journals: Journals) -> int:
        """Delete, under the write lock of ``db``, the journals that are safe without them; how many.

        Safe: every operation is in the database, whose write-ahead log was just emptied, and in both
        of the last two backups. One damaged backup, or one damaged database, then loses nothing.
        """
        last_two = self.all()[:_NEVER_DROPPED]
        deleted = 0
        with contextlib.ExitStack() as stack:
            try:
                copies = [stack.enter_context(self.opened(one.path)) for one in last_two]
            except StoreError:
                return 0  # one of them is damaged: the journals stay, until two later ones hold them
            if len(copies) < _NEVER_DROPPED:
                return 0
            for journal in journals.read():
                if not journal.is_damaged and _is_safe(journal, [db, *copies]):
                    journals.delete(journal)
                    deleted += 1
        return deleted

    def make_room(self) -> bool:
        """Drop all backups but the last two; whether there were any."""
        found = self.all()
        with _disk():
            return self._drop(found, range(_NEVER_DROPPED, len(found)))

    def _drop(self, found: Sequence[Backup], numbers: Iterable[int]) -> bool:
        paths = [found[number].path for number in numbers]
        for path in paths:
            path.unlink(missing_ok=True)
        return bool(paths)

    def rotate(self, now: datetime, db: Database) -> None:
        """Drop the backups that are too many or too old, then the oldest while all weigh too much.

        One that is too old and still holds somebody who was erased from ``db`` goes even if it is one of the
        last two, once the newest was read whole again. One dated after today comes from a day when the clock was
        wrong: it counts as older than all others.
        """
        everyone = self.all()
        found = [one for one in everyone if one.at - now <= WRONG_CLOCK]
        dropped = to_drop([one.at for one in found], now)
        if len(found) >= _LATEST:
            dropped += range(len(found), len(everyone))
        found += [one for one in everyone if one not in found]
        if len(found) > 1 and 1 not in dropped and now - found[1].at > timedelta(days=DAYS):
            known = erased_ids(db)
            if known - self.erased_in(found[1].path) and not known - self.erased_in(found[0].path):
                self.verify(found[0].path)
                dropped.append(1)
        with _disk():
            self._drop(found, dropped)
            kept = [one for number, one in enumerate(found) if number not in set(dropped)]
            most = min(MOST_BYTES, int(free_bytes(self.folder) * MOST_SHARE))
            self._drop(kept, too_heavy([one.path.stat().st_size for one in kept], most))

    def erased_in(self, path: Path) -> frozenset[str]:
        """The erased ids that a backup knows of; none when it cannot be read."""
        try:
            with self.opened(path) as db:
                return erased_ids(db)
        except (StoreError, DatabaseError):
            return frozenset()

    def of_other_epochs(self) -> list[Path]:
        """Those of a master key that was given up, or never came into use."""
        found = [(path, _EPOCH.fullmatch(path.name)) for path in self.folder.glob("*")]
        return [path for path, name in found if name is not None and int(name[1]) != self._keys.epoch]

    def _next(self, now: datetime) -> Backup:
        number = max((one.number for one in self.all()), default=0) + 1
        name = f"bak-{self._keys.epoch}-{number}-{now.astimezone(UTC).strftime(_STAMP)}.fsbak"
        return Backup(self.folder / name, number, now)

    def _key(self, backup_id: bytes) -> bytes:
        return self._keys.subkey(f"backup/{backup_id.hex()}")

    def _clear(self, now: datetime) -> None:
        """Remove what a killed process left half made; another one may be at work on a fresh one."""
        for part in self.folder.glob(f"{PART}*"):
            with contextlib.suppress(FileNotFoundError):
                if now.timestamp() - part.stat().st_mtime > timedelta(hours=1).total_seconds():
                    part.unlink()


def _is_safe(journal: Journal, everywhere: Sequence[Database]) -> bool:
    try:
        return all(is_kept(one, entry) for entry in journal.entries() for one in everywhere)
    except StoreError:
        return False


def counts_of(db: Database) -> Counts:
    """The figures of an open store or backup."""
    return Counts(*next(rows(db, _COUNTS)))


def to_drop(stamps: Sequence[datetime], now: datetime) -> list[int]:
    """Which backups, newest first, to drop, as indices: kept are the last 3, the last of 7 days and of
    2 weeks, none above 14 days, and whatever happens the last two."""
    kept: set[int] = set(range(_LATEST))
    days: dict[object, int] = {}
    weeks: dict[object, int] = {}
    for number, stamp in enumerate(stamps):
        days.setdefault(stamp.date(), number)
        weeks.setdefault(stamp.isocalendar()[:2], number)
    kept |= set(list(days.values())[:_DAILY]) | set(list(weeks.values())[:_WEEKLY])
    return [
        number
        for number, stamp in enumerate(stamps)
        if number >= _NEVER_DROPPED and (number not in kept or now - stamp > timedelta(days=DAYS))
    ]


def too_heavy(sizes: Sequence[int], most: int) -> list[int]:
    """Which backups, newest first, to drop, as indices, so that all but the last two weigh ``most`` together."""
    weights = itertools.accumulate(sizes[_NEVER_DROPPED:])
    return [number for number, weight in enumerate(weights, _NEVER_DROPPED) if weight > most]


def back_up(db: Database, backups: Backups, now: datetime) -> Backup:
    """A new verified backup, and the old ones rotated; without room, first all but the last two go."""
    try:
        made = backups.make(db, now)
    except DiskFull:
        if not backups.make_room():
            raise
        made = backups.make(db, now)
    backups.rotate(now, db)
    return made


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    try:
        with refusals("La copie de sauvegarde n’a pas pu être écrite : vérifiez le disque."):
            yield
    except DatabaseError as error:
        raise StoreDamaged(
            "La copie de sauvegarde n’a pas pu être faite : lancez « fsbus check --repair »."
        ) from error
