"""Finds the files of resources/ in a checkout, in an installed program and in a frozen one."""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

MARK = "editions.csv"
"""A file that every complete resources/ folder holds, at its root."""


@cache
def resources() -> Path:
    """The folder that holds catalog/, places/, fiches/, fonts/, icons/…

    Raises FileNotFoundError, naming the places looked at, when the program was installed without it.
    """
    looked = tuple(_candidates())
    for folder in looked:
        if (folder / MARK).is_file():
            return folder
    raise FileNotFoundError(f"resources not found in: {', '.join(str(folder) for folder in looked)}")


def resource(name: str) -> Path:
    """The path of one file, ``catalog/partners.csv``; FileNotFoundError when it is not shipped."""
    path = resources() / name
    if not path.is_file():
        raise FileNotFoundError(f"resource not shipped: {name}")
    return path


def text(name: str) -> str:
    """The content of one UTF-8 file."""
    return resource(name).read_text(encoding="utf-8")


def _candidates() -> Iterator[Path]:
    package = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)  # where PyInstaller unpacks a program
    if isinstance(frozen, str):
        yield Path(frozen) / "fsbus" / "_resources"
        yield Path(frozen) / "resources"
    yield package / "_resources"  # a wheel
    yield package.parent / "resources"  # a checkout
    yield Path(sys.prefix) / "share" / "fsbus" / "resources"  # a distribution's package
