"""Reads a CSV file that someone brings: size, encoding, separator and columns are checked first."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from fsbus.core.errors import InvalidInput
from fsbus.store.reference.values import Refusal

MOST_BYTES = 64 * 1024 * 1024
"""Of text, once unpacked; the largest official list is 4 MB."""
_GZIP = b"\x1f\x8b"
_DAY = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")

Row = tuple[int, Mapping[str, str]]


def read_rows(path: Path, required: Sequence[str], refused: list[Refusal]) -> Iterator[Row]:
    """The rows of a CSV file with their line numbers; rows of another width go to ``refused``.

    UTF-8 with or without BOM, ``,`` or ``;``, packed with gzip or not. Cells are trimmed. Raises
    InvalidInput, naming file and line, when the file as a whole cannot be read.
    """
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        header = _header(next(reader, []), required, path)
        for raw in reader:
            cells = [cell.strip() for cell in raw]
            if not any(cells):
                continue
            if len(cells) != len(header):
                why = f"{len(cells)} cellules au lieu de {len(header)}."
                refused.append(Refusal(f"ligne {reader.line_num}", "ligne", why))
                continue
            yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise file_problem(path, f"ligne {reader.line_num} : guillemets ou cellule illisibles.") from error


def edition_of(path: Path) -> str:
    """The day of an edition: the one in the file's name, else the day the file was last written."""
    if found := _DAY.search(path.name):
        return "-".join(found.groups())
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()


def file_problem(path: Path, why: str) -> InvalidInput:
    """The error for a file that cannot be taken at all: nothing was changed."""
    return InvalidInput({path.name: f"{why} Rien n’a été importé."})


def _text(path: Path) -> str:
    data = _bytes(path)
    if not data.strip():
        raise file_problem(path, "Le fichier est vide.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise file_problem(
            path, f"ligne {line} : le fichier n’est pas en UTF-8. Enregistrez-le en CSV UTF-8."
        ) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise file_problem(path, f"ligne {line} : ce n’est pas un fichier de texte.")
    return text


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            if not packed:
                return _at_most(file, path)
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _at_most(unpacked, path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise file_problem(path, "Le fichier compressé est abîmé ou incomplet.") from error
    except OSError as error:
        raise file_problem(path, "Le fichier ne peut pas être lu : vérifiez son chemin.") from error


def _at_most(file: BinaryIO | gzip.GzipFile, path: Path) -> bytes:
    # Counted while reading: what a header says of the size proves nothing.
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise file_problem(path, f"Le fichier dépasse {MOST_BYTES // 2**20} Mo.")
    return data


def _separator(text: str) -> str:
    first = text.lstrip().split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def _header(cells: Sequence[str], required: Sequence[str], path: Path) -> list[str]:
    header = [cell.strip() for cell in cells]
    missing = [name for name in required if name not in header]
    if missing:
        raise file_problem(path, f"ligne 1 : colonnes absentes : {', '.join(missing)}.")
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        raise file_problem(path, f"ligne 1 : colonnes en double : {', '.join(doubled)}.")
    return header
