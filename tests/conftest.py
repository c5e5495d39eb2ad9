"""What every test of the house is held to; the rules themselves are in tests/merciless.py."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from fsbus.store import ballast, key_cost, keyfile, private_keys
from fsbus.store.key_slots import FLOOR
from tests.derived import Derived
from tests.postgresql import TestServer, running_server

pytest_plugins = ["tests.merciless", "tests.devices", "pytester"]

# Time is no property of the code under test on a shared machine; a failing example is always printed to be replayed.
settings.register_profile("fsbus", deadline=None, print_blob=True)
settings.load_profile("fsbus")


@pytest.fixture(scope="session", autouse=True)
def keys_at_the_floor() -> Iterator[None]:
    """Laptops of tests are not measured: their keys take the least that is allowed, so tests are fast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_cost, "measured_cost", lambda: FLOOR)
        yield


@pytest.fixture(scope="session", autouse=True)
def keys_derived_once() -> Iterator[None]:
    """A third of the time of the tests of the store went into deriving again what had been derived."""
    derived = Derived()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyfile, "argon2id", derived)
        patch.setattr(private_keys, "argon2id", derived)
        yield


@pytest.fixture(scope="session", autouse=True)
def small_ballast() -> Iterator[None]:
    """Hundreds of laptops are made and kept for a while: each with 32 MiB aside would fill this disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ballast, "SIZE", 64 * 1024)
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[TestServer]:
    """Started by the first test that asks for it."""
    with running_server() as server:
        yield server
