"""Sees at its start that a database was put back behind our back, and begins a new life of it.

Beside the ledger, `….life` keeps the epochs that were met and how far each feed had come: a line is added after
each commit, before its answer. A database that is behind that is an older one: a file copied back, a dump
restored, a replica that took over late. Its numbers would be given a second time.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from fsbus.core.lives import LIFE
from fsbus.core.redaction import redacted
from fsbus.server import tables
from fsbus.server.appended import append_lines, checked, fold_lines, read_lines
from fsbus.server.database import Connection, delete, func, select, update

FIRST = "fsbus-life 1"
_FIRST_DAY = date(2026, 1, 1)
LARGEST = 2 * 2**20
"""Bytes from which the file is written anew, with one line for each feed."""


@redacted()
@dataclass(frozen=True)
class Known:
    """What is remembered: the epochs in their order, and the newest number of each feed in the last one."""

    epochs: tuple[str, ...] = ()
    marks: Mapping[str, int] = field(default_factory=dict)


@redacted()
@dataclass(frozen=True)
class Lives:
    """The memory of one machine; its processes share it."""

    path: Path

    def read(self) -> Known:
        """Raises StoreError."""
        return _known(read_lines(self.path, FIRST)[0])

    def note(self, numbers: Mapping[str, int]) -> None:
        """Remember how far these feeds have come. Not synced: only a power cut can lose the last of them."""
        append_lines(self.path, FIRST, map(checked, _marks(numbers)), durable=False)
        if self.path.stat().st_size > LARGEST:
            self.fold()

    def fold(self) -> None:
        """Write the file anew with one line for each life and each feed; what others note meanwhile follows it."""
        fold_lines(self.path, FIRST, _folded)

    def begin(self, epoch: str, marks: Mapping[str, int]) -> None:
        """Remember that this life begins, with its feeds there, durable."""
        append_lines(self.path, FIRST, map(checked, [f"life {epoch}", *_marks(marks)]), durable=True)


def settle_life(connection: Connection, lives: Lives, epoch: str, moment: str) -> str:
    """The epoch to go on in: a new one when the database is older than what is remembered.

    In the caller's transaction, with which nobody else may begin a life. Raises StoreError.
    """
    # Before the counters: what was committed and marked meanwhile is in them.
    known = lives.read()
    feeds = {row.name: row.seq for row in connection.execute(select(tables.feeds))}
    is_last = bool(known.epochs) and known.epochs[-1] == epoch
    is_behind = is_last and any(feeds.get(feed, 0) < number for feed, number in known.marks.items())
    if is_behind or (not is_last and epoch in known.epochs):
        epoch = begin_life(connection, moment, len(known.epochs))
    if not (is_last and not is_behind):
        # Before the commit: a cut between the two begins one life more, never one too few.
        lives.begin(epoch, feeds)
    return epoch


def begin_life(connection: Connection, moment: str, before: int) -> str:
    """A new epoch of this database, in the caller's transaction; its name. ``before``: how many lives are remembered.

    Laptops compare everything: to each of them every record is told again. What was promised of the old life is
    void: codes that wait (they may have been used), marks of copies that were not proved yet, prepared files.
    """
    epoch = secrets.token_hex(8)
    codes, backups = tables.enroll_codes, tables.backups
    connection.execute(update(tables.centre).values(epoch=epoch))
    records = tables.records
    version = records.c.version % LIFE + _number(connection, moment, before) * LIFE
    connection.execute(update(records).values(plain_for=None, version=version))
    connection.execute(update(codes).where(codes.c.used_by.is_(None)).values(expires_at=moment))
    connection.execute(delete(backups).where(backups.c.verified_at.is_(None)))
    connection.execute(delete(tables.snapshot_parts))
    connection.execute(delete(tables.snapshots))
    return epoch


def _number(connection: Connection, moment: str, before: int) -> int:
    """Higher than that of any life that a laptop may have seen: those remembered, that of the copy, and, where the
    memory was lost too, all that can have been."""
    found = connection.execute(select(func.max(tables.records.c.version))).scalar_one() or 0
    days = (date.fromisoformat(moment[:10]) - _FIRST_DAY).days
    return int(max(before, found // LIFE + 1, days))


def _known(words: Iterable[str]) -> Known:
    epochs: list[str] = []
    marks: dict[str, int] = {}
    for line in words:
        word, value, *feed = line.split(" ", 2)
        if word == "life":
            epochs.append(value)
            marks = {}
        elif word == "mark":
            marks[feed[0]] = max(int(value), marks.get(feed[0], 0))
    return Known(tuple(epochs), marks)


def _folded(words: Iterable[str]) -> list[str]:
    known = _known(words)
    return [*(f"life {epoch}" for epoch in known.epochs), *_marks(known.marks)]


def _marks(numbers: Mapping[str, int]) -> list[str]:
    return [f"mark {number} {feed}" for feed, number in sorted(numbers.items())]
