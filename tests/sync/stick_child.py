"""Writes a stick's file until it is killed: `python -m tests.sync.stick_child WAY MOMENT PATHS…`.

WAY is « laptop » (DATABASE KEY FILE) or « centre » (URL REQUESTS FILE). MOMENT is when it kills itself (« made »: the file
has its first name, « half », « whole », « named », « told »), or « ever »: it writes on and on, and is killed from outside.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from fsbus.core.clock import Clock
from fsbus.server.bundles import answer_bundle
from fsbus.server.centre import open_centre
from fsbus.store import whole_files
from fsbus.store.store import Store
from fsbus.sync.bundles import write_bundle
from fsbus.sync.stick_files import write_on_stick
from tests.sync.world import SteadyClock

MOMENTS = ("made", "half", "whole", "named", "told")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killed_at(moment: str, path: Path, content: bytes) -> None:
    """As `write_whole`, until this moment: the same calls, in its order, by the same names."""
    real_open, real_replace = os.open, Path.replace

    def opened(name: "os.PathLike[str]", flags: int, mode: int = 0o777) -> int:
        descriptor = real_open(name, flags, mode)
        if flags & os.O_CREAT:
            if moment == "half":
                os.write(descriptor, content[: len(content) // 2])
                os.fsync(descriptor)
            if moment in ("made", "half"):
                _die()
        return descriptor

    def replaced(name: Path, target: Path) -> Path:
        if moment == "whole":
            _die()
        found = real_replace(name, target)
        if moment == "named":
            _die()
        return found

    vars(os)["open"] = opened
    type.__setattr__(Path, "replace", replaced)
    whole_files.write_whole(path, content)
    _die()


def _act(way: str, paths: list[str]) -> Callable[[], object]:
    clock = Clock(SteadyClock())
    if way == "laptop":
        database, key, file = paths
        store = Store.open(Path(database), bytes.fromhex(key), clock=clock)
        return lambda: write_bundle(store, Path(file), clock=clock)
    url, asked, file = paths
    centre, sealed = open_centre(url), Path(asked).read_bytes()
    return lambda: write_on_stick(Path(file), answer_bundle(centre, sealed, clock=clock).sealed)


def main() -> None:
    way, moment, *paths = sys.argv[1:]
    act = _act(way, paths)
    if moment != "ever":
        from fsbus.sync import stick_files

        vars(stick_files)["write_whole"] = lambda path, content: _killed_at(moment, path, content)
    os.write(1, b"ready\n")
    while True:
        act()


if __name__ == "__main__":
    main()
