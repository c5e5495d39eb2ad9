"""A process that shuts an agent out of a laptop and goes on writing, until it is killed or done.

`python -m tests.store.rotating_child HOME PASSPHRASE GONE ORACLE DIE_AT`: ends without a word at the
DIE_AT-th fsync, rename or removal (0: never); ids of confirmed visits go to the oracle.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fsbus.actions.agents import remove_agent
from fsbus.actions.session import open_session
from fsbus.core.clock import Clock
from fsbus.core.ids import Ids
from tests.builders import edits_of, recorded


class Fuse:
    """Counts what makes a change last, and ends the process at one of them."""

    def __init__(self, die_at: int) -> None:
        self._die_at, self.count = die_at, 0

    def on(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, after the process lived to see it."""

        def counted(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if self.count == self._die_at:
                os._exit(9)
            return call(*arguments, **named)

        return counted


def main(home: str, passphrase: str, gone: str, oracle_path: str, die_at: str) -> None:
    """Open, tell that it begins, shut out, write one visit more, tell how many there were."""
    session = open_session(Path(home), passphrase, clock=Clock(), ids=Ids())
    oracle = os.open(oracle_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    fuse = Fuse(int(die_at))
    for name in ("fsync", "replace", "unlink"):
        setattr(os, name, fuse.on(getattr(os, name)))
    os.write(1, b"begins\n")
    session = remove_agent(session, gone, passphrase)
    one = recorded(note="après le départ")
    session.store.save(edits_of(one), actor=session.agent.id)
    os.write(oracle, f"{one.visit.id}\n".encode())
    session.close()
    os.write(1, f"{fuse.count}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
