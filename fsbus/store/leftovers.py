"""Removes what killed processes left half made."""

from pathlib import Path

from fsbus.store import ballast, disk

RESTORING = ".restore-"
PART = ".part-"
_HALF_MADE = (f"{RESTORING}*", f"{disk.PROBE}*", f".{ballast.NAME}.*", ".erased.fsj.*", f"*/{PART}*")


def sweep(home: Path) -> int:
    """Remove what nobody will finish; how many files. Only while nobody else works in this folder."""
    found = [path for pattern in _HALF_MADE for path in home.glob(pattern) if path.is_file()]
    return sum(_removed(path) for path in found)


def _removed(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
