"""The code that a coordinator dictates to a laptop which is out of reach of its centre.

See PROTOCOL.md « The lease ». Pure; the key was derived on both sides at enrolment and never travelled.
"""

import hmac
import re

from fsbus.core.errors import InvalidInput
from fsbus.core.lease import LONGEST_CODE

CHALLENGE_DIGITS, CODE_DIGITS = 8, 12
_LABEL = b"fsbus/v1/lease/code\0"
_LEFT_OUT = re.compile(r"[\s.\-‐‑–]")


def code_for(key: bytes, challenge: str, days: int) -> str:
    """The 12 digits that answer this challenge: the number of days (1 to 7), then 11 digits of proof."""
    if not key or not 1 <= days <= LONGEST_CODE:
        raise ValueError("a code needs a key, and 1 to 7 days")
    proof = hmac.digest(key, _LABEL + challenge.encode() + days.to_bytes(1, "big"), "sha256")
    return f"{days}{int.from_bytes(proof[:8], 'big') % 10 ** (CODE_DIGITS - 1):0{CODE_DIGITS - 1}d}"


def days_of(key: bytes, challenge: str, code: str) -> int | None:
    """For how many days this code answers this challenge; None when it does not. ``code`` is 12 digits."""
    days = int(code[0])
    if not key or not 1 <= days <= LONGEST_CODE:
        return None
    return days if hmac.compare_digest(code_for(key, challenge, days).encode(), code.encode()) else None


def parse_digits(text: str, field: str, length: int) -> str:
    """The digits that somebody typed, with or without spaces, dots and hyphens. Raises InvalidInput."""
    digits = _LEFT_OUT.sub("", text)
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidInput({field: f"{length}\u00a0chiffres sont attendus, sans lettre."})
    if len(digits) != length:
        raise InvalidInput(
            {field: f"{length}\u00a0chiffres sont attendus, il y en a {len(digits)}\u00a0: relisez-les."}
        )
    return digits


def grouped(digits: str, size: int = 4) -> str:
    """The digits as they are shown and dictated, by four, with no-break spaces."""
    return "\u00a0".join(digits[start : start + size] for start in range(0, len(digits), size))
