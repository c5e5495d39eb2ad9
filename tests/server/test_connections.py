"""Connections that say nothing, say too much, or are too many, beside one that works."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest

from fsbus.server.app import build_app
from fsbus.server.centre import Centre, open_centre
from fsbus.server.connections import LARGEST_HEADERS, Server, room_for_connections
from fsbus.server.listening import listen, url_of
from fsbus.server.receiving import Bodies
from fsbus.wire.codec import encode_request
from fsbus.wire.version import CONTENT_TYPE
from tests.server.laptop import HttpLaptop, Notebook, enrol, send, still_clock
from tests.waiting import until


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """On a file: connections are the same whatever the database is."""
    opened = open_centre(f"sqlite:///{tmp_path / 'centre.db'}")
    yield opened
    opened.close()


@contextmanager
def running(
    centre: Centre, *, bodies: Bodies | None = None, most: int = 100, within: float = 60
) -> Iterator[str]:
    """The address of a server with these limits."""
    started, listening = Event(), listen(("127.0.0.1", 0))
    app = build_app(centre, still_clock(), bodies=bodies)
    server = Server(app, started.set, most_connections=most, headers_within=within)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        assert started.wait(20)
        yield url_of(listening)
    finally:
        server.should_exit = True
        thread.join(20)


def connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)


def is_closed_within(connection: socket.socket, seconds: float) -> bool:
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "said", [b"", b"POST /v1/sync HTTP/1.1\r\nHost: x\r\nX-Slow: "], ids=["silent", "half"]
)
def test_headers_that_do_not_come_close_the_connection(said: bytes, centre: Centre) -> None:
    with running(centre, within=0.3) as url, connect(url) as connection:
        connection.sendall(said)
        assert is_closed_within(connection, 5)


def test_headers_that_come_a_byte_at_a_time_have_the_same_time_in_all(centre: Centre) -> None:
    with running(centre, within=0.5) as url, connect(url) as connection:
        started, closed = time.monotonic(), False
        connection.settimeout(0.05)
        while not closed and time.monotonic() - started < 10:
            try:
                connection.sendall(b"X")
                closed = connection.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True
        assert closed
        assert time.monotonic() - started < 5


def test_an_open_connection_is_not_closed_between_two_requests(centre: Centre) -> None:
    with running(centre, within=0.2) as url, connect(url) as connection:
        for _ in range(2):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while not answer.endswith(b"alive\n"):
                answer += connection.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200")
            # Longer than headers may take: between two requests nothing is waited for.
            time.sleep(0.5)


@pytest.mark.expects_log("Invalid HTTP request")
def test_headers_too_large_are_refused_and_not_kept(centre: Centre) -> None:
    with running(centre) as url:
        status, _, _ = send(url, "GET", "/healthz", {"x": "a" * (LARGEST_HEADERS - 500)}, b"")
        assert status == 200
        with connect(url) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nX: " + b"a" * (2 * LARGEST_HEADERS))
            assert connection.recv(4096).startswith(b"HTTP/1.1 400")


def test_one_connection_too_many_is_closed_and_the_others_go_on(centre: Centre) -> None:
    with running(centre, most=5) as url, ExitStack() as stack:
        held = [stack.enter_context(connect(url)) for _ in range(5)]
        held[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert held[-1].recv(4096).startswith(b"HTTP/1.1 200")
        with connect(url) as extra:
            assert is_closed_within(extra, 5)
        held[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert held[0].recv(4096).startswith(b"HTTP/1.1 200")
        held[1].close()
        assert until(lambda: is_answered(url))


def is_answered(url: str) -> bool:
    try:
        return send(url, "GET", "/healthz", {}, b"")[0] == 200
    except (OSError, HTTPException):
        return False


def begin(url: str, laptop: HttpLaptop, body: bytes, sent: int, *, is_awaited: bool = False) -> socket.socket:
    """A signed exchange of which only so many bytes of the body were sent; ``is_awaited``: once the centre asks for them."""
    headers = laptop.sign("POST", "/v1/sync", "", CONTENT_TYPE, body)
    lines = [
        f"{name}: {value}"
        for name, value in {**headers, "host": "x", "content-length": str(len(body))}.items()
    ]
    if is_awaited:
        lines.append("expect: 100-continue")
    connection = connect(url)
    connection.sendall("\r\n".join(["POST /v1/sync HTTP/1.1", *lines, "", ""]).encode())
    if is_awaited:
        assert connection.recv(4096).startswith(b"HTTP/1.1 100")
    connection.sendall(body[:sent])
    return connection


def test_a_body_that_falls_silent_is_given_up(centre: Centre) -> None:
    body = encode_request(Notebook().request(centre.epoch))
    with running(centre, bodies=Bodies(silence=0.3)) as url:
        laptop = HttpLaptop(url, enrol(centre))
        with begin(url, laptop, body, 3) as connection:
            assert connection.recv(4096).startswith(b"HTTP/1.1 400")


def test_a_body_that_drips_for_ever_is_given_up(centre: Centre) -> None:
    body = encode_request(Notebook().request(centre.epoch)) + bytes(1_000)
    with running(centre, bodies=Bodies(silence=0.5, longest=1.0)) as url:
        laptop = HttpLaptop(url, enrol(centre))
        with begin(url, laptop, body, 3) as connection:
            assert dripped(connection).startswith(b"HTTP/1.1 400")


def test_a_stranger_who_drips_an_enrolment_has_less_time(centre: Centre) -> None:
    with running(centre, bodies=Bodies(brief=0.5)) as url, connect(url) as connection:
        connection.sendall(b"POST /v1/enroll HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        assert dripped(connection).startswith(b"HTTP/1.1 400")


def dripped(connection: socket.socket) -> bytes:
    """What is answered to a byte now and then; nothing in 20 seconds, if nobody minds."""
    connection.settimeout(0.1)
    answer, started = b"", time.monotonic()
    while not answer and time.monotonic() - started < 20:
        connection.sendall(b"\0")
        with suppress(TimeoutError):
            answer = connection.recv(4096)
    return answer


def test_bodies_that_fill_the_memory_are_told_to_come_back(centre: Centre) -> None:
    with running(centre, bodies=Bodies(most_held=100_000)) as url, ExitStack() as stack:
        laptops = [HttpLaptop(url, enrol(centre, name=f"Portable {number}")) for number in range(3)]
        body = bytes(60_000)
        stack.enter_context(begin(url, laptops[0], body, 59_000, is_awaited=True))

        def is_full() -> bool:
            second = stack.enter_context(begin(url, laptops[1], body, 60_000))
            return second.recv(4096).startswith(b"HTTP/1.1 503")

        # Once what the first one sent has come.
        assert until(is_full)
        assert laptops[2].hello(Notebook().replica).epoch == centre.epoch


def test_one_device_cannot_take_the_places_of_the_others(centre: Centre) -> None:
    body = encode_request(Notebook().request(centre.epoch))
    with running(centre) as url, ExitStack() as stack:
        greedy, other = (HttpLaptop(url, enrol(centre, name=name)) for name in ("Portable 1", "Portable 2"))
        for _ in range(8):
            stack.enter_context(begin(url, greedy, body, 3, is_awaited=True))
        ninth = stack.enter_context(begin(url, greedy, body, len(body)))
        assert ninth.recv(4096).startswith(b"HTTP/1.1 503")
        assert other.hello(Notebook().replica).epoch == centre.epoch


def test_many_slow_laptops_do_not_hold_up_a_fast_one(centre: Centre) -> None:
    body = encode_request(Notebook().request(centre.epoch))
    with running(centre, most=200) as url, ExitStack() as stack:
        slow = [HttpLaptop(url, enrol(centre, name=f"Portable {number}")) for number in range(10)]
        for number in range(70):
            stack.enter_context(begin(url, slow[number % 10], body, 1 + number % 5))
        fast, notes = HttpLaptop(url, enrol(centre, name="Rapide")), Notebook()
        times = []
        for _ in range(20):
            started = time.monotonic()
            fast.exchange(notes.request(centre.epoch))
            times.append(time.monotonic() - started)
        assert sorted(times)[-2] < 2.0


def test_a_process_may_hold_many_connections() -> None:
    assert 100 <= room_for_connections() <= 4_000
