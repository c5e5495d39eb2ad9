"""Reads a write-ahead log from outside: whether commits stand in it that SQLite would not look at.

SQLite takes a log up to the first frame whose checksum does not fit, and drops the rest without a word. After a
power cut that is the end of a commit nobody was told of; after one changed bit it may be a day of
work. Format: https://www.sqlite.org/fileformat2.html#walformat (pages are enciphered, the log is not).
"""

import os
import struct
from pathlib import Path
from typing import BinaryIO

from fsbus.store.whole_files import file_errors

_HEADER = struct.Struct(">IIII8sII")
_FRAME = struct.Struct(">II8sII")
_LITTLE, _BIG = 0x377F0682, 0x377F0683
_MASK = 0xFFFFFFFF


def hides_commits(path: Path, taken: int) -> bool:
    """Whether work of more than one commit stands behind the ``taken`` frames that SQLite reads of this log.

    Each commit is synced before the next begins: of the last one a power cut may leave any part, so that one
    alone is no sign of damage (a bit changed in it is made good by the journal). False when there is no
    log. Raises StoreUnavailable.
    """
    with file_errors(path):
        try:
            with path.open("rb") as file:
                return _hides_commits(file, os.fstat(file.fileno()).st_size, taken)
        except FileNotFoundError:
            return False


def _hides_commits(file: BinaryIO, size: int, taken: int) -> bool:
    if size <= _HEADER.size:
        return False  # no frame was ever written behind it
    header = file.read(_HEADER.size)
    magic, _, page, _, salts, *sums = _HEADER.unpack(header)
    if magic not in (_LITTLE, _BIG) or not 512 <= page <= 65536 or list(_summed(header[:-8], magic)) != sums:
        return True  # it is synced before the first frame
    commits = 0
    frame = _FRAME.size + page
    # The heads of frames alone: a log may be as large as the disk.
    for start in range(_HEADER.size + taken * frame, size - frame + 1, frame):
        file.seek(start)
        # Frames of an older log, behind the end of this one, have other salts.
        _, commit, of, _, _ = _FRAME.unpack(file.read(_FRAME.size))
        commits += of == salts and commit != 0
    return commits > 1


def _summed(content: bytes, magic: int) -> tuple[int, int]:
    one = two = 0
    words = struct.unpack(f"{'<' if magic == _LITTLE else '>'}{len(content) // 4}I", content)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & _MASK
        two = (two + second + one) & _MASK
    return one, two
