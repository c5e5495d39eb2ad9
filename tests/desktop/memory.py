"""Reads all the memory of another process, and says which secrets stand in it."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

PART = 8 * 1024 * 1024
_RANGE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r\S* \S+ \S+ \S+\s*(.*)")
_NOT_MEMORY = ("[vvar", "[vsyscall")


def written_as(secret: str | bytes) -> Iterator[bytes]:
    """The ways in which Python, Qt and SQLCipher write a secret: raw, hexadecimal, in each coding of texts."""
    if isinstance(secret, bytes):
        yield from (secret, secret.hex().encode(), secret.hex().upper().encode())
        yield secret.hex().encode("utf-16-le")
        return
    yield secret.encode()
    yield secret.encode("utf-16-le")
    yield secret.encode("utf-32-le")
    try:
        yield secret.encode("latin-1")
    except UnicodeEncodeError:
        return


def found_in(process: int, secrets: Mapping[str, str | bytes]) -> set[str]:
    """The names of the secrets that stand anywhere in the memory of this process.

    Raises PermissionError when the system forbids to look, ProcessLookupError when it has ended.
    """
    wanted = {name: tuple(set(written_as(secret))) for name, secret in secrets.items()}
    longest = max(len(way) for ways in wanted.values() for way in ways)
    found: set[str] = set()
    try:
        ranges = Path(f"/proc/{process}/maps").read_text().splitlines()
        memory = os.open(f"/proc/{process}/mem", os.O_RDONLY)
    except FileNotFoundError:
        raise ProcessLookupError(process) from None
    try:
        for line in ranges:
            match = _RANGE.match(line)
            if match is None or match[3].startswith(_NOT_MEMORY):
                continue
            first, last = int(match[1], 16), int(match[2], 16)
            for start in range(first, last, PART):
                try:
                    part = os.pread(memory, min(PART + longest, last - start), start)
                except OSError:
                    continue  # a page that no one may read, or gone meanwhile
                found |= {name for name, ways in wanted.items() if any(way in part for way in ways)}
    finally:
        os.close(memory)
    return found
