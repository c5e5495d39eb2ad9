"""The key that signs trust files: an Ed25519 key sealed by a passphrase, kept away from every network.

`FILE` (.fst) is a file of `fsbus.store.private_keys` with the magic FSBT.
"""

from pathlib import Path

from fsbus.store.key_slots import FLOOR, Cost
from fsbus.store.private_keys import KeyKind, open_private_key, seal_private_key
from fsbus.wire.signing import new_private_key, public_key_of

_KIND = KeyKind(
    b"FSBT",
    b"fsbus/v1/root-file",
    public_key_of,
    "la clé racine",
    "Ce fichier n’est pas une clé racine entière\u00a0: prenez celui que «\u00a0fsbus trust new-root\u00a0» a écrit.",
)


def make_root_key(path: Path, passphrase: str, *, cost: Cost = FLOOR) -> bytes:
    """Write a new root key; its 32 public bytes. Raises StoreUnavailable when the file exists."""
    return seal_private_key(_KIND, path, new_private_key(), passphrase, cost)


def open_root_key(path: Path, passphrase: str) -> bytes:
    """The 32 private bytes. Raises InvalidInput (``file``), StoreTooNew, WrongPassphrase, StoreUnavailable."""
    return open_private_key(_KIND, path, passphrase)
