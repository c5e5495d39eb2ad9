"""Gathers the erased ids from every file that tells of them, whichever of the others is lost."""

from pathlib import Path

from fsbus.core.changes import ERASE, VOID
from fsbus.store.backup import Backups
from fsbus.store.erased_list import ErasedList
from fsbus.store.journal import Journals
from fsbus.store.keyfile import Keys


def erased_in_backups(backups: Backups, beside: Path | None = None) -> frozenset[str]:
    """Those that any backup here knows, or any in the folder of ``beside``, a backup."""
    folders = {backups.folder} | ({beside.parent} if beside is not None else set())
    paths = {path for folder in folders for path in folder.glob("bak-*.fsbak")}
    paths |= {beside} if beside is not None else set()
    return frozenset().union(*(backups.erased_in(path) for path in paths))


def erased_in_files(home: Path, keys: Keys) -> frozenset[str]:
    """Those that the list and the journals know. Raises StoreTooNew, StoreUnavailable."""
    entries = (entry.op for one in Journals.of(home, keys).read() for entry in one.entries())
    in_journals = frozenset(op.record for op in entries if op.verb in (ERASE, VOID))
    return in_journals | ErasedList.of(home, keys).read()
