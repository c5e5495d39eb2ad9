"""Keeps the frames that a fault in native code leaves, and makes a report of them at the next start.

Python writes them while it dies, with whole paths, which may hold a person's name: nothing can be chosen then.
At the next start only the files of packages, lines and functions are taken over, and the file is emptied.
"""

import contextlib
import faulthandler
import os
import re
from pathlib import Path
from typing import IO

import fsbus
from fsbus.logs.crash_files import CrashFiles, CrashReport

FAULTS = "faults.log"
LARGEST = 64 * 1024
MOST_FRAMES = 120
_FRAME = re.compile(r'  File "(?P<path>.*)", line (?P<line>\d{1,6}) in (?P<name>[A-Za-z0-9_.<>]{1,120})')
_KINDS = {
    "Segmentation fault", "Aborted", "Floating-point exception", "Floating point exception", "Bus error",
    "Illegal instruction", "Stack overflow",
}  # fmt: skip
_RELATIVE = re.compile(r"[A-Za-z0-9_/.-]{1,160}")


class FaultFile:
    """The file of one run; at most one fault is added to it, by the process that dies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FAULTS
        self._opened: IO[bytes] | None = None

    def watch(self) -> None:
        """Ask Python to write the frames there, should native code fail; nothing when the disk refuses."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            self._opened = os.fdopen(os.open(self._path, flags, 0o600), "ab")
            faulthandler.enable(self._opened)

    def close(self) -> None:
        """Watch no more, and let go of the file."""
        if self._opened is not None:
            faulthandler.disable()
            self._opened.close()
            self._opened = None

    def harvest(self, files: CrashFiles) -> CrashReport | None:
        """The report of a fault of an earlier run, now written; None when there was none. Empties the file."""
        try:
            with self._path.open("r+b") as opened:
                raw = opened.read(LARGEST)
                opened.truncate(0)
        except OSError:
            return None
        if not raw:
            return None
        from fsbus.core.events import FaultFound

        told = told_of(raw.decode("utf-8", "replace"))
        files.log(FaultFound(frames=max(0, len(told) - 1)))
        text = files.text_of("\n".join(told))
        return CrashReport(text, files.write(text), True)


def told_of(raw: str) -> list[str]:
    """What may be told of Python's own words about a fault: its kind, then the frames."""
    kinds = [kind for kind in sorted(_KINDS) if f"Fatal Python error: {kind}" in raw]
    told = [f"Défaut du code natif : {', '.join(kinds) or 'autre'}"]
    for line in raw.splitlines():
        if line.startswith(("Thread ", "Current thread ")):
            told.append("  (un fil)")
        elif found := _FRAME.fullmatch(line):
            told.append(f"  {_below_its_folder(found['path'])}:{found['line']} {found['name']}")
    return told[:MOST_FRAMES]


def _below_its_folder(path: str) -> str:
    import sysconfig

    paths = sysconfig.get_paths()
    roots = [
        str(Path(fsbus.__file__).parent.parent),
        *(paths[name] for name in ("purelib", "platlib", "stdlib")),
    ]
    if path.startswith("<frozen "):
        return "python"
    for root in sorted(roots, key=len, reverse=True):
        # A whole folder: one beside it may begin with its name.
        if path[len(root) : len(root) + 1] not in ("/", "\\"):
            continue
        below = path.removeprefix(root).lstrip("\\/").replace("\\", "/")
        if path.startswith(root) and _RELATIVE.fullmatch(below):
            return below
    return "(hors des modules)"
