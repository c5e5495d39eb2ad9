"""Writes JSON in the one form that sums and signatures are made over: PROTOCOL.md « Canonical JSON »."""

import msgspec

LARGEST_WHOLE = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""
DEEPEST = 100

_encode = msgspec.json.Encoder(order="sorted").encode
_PLAIN = frozenset({str, bool, type(None)})


class NotCanonical(ValueError):
    """The value has no canonical form: a fraction, a number too large, half a character, or no JSON at all."""


def canonical(value: object) -> bytes:
    """The bytes of dicts, lists, tuples, texts, whole numbers, booleans and None; the same for equal values.

    Raises NotCanonical.
    """
    _check(value, DEEPEST)
    try:
        return _encode(value)
    except UnicodeEncodeError:
        raise NotCanonical("half of a surrogate pair") from None


def _check(value: object, depth: int) -> None:
    kind = type(value)
    if kind in _PLAIN:
        return
    if depth == 0:
        raise NotCanonical("too deep")
    if isinstance(value, int):
        if abs(value) > LARGEST_WHOLE:
            raise NotCanonical("a number beyond 2^53")
    elif isinstance(value, dict):
        for name, item in value.items():
            if type(name) is not str:
                raise NotCanonical("a name that is no text")
            if type(item) not in _PLAIN:
                _check(item, depth - 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item, depth - 1)
    else:
        raise NotCanonical(f"not JSON of whole numbers: {kind.__name__}")
