"""What happens to laptops and centres by hand: files copied, put back, disks cloned."""

import shutil
from pathlib import Path

from fsbus.server import tables
from fsbus.server.database import update
from fsbus.store.store import Store
from tests.sync.world import LaptopUnderTest, World

KEPT = "centre.kept"


def settle(*laptops: LaptopUnderTest) -> None:
    """Exchange until everybody has heard of everything."""
    for _ in range(3):
        for one in laptops:
            one.sync()


def set_aside(laptop: LaptopUnderTest, name: str = "kept") -> Path:
    """A copy of the laptop's file as it is now."""
    laptop.store.close()
    kept = laptop.path.with_suffix(f".{name}")
    shutil.copy(laptop.path, kept)
    laptop.store = Store.open(laptop.path, laptop.key, clock=laptop.world.clock)
    return kept


def put_back(laptop: LaptopUnderTest, kept: Path) -> None:
    """The laptop's file as it was then, by hand: it does not know."""
    laptop.store.close()
    shutil.copy(kept, laptop.path)
    laptop.store = Store.open(laptop.path, laptop.key, clock=laptop.world.clock)


def cloned(laptop: LaptopUnderTest, name: str) -> LaptopUnderTest:
    """Another laptop with the same disk: same store, same device."""
    kept = set_aside(laptop, name)
    return laptop.twin(name, kept)


def set_centre_aside(world: World) -> Path:
    """A copy of the centre's file as it is now."""
    world.centre.close()
    kept = world.folder / KEPT
    shutil.copy(world.folder / "centre.db", kept)
    world.restart_centre()
    return kept


def put_centre_back(world: World, kept: Path | None = None) -> None:
    """The centre's file as it was then (when it was last set aside), by hand: it sees that by itself, and begins a
    new life."""
    before = world.centre.epoch
    world.centre.close()
    shutil.copy(kept or world.folder / KEPT, world.folder / "centre.db")
    world.restart_centre()
    assert world.centre.epoch != before


def begin_new_life(world: World) -> None:
    """Another epoch, and nothing else."""
    world.lives += 1
    with world.centre.database.write() as connection:
        connection.execute(update(tables.centre).values(epoch=f"life {world.lives}"))
    world.restart_centre()
