"""Makes the files of a new laptop: all of them stand in its folder, or none."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fsbus.core.errors import StoreUnavailable
from fsbus.store.keyring import has_keys
from fsbus.store.whole_files import fsync_folder

_UNFINISHED = ".creation-"
_BESIDE = ("ops-*", "backups", "erased.fsj", "draft*", "reference.db*")


@contextmanager
def new_home(home: Path, store: str, keys: str) -> Iterator[Path]:
    """A folder to fill with the files of these names; they move into ``home`` at the end of the block.

    Raises StoreUnavailable when a laptop is already there, or the folder cannot be written.
    """
    if has_keys(home / keys):
        raise StoreUnavailable("Un poste existe déjà dans ce dossier : rien n’a été changé.")
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in home.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = home / f"{_UNFINISHED}{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        try:
            yield folder
            _move_in(folder, home, store, keys)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise StoreUnavailable(f"Le dossier {home} ne peut pas être écrit : vérifiez ses droits.") from error


def _move_in(folder: Path, home: Path, store: str, keys: str) -> None:
    """The key file comes last: while it is missing, there is no laptop here."""
    _put_aside(home, store)
    for name in (store, keys):
        (folder / name).replace(home / name)
        fsync_folder(home)


def _put_aside(home: Path, store: str) -> None:
    """Nobody has the key of what an earlier laptop left here, and it must not meet the new files; but nothing
    is ever deleted unasked."""
    orphans = sorted({path for pattern in (f"{store}*", *_BESIDE) for path in home.glob(pattern)})
    if not orphans:
        return
    aside = home / f"sans-cle-{secrets.token_hex(4)}"
    aside.mkdir(mode=0o700)
    for path in orphans:
        path.replace(aside / path.name)
    fsync_folder(aside)
