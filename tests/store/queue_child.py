"""A laptop with a queue at its door, which tells what it was told is safe until it is killed."""

import os
from multiprocessing.connection import Connection

from fsbus.actions import queue
from fsbus.core.queue import GAVE_UP, RECEIVED
from tests.store.busy_laptop import Busy


def work(told: Connection, laptop: Busy, seed: int) -> None:
    """Add, call, leave and close without end; one line of the oracle for each number that was given for good."""
    oracle = os.open(laptop.oracle, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with laptop.opened() as session:
        told.send("open")
        for step in range(seed, seed + 100_000):
            if step % 9 == 8:
                queue.close(session)
                continue
            one = queue.add(session)
            os.write(oracle, f"{one.number}\n".encode())
            if step % 2:
                queue.call_next(session)
            if step % 3:
                queue.leave(session, one.number, RECEIVED if step % 3 == 1 else GAVE_UP)
