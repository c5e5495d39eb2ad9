"""Ends the PostgreSQL of a killed test run: `python -m tests.reaper FOLDER`, its input held by it.

The run starts it beside its server. When its input ends, the run is over: what is still there then, and is nobody
else's, is stopped and taken away. Runs share a server when they are the processes of one `pytest -n`.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it comes with the PostgreSQL of the tests

_DONE = b"done"
"""What a run says that ended well: it took everything away itself."""
_DYING = 5.0
"""Seconds that the processes of a run that was killed may take to be gone."""


@contextmanager
def reaped(folder: Path) -> Iterator[None]:
    """For the time of the block, have what is in this folder ended if this process is killed."""
    # A session of its own: whoever ends the run's whole group leaves it alive.
    watching = subprocess.Popen(
        [sys.executable, "-m", "tests.reaper", folder],
        stdin=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
        start_new_session=True,
    )
    try:
        yield
    finally:
        watching.communicate(_DONE)


def reap(folder: Path) -> None:
    """Stop the server in this folder and take the folder away, unless another process of the run has it."""
    data = folder / "data"
    with suppress(OSError, ValueError):
        owners = json.loads((data / ".handle_pids.json").read_text())
        until = time.monotonic() + _DYING
        while any(map(is_alive, owners)):
            if time.monotonic() > until:
                return
            time.sleep(0.1)
    with suppress(OSError, ValueError, psutil.Error):
        postmaster = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
        if str(data) in postmaster.cmdline():
            family = [postmaster, *postmaster.children(recursive=True)]
            for process in family:
                process.kill()
            psutil.wait_procs(family, timeout=10)
    for left in (folder, folder.with_name(f"{folder.name}.locks")):
        shutil.rmtree(left, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Whether this process runs; one that ended, and that nobody asked about yet, does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


if __name__ == "__main__":
    if sys.stdin.buffer.read() != _DONE:
        reap(Path(sys.argv[1]))
