"""Reads the sealed files of a laptop with its keys and without any of our code, free pages too."""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from fsbus.store.journal import LABEL as JOURNAL
from fsbus.store.keyfile import Keys
from fsbus.store.sealed import SealKey, Unreadable, unseal

PAGE = 4096


def page(key: bytes, content: bytes, is_first: bool) -> bytes:
    """One page of SQLCipher 4: AES-256-CBC, the vector before the HMAC at the end; the salt begins page 1."""
    body, vector = content[16 if is_first else 0 : -80], content[-80:-64]
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(vector)).decryptor()
    return decryptor.update(body) + decryptor.finalize()


def pages(path: Path, key: bytes) -> bytes:
    """Every page of a database file, free ones included."""
    content = path.read_bytes()
    whole = len(content) // PAGE * PAGE
    return b"".join(page(key, content[start : start + PAGE], start == 0) for start in range(0, whole, PAGE))


def logged_pages(path: Path, key: bytes) -> bytes:
    """Every page that stands in a write-ahead log, taken in or not; empty without a log."""
    content = path.read_bytes() if path.exists() else b""
    found = []
    for start in range(32, len(content) - 24 - PAGE + 1, 24 + PAGE):
        number = int.from_bytes(content[start : start + 4], "big")
        found.append(page(key, content[start + 24 : start + 24 + PAGE], number == 1))
    return b"".join(found)


def readable(home: Path, keys: Keys) -> Iterator[tuple[str, bytes]]:
    """(name, what it says to who has the keys) of every file of a laptop, whatever its folder."""
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if not path.is_file() or path.stat().st_size == 0:
            continue
        if path.suffix in (".fsbak",) or path.name.startswith(".part-"):
            yield name, pages(path, keys.subkey(f"backup/{path.read_bytes()[:16].hex()}"))
        elif path.suffix == ".fsj" and path.name.startswith("ops-"):
            yield name, _frames(path, SealKey.of(keys, JOURNAL))
        elif path.name.endswith("-wal"):
            yield name, logged_pages(path, keys.subkey("db"))
        elif path.name.startswith(("fsbus.db", ".restore-")):
            yield name, pages(path, keys.subkey("db"))
        yield name, path.read_bytes()


def holding(home: Path, keys: Keys, *needles: bytes) -> list[str]:
    """The files, without the copies of before, in which one of these words (in lower case) can be read."""
    return sorted(
        {name for name, said in readable(home, keys) if any(one in said.lower() for one in needles)}
    )


def _frames(path: Path, key: SealKey) -> bytes:
    try:
        return b"".join(frame.content for frame in unseal(key, path.read_bytes()).frames)
    except Unreadable:
        return b""
