"""Real file systems of a size that is chosen, filled to the last byte and freed again."""

import contextlib
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

BLOCK = 4096
STEP = 64 * 1024


def can_mount(folder: Path) -> bool:
    """Whether this user may mount a file system in memory."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    tried = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True
    )
    if tried.returncode:
        return False
    subprocess.run(["umount", str(folder)], check=True)
    return True


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system of so many bytes on ``folder``; the test is left out where none can be mounted."""
    folder.mkdir(exist_ok=True)
    if not can_mount(folder):
        pytest.skip("needs the right to mount a file system")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        # Lazily: a failed test may still hold files open.
        subprocess.run(["umount", "-l", str(folder)], check=True)


def resize(folder: Path, size: int) -> None:
    """Make room."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)


def lock_down(folder: Path) -> None:
    """Take nothing more at all, as a file system that the system gave up on."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)


def fill(folder: Path, left: int) -> None:
    """Leave so many bytes."""
    status = os.statvfs(folder)
    with (folder / "filler").open("ab") as filler, contextlib.suppress(OSError):
        os.posix_fallocate(
            filler.fileno(), 0, filler.tell() + max(1, status.f_bavail * status.f_frsize - left)
        )
    free = os.statvfs(folder)
    assert free.f_bavail * free.f_frsize <= left + BLOCK, errno.ENOSPC
