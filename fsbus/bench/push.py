"""The first push of a bus-week, beside one bare POST of the same bytes and one `executemany`."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import requests
from backports import zstd

from fsbus.actions.session import STORE
from fsbus.bench import places
from fsbus.bench.measure import Figure, in_turn, seconds
from fsbus.core.clock import Clock
from fsbus.server import admin
from fsbus.server.centre import open_centre
from fsbus.store.store import Store
from fsbus.sync import http_api
from fsbus.training import processes
from fsbus.wire.codec import LEVEL
from fsbus.wire.signing import new_private_key

RUNS = 5
VISITS, RECORDS = 2_000, 4_000


def bench(runs: int | None) -> Iterator[Figure]:
    """One figure, ``push``: a whole synchronisation over HTTP, to a durable acknowledgement of all."""
    with places.folder() as folder:
        with places.laptop(folder / "home") as session:
            places.record_all(session, VISITS, RECORDS)
            lines = [line for _, line in session.store.pending(after=0, max_bytes=2**40)]
            keys = session.keys
        body = zstd.compress(b"\n".join([b"{}", *lines]), LEVEL)

        def ours(number: int) -> float:
            # A copy of the laptop each time: it has never met a centre.
            shutil.copytree(folder / "home", folder / f"home-{number}")
            store = Store.open(folder / f"home-{number}" / STORE, keys.subkey("db"), clock=Clock())
            with closing(store), _centre_for(store, folder / f"centre-{number}.db"):
                return seconds(lambda: http_api.sync_by_http(store, clock=Clock()))

        def limit(number: int) -> float:
            with _bare_centre(folder / f"bare-{number}.db") as port, requests.Session() as web:
                web.trust_env = False
                return seconds(lambda: _post(web, port, body, len(lines)))

        yield in_turn("push", ours, limit, runs or RUNS)


def _post(web: requests.Session, port: int, body: bytes, count: int) -> None:
    answer = web.post(f"http://127.0.0.1:{port}/", data=body, timeout=60)
    if int(answer.content) != count:
        raise RuntimeError("the bare centre did not take everything")


@contextmanager
def _centre_for(store: Store, database: Path) -> Iterator[None]:
    """A new and empty centre in a process of its own, to which this laptop is attached."""
    with ExitStack() as stack:
        with closing(open_centre(f"sqlite:///{database}")) as centre:
            code = admin.enroll_code(centre, "bus-3", clock=Clock()).code
        address = stack.enter_context(processes.centre(database, log=database.with_suffix(".log")))
        store.set_enrolment(http_api.enroll(f"http://{address}", code, "mesure", new_private_key()))
        yield


@contextmanager
def _bare_centre(database: Path) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "fsbus.bench.bare_centre", str(database)], stdout=subprocess.PIPE
    )
    try:
        yield int(processes.pipe(process.stdout).readline())
    finally:
        processes.end(process)
