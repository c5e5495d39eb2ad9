"""Plays many laptops at once: each in a thread of its own, as each has a machine of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


def at_once(laptops: Sequence[_T], work: Callable[[_T], object]) -> None:
    """Do the work of all of them at the same time; the first error is raised once all ended."""
    with ThreadPoolExecutor(len(laptops)) as crowd:
        list(crowd.map(work, laptops))
