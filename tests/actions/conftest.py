"""Fixtures of the actions' tests."""

import shutil
from collections.abc import Iterator

import pytest

from fsbus.actions.session import STORE, Session
from fsbus.store.store import Store
from tests.devices import Template
from tests.fakes import HeldTime


@pytest.fixture(scope="module")
def long_lived(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One laptop for all examples of a property; what they write stays until the end of the module."""
    home, time = tmp_path_factory.mktemp("module") / "home", HeldTime()
    shutil.copytree(template.home, home)
    store = Store.open(home / STORE, template.keys.subkey("db"), clock=time.clock())
    with Session(
        home, template.keys, store, clock=time.clock(), ids=time.ids(), agent=template.agent
    ) as session:
        yield session
