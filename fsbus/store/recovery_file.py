"""The coordinator's recovery key: a private half sealed by a passphrase, a public one in a line.

`FILE` version 1, big-endian: magic FSBR, version, suite, Argon2id memory (KiB, u32), rounds (u32), lanes (u8),
salt 16, X25519 public key 32, nonce 12, sealed private key 48 (AES-256-GCM-SIV; all before the nonce is proved
with it). `FILE.pub` is one line of text: ``fsbus-recovery-1``, then the 32 public bytes in base64.
"""

import base64
import hashlib
import secrets
import struct
from pathlib import Path

from fsbus.core.errors import InvalidInput, StoreTooNew, StoreUnavailable, WrongPassphrase
from fsbus.core.passphrases import normalise
from fsbus.store.key_slots import FLOOR, Cost
from fsbus.store.keyfile import argon2id, new_private_key, public_key_of, siv_open, siv_seal
from fsbus.store.whole_files import read_whole, write_whole

MAGIC, VERSION, SUITE = b"FSBR", 1, 1
_HEADER = struct.Struct(">4sBBIIB16s32s")
_NONCE, _SEALED = 12, 48
_SIZE = _HEADER.size + _NONCE + _SEALED
_PUBLIC = "fsbus-recovery-1"
_LONGEST = 4096
_NOT_PRIVATE = "Ce fichier n’est pas une clé de secours entière\u00a0: prenez celui que «\u00a0fsbus recovery new\u00a0» a écrit."
_NOT_PUBLIC = (
    "Ce fichier n’est pas une clé publique de secours\u00a0: prenez le fichier .pub du coordinateur."
)


def public_file(path: Path) -> Path:
    """Where the public half of the key in this file stands."""
    return path.with_name(f"{path.name}.pub")


def make_recovery_key(path: Path, passphrase: str, *, cost: Cost = FLOOR) -> bytes:
    """Write a new key: the private half sealed in ``path``, the public one beside; the 32 public bytes.

    Raises StoreUnavailable when one of the files exists or cannot be written.
    """
    if path.exists() or public_file(path).exists():
        raise StoreUnavailable(f"{path.name} existe déjà\u00a0: rien n’a été changé. Donnez un autre nom.")
    private = new_private_key()
    public, salt, nonce = public_key_of(private), secrets.token_bytes(16), secrets.token_bytes(_NONCE)
    header = _HEADER.pack(MAGIC, VERSION, SUITE, cost.memory_kib, cost.rounds, cost.lanes, salt, public)
    sealed = siv_seal(_key(passphrase, salt, cost, public), nonce, private, header)
    write_whole(path, header + nonce + sealed)
    write_whole(public_file(path), f"{_PUBLIC} {base64.b64encode(public).decode()}\n".encode())
    return public


def open_recovery_key(path: Path, passphrase: str) -> bytes:
    """The 32 private bytes. Raises InvalidInput (``file``), StoreTooNew, WrongPassphrase, StoreUnavailable."""
    content = read_whole(path, _LONGEST)
    if content is None:
        raise InvalidInput({"file": f"Fichier absent\u00a0: {path.name}. Vérifiez le nom."})
    if content[:4] != MAGIC or len(content) < 6:
        raise InvalidInput({"file": _NOT_PRIVATE})
    if content[4] != VERSION or content[5] != SUITE:
        raise StoreTooNew(
            "Une version plus récente de fsbus a écrit cette clé de secours\u00a0: installez-la."
        )
    if len(content) != _SIZE:
        raise InvalidInput({"file": _NOT_PRIVATE})
    header, rest = content[: _HEADER.size], content[_HEADER.size :]
    *_, memory, rounds, lanes, salt, public = _HEADER.unpack(header)
    cost = Cost(memory, rounds, lanes)
    if not cost.is_allowed:
        # Neither a cost that hangs the machine nor one below the floor is ever tried.
        raise InvalidInput({"file": _NOT_PRIVATE})
    private = siv_open(_key(passphrase, salt, cost, public), rest[:_NONCE], rest[_NONCE:], header)
    if private is None or public_key_of(private) != public:
        raise WrongPassphrase("Cette phrase n’ouvre pas la clé de secours, ou son fichier a été altéré.")
    return private


def read_public_key(path: Path) -> bytes:
    """The 32 bytes of a public half. Raises InvalidInput (``file``), saying what to take instead."""
    content = read_whole(path, _LONGEST)
    if content is None:
        raise InvalidInput({"file": f"Fichier absent\u00a0: {path.name}. Vérifiez le nom."})
    if content.startswith(MAGIC):
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
    signs = digest.decode().lower()[:25]
    return " ".join(signs[place : place + 5] for place in range(0, 25, 5))


def _key(passphrase: str, salt: bytes, cost: Cost, public: bytes) -> bytes:
    secret = normalise(passphrase).encode("utf-8", "surrogatepass")
    return argon2id(secret, salt, cost, b"fsbus/v1/recovery-file" + public)
