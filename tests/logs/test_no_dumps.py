"""A process that holds the key leaves no memory behind, even when it dies of a fault."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import contextlib, ctypes, os, resource, sys
with contextlib.suppress(ValueError):  # another test of this process gave its cores up already
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
if sys.argv[1] == "refuse":
    from fsbus.logs.no_dumps import refuse_dumps
    refuse_dumps()
print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
os.abort()
"""


def abort(folder: Path, how: str) -> tuple[str, bool]:
    """What the process says of its limit and of its dumpable flag; whether the system says that it dumped."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, how], cwd=folder, env=env, stdout=subprocess.PIPE, text=True
    ) as ran:
        said = ran.stdout.read() if ran.stdout else ""
        _, status = os.waitpid(ran.pid, 0)
        ran.returncode = -1
    return said.strip(), os.WCOREDUMP(status)


@pytest.mark.skipif(sys.platform != "linux", reason="asked for otherwise elsewhere")
def test_a_process_that_holds_the_key_is_never_dumped(tmp_path: Path) -> None:
    assert abort(tmp_path, "refuse") == ("0 0", False)
    assert list(tmp_path.iterdir()) == []
    said, _ = abort(tmp_path, "allow")
    assert said.endswith(" 1"), "the measure can tell the difference"
