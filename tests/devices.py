"""Fixtures that give a ready laptop fast: one is made per run, and its files are copied for each test."""

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fsbus.actions.session import KEYS, STORE, Session, create_device
from fsbus.core.entities import Agent
from fsbus.store.erased_list import ErasedList
from fsbus.store.journal import Journals
from fsbus.store.keyfile import Keys
from fsbus.store.store import Store
from tests.fakes import HeldTime

PASSPHRASE = "Camélia brume sept lanternes au bord du quai"  # of tests only
AGENT_NAME = "Camille Exemple"
BUS = "Thiérache Sambre et Oise"

MakeDevice = Callable[[str], Session]


@dataclass(frozen=True)
class Template:
    """A laptop that is made once: its closed files, and its keys."""

    home: Path
    keys: Keys
    agent: Agent


@pytest.fixture
def figures(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Shows what a long test met, whatever the options of the run."""

    def show(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{text}\n")
            sys.stdout.flush()

    return show


@pytest.fixture
def fast_folder(tmp_path: Path) -> Iterator[Path]:
    """A new folder in memory, where there is one: for thousands of small laptops that are opened once."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def held_time() -> HeldTime:
    """The time of this test; every device of `make_device` shows it."""
    return HeldTime()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Made once in a run: Argon2 and the official lists take seconds. Its files are closed; copy them."""
    home, time = tmp_path_factory.mktemp("template") / "home", HeldTime()
    with create_device(
        home, PASSPHRASE, bus=BUS, agent_name=AGENT_NAME, clock=time.clock(), ids=time.ids()
    ) as session:
        assert session.reference.is_commune("02361")
        return Template(home, session.keys, session.agent)


@pytest.fixture
def make_device(tmp_path: Path, template: Template, held_time: HeldTime) -> Iterator[MakeDevice]:
    """Makes a laptop called so, in a folder of that name, with its own replica and its own signing key.

    All have the same agent, keys and passphrase (`PASSPHRASE`), so they open as fast as they are copied.
    """
    made: list[Session] = []

    def make(name: str) -> Session:
        home = tmp_path / name
        shutil.copytree(template.home, home)
        assert (home / KEYS).exists()
        clock = held_time.clock()
        journals = Journals.of(home, template.keys)
        erased = ErasedList.of(home, template.keys)
        store = Store.open(
            home / STORE, template.keys.subkey("db"), clock=clock, journals=journals, erased=erased
        )
        store.rotate_replica()
        store.set_setting("signing_key", secrets.token_bytes(32).hex())
        made.append(
            Session(home, template.keys, store, clock=clock, ids=held_time.ids(), agent=template.agent)
        )
        return made[-1]

    yield make
    for session in made:
        session.close()


def drop(session: Session) -> None:
    """Leave a session as a kill does: nothing is finished, nothing is backed up."""
    session.store.close()
    session.leave()


@pytest.fixture
def device(make_device: MakeDevice) -> Session:
    """One laptop in ``tmp_path/laptop``."""
    return make_device("laptop")


@pytest.fixture(scope="module")
def long_lived(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One laptop for all examples of a property; what they write stays until the end of the module."""
    home, time = tmp_path_factory.mktemp("module") / "home", HeldTime()
    shutil.copytree(template.home, home)
    journals = Journals.of(home, template.keys)
    store = Store.open(home / STORE, template.keys.subkey("db"), clock=time.clock(), journals=journals)
    with Session(
        home, template.keys, store, clock=time.clock(), ids=time.ids(), agent=template.agent
    ) as session:
        yield session
