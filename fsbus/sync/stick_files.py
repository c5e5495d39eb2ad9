"""Files of a USB stick: whole under their name or not there, whatever is pulled out or fills up when."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from fsbus.core.errors import DiskFull, InvalidInput, StoreUnavailable
from fsbus.core.privacy import check_file_name
from fsbus.store.whole_files import read_whole, write_whole

_AGE = b"age-encryption.org/v1\n"
"""How every file of an exchange begins."""
_PART = 8
"""Hex digits after the name of a file that is being written."""


def write_on_stick(path: Path, content: bytes) -> None:
    """Write one sealed file, durably, and read it again; one of an earlier exchange is replaced.

    Raises InvalidInput (``file``) for the name of another kind of file, of no folder, or one that may not be written, StoreUnavailable when the
    stick is full, refuses or gives back something else.
    """
    if not path.parent.is_dir():
        raise InvalidInput(
            {"file": f"Le dossier {path.parent} n’existe pas\u00a0: la clé USB est-elle en place\u00a0?"}
        )
    if path.exists() and not _is_exchange(path):
        raise InvalidInput(
            {"file": f"{path.name} existe déjà et n’est pas un fichier d’échange\u00a0: donnez un autre nom."}
        )
    check_file_name(path)
    with _told(path):
        _sweep(path)
        write_whole(path, content)
        if read_whole(path, len(content) + 1) != content:
            raise StoreUnavailable(
                f"{path.name} ne se relit pas comme il fut écrit\u00a0: prenez une autre clé USB."
            )


def read_from_stick(path: Path, most: int) -> bytes:
    """The whole file. Raises InvalidInput (``file``) when it is not there or larger than ``most`` bytes."""
    if not path.is_file():
        raise InvalidInput({"file": f"Fichier absent ou illisible\u00a0: {path}"})
    with _told(path):
        content = read_whole(path, most + 1) or b""
    if len(content) > most:
        raise InvalidInput({"file": f"{path.name} est trop gros pour être un fichier d’échange."})
    return content


def _is_exchange(path: Path) -> bool:
    """Whether it is a file that an exchange may replace: sealed, or empty."""
    if not path.is_file():
        return False
    with _told(path), path.open("rb") as file:
        return file.read(len(_AGE)) in (_AGE, b"")


def _sweep(path: Path) -> None:
    """Take away what writing this very file left behind, each time the stick was pulled out."""
    before = f".{path.name}."
    for left in path.parent.iterdir():
        rest = left.name.removeprefix(before)
        if rest != left.name and len(rest) == _PART and not rest.strip("0123456789abcdef"):
            left.unlink(missing_ok=True)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say what the stick refuses, and what to do."""
    try:
        yield
    except DiskFull:
        raise DiskFull(
            "La clé USB est pleine\u00a0: libérez de la place ou prenez-en une autre. Rien n’est perdu sur ce poste."
        ) from None
    except OSError as error:
        raise StoreUnavailable(
            f"{path.name} ne peut pas être lu ou écrit\u00a0: remettez la clé USB, puis recommencez."
        ) from error
