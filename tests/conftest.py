"""What every test of the house is held to; the rules themselves are in tests/merciless.py."""

from hypothesis import settings

pytest_plugins = ["tests.merciless", "tests.devices", "pytester"]

# Time is no property of the code under test on a shared machine; a failing example is always printed to be replayed.
settings.register_profile("fsbus", deadline=None, print_blob=True)
settings.load_profile("fsbus")
