"""Proposes a passphrase, and refuses a weak one, with the lists that are shipped."""

import secrets
from functools import cache

from fsbus import assets
from fsbus.core import passphrases
from fsbus.core.errors import InvalidInput


def propose_passphrase() -> str:
    """Six words of the French list, 77 bits."""
    words = passphrases.read_words(assets.text("passphrase/words-fr.txt"))
    return passphrases.generate(words, secrets.randbelow)


def refuse_weak(passphrase: str) -> None:
    """Raises InvalidInput, saying what to do, when it would be found too fast."""
    why = passphrases.weakness(passphrase, _common())
    if why is not None:
        raise InvalidInput({"passphrase": why})


@cache
def _common() -> frozenset[str]:
    return passphrases.read_common(assets.text("passphrase/common.txt"))
