"""What may befall one file of a laptop: one bit changed, the end gone, the file gone."""

import random
from collections.abc import Callable
from pathlib import Path

from fsbus.actions.session import KEYS, STORE
from fsbus.store.backup import FOLDER
from fsbus.store.erased_list import NAME as ERASED

Harm = Callable[[bytes, random.Random], bytes | None]


def flip(content: bytes, chance: random.Random) -> bytes:
    """One bit, anywhere."""
    changed = bytearray(content)
    if changed:
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    """Anywhere."""
    return content[: chance.randrange(len(content) + 1)]


def remove(content: bytes, chance: random.Random) -> None:
    """The whole file."""
    return None


HARMS: tuple[Harm, ...] = (flip, cut, remove)
FILES = ("database", "wal", "journal", "other journal", "keys", "keys before", "backup", "erased")
"""What `file_of` finds; one at a time may be damaged and nothing is lost."""


def file_of(home: Path, what: str) -> Path | None:
    """The file of a laptop that is called so; None when it has none."""
    journals = sorted(home.glob("ops-*.fsj"), key=lambda path: path.stat().st_size, reverse=True)
    backups = sorted((home / FOLDER).glob("bak-*"), key=lambda path: path.name[-22:], reverse=True)
    plain = {
        "database": STORE,
        "wal": f"{STORE}-wal",
        "keys": KEYS,
        "keys before": f"{KEYS}.prev",
        "erased": ERASED,
    }
    if what == "journal":
        found = journals[:1]
    elif what == "other journal":
        found = journals[-1:] if len(journals) > 1 else []
    elif what == "backup":
        found = backups[:1]
    else:
        found = [home / plain[what]]
    return found[0] if found and found[0].exists() else None


def damage(path: Path, harm: Harm, chance: random.Random) -> None:
    """Do it to this file."""
    left = harm(path.read_bytes(), chance)
    if left is None:
        path.unlink()
    else:
        path.write_bytes(left)
