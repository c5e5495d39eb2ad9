"""Gives all chance of the program to one generator, so that a world is the same each time it is told."""

import contextlib
import secrets
from collections.abc import Iterator
from random import Random

import pytest


@contextlib.contextmanager
def all_chance_from(chance: Random) -> Iterator[None]:
    """Names, nonces, challenges and pauses are drawn from ``chance``; keys of files and salts stay the system's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "randbits", chance.getrandbits)
        patch.setattr(secrets, "randbelow", chance.randrange)
        patch.setattr(secrets, "token_bytes", lambda size=32: chance.randbytes(size))
        patch.setattr(secrets, "token_hex", lambda size=32: chance.randbytes(size).hex())
        patch.setattr(secrets, "choice", chance.choice)
        yield
