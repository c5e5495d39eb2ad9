"""A run that is killed leaves no PostgreSQL behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reaper import is_alive
from tests.waiting import until

_RUN = """
import time
from tests.postgresql import mortal_server
with mortal_server() as server:
    print(server.data, (server.data / "postmaster.pid").read_text().splitlines()[0], flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="the PostgreSQL of the tests is ended so on POSIX")
def test_the_postgresql_of_a_killed_run_ends_with_it() -> None:
    with subprocess.Popen([sys.executable, "-c", _RUN], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        data, postmaster = run.stdout.readline().split()
        assert is_alive(int(postmaster))
        run.kill()
    assert until(lambda: not is_alive(int(postmaster)))
    assert until(lambda: not Path(data).parent.exists())
