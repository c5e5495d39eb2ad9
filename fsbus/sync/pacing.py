"""Sockets that never wait long: whatever the other side does, a call ends in time, and can be stopped."""

import errno
import selectors
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

SLICE = 0.2
"""Seconds of one wait of the system; between two, somebody may have asked to stop."""
PIECE = 8 * 1024
"""Bytes handed to the system at once, so that a slow upload is seen to move."""
UNSENT = 32 * 1024
"""Bytes that the system may hold back: what it took is not sent yet, and its silence means nothing."""


_UNDER_WAY = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, 10_035})
"""What the system says of a connection that has begun; the last one is Windows' own."""


class TooSlow(TimeoutError):
    """Nothing moved for too long, or too little."""


class Stopped(TimeoutError):
    """Somebody asked to stop."""


@dataclass(frozen=True)
class Timing:
    """How long the other side is waited for. Seconds, and bytes a second."""

    connect: float = 10.0
    silence: float = 30.0
    """Without a byte for so long, the link is dead. A slow upload is not: it may need a minute or more."""
    attempt: float = 55.0
    """Without one proved answer for so long, the time that requests took to leave left out: a minute at most, with
    what a slow laptop needs to give up."""
    slowest: float = 1_000.0
    """A byte that moves earns back this share of a second of silence: one byte a second ends as silence does."""
    goodput: float = 8_000.0
    """An answer so long that it needs more than ``attempt`` at this pace may take that time."""


@dataclass
class Pace:
    """How long the other side may still be waited for, from one proved answer to the next."""

    timing: Timing
    monotonic: Callable[[], float]
    cancelled: Callable[[], bool] = lambda: False
    _until: float = 0.0
    """Silence ends here."""
    _end: float | None = None
    """The attempt ends here, whatever comes; None until it begins."""
    _sent_at: float = 0.0

    def begin(self) -> None:
        """A request begins. Raises TooSlow when the attempt has no time left for it."""
        now = self._sent_at = self.monotonic()
        if self._end is None:
            self._end = now + self.timing.attempt
        if self._end - now < self.timing.attempt / 60:
            raise TooSlow
        self._until = now + self.timing.silence

    def proved(self) -> None:
        """The centre answered: the next request begins an attempt of its own."""
        self._end = None

    def wait(self) -> float:
        """Seconds that the next call of the system may last. Raises TooSlow or Stopped."""
        if self.cancelled():
            raise Stopped
        left = min(self._until, self._end or 0.0) - self.monotonic()
        if left <= 0:
            raise TooSlow
        return min(SLICE, left)

    def moved(self, count: int) -> None:
        """So many bytes came or went."""
        earned = self._until + count / self.timing.slowest
        self._until = min(self.monotonic() + self.timing.silence, earned)

    def sent(self, count: int, began: float) -> None:
        """So many bytes went, by a call that began then."""
        self.moved(count)
        self._sent_at = self.monotonic()
        self._end = (self._end or 0.0) + self._sent_at - began

    def expect(self, size: int) -> None:
        """So many bytes are announced."""
        self._end = max(self._end or 0.0, self._sent_at + size / self.timing.goodput)


class PacedSocket(socket.socket):
    """A connection that keeps to a pace."""

    pace: Pace

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int = 0, flags: int = 0) -> int:
        """As `socket.socket.recv_into`; TooSlow or Stopped instead of waiting on."""
        while True:
            self.settimeout(self.pace.wait())
            try:
                count = super().recv_into(buffer, nbytes, flags)
            except TimeoutError:
                continue
            self.pace.moved(count)
            return count

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        """As `socket.socket.sendall`, whose timeout would be for all of it."""
        left = memoryview(data).cast("B")
        while left:
            began = self.pace.monotonic()
            self.settimeout(self.pace.wait())
            try:
                count = super().send(left[:PIECE], flags)
            except TimeoutError:
                self.pace.sent(0, began)
                continue
            self.pace.sent(count, began)
            left = left[count:]


class PacedTlsSocket(ssl.SSLSocket):
    """The same inside TLS, handshake included; its context is a `PacedContext`."""

    def do_handshake(self, block: bool = False) -> None:
        """As `ssl.SSLSocket.do_handshake`, which goes on where it was after a pause."""
        while True:
            self.settimeout(self._pace.wait())
            try:
                super().do_handshake(block)
            except TimeoutError:
                continue
            return

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0) -> int:
        """As `ssl.SSLSocket.recv_into`; TooSlow or Stopped instead of waiting on."""
        while True:
            self.settimeout(self._pace.wait())
            try:
                count = super().recv_into(buffer, nbytes, flags)
            except TimeoutError:
                continue
            self._pace.moved(count)
            return count

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        """As `ssl.SSLSocket.sendall`, piece by piece; the same piece again after a pause, as TLS wants it."""
        left = memoryview(data).cast("B")
        while left:
            began = self._pace.monotonic()
            self.settimeout(self._pace.wait())
            try:
                count = super().send(left[:PIECE], flags)
            except TimeoutError:
                self._pace.sent(0, began)
                continue
            self._pace.sent(count, began)
            left = left[count:]

    @property
    def _pace(self) -> Pace:
        context = self.context
        if not isinstance(context, PacedContext):
            raise TypeError("a paced connection needs a paced context")
        return context.pace


class PacedContext(ssl.SSLContext):
    """Trusts what the operating system trusts, so that an organisation's own authority works; TLS 1.2 at least."""

    pace: Pace
    sslsocket_class = PacedTlsSocket


def paced_context(pace: Pace) -> PacedContext:
    """The context of connections that keep to this pace."""
    context = PacedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.pace = pace
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    return context


def paced_connection(host: str, port: int, pace: Pace) -> PacedSocket:
    """A connection to the first of the host's addresses that answers, all within the time to connect.

    Raises OSError. The look-up of the name is the system's own, and cannot be stopped.
    """
    until = pace.monotonic() + pace.timing.connect
    trouble: OSError = TooSlow()
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        one = PacedSocket(family, kind, protocol)
        one.pace = pace
        try:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNSENT)
            _connect(one, address, until)
        except OSError as error:
            one.close()
            trouble = error
            if isinstance(error, TooSlow | Stopped):
                break
        else:
            return one
    raise trouble


def _connect(one: PacedSocket, address: object, until: float) -> None:
    one.setblocking(False)
    started = one.connect_ex(address)  # type: ignore[arg-type]  # what getaddrinfo gave
    if started not in _UNDER_WAY:
        # Told at once, as without any network: asked again, the system would know of no error.
        raise OSError(started, "there is no way there")
    with selectors.DefaultSelector() as waiting:
        waiting.register(one, selectors.EVENT_WRITE)
        while started and not waiting.select(min(one.pace.wait(), max(0.0, until - one.pace.monotonic()))):
            if one.pace.monotonic() >= until:
                raise TooSlow
    error = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        raise OSError(error, "the connection was refused")
    # TLS refuses to begin on a socket that does not wait at all.
    one.settimeout(SLICE)
