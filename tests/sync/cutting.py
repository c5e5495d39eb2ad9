"""A TCP proxy that lets so many bytes through one way, then cuts the link once, and is good again."""

import contextlib
import selectors
import socket
import struct
import threading
from urllib.parse import urlsplit

UP, DOWN = "up", "down"


class CuttingProxy:
    """Between a laptop and its centre, on this machine. ``passed`` counts the bytes of each way."""

    def __init__(self, centre_url: str) -> None:
        parts = urlsplit(centre_url)
        self._centre = (parts.hostname or "", parts.port or 0)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.passed = {UP: 0, DOWN: 0}
        self.cuts = 0
        self._left: tuple[str, int] | None = None
        self._with_reset = False
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> "CuttingProxy":
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(5)

    def cut_after(self, way: str, count: int, *, reset: bool) -> None:
        """Cut the link once exactly so many more bytes have gone this way, by a reset or an orderly end."""
        with self._lock:
            self.passed = {UP: 0, DOWN: 0}
            self._left, self._with_reset = (way, count), reset

    def be_good(self) -> None:
        """Cut nothing any more."""
        with self._lock:
            self.passed = {UP: 0, DOWN: 0}
            self._left = None

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                laptop, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._carry, args=(laptop,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _carry(self, laptop: socket.socket) -> None:
        with contextlib.suppress(OSError), laptop, socket.create_connection(self._centre) as centre:
            ends = {laptop: (centre, UP), centre: (laptop, DOWN)}
            with selectors.DefaultSelector() as ready:
                for end in ends:
                    ready.register(end, selectors.EVENT_READ)
                while not self._closing.is_set():
                    for key, _ in ready.select(0.5):
                        assert isinstance(key.fileobj, socket.socket)
                        other, way = ends[key.fileobj]
                        data = key.fileobj.recv(65_536)
                        allowed, is_cut = self._allowed(way, len(data))
                        if allowed:
                            other.sendall(data[:allowed])
                        if is_cut:
                            self._cut(laptop, centre)
                            return
                        if not data:
                            return

    def _allowed(self, way: str, count: int) -> tuple[int, bool]:
        """How many of these bytes go through, and whether the link is cut after them."""
        with self._lock:
            if self._left is None or self._left[0] != way:
                self.passed[way] += count
                return count, False
            left = self._left[1]
            allowed = min(left, count)
            self.passed[way] += allowed
            if count < left:
                self._left = (way, left - count)
                return count, False
            self._left = None
            self.cuts += 1
            return allowed, True

    def _cut(self, laptop: socket.socket, centre: socket.socket) -> None:
        if self._with_reset:
            for end in (laptop, centre):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
