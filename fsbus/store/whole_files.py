"""Small files written in full or not at all, and renames that last."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from fsbus.store.disk import refusals


def read_whole(path: Path, most: int) -> bytes | None:
    """At most ``most`` bytes of a file; None when there is none. Raises StoreUnavailable."""
    with file_errors(path):
        try:
            with path.open("rb") as file:
                return file.read(most)
        except FileNotFoundError:
            return None


def write_whole(path: Path, content: bytes) -> None:
    """A temporary file that only its owner reads, fsynced, then its name. Raises StoreUnavailable."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with file_errors(path):
        try:
            descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        fsync_folder(path.parent)


def fsync_file(path: Path) -> None:
    """Make what was written in this file durable."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_folder(folder: Path) -> None:
    """Make a rename in this folder durable; Windows does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """A folder that only its owner reads, with its name made durable; nothing when it is there."""
    if not folder.is_dir():
        folder.mkdir(exist_ok=True, mode=0o700)
        fsync_folder(folder.parent)


@contextlib.contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Tell what the system refuses in the words of the store."""
    with refusals(f"{path.name} ne peut pas être lu ou écrit : vérifiez le disque et les droits."):
        yield
