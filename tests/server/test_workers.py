"""Several processes on one address: they share work and counters, come back, and leave nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fsbus.core.errors import InvalidInput
from fsbus.server.centre import open_centre
from fsbus.server.serving import serve
from fsbus.wire.codec import encode_request
from tests.server.laptop import HttpLaptop, Notebook, enrol, numbered_id, send, visit_body
from tests.server.test_connections import begin, connect
from tests.waiting import until

if os.name != "posix":
    pytest.skip("several processes need a shared socket", allow_module_level=True)

PROGRAM = """
import json, sys
from fsbus.server.listening import listen, port_of, url_of
from fsbus.server.json_lines import log_as_json
from fsbus.server.workers import run_workers
from fsbus.core.clock import Clock

log_as_json(Clock())
public, counters = listen(("127.0.0.1", 0)), listen(("127.0.0.1", 0))
told = json.dumps([url_of(public), url_of(counters)])
run_workers(sys.argv[1], [public, counters], port_of(counters), 3, lambda: print(told, flush=True))
public.close()
counters.close()
print("stopped", flush=True)
"""
"""What `serve` does with PostgreSQL, here on a file: three processes of the same centre."""


class Running:
    """The parent of three processes, and what they share."""

    def __init__(self, folder: Path) -> None:
        self.database = f"sqlite:///{folder / 'centre.db'}"
        with closing(open_centre(self.database)) as centre:
            self.enrolled = enrol(centre)
            self.epoch = centre.epoch
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.log = (folder / "log").open("w+b")
        self.parent = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROGRAM, self.database],
            stdout=subprocess.PIPE,
            stderr=self.log,
            env={**os.environ, "TMPDIR": str(self.temporary)},
        )
        assert self.parent.stdout is not None
        self.output = self.parent.stdout
        self.url, self.counters = json.loads(self.output.readline())
        self.laptop = HttpLaptop(self.url, self.enrolled)

    def children(self) -> set[int]:
        text = Path(f"/proc/{self.parent.pid}/task/{self.parent.pid}/children").read_text()
        return {int(number) for number in text.split()}

    def told(self) -> list[dict[str, object]]:
        self.log.seek(0)
        return [json.loads(line) for line in self.log.read().splitlines()]

    def counter(self, name: str) -> float:
        status, headers, body = send(self.counters, "GET", "/metrics", {}, b"")
        assert (status, headers["content-type"].partition(";")[0]) == (200, "text/plain")
        return sum(
            float(line.rpartition(" ")[2]) for line in body.decode().splitlines() if line.startswith(name)
        )

    def end(self) -> None:
        if self.parent.poll() is None:
            self.parent.kill()
        self.parent.wait(20)
        self.output.close()
        self.log.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    yield made
    made.end()


def gone(number: int) -> bool:
    return not Path(f"/proc/{number}").exists()


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are read in /proc")


@needs_proc
def test_processes_share_an_address_and_their_counters(running: Running) -> None:
    assert len(running.children()) == 3
    for number in range(30):
        notes = Notebook()
        notes.create(numbered_id(100 + number), visit_body())
        assert running.laptop.exchange(notes.request(running.epoch)).header.acked == 1
    # The line follows the answer.
    assert until(lambda: sum(line["event"] == "request" for line in running.told()) == 30)
    assert running.counter('fsbus_requests_total{route="/v1/sync",status="200"}') == 30
    assert running.counter("fsbus_operations_total") == 30
    assert send(running.url, "GET", "/metrics", {}, b"")[0] == 404, "not on the public address"
    assert send(running.url, "GET", "/readyz", {}, b"")[0] == 200
    with connect(running.url) as connection:
        connection.sendall(b"nothing like HTTP\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 400")
    words = {"event": "Invalid HTTP request received.", "level": "warning", "logger": "uvicorn.error"}
    assert until(lambda: any(words.items() <= line.items() for line in running.told()))


@needs_proc
def test_a_process_that_dies_is_started_again_and_goes_on_counting(running: Running) -> None:
    for _ in range(6):
        running.laptop.hello(Notebook().replica)
    before = running.children()
    for number in before:
        os.kill(number, signal.SIGKILL)
    assert until(lambda: len(running.children() - before) == 3)
    assert until(lambda: send_or_nothing(running.url) == 200)
    running.laptop.hello(Notebook().replica)
    assert until(lambda: running.counter('fsbus_requests_total{route="/v1/hello",status="200"}') == 7)
    ended = [line for line in running.told() if line["event"] == "process ended"]
    assert [line["status"] for line in ended] == [-signal.SIGKILL] * 3


def send_or_nothing(url: str) -> int:
    try:
        return send(url, "GET", "/healthz", {}, b"")[0]
    except OSError:
        return 0


@needs_proc
def test_stopping_leaves_no_process_and_no_file(running: Running) -> None:
    children = running.children()
    assert list(running.temporary.iterdir())
    running.parent.send_signal(signal.SIGTERM)
    assert running.parent.wait(20) == 0
    assert running.output.read() == b"stopped\n"
    assert all(map(gone, children))
    assert list(running.temporary.iterdir()) == []
    assert [line for line in running.told() if line["level"] == "error"] == []


@needs_proc
def test_a_request_under_way_ends_before_its_process_does(running: Running) -> None:
    notes = Notebook()
    notes.create(numbered_id(100), visit_body())
    body = encode_request(notes.request(running.epoch))
    with begin(running.url, running.laptop, body, 10, is_awaited=True) as connection:
        running.parent.send_signal(signal.SIGTERM)
        # Time in which it would have ended, had it not waited for the request.
        time.sleep(0.5)
        assert running.parent.poll() is None
        connection.sendall(body[10:])
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    assert running.parent.wait(20) == 0


@needs_proc
def test_a_parent_that_is_killed_takes_its_processes_and_its_files_along(running: Running) -> None:
    children = running.children()
    running.parent.kill()
    running.parent.wait(20)
    assert until(lambda: all(map(gone, children)))
    assert until(lambda: list(running.temporary.iterdir()) == [])


def test_a_file_has_one_process(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as error:
        serve(f"sqlite:///{tmp_path / 'centre.db'}", "127.0.0.1", 0, print, processes=2)
    assert "PostgreSQL" in error.value.problems["processes"]
    with pytest.raises(InvalidInput):
        serve(f"sqlite:///{tmp_path / 'centre.db'}", "127.0.0.1", 0, print, processes=0)


def test_a_process_that_dies_at_once_is_started_later_and_later(tmp_path: Path) -> None:
    program = PROGRAM.replace("counters), 3,", "counters), 1,")
    assert program != PROGRAM
    with (tmp_path / "log").open("w+b") as log:
        parent = subprocess.Popen(
            [sys.executable, "-c", program, f"sqlite:///{tmp_path / 'no folder' / 'centre.db'}"], stderr=log
        )

        def ended() -> int:
            log.seek(0)
            return log.read().count(b'"process ended"')

        try:
            assert until(lambda: ended() == 1)
            first = time.monotonic()
            assert until(lambda: ended() == 3)
            # Half a second, then one, and the time that a process takes to fail.
            assert time.monotonic() - first >= 1.5
            parent.send_signal(signal.SIGTERM)
            assert parent.wait(20) == 0
        finally:
            parent.kill()
            parent.wait()
