"""Keeps room aside in a file, given up when the disk is full so that the work in hand is saved."""

import contextlib
import functools
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from fsbus.core.errors import DiskFull
from fsbus.store.disk import free_bytes

NAME = "ballast"
SIZE = 32 * 2**20
AMPLE = 8
"""The file is made while the disk has so many times its size to spare."""
_BLOCK = 2**20
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Ballast:
    """The file of one laptop: it holds nothing."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def stands(self) -> bool:
        """Whether there is room aside."""
        return self._path.exists()

    def keep(self) -> bool:
        """Make the file when it is missing and room is ample; whether it stands. Never fails."""
        if self.stands():
            return True
        if free_bytes(self._path.parent) < AMPLE * SIZE:
            return False
        part = self._path.with_name(f".{NAME}.{secrets.token_hex(4)}")
        try:
            _fill(part)
            part.replace(self._path)
        except OSError:
            return False
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        return True

    def free(self) -> bool:
        """Give the room up; whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True


class OnDisk(Protocol):
    """Whatever writes beside a ballast."""

    @property
    def folder(self) -> Path: ...
    @property
    def is_writing(self) -> bool: ...


_S = TypeVar("_S", bound=OnDisk)


def retried(method: Callable[Concatenate[_S, _P], _T]) -> Callable[Concatenate[_S, _P], _T]:
    """A method that is run a second time, once, with the room of the ballast when the disk was full.

    It must leave nothing behind when it fails. Inside a transaction, whoever began it runs it again.
    """

    @functools.wraps(method)
    def run(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return method(self, *args, **kwargs)
        except DiskFull:
            if self.is_writing or not Ballast(self.folder).free():
                raise
        return method(self, *args, **kwargs)

    return run


def _fill(path: Path) -> None:
    """A file of that size with real room behind it: not a hole, and nothing that compresses."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, SIZE)
            return
        block, left = secrets.token_bytes(min(_BLOCK, SIZE)), SIZE
        while left > 0:
            left -= os.write(descriptor, block[:left])
    finally:
        os.close(descriptor)
