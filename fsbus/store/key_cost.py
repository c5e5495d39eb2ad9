"""How much memory Argon2id is given on this laptop: as much as half a second to a second fills."""

import os
import time
from collections.abc import Callable

from fsbus.store.key_slots import FLOOR, Cost
from fsbus.store.keyfile import argon2id

ENOUGH_SECONDS = 0.6
CEILING_KIB = 512 * 1024
UNKNOWN_RAM = 4 * 1024**3
"""Bytes assumed where Python cannot ask the system (Windows): the least that a laptop of this use has."""


def measured_cost() -> Cost:
    """The cost for a slot made now on this laptop; takes a second or two."""
    return cost_for(_seconds_of, _ram())


def cost_for(seconds_of: Callable[[Cost], float], ram: int) -> Cost:
    """Double the memory from the floor while one derivation takes less than 0.6 s.

    At most 512 MiB and an eighth of the memory (``ram``, bytes): the laptop has other work to do.
    """
    most = min(CEILING_KIB, ram // 8 // 1024)
    cost = FLOOR
    while cost.memory_kib * 2 <= most and seconds_of(cost) < ENOUGH_SECONDS:
        cost = Cost(cost.memory_kib * 2, cost.rounds, cost.lanes)
    return cost


def _seconds_of(cost: Cost) -> float:
    began = time.perf_counter()
    argon2id(b"calibration", bytes(16), cost, b"")
    return time.perf_counter() - began


def _ram() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return UNKNOWN_RAM
