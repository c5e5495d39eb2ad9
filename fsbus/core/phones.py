"""Reads a telephone number as people write it: 06…, +33 6…, 0033 6…, with points, spaces or nothing."""

import re

from fsbus.core.french import NO_BREAK

_NOT_DIGIT = re.compile(r"[^0-9]+")
_OVERSEAS = ("262", "590", "594", "596", "508", "687", "689", "681")
SHORTEST = 6
"""Digits of a number that says who somebody is; fewer are an extension."""


def phone_key(text: str) -> str:
    """The digits to compare: national ones (« 0612345678 ») for a number of France, all of them for another.

    Empty when there are too few. Overseas prefixes count as national: +262 692… and 0692… are one number.
    """
    digits = _NOT_DIGIT.sub("", text)
    international = text.strip().startswith("+")
    if digits.startswith("00") and len(digits) > 10:
        digits, international = digits[2:], True
    if international:
        prefix = next((one for one in ("33", *_OVERSEAS) if digits.startswith(one)), None)
        national = "" if prefix is None else digits.removeprefix(prefix).removeprefix("0")
        # « +33 (0)6 … » too; New Caledonia and Polynesia have numbers without the 0.
        digits = "0" + national if len(national) == 9 else national or digits
    return digits if len(digits) >= SHORTEST else ""


def spaced(text: str) -> str:
    """A number of France two digits at a time, which are kept on one line; any other as it was written."""
    key = phone_key(text)
    if len(key) != 10 or not key.startswith("0"):
        return text.strip()
    return NO_BREAK.join(key[place : place + 2] for place in range(0, 10, 2))
