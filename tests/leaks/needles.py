"""Makes needles and looks for them in every file below a folder, in every coding a leak could take."""

import base64
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MARK = "qzxjkwvyh"
"""In every needle, twice; no word has it, and chance gives it to no sealed megabyte."""


def needles(count: int, seed: int) -> list[str]:
    """Words for free texts, an accent in each; all different, all found by `found_in`."""
    chance = random.Random(seed)
    parts = ("".join(chance.choices("bcdfgmnprst", k=8)) for _ in range(count))
    return [f"{MARK}é{part}{MARK}" for part in parts]


def written(text: str) -> dict[str, bytes]:
    """The text as a leak may hold it, by the name of the coding."""
    plain = text.encode()
    forms = {
        "utf-8": plain,
        "utf-16-le": text.encode("utf-16-le"),
        "utf-16-be": text.encode("utf-16-be"),
        "utf-32-le": text.encode("utf-32-le"),
        "latin-1": text.encode("latin-1"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "json": text.encode("ascii", "backslashreplace"),
        "upper case": text.upper().encode(),
        "url": "".join(f"%{byte:02X}" if byte > 127 else chr(byte) for byte in plain).encode(),
    }
    for shift in range(3):
        forms[f"base64 +{shift}"] = base64.b64encode(b"\0" * shift + plain)
        forms[f"base64 url +{shift}"] = base64.urlsafe_b64encode(b"\0" * shift + plain)
        forms[f"base64 of utf-16 +{shift}"] = base64.b64encode(b"\0" * shift + text.encode("utf-16-le"))
    return forms


def _core(mark: str) -> Iterable[bytes]:
    """What every form of a text that holds the mark has for certain, wherever the text begins."""
    for coding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
        plain = mark.encode(coding)
        yield plain
        yield mark.upper().encode(coding)
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + plain).decode().rstrip("=")
            # The first and the last signs depend on what stands beside.
            yield whole[-(-shift * 8 // 6) if shift else 0 : len(whole) - 1].encode()


_WANTED = re.compile(b"|".join(re.escape(one) for one in sorted(set(_core(MARK)), key=len, reverse=True)))


@dataclass(frozen=True)
class Searched:
    """What was searched: files, bytes; and where something was found."""

    files: int
    bytes: int
    hits: tuple[str, ...]


def found_in(*folders: Path, but: frozenset[str] = frozenset()) -> Searched:
    """Search the name and every byte of each file below, sealed ones too; ``but`` are names of files to leave out."""
    files = size = 0
    hits = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if _WANTED.search(bytes(path)):
                hits.append(f"the name {path}")
            if path.is_file() and not path.is_symlink() and path.name not in but:
                content = path.read_bytes()
                files, size = files + 1, size + len(content)
                hits += [f"{path} at {match.start()}" for match in _WANTED.finditer(content)][:3]
    return Searched(files, size, tuple(hits))
