"""A real X screen of its own for a test, without anybody before it."""

import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

A_WHILE = 30.0
SIZE = "1366x768x24"


@contextmanager
def real_screen() -> Iterator[dict[str, str]]:
    """The environment that leads to a new Xvfb, reached by a local socket only; it ends with the block."""
    inside, outside = os.pipe()
    words = ["Xvfb", "-displayfd", str(outside), "-screen", "0", SIZE, "-nolisten", "tcp"]
    process = subprocess.Popen(
        words,
        pass_fds=(outside,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        os.close(outside)
        with os.fdopen(inside) as told:
            assert select.select([told], [], [], A_WHILE)[0], "Xvfb does not start"
            display = told.readline().strip()
        yield {"DISPLAY": f":{display}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        process.terminate()
        process.wait(A_WHILE)
