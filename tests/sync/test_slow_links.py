"""A slow link that moves is waited for, a dead one given up, and who asks to stop is obeyed."""

import contextlib
import errno
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fsbus.core.errors import Interrupted, Offline
from fsbus.server.serving import EmbeddedCentre
from fsbus.sync.http_api import is_reachable, sync_by_http
from fsbus.sync.pacing import Pace, PacedSocket, Stopped, Timing, TooSlow
from fsbus.sync.transport import Transport
from tests.fakes import HeldTime
from tests.sync.hostile import HostileServer
from tests.sync.road import RoadLaptop, pauses, scaled

FASTER = 50.0
UPLOAD = 500_000
SLOW_LINK = 8_500
"""Bytes a second: 68 kbit/s, what a long connection gets on the bad link."""
PIECE = 4_096
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class SlowReader:
    """A server that takes so many bytes a second in, whatever is sent, and then answers."""

    def __init__(self, rate: float) -> None:
        self.rate, self.stopped = rate, threading.Event()
        self._listening = socket.socket()
        # Before it listens: the connections inherit it, and nothing hides in the buffers of the system.
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "SlowReader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            link, _ = self._listening.accept()
            with link:
                began, taken = time.monotonic(), 0
                while taken < UPLOAD and not self.stopped.is_set():
                    taken += len(link.recv(min(PIECE, max(1, int(self.rate)))))
                    ahead = taken / self.rate - (time.monotonic() - began)
                    if ahead > 0:
                        self.stopped.wait(ahead)
                link.sendall(ANSWER)


@pytest.fixture
def transport() -> Iterator[Transport]:
    one = Transport(HeldTime().clock(), timing=scaled(FASTER))
    yield one
    one.close()


def test_a_good_slow_upload_may_take_longer_than_all_patience(transport: Transport) -> None:
    with SlowReader(SLOW_LINK * FASTER) as reader:
        began = time.monotonic()
        answer = transport.send("POST", reader.url, {}, os.urandom(UPLOAD), 100)
        assert answer.body == b"ok"
        # A minute of the scaled time at least has gone into the upload alone.
        assert (time.monotonic() - began) * FASTER > 50


def test_an_upload_that_is_taken_in_byte_by_byte_is_given_up(transport: Transport) -> None:
    with SlowReader(FASTER) as reader:
        began = time.monotonic()
        with pytest.raises(Offline):
            transport.send("POST", reader.url, {}, os.urandom(UPLOAD), 100)
        # Until the buffers are full it looks like an upload.
        assert (time.monotonic() - began) * FASTER <= 60 + 30 + 0.5 * FASTER


def test_silence_has_an_end_and_each_byte_earns_a_little_more() -> None:
    now = [0.0]
    pace = Pace(Timing(), lambda: now[0])
    pace.begin()
    for _ in range(29):
        now[0] += 1
        assert pace.wait() > 0
        pace.moved(1)
    now[0] += 2
    with pytest.raises(TooSlow):
        pace.wait()
    pace.proved()
    pace.begin()
    for _ in range(30):
        now[0] += 2
        pace.sent(17_000, now[0] - 2)
        assert pace.wait() > 0
    # A minute of good uploading has cost nothing of the patience with the answer.
    now[0] += 29
    assert pace.wait() > 0
    now[0] += 2
    with pytest.raises(TooSlow):
        pace.wait()


def test_a_stop_is_told_from_slowness() -> None:
    pace = Pace(Timing(), lambda: 0.0, lambda: True)
    pace.begin()
    with pytest.raises(Stopped):
        pace.wait()


@pytest.mark.parametrize(
    "mode", ["half-open", "one byte a second", "headers one byte a second", "deaf", "reset"]
)
def test_whoever_asks_to_stop_is_obeyed_within_a_second(tmp_path: Path, mode: str) -> None:
    clock = HeldTime().clock()
    with (
        EmbeddedCentre(f"sqlite:///{tmp_path / 'centre.db'}", clock=clock) as served,
        HostileServer(served.url) as hostile,
    ):
        laptop = RoadLaptop(tmp_path, "un", clock)
        laptop.enrol(served.centre, hostile.url)
        hostile.mode = mode
        stop, asked = threading.Event(), list[float]()

        def ask() -> None:
            asked.append(time.monotonic())
            stop.set()

        timer = threading.Timer(0.4, ask)
        timer.start()
        # By the real patience, and the real pauses: only the wish to stop ends it so soon.
        report = sync_by_http(laptop.store, clock=clock, cancelled=stop.is_set, pauses=pauses(1.0))
        assert not report.finished
        assert time.monotonic() - asked[0] < 1.0
        timer.join()
        laptop.close()


def test_a_door_that_takes_connections_is_told_from_one_that_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert is_reachable(f"https://127.0.0.1:{port}/centre", 1.0)
    assert not is_reachable(f"https://127.0.0.1:{port}/centre", 1.0)
    assert not is_reachable("https://127.0.0.1:99999", 1.0)


def test_without_any_network_nothing_is_tried_again_at_once(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def no_way(_self: PacedSocket, address: object) -> int:
        tried.append(address)
        return errno.ENETUNREACH

    monkeypatch.setattr(PacedSocket, "connect_ex", no_way)
    with pytest.raises(Offline, match="ne répond pas") as told:
        transport.send("GET", "http://127.0.0.1:9/", {}, b"", 100)
    assert not isinstance(told.value, Interrupted)
    assert len(tried) == 1
