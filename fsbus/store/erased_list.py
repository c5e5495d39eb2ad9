"""The list of erased ids in a sealed file of its own: an older backup brings nobody back."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from fsbus.store.keyfile import Keys
from fsbus.store.sealed import Frame, SealKey, Unreadable, seal, unseal
from fsbus.store.whole_files import read_whole, write_whole

NAME, LABEL = "erased.fsj", "erased"
LARGEST = 32 * 2**20
_ids = msgspec.json.Decoder(list[str])


class ErasedList:
    """Bare ids, sealed in the format of the journals under a key of their own; one frame."""

    def __init__(self, folder: Path, key: SealKey) -> None:
        self.path, self._key = folder / NAME, key

    @classmethod
    def of(cls, folder: Path, keys: Keys) -> "ErasedList":
        """That of the laptop whose keys were unlocked."""
        return cls(folder, SealKey.of(keys, LABEL))

    def read(self) -> frozenset[str]:
        """The ids; none when the file is absent or damaged: the database has them too, and writes it again."""
        ids, _ = self._understood()
        return ids

    def is_damaged(self) -> bool:
        """Whether there is a file of which not every byte can be proved. Raises StoreUnavailable."""
        _, is_whole = self._understood()
        return not is_whole

    def write(self, ids: Iterable[str]) -> None:
        """Replace the list, in full or not at all. Raises StoreUnavailable."""
        _, sealed = seal(self._key, "0" * 32, [Frame(1, msgspec.json.encode(sorted(ids)))])
        write_whole(self.path, sealed)

    def _understood(self) -> tuple[frozenset[str], bool]:
        """The ids, and whether every byte of the file is proved."""
        content = read_whole(self.path, LARGEST)
        if content is None:
            return frozenset(), True
        try:
            found = unseal(self._key, content)
            ids = frozenset(_ids.decode(found.frames[0].content)) if found.frames else frozenset[str]()
        except (Unreadable, msgspec.DecodeError):
            return frozenset(), False
        return ids, bool(found.frames) and not found.is_broken and not found.is_torn
