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


def hides_commits(path: Path) -> bool:
    """Whether a commit stands behind damage in this log; False when there is no log. Raises StoreUnavailable."""
    with file_errors(path):
        try:
            with path.open("rb") as file:
                return _hides_commits(file, os.fstat(file.fileno()).st_size)
        except FileNotFoundError:
            return False


def _hides_commits(file: BinaryIO, size: int) -> bool:
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return False  # no frame was ever written behind it
    magic, _, page, _, salts, *sums = _HEADER.unpack(header)
    if magic not in (_LITTLE, _BIG) or not 512 <= page <= 65536 or page % 8:
        return size > _HEADER.size
    order = "<" if magic == _LITTLE else ">"
    state = _summed(header[:-8], (0, 0), order)
    if state != tuple(sums):
        return size > _HEADER.size
    is_damaged = False
    # Frame by frame: a log may be as large as the disk.
    while len(frame := file.read(_FRAME.size + page)) == _FRAME.size + page:
        _, commit, of, *sums = _FRAME.unpack_from(frame)
        if not is_damaged:
            state = _summed(frame[_FRAME.size :], _summed(frame[:8], state, order), order)
            is_damaged = of != salts or state != tuple(sums)
        if is_damaged and of == salts and commit:
            return True
    return False


def _summed(content: bytes, state: tuple[int, int], order: str) -> tuple[int, int]:
    one, two = state
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & _MASK
        two = (two + second + one) & _MASK
    return one, two
