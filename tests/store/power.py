"""Builds what a power cut may leave of a recorded run: the model of a disk that keeps its fsyncs.

Content: what was synced is there. Since then, each 512-byte sector is as it was after any number of the writes to
its file, whatever became of the others, and the length of the file is one that it had; so writes are lost, torn and
reordered freely, and a file may have its length and zeros where its content is to come.

Names: a change is durable once one of its folders was synced, with all that came before in the same folders.
Since then, names change in their order within a folder, and in any order between folders, as the
journals of file systems do (a rename is whole: in both folders, or in none). Names of one folder are not reordered
among themselves, and no file system is modelled that forgets the name of a file that it synced in a
synced folder.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from tests.store.recording import FolderSynced, Named, Recording, Sized, Step, Synced, Written

SECTOR = 512
NOT_KEPT = "-shm"
"""The ending of files that are built anew after a crash; SQLite looks at none that is left."""


class Disk:
    """What is safe on the disk at one moment of a recording, and what is not yet.

    Without ``heeds_syncs``, the disk lies: what was synced may be gone as well.
    """

    def __init__(self, recording: Recording, *, heeds_syncs: bool = True) -> None:
        self._content = {number: bytearray(content) for number, content in recording.content.items()}
        self._names, self._folders = dict(recording.names), set(recording.folders)
        self._unsynced: dict[int, list[Written | Sized]] = {}
        self._unnamed: list[Named] = []
        self._heeds_syncs = heeds_syncs

    def take(self, step: Step) -> None:
        """What the process did next."""
        if isinstance(step, (Written, Sized)):
            self._unsynced.setdefault(step.file, []).append(step)
        elif isinstance(step, Named):
            self._unnamed.append(step)
        elif not self._heeds_syncs:
            return
        elif isinstance(step, Synced):
            content = self._content.setdefault(step.file, bytearray())
            for one in self._unsynced.pop(step.file, []):
                _apply(content, one)
        elif isinstance(step, FolderSynced):
            self._sync_names(step.folder)

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """One state, as the files by name. One time in ten all that was done is there, in ten nothing unsynced is."""
        kept = chance.choice((0.0, 1.0, *[chance.random()] * 8))
        names, folders = dict(self._names), set(self._folders)
        stopped: set[str] = set()
        for change in self._unnamed:
            if change.folders & stopped or chance.random() > kept:
                stopped |= change.folders
            else:
                _rename(names, folders, change)
        return {
            name: self._read(file, kept, chance)
            for name, file in names.items()
            if not name.endswith(NOT_KEPT) and all(str(one) in folders for one in Path(name).parents)
        }

    def _sync_names(self, folder: str) -> None:
        """What touched this folder, with what came before it in the folders that this touched."""
        wanted, durable, left = {folder}, [], []
        for change in reversed(self._unnamed):
            if change.folders & wanted:
                wanted |= change.folders
                durable.append(change)
            else:
                left.append(change)
        for change in reversed(durable):
            _rename(self._names, self._folders, change)
        self._unnamed = left[::-1]

    def _read(self, file: int, kept: float, chance: random.Random) -> bytes:
        safe, steps = self._content.get(file, bytearray()), self._unsynced.get(file)
        if not steps:
            return bytes(safe)

        def until() -> int:
            return len(steps) if chance.random() < kept else chance.randrange(len(steps)) if kept else 0

        size, sizes = len(safe), [len(safe)]
        for step in steps:
            size = step.size if isinstance(step, Sized) else max(size, step.offset + len(step.content))
            sizes.append(size)
        content = bytearray(max(sizes))
        content[: len(safe)] = safe
        length = until()
        # A cut that the disk did not come to took nothing away.
        cuts = [number for number, step in enumerate(steps[:length]) if isinstance(step, Sized)]
        by_sector: dict[int, list[int]] = {}
        for number, step in enumerate(steps):
            if isinstance(step, Written):
                for sector in range(step.offset // SECTOR, -(-(step.offset + len(step.content)) // SECTOR)):
                    by_sector.setdefault(sector, []).append(number)
        for sector, numbers in by_sector.items():
            start, last = sector * SECTOR, until()
            piece = bytearray(content[start : start + SECTOR])
            piece.extend(bytes(SECTOR - len(piece)))
            for number in sorted([*numbers, *cuts]) if cuts else numbers:
                if number >= last:
                    break
                _overlay(piece, start, steps[number])
            content[start : start + SECTOR] = piece[: max(0, len(content) - start)]
        return bytes(content[: sizes[length]])


def states(recording: Recording, chance: random.Random, count: int) -> Iterator[tuple[int, dict[str, bytes]]]:
    """So many states at random moments, in the order of time: (the step before which the power is cut, files)."""
    moments = sorted(chance.choices(range(len(recording.steps) + 1), k=count))
    disk, at = Disk(recording), 0
    for moment in moments:
        for step in recording.steps[at:moment]:
            disk.take(step)
        at = moment
        yield moment, disk.after_cut(chance)


def lay_down(files: dict[str, bytes], target: Path) -> None:
    """Write a state in a new folder."""
    target.mkdir(parents=True)
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _apply(content: bytearray, step: Written | Sized) -> None:
    if isinstance(step, Sized):
        del content[step.size :]
        content.extend(bytes(step.size - len(content)))
    else:
        content.extend(bytes(max(0, step.offset - len(content))))
        content[step.offset : step.offset + len(step.content)] = step.content


def _overlay(piece: bytearray, start: int, step: Written | Sized) -> None:
    """What a step does to one sector."""
    if isinstance(step, Sized):
        first = max(0, step.size - start)
        if first < SECTOR:
            piece[first:] = bytes(SECTOR - first)
        return
    first, last = max(start, step.offset), min(start + SECTOR, step.offset + len(step.content))
    piece[first - start : last - start] = step.content[first - step.offset : last - step.offset]


def _rename(names: dict[str, int], folders: set[str], change: Named) -> None:
    if change.how == "mkdir":
        folders.add(change.path)
    elif change.how == "rmdir":
        folders.discard(change.path)
    elif change.how == "unlink":
        names.pop(change.path, None)
    else:
        if change.how == "rename":
            names.pop(change.path, None)
        names[change.other or change.path] = change.file
