"""The client of the bare centre: it posts bytes and reads bytes, and does nothing else."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from fsbus.training import processes


@contextmanager
def bare_centre(url: str) -> Iterator["BareCentre"]:
    """A server that only keeps durably what it is sent, in a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "fsbus.bench.bare_centre", url], stdout=subprocess.PIPE)
    try:
        port = int(processes.pipe(process.stdout).readline())
        with processes.counting(f"127.0.0.1:{port}") as counter:
            yield BareCentre(counter)
    finally:
        processes.end(process)


class BareCentre:
    """One client's view of it."""

    def __init__(self, counter: processes.Counter) -> None:
        self.counter = counter
        self._web = _session()
        self._root = f"http://127.0.0.1:{counter.port}"

    def push(self, body: bytes, count: int) -> None:
        """Send the lines of one zstd frame, as a client of its own; all are durable on return."""
        answer = _session().post(f"{self._root}/", data=body, timeout=60)
        if int(answer.content) != count:
            raise RuntimeError("the bare centre did not take everything")

    def keep(self, body: bytes) -> None:
        """What `fetch` gives from now on."""
        self._web.put(f"{self._root}/", data=body, timeout=60).raise_for_status()

    def fetch(self) -> bytes:
        """The bytes that were kept."""
        return bytes(self._web.get(f"{self._root}/", timeout=60).content)


def _session() -> Any:
    web = requests.Session()
    web.trust_env = False
    web.headers = {}
    return web
