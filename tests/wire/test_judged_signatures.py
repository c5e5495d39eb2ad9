"""Another implementation of RFC 9421 accepts what we sign; no altered bit of it is taken by ours."""

import base64
import random
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageVerifier, InvalidSignature, MappingKeyResolver
from http_message_signatures.algorithms import ED25519
from hypothesis import given, settings
from hypothesis import strategies as st

from fsbus.wire import signing

AUDIENCE = "fsbus-0123456789ab"
LAPTOP, CENTRE = bytes(range(32)), bytes(range(32, 64))
DEVICE = signing.device_id_of(signing.public_key_of(LAPTOP))
REQUESTS = 1_000
CREATED = 1_764_000_000
_REQUIRED = ("@method", "@path", "@query", "content-type", "content-digest", "fsbus-audience")


@dataclass(frozen=True)
class Asked:
    """A request as the other implementation looks at it."""

    method: str
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answered:
    """An answer as the other implementation looks at it."""

    status_code: int
    headers: Mapping[str, str]
    request: Asked


def judge() -> HTTPMessageVerifier:
    keys = {
        name: Ed25519PublicKey.from_public_bytes(signing.public_key_of(key))
        for name, key in ((DEVICE, LAPTOP), (signing.SERVER, CENTRE))
    }
    return HTTPMessageVerifier(
        signature_algorithm=ED25519, key_resolver=MappingKeyResolver(public_keys=keys, private_keys={})
    )


def asked(chance: random.Random) -> tuple[Asked, bytes]:
    body = chance.randbytes(chance.choice((0, 1, 50, 2_000)))
    method, path, query = chance.choice(
        (
            ("POST", "/v1/sync", ""),
            ("GET", "/v1/hello", f"replica={chance.randbytes(16).hex()}&nonce={chance.randbytes(12).hex()}"),
            ("GET", "/behind/v1/snapshot/bus-3/ab12", f"nonce={chance.randbytes(12).hex()}"),
        )
    )
    headers = signing.sign_request(
        method=method,
        path=path,
        query=query,
        content_type=chance.choice(("application/json", "application/vnd.fsbus.v1")),
        body=body,
        audience=AUDIENCE,
        device=DEVICE,
        private_key=LAPTOP,
        created=CREATED + chance.randrange(10_000),
    )
    url = f"https://centre.exemple.fr{path}" + (f"?{query}" if query else "")
    return Asked(method, url, headers), body


def test_the_other_implementation_accepts_our_requests_and_our_answers_to_them() -> None:
    chance, verifier = random.Random(4), judge()
    for _ in range(REQUESTS):
        request, body = asked(chance)
        found = verifier.verify(
            request, max_age=None, expect_tag=signing.TAG, require_components=_REQUIRED, body=body or None
        )
        assert found[0].parameters["keyid"] == DEVICE

        told, status = chance.randbytes(chance.choice((2, 300))), chance.choice((200, 401, 409, 503))
        headers = signing.sign_answer(
            status=status,
            content_type="application/json",
            body=told,
            answered=signing.request_signature(request.headers),
            private_key=CENTRE,
            created=CREATED,
        )
        answer = Answered(status, headers, request)
        assert (
            verifier.verify(answer, max_age=None, expect_tag=signing.TAG, body=told)[0].parameters["keyid"]
            == "server"
        )


def test_the_other_implementation_refuses_our_answer_given_to_another_request() -> None:
    chance = random.Random(5)
    (first, _), (second, _) = asked(chance), asked(chance)
    headers = signing.sign_answer(
        status=200,
        content_type="application/json",
        body=b"{}",
        answered=signing.request_signature(first.headers),
        private_key=CENTRE,
        created=CREATED,
    )
    judge().verify(Answered(200, headers, first), max_age=None, expect_tag=signing.TAG)
    with pytest.raises(InvalidSignature):
        judge().verify(Answered(200, headers, second), max_age=None, expect_tag=signing.TAG)


SIGNED = signing.sign_request(
    method="POST", path="/v1/sync", query="a=1", content_type="application/json", body=b"some bytes",
    audience=AUDIENCE, device=DEVICE, private_key=LAPTOP, created=CREATED,
)  # fmt: skip
REQUEST = {"@method": "POST", "@path": "/v1/sync", "@query": "a=1", **SIGNED, "body": "some bytes"}
ANSWER = {
    "status": "200",
    "body": "some bytes",
    **signing.sign_answer(
        status=200, content_type="application/json", body=b"some bytes",
        answered=signing.request_signature(SIGNED), private_key=CENTRE, created=CREATED,
    ),
}  # fmt: skip


def flipped(parts: dict[str, str], data: st.DataObject) -> dict[str, str]:
    name = data.draw(st.sampled_from(sorted(parts)))
    raw = bytearray(parts[name].encode("latin-1"))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    return parts | {name: raw.decode("latin-1")}


def take_request(parts: dict[str, str]) -> None:
    signing.claimed_device(parts)
    signing.verify_request(
        method=parts["@method"],
        path=parts["@path"],
        query=parts["@query"],
        headers=parts,
        audience=AUDIENCE,
        public_key=signing.public_key_of(LAPTOP),
    )
    signing.verify_body(parts, parts["body"].encode("latin-1"))


def take_answer(parts: dict[str, str]) -> None:
    signing.verify_answer(
        status=int(parts["status"]) if parts["status"].isdecimal() else 0,
        headers=parts,
        body=parts["body"].encode("latin-1"),
        answered=signing.request_signature(SIGNED) or "",
        public_key=signing.public_key_of(CENTRE),
    )


@settings(max_examples=500)
@given(st.data())
def test_no_altered_bit_of_a_signed_request_is_taken(data: st.DataObject) -> None:
    take_request(REQUEST)
    with pytest.raises(signing.BadSignature):
        take_request(flipped(REQUEST, data))


@settings(max_examples=500)
@given(st.data())
def test_no_altered_bit_of_a_signed_answer_is_taken(data: st.DataObject) -> None:
    take_answer(ANSWER)
    with pytest.raises(signing.BadSignature):
        take_answer(flipped(ANSWER, data))


def test_the_signature_of_the_public_vector_is_verified_and_no_other() -> None:
    """RFC 9421, B.1.4 (test-key-ed25519) and B.2.6."""
    public = bytes.fromhex("26b40b8f93fff3d897112f7ebc582b232dbd72517d082fe83cfb30ddce43d1bb")
    signature = bytearray(
        base64.b64decode(
            "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
        )
    )
    components = [
        ('"date"', "Tue, 20 Apr 2021 02:07:55 GMT"),
        ('"@method"', "POST"),
        ('"@path"', "/foo"),
        ('"@authority"', "example.com"),
        ('"content-type"', "application/json"),
        ('"content-length"', "18"),
    ]
    parameters = f'({" ".join(name for name, _ in components)});created=1618884473;keyid="test-key-ed25519"'
    base = signing.signature_base(components, parameters)
    signing.verify_bytes(public, base, bytes(signature))
    for place in range(8 * len(signature)):
        changed = bytearray(signature)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(signing.BadSignature):
            signing.verify_bytes(public, base, bytes(changed))
