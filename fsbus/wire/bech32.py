"""Bytes as bech32 text and back, as age writes its keys (BIP 173 without its limit of length)."""

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK = 6


class BadBech32(ValueError):
    """The text is not bech32: a wrong sign, a wrong check, or bits that are left over."""


def write(prefix: str, raw: bytes) -> str:
    """``prefix`` (lower case), ``1``, the bytes and their check, in lower case."""
    words = _regrouped(raw, 8, 5)
    bits = len(raw) * 8 % 5
    if bits:
        words.append((raw[-1] << (5 - bits)) & 31)
    check = _polymod([*_spread(prefix), *words, *[0] * _CHECK]) ^ 1
    words += [check >> 5 * (_CHECK - 1 - place) & 31 for place in range(_CHECK)]
    return f"{prefix}1{''.join(_ALPHABET[word] for word in words)}"


def read(text: str) -> tuple[str, bytes]:
    """The prefix, in lower case, and the bytes; upper case alone or lower case alone. Raises BadBech32."""
    if text not in (text.lower(), text.upper()) or not text.isascii():
        raise BadBech32("upper and lower case are mixed")
    prefix, one, body = text.lower().rpartition("1")
    if not one or not prefix or len(body) < _CHECK or not all(33 <= ord(sign) <= 126 for sign in prefix):
        raise BadBech32("no prefix, or too short")
    words = [_ALPHABET.find(sign) for sign in body]
    if -1 in words:
        raise BadBech32("a sign that bech32 does not have")
    if _polymod([*_spread(prefix), *words]) != 1:
        raise BadBech32("the check does not fit")
    words = words[:-_CHECK]
    spare = len(words) * 5 % 8
    if spare >= 5 or (words and words[-1] & (1 << spare) - 1):
        raise BadBech32("bits are left over")
    return prefix, bytes(_regrouped(words, 5, 8))


def _regrouped(values: bytes | list[int], size: int, wanted: int) -> list[int]:
    """The same bits in groups of another size; the bits that fill no group are left out."""
    held, bits, groups = 0, 0, []
    for value in values:
        held = (held << size | value) & 0xFFFF
        bits += size
        while bits >= wanted:
            bits -= wanted
            groups.append(held >> bits & (1 << wanted) - 1)
    return groups


def _spread(prefix: str) -> list[int]:
    return [ord(sign) >> 5 for sign in prefix] + [0] + [ord(sign) & 31 for sign in prefix]


def _polymod(words: list[int]) -> int:
    check = 1
    for word in words:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ word
        for bit, generator in enumerate(_GENERATOR):
            check ^= generator if top >> bit & 1 else 0
    return check
