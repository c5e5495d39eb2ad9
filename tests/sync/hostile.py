"""A server between a laptop and its centre that answers as bad networks do, one way at a time."""

import contextlib
import gzip
import io
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from backports import zstd

from fsbus.wire import signing
from fsbus.wire.version import CONTENT_TYPE

BOMB = 300 * 2**20
"""Bytes that a bomb becomes."""
PORTAL = b"<!doctype html><title>Wi-Fi gratuit</title><p>Acceptez les conditions.</p>"


@dataclass
class Call:
    """One connection, with the request that came by it if it was read."""

    link: socket.socket
    server: "HostileServer"
    method: str = ""
    target: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw: bytes = b""

    def send(self, data: bytes) -> None:
        self.link.sendall(data)

    def drip(self, data: bytes) -> None:
        """One byte a second of the scaled time."""
        for byte in data:
            if self.server.closing.wait(self.server.second):
                return
            self.link.sendall(bytes([byte]))

    def reset(self) -> None:
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.link.close()

    def hold(self) -> None:
        """Say nothing until the laptop leaves."""
        with contextlib.suppress(OSError):
            self.link.settimeout(None)
            while not self.server.closing.is_set() and self.link.recv(65_536):
                pass

    def real(self) -> tuple[bytes, bytes]:
        """The centre's own answer to this request: head (with its empty line) and body."""
        return forward(self.server.centre_url, self.raw)


Mode = Callable[[Call], None]


def forward(url: str, raw: bytes) -> tuple[bytes, bytes]:
    """Head and body of the answer to a raw request; the centre closes the connection after it."""
    parts = urlsplit(url)
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as link:
        link.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
        answer = b"".join(iter(lambda: link.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


def page(status: str, body: bytes, *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _says(status: str, body: bytes = PORTAL, *more: str) -> Mode:
    return lambda call: call.send(page(status, body, *more))


def _good(call: Call) -> None:
    call.send(b"".join(call.real()))


def _gzip_bomb(call: Call) -> None:
    call.send(page("200 OK", gzip_bomb(), "Content-Encoding: gzip"))


def _redirecting_gzip_bomb(call: Call) -> None:
    call.send(page("302 Found", gzip_bomb(), "Content-Encoding: gzip", "Location: /portail"))


def _redirecting_endlessly(call: Call) -> None:
    call.send(b"HTTP/1.1 302 Found\r\nLocation: /portail\r\n\r\n")
    while not call.server.closing.is_set():
        call.send(bytes(65_536))


def _redirecting_to_no_text(call: Call) -> None:
    call.send(b"HTTP/1.1 302 Found\r\nLocation: /\xff\r\nContent-Length: 0\r\n\r\n")


def _long_length(call: Call) -> None:
    call.send(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n")


def _zstd_bomb(call: Call) -> None:
    call.send(page("200 OK", zstd_bomb(), "Content-Encoding: zstd"))


def _zstd_bomb_as_answer(call: Call) -> None:
    bomb = zstd_bomb()
    call.send(page("200 OK", bomb).replace(b"text/html", CONTENT_TYPE.encode()))


def _drips_its_body(call: Call) -> None:
    call.send(page("200 OK", bytes(100_000))[:-100_000])
    call.drip(bytes(100_000))


def _drips_its_headers(call: Call) -> None:
    call.drip(page("200 OK", PORTAL, *[f"X-Slow-{number}: 1" for number in range(90)]))


def _reset(call: Call) -> None:
    call.reset()


def _reset_in_the_answer(call: Call) -> None:
    head, body = call.real()
    call.send(head + body[: len(body) // 2])
    call.reset()


def _truncated(call: Call) -> None:
    head, body = call.real()
    call.send(head + body[: len(body) // 2])


def _no_length(call: Call) -> None:
    head, body = call.real()
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    call.send(b"\r\n".join(kept) + body)


def _chunked(call: Call) -> None:
    head, body = call.real()
    head = b"\r\n".join(
        b"Transfer-Encoding: chunked" if line.lower().startswith(b"content-length") else line
        for line in head.split(b"\r\n")
    )
    call.send(head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")


def _twice_each_header(call: Call) -> None:
    head, body = call.real()
    first, *lines = head.rstrip(b"\r\n").split(b"\r\n")
    call.send(b"\r\n".join([first, *(each for line in lines for each in (line, line))]) + b"\r\n\r\n" + body)


def _huge_headers(call: Call) -> None:
    head, body = call.real()
    first, rest = head.split(b"\r\n", 1)
    many = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 60_000) for number in range(95))
    call.send(first + b"\r\n" + many + rest + body)


def _endless_continue(call: Call) -> None:
    while not call.server.closing.is_set():
        call.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        # Fast enough to look alive for ever.
        time.sleep(call.server.second / 20)


def _endless_body(call: Call) -> None:
    call.send(
        page("200 OK", b"")[:-4].replace(b"Content-Length: 0", b"Content-Length: 99999999999") + b"\r\n\r\n"
    )
    while not call.server.closing.is_set():
        call.send(bytes(65_536))


def _stale(call: Call) -> None:
    assert call.server.stale, "no earlier answer was kept"
    call.send(call.server.stale)


def _of_another_device(call: Call) -> None:
    assert call.server.other, "no answer to another device was kept"
    call.send(call.server.other)


def _signed(call: Call, key: bytes, body: bytes, content_type: str, audience: str | None = None) -> None:
    headers = signing.sign_answer(
        status=200,
        content_type=content_type,
        body=body,
        answered=signing.request_signature(call.headers),
        private_key=key,
        created=int(time.time()),
    )
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers.items())]
    call.send("\r\n".join([*lines, f"Content-Length: {len(body)}"]).encode() + b"\r\n\r\n" + body)


def _foreign_centre(call: Call) -> None:
    _, body = call.real()
    _signed(call, signing.new_private_key(), body, CONTENT_TYPE)


def _another_epoch(call: Call) -> None:
    """The centre's own key over an answer of another of its lives, to this very request.

    What names no life goes through as it is: a refusal, or what is left of an answer when the centre closes.
    """
    head, body = call.real()
    try:
        first, _, rest = zstd.decompress(body).partition(b"\n")
    except zstd.ZstdError:
        first = rest = b""
    changed = first.replace(call.server.epoch.encode(), b"f" * len(call.server.epoch))
    if changed == first:
        call.send(head + body)
        return
    again = zstd.compress(changed + (b"\n" + rest if rest else b""))
    _signed(call, call.server.centre_key, again, CONTENT_TYPE)


def _not_http(call: Call) -> None:
    call.send(b"SSH-2.0-OpenSSH_9.2\r\n" * 50)


def _half_open(call: Call) -> None:
    call.hold()


def _deaf(call: Call) -> None:
    """Accepts the connection and never reads the request."""
    call.server.closing.wait(60)


def gzip_bomb() -> bytes:
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", compresslevel=9) as file:
        for _ in range(BOMB // 2**20):
            file.write(bytes(2**20))
    return made.getvalue()


def zstd_bomb() -> bytes:
    compressor = zstd.ZstdCompressor(level=3)
    parts = [compressor.compress(b"\n" * 2**20) for _ in range(BOMB // 2**20)]
    return b"".join([*parts, compressor.flush()])


MODES: dict[str, Mode] = {
    "captive portal": _says("200 OK"),
    "redirected": _says("302 Found", PORTAL, "Location: /portail"),
    "redirected by a gzip bomb": _redirecting_gzip_bomb,
    "redirected with an endless body": _redirecting_endlessly,
    "redirected to no address": _says("302 Found", PORTAL, "Location: http://["),
    "redirected to no text": _redirecting_to_no_text,
    "a length of 5,000 digits": _long_length,
    "proxy wants a password": _says("407 Proxy Authentication Required", PORTAL, "Proxy-Authenticate: Basic"),
    "network wants a login": _says("511 Network Authentication Required"),
    "broken gateway": _says("500 Internal Server Error"),
    "gateway without centre": _says("502 Bad Gateway", b""),
    "gzip bomb": _gzip_bomb,
    "zstd bomb": _zstd_bomb,
    "zstd bomb as an answer": _zstd_bomb_as_answer,
    "one byte a second": _drips_its_body,
    "headers one byte a second": _drips_its_headers,
    "endless 100 Continue": _endless_continue,
    "endless body": _endless_body,
    "reset": _reset,
    "reset in the answer": _reset_in_the_answer,
    "truncated": _truncated,
    "no length": _no_length,
    "chunked": _chunked,
    "each header twice": _twice_each_header,
    "huge headers": _huge_headers,
    "stale answer": _stale,
    "answer to another device": _of_another_device,
    "foreign centre": _foreign_centre,
    "another epoch": _another_epoch,
    "not HTTP": _not_http,
    "half-open": _half_open,
    "deaf": _deaf,
}
"""What is done with each connection, by name."""
UNREAD = frozenset({"deaf"})
"""Modes that do not read the request first."""


class HostileServer:
    """Listens on this machine; ``mode`` is what becomes of each connection, « good » to let it through.

    ``second``: seconds of a second, for modes that are slow. With ``tls``, connections are wrapped in it.
    """

    def __init__(self, centre_url: str, *, second: float = 1.0, tls: ssl.SSLContext | None = None) -> None:
        self.centre_url, self.second = centre_url, second
        self.mode = "good"
        self.stale = self.other = b""
        self.epoch, self.centre_key = "", b""
        self.recorded: list[bytes] = []
        """Every request that was let through, whole."""
        self.served = 0
        self.closing = threading.Event()
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> "HostileServer":
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        # A listening socket that is only closed leaves its accept() waiting.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._accepting.join(5)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                link, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(link,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, link: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(link)
            link.settimeout(60)
            if self._tls is not None:
                link = stack.enter_context(self._tls.wrap_socket(link, server_side=True))
            mode = self.mode
            call = Call(link, self)
            if mode not in UNREAD:
                for call in calls_of(link, self):
                    self.served += 1
                    if mode == "good":
                        self.recorded.append(call.raw)
                        _good(call)
                    else:
                        MODES[mode](call)
                    return
            else:
                MODES[mode](call)


def calls_of(link: socket.socket, server: HostileServer) -> Iterator[Call]:
    """The requests of one connection, read whole."""
    raw = b""
    while True:
        while b"\r\n\r\n" not in raw:
            part = link.recv(65_536)
            if not part:
                return
            raw += part
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", 0))
        while len(body) < size:
            part = link.recv(65_536)
            if not part:
                return
            body += part
        method, target, _ = first.split(" ")
        yield Call(link, server, method, target, headers, body[:size], head + b"\r\n\r\n" + body[:size])
        raw = body[size:]
