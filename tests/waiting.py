"""Waits for what other threads and processes do, by looking, never longer than a limit."""

import time
from collections.abc import Callable


def until(true: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it came true within so many seconds."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()
