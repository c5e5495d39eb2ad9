"""A small world, and a laptop in it that exchanges by stick."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.carrier import StickLaptop
from tests.sync.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def laptop(world: World) -> Iterator[StickLaptop]:
    """One that met its centre once."""
    made = StickLaptop(world, "un")
    made.sync()
    yield made
    made.close()
