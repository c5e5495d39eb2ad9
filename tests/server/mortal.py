"""A centre that is killed when it is told to: `python -m tests.server.mortal DATABASE PORT`.

Each line of standard input is one life: the moment of its death, « never », « commit » (all is written, nothing is
committed), « answer » (committed, nobody was told) or « database » (the same, and PostgreSQL dies, not the centre). It says
its process id, then « ready ». Everything is imported once; each life is a fork.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it comes with the PostgreSQL of the tests

from fsbus.server import endpoint, sync  # noqa: F401  # imported before the first life
from fsbus.server.copies import number_and_write
from fsbus.server.serving import serve

DATA = "FSBUS_TEST_PG_DATA"
"""Environment variable: the folder of the PostgreSQL that may be killed."""


def kill_postgresql(data: Path) -> None:
    """End the server of this folder and each of its processes at once, as a cut of the current would."""
    postmaster = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        process.kill()
    psutil.wait_procs(family, timeout=20)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _after(function: Callable[..., object], then: Callable[[], None]) -> Callable[..., object]:
    def both(*words: object, **named: object) -> object:
        found = function(*words, **named)
        then()
        return found

    return both


def _live(database: str, port: int, death: str) -> None:
    if death == "commit":
        vars(sync)["number_and_write"] = _after(number_and_write, _die)
    elif death == "answer":
        vars(sync)["push"] = _after(sync.push, _die)
    elif death == "database":
        data = Path(os.environ[DATA])
        vars(sync)["push"] = _after(sync.push, lambda: kill_postgresql(data))
    serve(database, "127.0.0.1", port, lambda _: _say("ready"))


def _say(word: str) -> None:
    os.write(1, f"{word}\n".encode())


def main() -> None:
    database, port = sys.argv[1], int(sys.argv[2])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(database, port, line.strip())
            os._exit(0)
        _say(str(child))
        os.waitpid(child, 0)
        _say("dead")


if __name__ == "__main__":
    main()
