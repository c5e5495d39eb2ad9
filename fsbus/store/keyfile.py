"""The cryptography of `keys.fsk`: seals the master key in slots, opens it again, proves the file.

A passphrase gives a key (Argon2id) that opens the agent's private keys (AES-256-GCM-SIV), which
open the device's master key (HPKE). Every other key is derived from the master key (HKDF). An
invitation is a slot whose passphrase is a code; a recovery slot is sealed to a coordinator's key,
whose private half is elsewhere. The trailer proves the whole file with a key derived from the master key.
"""

import hmac
import secrets
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

from fsbus.core.errors import KeysDamaged, StoreUnavailable
from fsbus.core.passphrases import normalise
from fsbus.core.redaction import redacted
from fsbus.store.key_slots import (
    ACTIVE,
    DAMAGED,
    MAC_BYTES,
    MAGIC,
    PASSPHRASE,
    RECOVERY,
    SUITE,
    VERSION,
    Cost,
    Header,
    Slot,
)  # fmt: skip

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hpke import Suite

_ONE_AT_A_TIME = Lock()
"""Two derivations at once in one process take threads of OpenSSL's pool from each other, and wait for ever."""


@redacted("agent_id", "epoch")
@dataclass(frozen=True)
class Keys:
    """What an unlocked key file gives: whose slot opened, and the keys derived from the master key.

    ``agent_id`` is the agent's, or the recovery key's id when a recovery slot was opened.
    """

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

    def next_epoch(self) -> "Keys":
        """The same vault under a new master key, which nothing of this one tells."""
        return replace(self, epoch=self.epoch + 1, _master=secrets.token_bytes(32))


def first_keys(agent_id: str) -> Keys:
    """The keys of a new vault, in its first epoch; ``agent_id`` is a UUID."""
    return Keys(agent_id, secrets.token_bytes(16), 1, secrets.token_bytes(32))


def agent_slot(
    header: Header,
    keys: Keys,
    agent_id: str,
    secret: str,
    *,
    cost: Cost,
    kind: int = PASSPHRASE,
    created: int = 0,
) -> Slot:
    """A new slot that ``secret`` opens: a passphrase, or the code of an invitation.

    ``created`` in seconds since 1970. Raises ValueError for a cost out of bounds.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    if not cost.is_allowed:
        raise ValueError(f"out of bounds: {cost}")
    opener, signer = X25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    slot = Slot(
        slot_id=secrets.token_bytes(16),
        type=kind,
        state=ACTIVE,
        agent_id=uuid.UUID(agent_id).bytes,
        memory_kib=cost.memory_kib,
        rounds=cost.rounds,
        lanes=cost.lanes,
        salt=secrets.token_bytes(16),
        x25519=opener.public_key().public_bytes_raw(),
        ed25519=signer.public_key().public_bytes_raw(),
        nonce=secrets.token_bytes(12),
        created=created,
    )
    private = opener.private_bytes_raw() + signer.private_bytes_raw()
    key = slot_key(header, slot, secret)
    sealed = siv_seal(key, slot.nonce, private, _private_context(header, slot))
    return sealed_to(header, replace(slot, sealed=sealed), keys)


def recovery_slot(header: Header, keys: Keys, public_key: bytes, *, created: int = 0) -> Slot:
    """A new slot that the coordinator's X25519 private key opens; ``public_key`` is its 32 public bytes."""
    slot = Slot(
        slot_id=secrets.token_bytes(16),
        type=RECOVERY,
        state=ACTIVE,
        agent_id=recovery_key_id(public_key),
        memory_kib=0,
        rounds=0,
        lanes=0,
        salt=bytes(16),
        x25519=public_key,
        ed25519=bytes(32),
        created=created,
    )
    return sealed_to(header, slot, keys)


def recovery_key_id(public_key: bytes) -> bytes:
    """The 16 bytes by which a slot names a coordinator's key. Raises ValueError for another size than 32."""
    from cryptography.hazmat.primitives.hashes import SHA256, Hash

    if len(public_key) != 32:
        raise ValueError("an X25519 public key is 32 bytes")
    digest = Hash(SHA256())
    digest.update(b"fsbus/v1/recovery" + public_key)
    return digest.finalize()[:16]


def sealed_to(header: Header, slot: Slot, keys: Keys) -> Slot:
    """The slot with this master key sealed to its public key: nobody's passphrase is needed for that."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    context = _master_context(header, slot, keys.epoch)
    reader = X25519PublicKey.from_public_bytes(slot.x25519)
    return replace(slot, master=hpke().encrypt(keys._master, reader, context))


def open_slot(header: Header, slot: Slot, secret: str) -> Keys | None:
    """The keys, not proved yet; None when this is not the passphrase (or code) of this slot.

    Raises KeysDamaged when it is, and what it opens is not whole.
    """
    key = slot_key(header, slot, secret)
    private = siv_open(key, slot.nonce, slot.sealed, _private_context(header, slot))
    if private is None:
        return None
    return open_master(header, slot, private[:32])


def open_master(header: Header, slot: Slot, private_key: bytes) -> Keys:
    """The keys sealed to this X25519 private key, not proved yet. Raises KeysDamaged."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    try:
        opener = X25519PrivateKey.from_private_bytes(private_key)
        master = hpke().decrypt(slot.master, opener, _master_context(header, slot, header.epoch))
    except (InvalidTag, ValueError):
        raise KeysDamaged(DAMAGED) from None
    return Keys(str(uuid.UUID(bytes=slot.agent_id)), header.vault_id, header.epoch, master)


def new_private_key() -> bytes:
    """A new X25519 private key, 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.generate().private_bytes_raw()


def public_key_of(private_key: bytes) -> bytes:
    """The public half of an X25519 private key, 32 bytes each."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def packed(header: Header, slots: Sequence[Slot], keys: Keys) -> bytes:
    """The whole file with its trailer; the header's count and epoch are taken from what is given."""
    body = replace(header, slots=len(slots), epoch=keys.epoch).pack()
    body += b"".join(slot.pack() for slot in slots)
    return body + _mac(body, keys)


def is_proved(content: bytes, keys: Keys) -> bool:
    """Whether the holder of this master key wrote these very bytes."""
    return hmac.compare_digest(_mac(content[:-MAC_BYTES], keys), content[-MAC_BYTES:])


def slot_key(header: Header, slot: Slot, secret: str) -> bytes:
    """The key that the passphrase (or code) gives for this slot, 32 bytes, by Argon2id."""
    associated = b"fsbus/v1/slot" + header.vault_id + slot.slot_id + slot.agent_id
    return argon2id(normalise(secret).encode("utf-8", "surrogatepass"), slot.salt, slot.cost, associated)


def argon2id(
    password: bytes, salt: bytes, cost: Cost, associated: bytes, *, secret: bytes | None = None
) -> bytes:
    """32 bytes by Argon2id version 1.3 (RFC 9106). Raises StoreUnavailable when there is not enough memory."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    derivation = Argon2id(
        salt=salt,
        length=32,
        iterations=cost.rounds,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
        ad=associated,
        secret=secret,
    )
    try:
        with _ONE_AT_A_TIME:
            return derivation.derive(password)
    except MemoryError:
        raise StoreUnavailable(
            "La mémoire manque pour ouvrir ce poste : fermez d’autres programmes, puis réessayez."
        ) from None


def siv_seal(key: bytes, nonce: bytes, content: bytes, context: bytes) -> bytes:
    """AES-256-GCM-SIV (RFC 8452), the tag at the end; ``context`` is proved with it, not hidden."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

    return AESGCMSIV(key).encrypt(nonce, content, context)


def siv_open(key: bytes, nonce: bytes, sealed: bytes, context: bytes) -> bytes | None:
    """What `siv_seal` sealed; None when key, nonce, context or content is another."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

    try:
        return AESGCMSIV(key).decrypt(nonce, sealed, context)
    except InvalidTag:
        return None


def hpke() -> "Suite":
    """RFC 9180 base mode: X25519, HKDF-SHA256, AES-256-GCM."""
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _private_context(header: Header, slot: Slot) -> bytes:
    return (
        b"fsbus/v1/priv" + MAGIC + bytes((VERSION, SUITE)) + header.vault_id + slot.slot_id
        + bytes((slot.type,)) + slot.agent_id + struct.pack(">IIB", slot.memory_kib, slot.rounds, slot.lanes)
        + slot.salt + slot.x25519 + slot.ed25519
    )  # fmt: skip


def _master_context(header: Header, slot: Slot, epoch: int) -> bytes:
    return (
        b"fsbus/v1/dmk" + MAGIC + bytes((VERSION, SUITE)) + header.vault_id
        + struct.pack(">I", epoch) + slot.slot_id + bytes((slot.type,)) + slot.agent_id + slot.x25519
    )  # fmt: skip


def _mac(body: bytes, keys: Keys) -> bytes:
    return hmac.digest(keys.subkey("keyfile-mac"), body, "sha256")
