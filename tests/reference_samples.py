"""A built reference file to copy, and archives of fiches made from the shipped extract."""

import io
import re
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from fsbus import assets
from fsbus.store.reference import Reference

KEY = bytes(range(32))
FICHE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Publication xmlns:dc="http://purl.org/dc/elements/1.1/" ID="{code}" type="Fiche d\'information">'
    "<dc:title>{title}</dc:title><dc:date>modified 2025-03-04</dc:date>{body}</Publication>"
)


@cache
def _built() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reference.db"
        Reference.open(path, KEY).close()
        return path.read_bytes()


def open_reference(folder: Path) -> Reference:
    """The reference data that the program ships, in a file of its own."""
    path = folder / "reference.db"
    path.write_bytes(_built())
    return Reference.open(path, KEY)


def fiche(code: str = "F1", title: str = "Une fiche", body: str = "") -> bytes:
    """A small fiche in the official layout."""
    return FICHE.format(code=code, title=title, body=body).encode()


def archive(path: Path, members: dict[str, bytes]) -> Path:
    """A ZIP of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return path


def full_archive(path: Path, *, fiches: int = 3_213, resources: int = 1_660) -> Path:
    """An archive as large as the official one: the shipped fiches over and over, under other numbers."""
    with zipfile.ZipFile(assets.resource("fiches/vosdroits.zip")) as shipped:
        sources = [(name, shipped.read(name)) for name in shipped.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for number in range(fiches):
            name, data = sources[number % len(sources)]
            turn = number // len(sources)
            if turn:
                code = f"{name[0]}{90_000 + number}"
                data = re.sub(rb' ID="[FN]\d+"', f' ID="{code}"'.encode(), data, count=1)
                title = f"<dc:title>({turn}) ".encode()
                name, data = f"{code}.xml", data.replace(b"<dc:title>", title, 1)
            made.writestr(name, data)
        for number in range(resources):
            made.writestr(
                f"R{number}.xml",
                b'<ServiceComplementaire ID="R1"><Titre>Service</Titre></ServiceComplementaire>',
            )
        made.writestr("arborescence.xml", b"<Arborescence/>")
    return path


def bomb(size: int) -> bytes:
    """A member that unpacks to ``size`` bytes."""
    return io.BytesIO(b"<a>" + b" " * (size - 3)).getvalue()
