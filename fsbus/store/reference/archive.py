"""Reads the members of a fiche archive without trusting it: sizes are counted, names open nothing."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fsbus.store.reference.tables import file_problem

_END = b"PK\x05\x06"
_END_OF_64 = b"PK\x06\x07"
_END_BYTES = 22
_COMMENT_BYTES = 65_535
_FICHE = re.compile(r"(?:.*/)?([FN]\d{1,7}\.xml)")
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """What an archive may hold; the whole official one holds 4,900 files and about 200 MB."""

    members: int = 20_000
    directory_bytes: int = 4 * 1024 * 1024
    member_bytes: int = 8 * 1024 * 1024
    total_bytes: int = 1024 * 1024 * 1024


LIMITS = Limits()


@dataclass(frozen=True)
class Member:
    """One file of the archive: its bytes, or why it is refused, or neither when it holds no fiche."""

    name: str
    data: bytes = b""
    problem: str = ""


class Archive:
    """A ZIP of fiches, read one member at a time.

    Raises InvalidInput when the file is no ZIP, is encrypted or passes a limit.
    """

    def __init__(self, path: Path, limits: Limits = LIMITS) -> None:
        self._path = path
        self._limits = limits
        try:
            self._check_directory()
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise file_problem(path, "Le fichier ne peut pas être lu : vérifiez son chemin.") from error
        except (zipfile.BadZipFile, NotImplementedError, ValueError, UnicodeDecodeError) as error:
            raise file_problem(path, "Ce n’est pas une archive ZIP lisible.") from error
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if any(info.flag_bits & 0x1 for info in infos):
            self.close()
            raise file_problem(path, "L’archive est chiffrée : l’archive officielle ne l’est pas.")
        self._infos = infos

    def __len__(self) -> int:
        return len(self._infos)

    def __iter__(self) -> Iterator[Member]:
        left = self._limits.total_bytes
        seen: set[str] = set()
        for info in self._infos:
            # The name only tells the kind of a member and names it in a message.
            match = _FICHE.fullmatch(info.filename.replace("\\", "/"))
            if match is None:
                yield Member(info.filename)
                continue
            name = match.group(1)
            if name in seen:
                yield Member(name, problem="deux fichiers de ce nom.")
                continue
            seen.add(name)
            member = self._read(info, name, min(left, self._limits.member_bytes))
            left -= len(member.data)
            if left <= 0:
                raise file_problem(
                    self._path,
                    f"L’archive dépasse {self._limits.total_bytes // 2**20} Mo une fois décompressée.",
                )
            yield member

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def _read(self, info: zipfile.ZipInfo, name: str, most: int) -> Member:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return Member(name, problem="mode de compression non pris en charge.")
        data = bytearray()
        try:
            with self._zip.open(info) as file:
                # A header may announce any size: what comes out is what counts.
                while chunk := file.read(_CHUNK):
                    data += chunk
                    if len(data) > most:
                        return Member(name, bytes(data[:most]), "fichier démesuré une fois décompressé.")
        except (
            zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, UnicodeDecodeError
        ):  # fmt: skip
            return Member(name, problem="fichier abîmé dans l’archive.")
        return Member(name, bytes(data), "" if data else "fichier vide.")

    def _check_directory(self) -> None:
        """Refuse too large a list of members before `zipfile` reads it whole into memory."""
        size = self._path.stat().st_size
        with self._path.open("rb") as file:
            file.seek(max(0, size - _END_BYTES - _COMMENT_BYTES - 20))
            tail = file.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) - at < _END_BYTES:
            raise zipfile.BadZipFile("no end record")
        members = int.from_bytes(tail[at + 10 : at + 12], "little")
        directory = int.from_bytes(tail[at + 12 : at + 16], "little")
        too_many = members > self._limits.members or directory > self._limits.directory_bytes
        if too_many or _END_OF_64 in tail[max(0, at - 20) : at]:
            raise file_problem(
                self._path, f"L’archive contient trop de fichiers ({self._limits.members} au plus)."
            )
