"""Public vectors run against our own wrappers, not only against the library.

Their digits are those of the package cryptography-vectors 50.0.2, which copies them from the RFCs.
"""

import hmac
from dataclasses import replace

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fsbus.store.key_slots import FLOOR, Cost, Header, Slot
from fsbus.store.keyfile import (
    Keys,
    argon2id,
    hpke,
    open_master,
    public_key_of,
    sealed_to,
    siv_open,
    siv_seal,
)
from fsbus.store.sealed import SealKey, cipher_of

SIV = [  # RFC 8452, appendices C.2 and C.3: key, nonce, associated data, plaintext, ciphertext and tag
    (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "030000000000000000000000",
        "",
        "01000000000000000000000000000000",
        "85a01b63025ba19b7fd3ddfc033b3e76c9eac6fa700942702e90862383c6c366",
    ),
    (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "030000000000000000000000",
        "01",
        "0200000000000000000000000000000003000000000000000000000000000000",
        "07dad364bfc2b9da89116d7bef6daaaf6f255510aa654f920ac81b94e8bad365aea1bad12702e1965604374aab96dbbc",
    ),
    (
        "6545fc880c94a95198874296d5cc1fd161320b6920ce07787f86743b275d1ab3",
        "2f6d1f0434d8848c1177441f",
        "6787f3ea22c127aaf195",
        "195495860f04",
        "a254dad4f3f96b62b84dc40c84636a5ec12020ec8c2c",
    ),
    (
        "a44102952ef94b02b805249bac80e6f61455bfac8308a2d40d8c845117808235",
        "5c9e940fea2f582950a70d5a",
        "0da55210cc1c1b0abde3b2f204d1e9f8b06bc47f",
        "1db2316fd568378da107b52b",
        "8dbeb9f7255bf5769dd56692404099c2587f64979f21826706d497d5",
    ),
    (
        "3c535de192eaed3822a2fbbe2ca9dfc88255e14a661b8aa82cc54236093bbc23",
        "688089e55540db1872504e1c",
        "734320ccc9d9bbbb19cb81b2af4ecbc3e72834321f7aa0f70b7282b4f33df23f167541",
        "ced532ce4159b035277d4dfbb7db62968b13cd4eec",
        "626660c26ea6612fb17ad91e8e767639edd6c9faee9d6c7029675b89eaf4ba1ded1a286594",
    ),
    (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000",
        "",
        "000000000000000000000000000000004db923dc793ee6497c76dcc03a98e108",
        "f3f80f2cf0cb2dd9c5984fcda908456cc537703b5ba70324a6793a7bf218d3eaffffffff000000000000000000000000",
    ),
    (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000",
        "",
        "eb3640277c7ffd1303c7a542d02d3e4c0000000000000000",
        "18ce4f0b8cb4d0cac65fea8f79257b20888e53e72299e56dffffffff000000000000000000000000",
    ),
]


def test_argon2id_is_that_of_rfc_9106_section_5_3() -> None:
    derived = argon2id(
        bytes([1] * 32), bytes([2] * 16), Cost(32, 3, 4), bytes([4] * 12), secret=bytes([3] * 8)
    )
    assert derived.hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"


@pytest.mark.parametrize(("key", "nonce", "context", "plain", "sealed"), SIV)
def test_aes_256_gcm_siv_is_that_of_rfc_8452(
    key: str, nonce: str, context: str, plain: str, sealed: str
) -> None:
    key_, nonce_, context_, plain_, sealed_ = map(bytes.fromhex, (key, nonce, context, plain, sealed))
    assert siv_seal(key_, nonce_, plain_, context_) == sealed_
    assert siv_open(key_, nonce_, sealed_, context_) == plain_
    for place in range(len(sealed_)):
        altered = bytearray(sealed_)
        altered[place] ^= 1
        assert siv_open(key_, nonce_, bytes(altered), context_) is None
    assert siv_open(key_, nonce_, sealed_, context_ + b"x") is None


@pytest.mark.parametrize(("key", "nonce", "context", "plain", "sealed"), SIV)
def test_the_cipher_of_sealed_files_is_that_of_rfc_8452(
    key: str, nonce: str, context: str, plain: str, sealed: str
) -> None:
    cipher = cipher_of(bytes.fromhex(key))
    nonce_, context_, sealed_ = map(bytes.fromhex, (nonce, context, sealed))
    assert cipher.encrypt(nonce_, bytes.fromhex(plain), context_) == sealed_
    assert cipher.decrypt(nonce_, sealed_, context_).hex() == plain


def test_the_key_of_a_sealed_file_is_drawn_by_rfc_5869() -> None:
    """Appendix A.3: neither salt nor info; the vector is 42 bytes long, of which the first 32 are the same."""
    drawn = SealKey(bytes(16), 1, bytes.fromhex("0b" * 22)).of_file(b"")
    assert drawn.hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


def test_hpke_is_that_of_rfc_9180_base_mode_x25519_sha256_aes_256_gcm() -> None:
    """The RFC's vectors have associated data, which a slot has not: the library's own door for them."""
    private = bytes.fromhex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d")
    public = "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c"
    encapsulated = "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256"
    sealed = "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"
    assert public_key_of(private).hex() == public
    opened = openssl.hpke._decrypt_with_aad(
        hpke(),
        bytes.fromhex(encapsulated + sealed),
        X25519PrivateKey.from_private_bytes(private),
        bytes.fromhex("4f6465206f6e2061204772656369616e2055726e"),
        b"Count-0",
    )
    assert opened == b"Beauty is truth, truth beauty"


class PlainHpke:
    """RFC 9180 base mode written out from its text: X25519, HKDF-SHA256, AES-256-GCM; one message."""

    KEM, SUITE = b"KEM" + (0x20).to_bytes(2, "big"), b"HPKE" + bytes.fromhex("002000010002")

    def __init__(self, shared: bytes, encapsulated: bytes, recipient: bytes, info: bytes) -> None:
        secret = self._expand(
            self._extract(b"", b"eae_prk", shared, self.KEM),
            b"shared_secret",
            encapsulated + recipient,
            32,
            self.KEM,
        )
        context = b"\0" + self._extract(b"", b"psk_id_hash", b"", self.SUITE)
        context += self._extract(b"", b"info_hash", info, self.SUITE)
        drawn = self._extract(secret, b"secret", b"", self.SUITE)
        self.key = self._expand(drawn, b"key", context, 32, self.SUITE)
        self.nonce = self._expand(drawn, b"base_nonce", context, 12, self.SUITE)

    @staticmethod
    def _extract(salt: bytes, label: bytes, material: bytes, suite: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + material, "sha256")

    @staticmethod
    def _expand(drawn: bytes, label: bytes, info: bytes, length: int, suite: bytes) -> bytes:
        info = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
        return hmac.digest(drawn, info + b"\1", "sha256")[:length]


PRIVATE = bytes.fromhex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d")
ENCAPSULATED = bytes.fromhex("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256")
INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
SEALED = "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"


def opened_plainly(private: bytes, encapsulated: bytes, info: bytes) -> PlainHpke:
    key = X25519PrivateKey.from_private_bytes(private)
    shared = key.exchange(X25519PublicKey.from_public_bytes(encapsulated))
    return PlainHpke(shared, encapsulated, public_key_of(private), info)


def test_hpke_written_out_is_that_of_rfc_9180() -> None:
    plain = opened_plainly(PRIVATE, ENCAPSULATED, INFO)
    opened = AESGCM(plain.key).decrypt(plain.nonce, bytes.fromhex(SEALED), b"Count-0")
    assert opened == b"Beauty is truth, truth beauty"


def test_the_master_key_in_a_slot_is_sealed_and_opened_by_rfc_9180() -> None:
    """Both ways between our slots and HPKE as it is written out above, which the RFC's vector proved."""
    keys = Keys("01a20000-0000-7000-8000-00000000a9e7", bytes(range(16)), 3, bytes(range(32)))
    header = Header(1, keys.vault_id, 3, 1, bytes(16))
    slot = Slot(
        slot_id=bytes(range(16, 32)), type=1, state=1, agent_id=bytes(range(32, 48)), memory_kib=FLOOR.memory_kib,
        rounds=3, lanes=4, salt=bytes(16), x25519=public_key_of(PRIVATE), ed25519=bytes(32), nonce=bytes(12),
        sealed=bytes(80),
    )  # fmt: skip
    info = b"fsbus/v1/dmk" + b"FSBK\x01\x01" + keys.vault_id + bytes([0, 0, 0, 3]) + slot.slot_id + b"\x01"
    info += slot.agent_id + slot.x25519
    ours = sealed_to(header, slot, keys)
    plain = opened_plainly(PRIVATE, ours.master[:32], info)
    assert AESGCM(plain.key).decrypt(plain.nonce, ours.master[32:], b"") == bytes(range(32))
    ephemeral = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(slot.x25519))
    encapsulated = ephemeral.public_key().public_bytes_raw()
    theirs = PlainHpke(shared, encapsulated, slot.x25519, info)
    master = encapsulated + AESGCM(theirs.key).encrypt(theirs.nonce, bytes(range(32)), b"")
    opened = open_master(header, replace(slot, master=master), PRIVATE)
    assert opened.subkey("db") == keys.subkey("db")
