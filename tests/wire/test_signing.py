"""The signatures: the public vector, our one shape, and everything that must be refused."""

import base64

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from fsbus.wire import signing

AUDIENCE = "fsbus-0123456789ab"
KEY = bytes(range(32))
PUBLIC = signing.public_key_of(KEY)
DEVICE = signing.device_id_of(PUBLIC)
BODY = b"any bytes"
SERVER_KEY = bytes(range(32, 64))

# RFC 9421, B.1.4 (test-key-ed25519) and B.2.6.
RFC_KEY = b"""-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----
"""
RFC_SIGNATURE = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="


def signed(**changes: object) -> dict[str, str]:
    parts: dict[str, object] = {
        "method": "POST",
        "path": "/v1/sync",
        "query": "",
        "content_type": "application/json",
        "body": BODY,
        "audience": AUDIENCE,
        "device": DEVICE,
        "private_key": KEY,
        "created": 1764000000,
    }
    return signing.sign_request(**(parts | changes))  # type: ignore[arg-type]  # the test's own parts


def verify(headers: dict[str, str], body: bytes = BODY, /, **changes: object) -> None:
    parts: dict[str, object] = {
        "method": "POST",
        "path": "/v1/sync",
        "query": "",
        "audience": AUDIENCE,
        "public_key": PUBLIC,
    }
    signing.verify_request(headers=headers, **(parts | changes))  # type: ignore[arg-type]  # the test's own parts
    signing.verify_body(headers, body)


def test_our_base_string_gives_the_signature_of_the_public_vector() -> None:
    components = [
        ('"date"', "Tue, 20 Apr 2021 02:07:55 GMT"),
        ('"@method"', "POST"),
        ('"@path"', "/foo"),
        ('"@authority"', "example.com"),
        ('"content-type"', "application/json"),
        ('"content-length"', "18"),
    ]
    parameters = f'({" ".join(name for name, _ in components)});created=1618884473;keyid="test-key-ed25519"'
    private = load_pem_private_key(RFC_KEY, None).private_bytes_raw()  # type: ignore[union-attr]  # an Ed25519 key

    signature = signing.sign_bytes(private, signing.signature_base(components, parameters))

    assert base64.b64encode(signature).decode() == RFC_SIGNATURE


def test_what_is_signed_is_verified() -> None:
    headers = signed()
    verify(headers)
    assert signing.claimed_device(headers) == DEVICE


def test_a_query_and_a_get_are_covered() -> None:
    headers = signed(method="GET", path="/v1/hello", query="replica=ab", body=b"")
    verify(headers, b"", method="GET", path="/v1/hello", query="replica=ab")
    with pytest.raises(signing.BadSignature):
        verify(headers, b"", method="GET", path="/v1/hello", query="replica=ac")


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "PUT"},
        {"path": "/v1/enroll"},
        {"query": "a=1"},
        {"audience": "fsbus-another"},
        {"public_key": signing.public_key_of(bytes(32))},
    ],
)
def test_another_request_than_the_signed_one_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(signing.BadSignature):
        verify(signed(), BODY, **changes)


def test_another_body_is_refused() -> None:
    with pytest.raises(signing.BadSignature):
        verify(signed(), b"other bytes")


@pytest.mark.parametrize(
    "name", ["content-type", "content-digest", "fsbus-audience", "signature", "signature-input"]
)
def test_every_header_that_counts_must_be_there_once_and_unchanged(name: str) -> None:
    headers = signed()
    with pytest.raises(signing.BadSignature):
        verify({key: value for key, value in headers.items() if key != name})
    with pytest.raises(signing.BadSignature):
        verify(headers | {name: headers[name] + " "})
    with pytest.raises(signing.BadSignature):
        signing.unique_headers([*headers.items(), (name.upper(), headers[name])])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"@method" ', ""),
        ('"@method" "@path"', '"@path" "@method"'),
        ("fs=(", "sig=("),
        ('alg="ed25519"', 'alg="hmac-sha256"'),
        ('tag="fsbus-sync-v1"', 'tag="other"'),
        (";created=1764000000", ""),
        (";created=1764000000", ";created=1764000001"),
        (f'keyid="{DEVICE}"', 'keyid="server"'),
    ],
)
def test_no_other_shape_of_signature_is_taken(old: str, new: str) -> None:
    headers = signed()
    assert old in headers["signature-input"]
    with pytest.raises(signing.BadSignature):
        verify(headers | {"signature-input": headers["signature-input"].replace(old, new)})


@given(
    st.text(st.characters(max_codepoint=255), max_size=300),
    st.sampled_from(["signature", "signature-input", "content-digest"]),
)
def test_no_header_value_does_anything_but_being_refused(value: str, name: str) -> None:
    with pytest.raises(signing.BadSignature):
        verify(signed() | {name: value})


def answer_to(headers: dict[str, str], **changes: object) -> dict[str, str]:
    parts: dict[str, object] = {
        "status": 200,
        "content_type": "application/json",
        "body": b"{}",
        "answered": signing.request_signature(headers),
        "private_key": SERVER_KEY,
        "created": 1764000001,
    }
    return signing.sign_answer(**(parts | changes))  # type: ignore[arg-type]  # the test's own parts


def read_answer(answer: dict[str, str], request: dict[str, str], **changes: object) -> None:
    parts: dict[str, object] = {
        "status": 200,
        "body": b"{}",
        "answered": signing.request_signature(request),
        "public_key": signing.public_key_of(SERVER_KEY),
    }
    signing.verify_answer(headers=answer, **(parts | changes))  # type: ignore[arg-type]  # the test's own parts


def test_an_answer_is_bound_to_its_request() -> None:
    request, other = signed(), signed(created=1764000009)
    answer = answer_to(request)
    read_answer(answer, request)
    with pytest.raises(signing.BadSignature):
        read_answer(answer, other)


@pytest.mark.parametrize("changes", [{"status": 409}, {"body": b"{} "}, {"public_key": PUBLIC}])
def test_an_answer_that_was_changed_is_not_an_answer(changes: dict[str, object]) -> None:
    request = signed()
    with pytest.raises(signing.BadSignature):
        read_answer(answer_to(request), request, **changes)


def test_an_answer_to_no_request_in_particular_answers_none() -> None:
    request = signed()
    with pytest.raises(signing.BadSignature):
        read_answer(answer_to(request, answered=None), request)


def test_a_device_is_named_by_its_key() -> None:
    assert len(DEVICE) == 25
    assert signing.device_id_of(PUBLIC) == DEVICE
    assert signing.device_id_of(signing.public_key_of(SERVER_KEY)) != DEVICE
