"""Trust files and keys made for tests."""

import base64
from datetime import UTC, datetime

from fsbus.wire.signing import public_key_of
from fsbus.wire.trust import TrustedCentre, TrustedCoordinator, TrustFile, encode_trust, sign_trust

ROOT, NEXT_ROOT, COORDINATOR, CENTRE, RECOVERY = (bytes([number]) * 32 for number in (1, 2, 3, 4, 5))
NOW = "2026-11-24T08:00:00Z"
MOMENT = datetime(2026, 11, 24, 8, tzinfo=UTC)


def text_of(private_key: bytes) -> str:
    """The public half of a signing key, as a trust file says it."""
    return base64.b64encode(public_key_of(private_key)).decode()


def coordinator(
    key: bytes = COORDINATOR, region: str = "nord", until: str = "2027-11-24T08:00:00Z"
) -> TrustedCoordinator:
    recovery = base64.b64encode(RECOVERY).decode()
    return TrustedCoordinator("Coordination Nord", region, text_of(key), recovery, until)


def a_trust(version: int = 1, **changes: object) -> TrustFile:
    parts: dict[str, object] = {
        "v": 1,
        "version": version,
        "issued": NOW,
        "expires": "2027-11-24T08:00:00Z",
        "roots": (text_of(ROOT),),
        "centres": (TrustedCentre(text_of(CENTRE), "age1example", "https://centre.exemple.fr"),),
        "coordinators": (coordinator(),),
    }
    return TrustFile(**(parts | changes))  # type: ignore[arg-type]  # the test's own parts


def signed_trust(version: int = 1, *roots: bytes, **changes: object) -> bytes:
    trust = a_trust(version, **changes)
    for root in roots or (ROOT,):
        trust = sign_trust(trust, root)
    return encode_trust(trust)
