"""Says which files of a laptop are damaged, before and after an opening puts right what it can."""

from dataclasses import dataclass
from pathlib import Path

from fsbus.core.errors import StoreError
from fsbus.core.redaction import redacted
from fsbus.store import keyring
from fsbus.store.erased_list import ErasedList
from fsbus.store.journal import Journals
from fsbus.store.keyfile import Keys


@redacted("database")
@dataclass(frozen=True)
class Damage:
    """Names of damaged files; ``database``: whether it was restored from a backup."""

    keys: tuple[str, ...] = ()
    journal: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()
    database: bool = False


def damage_in(home: Path, key_file: Path, keys: Keys) -> Damage:
    """What can be told of the small files without opening the store; all of them are read whole."""
    erased = ErasedList.of(home, keys)
    try:
        journals = tuple(one.path.name for one in Journals.of(home, keys).read() if one.is_damaged)
    except StoreError as error:
        journals = (str(error),)
    return Damage(
        keys=() if keyring.is_current(key_file, keys) else (key_file.name,),
        journal=journals,
        erased=(erased.path.name,) if erased.is_damaged() else (),
    )
