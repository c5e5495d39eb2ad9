"""The key file `keys.fsk`, version 1: the database's key, sealed to the agent's passphrase.

The passphrase gives a key (Argon2id) that opens the agent's private keys (AES-256-GCM-SIV), which
open the device's master key (HPKE). Every other key is derived from the master key (HKDF). A slot
holds one agent; the trailer proves the whole file with a key derived from the master key.
Whole numbers are big-endian.
"""

import contextlib
import hmac
import os
import secrets
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fsbus.core.errors import KeysDamaged, StoreTooNew, StoreUnavailable, WrongPassphrase
from fsbus.core.passphrases import normalise

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hpke import Suite

MAGIC, VERSION, SUITE = b"FSBK", 1, 1
PASSPHRASE = 1
"""Slot type; 2 (passphrase and OS secret), 3 (invitation) and 16 (recovery) are read over."""
ACTIVE = 1
MOST_SLOTS = 32
_HEADER = struct.Struct(">4sBBBB16sIQ16s")
_SLOT = struct.Struct(">16sBB2s16sIIB3s16s32s32s12s80s80sQ")
_MAC_BYTES = 32
LARGEST = _HEADER.size + MOST_SLOTS * _SLOT.size + _MAC_BYTES

MEMORY_KIB, ROUNDS, LANES = 64 * 1024, 3, 4
"""Argon2id (RFC 9106, second choice): 0.4 s on a slow laptop. A file may ask for more, within bounds:
a hostile one must not hang the laptop, nor ask for a key that is cheap to guess."""
_MEMORY_BOUNDS, _ROUND_BOUNDS, _LANE_BOUNDS = (64 * 1024, 1024 * 1024), (3, 10), (1, 8)

_DAMAGED = "Le fichier des clés (keys.fsk) est endommagé : n’effacez rien et appelez le coordinateur."


@dataclass(frozen=True)
class Keys:
    """What an unlocked key file gives: the agent, and the keys derived from the master key."""

    agent_id: str
    vault_id: bytes
    epoch: int
    _master: bytes = field(repr=False)

    def subkey(self, label: str) -> bytes:
        """The 32-byte key of one use: « db », « reference », « journal »… Another label, another key."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        info = b"fsbus/v1/" + label.encode() + struct.pack(">I", self.epoch)
        return HKDF(algorithm=SHA256(), length=32, salt=self.vault_id, info=info).derive(self._master)


@dataclass(frozen=True)
class Header:
    """The first 52 bytes."""

    slots: int
    vault_id: bytes
    epoch: int
    generation: int
    db_salt: bytes

    def pack(self) -> bytes:
        """Its bytes."""
        return _HEADER.pack(
            MAGIC, VERSION, SUITE, self.slots, 0, self.vault_id, self.epoch, self.generation, self.db_salt
        )


@dataclass(frozen=True)
class Slot:
    """One agent's way in, 308 bytes. ``sealed`` are the private keys, ``master`` the master key."""

    slot_id: bytes
    type: int
    state: int
    agent_id: bytes
    memory_kib: int
    rounds: int
    lanes: int
    salt: bytes
    x25519: bytes
    ed25519: bytes
    nonce: bytes = b""
    sealed: bytes = b""
    master: bytes = b""
    created: int = 0

    def pack(self) -> bytes:
        """Its bytes."""
        return _SLOT.pack(
            self.slot_id, self.type, self.state, b"\0\0", self.agent_id, self.memory_kib, self.rounds,
            self.lanes, b"\0\0\0", self.salt, self.x25519, self.ed25519, self.nonce, self.sealed,
            self.master, self.created,
        )  # fmt: skip


def create_keyfile(path: Path, passphrase: str, agent_id: str, *, created: int = 0) -> Keys:
    """A new key file with one passphrase slot for this agent (a UUID); ``created`` in seconds since 1970.

    Raises StoreUnavailable when the file exists or cannot be written.
    """
    if path.exists():
        raise StoreUnavailable(f"Un fichier de clés existe déjà : {path.name}. Rien n’a été changé.")
    header = Header(1, secrets.token_bytes(16), 1, 1, secrets.token_bytes(16))
    keys = Keys(agent_id, header.vault_id, header.epoch, secrets.token_bytes(32))
    slot = _new_slot(header, passphrase, uuid.UUID(agent_id).bytes, keys._master, created)
    _write(path, _with_mac(header.pack() + slot.pack(), keys))
    return keys


def unlock(path: Path, passphrase: str) -> Keys:
    """The keys that this passphrase opens; the whole file is proved before they are given.

    Raises WrongPassphrase, StoreTooNew, KeysDamaged, or StoreUnavailable when there is no file.
    """
    content = _read(path)
    header, slots = parse(content)
    for slot in slots:
        if slot.type != PASSPHRASE or slot.state != ACTIVE:
            continue
        private = _open_private(header, slot, passphrase)
        if private is not None:
            keys = Keys(
                str(uuid.UUID(bytes=slot.agent_id)),
                header.vault_id,
                header.epoch,
                _open_master(header, slot, private),
            )
            if not hmac.compare_digest(_with_mac(content[:-_MAC_BYTES], keys), content):
                raise KeysDamaged(_DAMAGED)
            return keys
    raise WrongPassphrase("Phrase secrète inconnue : vérifiez les majuscules et les espaces, puis réessayez.")


def parse(content: bytes) -> tuple[Header, tuple[Slot, ...]]:
    """Header and slots of a key file, structure and bounds checked, nothing proved yet.

    Raises StoreTooNew or KeysDamaged.
    """
    if content[:4] != MAGIC or len(content) < 6:
        raise KeysDamaged(_DAMAGED)
    if content[4] != VERSION or content[5] != SUITE:
        raise StoreTooNew("Une version plus récente de fsbus a écrit le fichier des clés : installez-la.")
    if len(content) < _HEADER.size:
        raise KeysDamaged(_DAMAGED)
    _, _, _, count, flags, vault_id, epoch, generation, db_salt = _HEADER.unpack_from(content)
    if (
        len(content) != _HEADER.size + count * _SLOT.size + _MAC_BYTES
        or not 1 <= count <= MOST_SLOTS
        or flags
    ):
        raise KeysDamaged(_DAMAGED)
    body = content[_HEADER.size : -_MAC_BYTES]
    return Header(count, vault_id, epoch, generation, db_salt), tuple(
        map(_parse_slot, _SLOT.iter_unpack(body))
    )


def _parse_slot(values: tuple[object, ...]) -> Slot:
    slot_id, kind, state, reserved, agent_id, memory, rounds, lanes, reserved_too, *rest = values
    slot = Slot(slot_id, kind, state, agent_id, memory, rounds, lanes, *rest)  # type: ignore[arg-type]  # the shape of _SLOT
    if reserved != b"\0\0" or reserved_too != b"\0\0\0" or slot.state not in (0, ACTIVE):
        raise KeysDamaged(_DAMAGED)
    if slot.type == PASSPHRASE and not (
        _MEMORY_BOUNDS[0] <= slot.memory_kib <= _MEMORY_BOUNDS[1]
        and _ROUND_BOUNDS[0] <= slot.rounds <= _ROUND_BOUNDS[1]
        and _LANE_BOUNDS[0] <= slot.lanes <= _LANE_BOUNDS[1]
    ):
        raise KeysDamaged(_DAMAGED)
    return slot


def _new_slot(header: Header, passphrase: str, agent_id: bytes, master: bytes, created: int) -> Slot:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

    seal, sign = X25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    slot = Slot(
        slot_id=secrets.token_bytes(16),
        type=PASSPHRASE,
        state=ACTIVE,
        agent_id=agent_id,
        memory_kib=MEMORY_KIB,
        rounds=ROUNDS,
        lanes=LANES,
        salt=secrets.token_bytes(16),
        x25519=seal.public_key().public_bytes_raw(),
        ed25519=sign.public_key().public_bytes_raw(),
        nonce=secrets.token_bytes(12),
        created=created,
    )
    private = seal.private_bytes_raw() + sign.private_bytes_raw()
    key = _passphrase_key(header, slot, passphrase)
    sealed = AESGCMSIV(key).encrypt(slot.nonce, private, _private_context(header, slot))
    sealed_master = _suite().encrypt(master, seal.public_key(), _master_context(header, slot))
    return Slot(**{**vars(slot), "sealed": sealed, "master": sealed_master})


def _open_private(header: Header, slot: Slot, passphrase: str) -> bytes | None:
    """The 64 bytes of the agent's private keys, or None when the passphrase does not open this slot."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

    key = _passphrase_key(header, slot, passphrase)
    try:
        return AESGCMSIV(key).decrypt(slot.nonce, slot.sealed, _private_context(header, slot))
    except InvalidTag:
        return None


def _open_master(header: Header, slot: Slot, private: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    try:
        opener = X25519PrivateKey.from_private_bytes(private[:32])
        return _suite().decrypt(slot.master, opener, _master_context(header, slot))
    except (InvalidTag, ValueError):
        # The passphrase was right: its slot opened.
        raise KeysDamaged(_DAMAGED) from None


def _passphrase_key(header: Header, slot: Slot, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    return Argon2id(
        salt=slot.salt,
        length=32,
        iterations=slot.rounds,
        lanes=slot.lanes,
        memory_cost=slot.memory_kib,
        ad=b"fsbus/v1/slot" + header.vault_id + slot.slot_id + slot.agent_id,
    ).derive(normalise(passphrase).encode("utf-8", "surrogatepass"))


def _suite() -> "Suite":
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _private_context(header: Header, slot: Slot) -> bytes:
    return (
        b"fsbus/v1/priv" + MAGIC + bytes((VERSION, SUITE)) + header.vault_id + slot.slot_id
        + bytes((slot.type,)) + slot.agent_id + struct.pack(">IIB", slot.memory_kib, slot.rounds, slot.lanes)
        + slot.salt + slot.x25519 + slot.ed25519
    )  # fmt: skip


def _master_context(header: Header, slot: Slot) -> bytes:
    return (
        b"fsbus/v1/dmk" + MAGIC + bytes((VERSION, SUITE)) + header.vault_id
        + struct.pack(">I", header.epoch) + slot.slot_id + bytes((slot.type,)) + slot.agent_id + slot.x25519
    )  # fmt: skip


def _with_mac(body: bytes, keys: Keys) -> bytes:
    return body + hmac.digest(keys.subkey("keyfile-mac"), body, "sha256")


def _read(path: Path) -> bytes:
    with _file_errors(path), path.open("rb") as file:
        return file.read(LARGEST + 1)


def _write(path: Path, content: bytes) -> None:
    """In full or not at all: a temporary file, then its name."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with _file_errors(path):
        try:
            descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        fsync_folder(path.parent)


def fsync_folder(folder: Path) -> None:
    """Make a rename in this folder durable; Windows does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise StoreUnavailable(f"Aucun poste ici : {path.name} est absent. Vérifiez le dossier.") from None
    except OSError as error:
        raise StoreUnavailable(
            f"{path.name} ne peut pas être lu ou écrit : vérifiez le disque et les droits."
        ) from error
