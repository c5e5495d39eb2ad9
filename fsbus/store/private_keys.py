"""Seals one private key in a file under a passphrase, and opens it again, whatever the key is for.

Version 1, big-endian: magic (4), version, suite, Argon2id memory (KiB, u32), rounds (u32), lanes (u8), salt 16,
public key 32, nonce 12, sealed private key 48 (AES-256-GCM-SIV; all before the nonce is proved with it).
"""

import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fsbus.core.errors import InvalidInput, StoreTooNew, StoreUnavailable, WrongPassphrase
from fsbus.core.passphrases import normalise
from fsbus.core.privacy import check_file_name
from fsbus.core.redaction import redacted
from fsbus.store.key_slots import Cost
from fsbus.store.keyfile import argon2id, siv_open, siv_seal
from fsbus.store.whole_files import read_whole, write_whole

VERSION, SUITE = 1, 1
_HEADER = struct.Struct(">4sBBIIB16s32s")
_NONCE, _SEALED = 12, 48
_SIZE = _HEADER.size + _NONCE + _SEALED
LONGEST = 4096
"""Bytes read of a file that should be a key."""


@redacted()
@dataclass(frozen=True)
class KeyKind:
    """What a private key is for: the first bytes of its file, the label of its cost, and how it is called."""

    magic: bytes
    label: bytes
    public_of: Callable[[bytes], bytes]
    """The 32 public bytes of 32 private ones."""
    called: str
    """French, with its article: « la clé de secours »."""
    not_private: str
    """French: the file is no such key, and which one to take."""


def seal_private_key(kind: KeyKind, path: Path, private: bytes, passphrase: str, cost: Cost) -> bytes:
    """Write the key, never over a file; its public half. Raises StoreUnavailable."""
    refuse_existing(path)
    public, salt, nonce = kind.public_of(private), secrets.token_bytes(16), secrets.token_bytes(_NONCE)
    header = _HEADER.pack(kind.magic, VERSION, SUITE, cost.memory_kib, cost.rounds, cost.lanes, salt, public)
    sealed = siv_seal(_key(kind, passphrase, salt, cost, public), nonce, private, header)
    write_whole(path, header + nonce + sealed)
    return public


def open_private_key(kind: KeyKind, path: Path, passphrase: str) -> bytes:
    """The 32 private bytes. Raises InvalidInput (``file``), StoreTooNew, WrongPassphrase, StoreUnavailable."""
    content = read_whole(path, LONGEST)
    if content is None:
        raise InvalidInput({"file": f"Fichier absent\u00a0: {path.name}. Vérifiez le nom."})
    if content[:4] != kind.magic or len(content) < 6:
        raise InvalidInput({"file": kind.not_private})
    if content[4] != VERSION or content[5] != SUITE:
        raise StoreTooNew(f"Une version plus récente de fsbus a écrit {kind.called}\u00a0: installez-la.")
    if len(content) != _SIZE:
        raise InvalidInput({"file": kind.not_private})
    header, rest = content[: _HEADER.size], content[_HEADER.size :]
    *_, memory, rounds, lanes, salt, public = _HEADER.unpack(header)
    cost = Cost(memory, rounds, lanes)
    if not cost.is_allowed:
        # Neither a cost that hangs the machine nor one below the floor is ever tried.
        raise InvalidInput({"file": kind.not_private})
    private = siv_open(_key(kind, passphrase, salt, cost, public), rest[:_NONCE], rest[_NONCE:], header)
    if private is None or kind.public_of(private) != public:
        raise WrongPassphrase(f"Cette phrase n’ouvre pas {kind.called}, ou son fichier a été altéré.")
    return private


def refuse_existing(*paths: Path) -> None:
    """Raises StoreUnavailable when one of the files is there: a key is never written over another; InvalidInput for a
    name that may not be written."""
    for path in paths:
        check_file_name(path)
        if path.exists():
            raise StoreUnavailable(
                f"{path.name} existe déjà\u00a0: rien n’a été changé. Donnez un autre nom."
            )


def _key(kind: KeyKind, passphrase: str, salt: bytes, cost: Cost, public: bytes) -> bytes:
    secret = normalise(passphrase).encode("utf-8", "surrogatepass")
    return argon2id(secret, salt, cost, kind.label + public)
