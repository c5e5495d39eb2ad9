"""The coordinator's key: a private half sealed by a passphrase, public ones in lines of text.

`FILE` (.fsr) is a file of `fsbus.store.private_keys` with the magic FSBR; it holds an X25519 key, the recovery key.
The same secret gives the Ed25519 key that signs statements about laptops (HKDF, « fsbus/v1/coordinator »).
`FILE.pub` is one line of text: ``fsbus-recovery-1``, then the 32 public bytes in base64.
"""

import base64
import hashlib
from pathlib import Path

from fsbus.core.errors import InvalidInput
from fsbus.store.key_slots import FLOOR, Cost
from fsbus.store.keyfile import new_private_key, public_key_of
from fsbus.store.private_keys import LONGEST, KeyKind, open_private_key, refuse_existing, seal_private_key
from fsbus.store.whole_files import read_whole, write_whole
from fsbus.wire.signing import derive_key, five_by_five

_PUBLIC = "fsbus-recovery-1"
_NOT_PUBLIC = (
    "Ce fichier n’est pas une clé publique de secours\u00a0: prenez le fichier .pub du coordinateur."
)
_KIND = KeyKind(
    b"FSBR",
    b"fsbus/v1/recovery-file",
    public_key_of,
    "la clé de secours",
    "Ce fichier n’est pas une clé de secours entière\u00a0: prenez celui que «\u00a0fsbus recovery new\u00a0» a écrit.",
)


def public_file(path: Path) -> Path:
    """Where the public half of the key in this file stands."""
    return path.with_name(f"{path.name}.pub")


def make_recovery_key(path: Path, passphrase: str, *, cost: Cost = FLOOR) -> bytes:
    """Write a new key: the private half sealed in ``path``, the public one beside; the 32 public bytes.

    Raises StoreUnavailable when one of the files exists or cannot be written.
    """
    refuse_existing(path, public_file(path))
    public = seal_private_key(_KIND, path, new_private_key(), passphrase, cost)
    write_whole(public_file(path), f"{_PUBLIC} {base64.b64encode(public).decode()}\n".encode())
    return public


def open_recovery_key(path: Path, passphrase: str) -> bytes:
    """The 32 private bytes. Raises InvalidInput (``file``), StoreTooNew, WrongPassphrase, StoreUnavailable."""
    return open_private_key(_KIND, path, passphrase)


def signing_key_of(private: bytes) -> bytes:
    """The private Ed25519 key, 32 bytes, that the holder of this recovery key signs statements with."""
    return derive_key(private, b"fsbus/v1/coordinator")


def read_public_key(path: Path) -> bytes:
    """The 32 bytes of a public half. Raises InvalidInput (``file``), saying what to take instead."""
    content = read_whole(path, LONGEST)
    if content is None:
        raise InvalidInput({"file": f"Fichier absent\u00a0: {path.name}. Vérifiez le nom."})
    if content.startswith(_KIND.magic):
        raise InvalidInput(
            {
                "file": "C’est la clé privée\u00a0: elle ne va sur aucun poste. Prenez le fichier .pub qui l’accompagne."
            }
        )
    word, _, key = content.decode("ascii", errors="replace").strip().partition(" ")
    try:
        public = base64.b64decode(key, validate=True)
    except ValueError:
        public = b""
    if word != _PUBLIC or len(public) != 32:
        raise InvalidInput({"file": _NOT_PUBLIC})
    return public


def fingerprint(public_key: bytes) -> str:
    """What two people compare by voice: 25 signs in groups of 5, 125 bits."""
    digest = base64.b32encode(hashlib.sha256(b"fsbus/v1/recovery-print" + public_key).digest())
    return five_by_five(digest.decode().lower()[:25])
