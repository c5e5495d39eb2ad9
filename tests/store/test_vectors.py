"""Public vectors run against our own wrappers, not only against the library.

Their digits are those of the package cryptography-vectors 50.0.2, which copies them from the RFCs.
"""

import pytest
from cryptography.hazmat.bindings._rust import openssl

from fsbus.store.key_slots import Cost
from fsbus.store.keyfile import argon2id, hpke, public_key_of, siv_open, siv_seal

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


def test_hpke_is_that_of_rfc_9180_base_mode_x25519_sha256_aes_256_gcm() -> None:
    """The RFC's vectors have associated data, which a slot has not: the library's own door for them."""
    private = bytes.fromhex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d")
    public = "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c"
    encapsulated = "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256"
    sealed = "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"
    assert public_key_of(private).hex() == public
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    opened = openssl.hpke._decrypt_with_aad(
        hpke(),
        bytes.fromhex(encapsulated + sealed),
        X25519PrivateKey.from_private_bytes(private),
        bytes.fromhex("4f6465206f6e2061204772656369616e2055726e"),
        b"Count-0",
    )
    assert opened == b"Beauty is truth, truth beauty"
