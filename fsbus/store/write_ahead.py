"""Reads a write-ahead log from outside: whether commits stand in it that SQLite would not look at.

SQLite takes a log up to the first frame whose checksum does not fit, and drops the rest without a word. After a
power cut that is the end of a commit nobody was told of; after one changed bit it may be a day of
work. Format: https://www.sqlite.org/fileformat2.html#walformat (pages are enciphered, the log is not).
"""

import struct
from pathlib import Path

from fsbus.store.whole_files import read_whole

_HEADER = struct.Struct(">IIII8sII")
_FRAME = struct.Struct(">II8sII")
_LITTLE, _BIG = 0x377F0682, 0x377F0683
_MOST = 2**30
_MASK = 0xFFFFFFFF


def hides_commits(path: Path) -> bool:
    """Whether a commit stands behind damage in this log; False when there is no log. Raises StoreUnavailable."""
    content = read_whole(path, _MOST)
    if not content:
        return False
    if len(content) < _HEADER.size:
        return False  # no frame was ever written behind it
    magic, _, page, _, salts, *sums = _HEADER.unpack_from(content)
    frame = _FRAME.size + page
    if magic not in (_LITTLE, _BIG) or not 512 <= page <= 65536:
        return len(content) > _HEADER.size
    order = "<" if magic == _LITTLE else ">"
    state = _summed(content[: _HEADER.size - 8], (0, 0), order)
    if state != tuple(sums):
        return len(content) > _HEADER.size
    is_damaged = False
    for start in range(_HEADER.size, len(content) - frame + 1, frame):
        _, commit, of, *sums = _FRAME.unpack_from(content, start)
        if not is_damaged:
            state = _summed(content[start : start + 8], state, order)
            state = _summed(content[start + _FRAME.size : start + frame], state, order)
            is_damaged = of != salts or state != tuple(sums)
            if is_damaged and of == salts and commit:
                return True
        elif of == salts and commit:
            return True
    return False


def _summed(content: bytes, state: tuple[int, int], order: str) -> tuple[int, int]:
    one, two = state
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & _MASK
        two = (two + second + one) & _MASK
    return one, two
