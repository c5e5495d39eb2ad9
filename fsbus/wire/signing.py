"""Signs and checks requests and answers: RFC 9421 with Ed25519, in the one shape of PROTOCOL.md.

Pure functions over method, path, query, headers and body; header names are lower case. Anything
of another shape is refused: a second way to say the same thing is a way to say another.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TAG = "fsbus-sync-v1"
SERVER = "server"
"""The `keyid` of the centre's answers."""

_REQUEST = ("@method", "@path", "@query", "content-type", "content-digest", "fsbus-audience")
_ANSWER = ('"@status"', '"content-type"', '"content-digest"')
_TO_REQUEST = '"signature";req;key="fs"'
_BYTES = r":[A-Za-z0-9+/]{1,120}={0,2}:"
_SIGNATURE = re.compile(rf"fs=({_BYTES})")
_PARAMETERS = rf';created=\d{{1,12}};keyid="([a-z2-7]{{1,40}})";alg="ed25519";tag="{TAG}"'
_REQUEST_NAMES = " ".join(f'"{name}"' for name in _REQUEST)
_REQUEST_INPUT = re.compile(rf"fs=(\({re.escape(_REQUEST_NAMES)}\){_PARAMETERS})")
_ANSWER_INPUT = re.compile(
    rf"fs=(\({re.escape(' '.join(_ANSWER))}( {re.escape(_TO_REQUEST)})?\){_PARAMETERS})"
)
_CARRIED = (*_REQUEST[3:], "signature", "signature-input")


class BadSignature(ValueError):
    """The message is not signed in the one accepted shape, or not by this key, or was changed."""


def new_private_key() -> bytes:
    """A fresh Ed25519 private key, 32 bytes."""
    return secrets.token_bytes(32)


def public_key_of(private_key: bytes) -> bytes:
    """The public half of a private key, 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def device_id_of(public_key: bytes) -> str:
    """The name of the device that holds this key: 25 characters of lower-case base32."""
    return key_name(b"fsbus/v1/device", public_key)


def key_name(label: bytes, public_key: bytes) -> str:
    """The name of a public key in one use: 25 characters of lower-case base32, 125 bits."""
    return base64.b32encode(hashlib.sha256(label + public_key).digest()).decode().lower()[:25]


def five_by_five(name: str) -> str:
    """A name of 25 characters as two people compare it by voice: five groups of five."""
    return " ".join(name[place : place + 5] for place in range(0, len(name), 5))


def derive_key(secret: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 without salt, 32 bytes (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def content_digest(body: bytes) -> str:
    """The value of `Content-Digest` (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def unique_headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header names in lower case to their value; BadSignature when one that counts comes twice."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        if key in found and key in _CARRIED:
            raise BadSignature(f"{key} comes twice")
        found[key] = value
    return found


def signature_base(components: Sequence[tuple[str, str]], parameters: str) -> bytes:
    """The bytes that are signed (RFC 9421 section 2.5): identifiers as they are written, and their values."""
    lines = [f"{name}: {value}" for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def sign_request(
    *,
    method: str,
    path: str,
    query: str,
    content_type: str,
    body: bytes,
    audience: str,
    device: str,
    private_key: bytes,
    created: int,
) -> dict[str, str]:
    """The headers to send with this request. ``query`` has no question mark; ``created`` is in seconds."""
    headers = {
        "content-type": content_type,
        "content-digest": content_digest(body),
        "fsbus-audience": audience,
    }
    parameters = f"({_REQUEST_NAMES}){_written(created, device)}"
    base = _request_base(method, path, query, headers, parameters)
    return {**headers, **_signature_headers(base, parameters, private_key)}


def claimed_device(headers: Mapping[str, str]) -> str:
    """The device that says it signed this request; BadSignature when it is not signed in our shape."""
    return _matched(_REQUEST_INPUT, headers, "signature-input").group(2)


def verify_request(
    *, method: str, path: str, query: str, headers: Mapping[str, str], audience: str, public_key: bytes
) -> None:
    """Raises BadSignature unless ``public_key`` signed this request for this audience.

    The body is not needed yet: the signature covers its digest, see `verify_body`.
    """
    if headers.get("fsbus-audience") != audience:
        raise BadSignature("meant for another centre")
    parameters = _matched(_REQUEST_INPUT, headers, "signature-input").group(1)
    base = _request_base(method, path, query, headers, parameters)
    _verify(base, headers, public_key)


def verify_body(headers: Mapping[str, str], body: bytes) -> None:
    """Raises BadSignature unless the body is the one whose digest was signed."""
    if not hmac.compare_digest(headers.get("content-digest", "").encode(), content_digest(body).encode()):
        raise BadSignature("the body is not the one that was signed")


def request_signature(headers: Mapping[str, str]) -> str | None:
    """The signature of a request as the answer covers it; None when the request has none of our shape."""
    match = _SIGNATURE.fullmatch(headers.get("signature", ""))
    return None if match is None else match.group(1)


def sign_answer(
    *,
    status: int,
    content_type: str,
    body: bytes,
    answered: str | None,
    private_key: bytes,
    created: int,
) -> dict[str, str]:
    """The headers of an answer to the request whose `request_signature` is ``answered``."""
    headers = {"content-type": content_type, "content-digest": content_digest(body)}
    components = _answer_components(status, headers, answered)
    names = " ".join(name for name, _ in components)
    parameters = f"({names}){_written(created, SERVER)}"
    base = signature_base(components, parameters)
    return {**headers, **_signature_headers(base, parameters, private_key)}


def verify_answer(
    *, status: int, headers: Mapping[str, str], body: bytes, answered: str, public_key: bytes
) -> None:
    """Raises BadSignature unless the centre signed this very answer to this very request.

    ``answered`` is the `request_signature` of what was sent.
    """
    match = _matched(_ANSWER_INPUT, headers, "signature-input")
    if match.group(2) is None or match.group(3) != SERVER:
        raise BadSignature("not an answer to this request")
    verify_body(headers, body)
    base = signature_base(_answer_components(status, headers, answered), match.group(1))
    _verify(base, headers, public_key)


def sign_bytes(private_key: bytes, message: bytes) -> bytes:
    """The Ed25519 signature of these bytes, 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private_key).sign(message)


def verify_bytes(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Raises BadSignature unless this key signed these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise BadSignature("the signature does not fit") from None


def _request_base(method: str, path: str, query: str, headers: Mapping[str, str], parameters: str) -> bytes:
    derived = {"@method": method, "@path": path, "@query": f"?{query}"}
    return signature_base(
        [(f'"{name}"', derived.get(name) or _header(headers, name)) for name in _REQUEST], parameters
    )


def _answer_components(
    status: int, headers: Mapping[str, str], answered: str | None
) -> list[tuple[str, str]]:
    values = (str(status), _header(headers, "content-type"), _header(headers, "content-digest"))
    components = list(zip(_ANSWER, values, strict=True))
    return components if answered is None else [*components, (_TO_REQUEST, answered)]


def _written(created: int, keyid: str) -> str:
    return f';created={created};keyid="{keyid}";alg="ed25519";tag="{TAG}"'


def _signature_headers(base: bytes, parameters: str, private_key: bytes) -> dict[str, str]:
    signature = base64.b64encode(sign_bytes(private_key, base)).decode()
    return {"signature-input": f"fs={parameters}", "signature": f"fs=:{signature}:"}


def _verify(base: bytes, headers: Mapping[str, str], public_key: bytes) -> None:
    written = _matched(_SIGNATURE, headers, "signature").group(1)
    try:
        signature = base64.b64decode(written.strip(":"), validate=True)
    except ValueError:
        raise BadSignature("the signature does not fit") from None
    if base64.b64encode(signature).decode() != written.strip(":"):
        raise BadSignature("the signature is written in another way than the one accepted")
    verify_bytes(public_key, base, signature)


def _matched(shape: re.Pattern[str], headers: Mapping[str, str], name: str) -> re.Match[str]:
    match = shape.fullmatch(_header(headers, name))
    if match is None:
        raise BadSignature(f"{name} is not in the one accepted shape")
    return match


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if value is None:
        raise BadSignature(f"{name} is missing")
    return value
