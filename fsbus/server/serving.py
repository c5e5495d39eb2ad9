"""Runs the centre: in the foreground for `fsbus serve`, or in a thread for tests and the demo."""

import gc
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import TracebackType

import uvicorn

from fsbus.core.clock import Clock
from fsbus.core.errors import StoreUnavailable
from fsbus.server.app import build_app
from fsbus.server.centre import Centre, open_centre
from fsbus.server.json_lines import log_as_json

_IDLE = 75
"""Seconds that an idle connection is kept, so that a bus on a bad link saves a round trip."""


def serve(
    database_url: str, host: str, port: int, ready: Callable[[str], None], *, clock: Clock | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, then let the requests under way end.

    ``ready`` gets the URL once connections are really accepted. Raises StoreUnavailable when the
    database or the address cannot be used.
    """
    log_as_json(clock or Clock())
    centre = open_centre(database_url)
    # What was imported stays for good: looking through it again at each chunk took a tenth of its time.
    gc.freeze()
    # uvicorn raises the signal again once it has stopped: it must not end us before the file is closed.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        listening = _listen(host, port)
        _Server(centre, clock or Clock(), lambda: ready(_url(listening))).run(sockets=[listening])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        centre.close()


class EmbeddedCentre:
    """The same centre in a thread of this process; a context manager.

    ``url`` and ``centre`` are there once it is entered; leaving it stops it and closes the database.
    """

    def __init__(
        self, database_url: str, port: int = 0, *, host: str = "127.0.0.1", clock: Clock | None = None
    ) -> None:
        self._database_url = database_url
        self._address = (host, port)
        self._clock = clock or Clock()
        self._started = threading.Event()

    def __enter__(self) -> "EmbeddedCentre":
        self.centre = open_centre(self._database_url)
        try:
            listening = _listen(*self._address)
            self.url = _url(listening)
            self._server = _Server(self.centre, self._clock, self._started.set)
            self._thread = threading.Thread(
                target=self._server.run, kwargs={"sockets": [listening]}, name="fsbus-centre", daemon=True
            )
            self._thread.start()
            if not self._started.wait(20):
                raise StoreUnavailable("Le centre n’a pas démarré en 20 secondes.")
        except BaseException:
            self.centre.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self.centre.close()


class _Server(uvicorn.Server):
    """uvicorn, which says when it listens."""

    def __init__(self, centre: Centre, clock: Clock, started: Callable[[], None]) -> None:
        config = uvicorn.Config(
            build_app(centre, clock),
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            lifespan="off",
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=30,
        )
        super().__init__(config)
        self._say_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._say_started()


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket; listening begins with the server."""
    listening: socket.socket | None = None
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        if os.name == "posix":
            # On Windows the same option would let two programs share the address.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        if listening is not None:
            listening.close()
        raise StoreUnavailable(
            f"Impossible d’écouter sur {host}:{port} ({error.strerror}) : "
            "arrêtez le programme qui l’occupe, ou donnez une autre adresse à --listen."
        ) from None
    return listening


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
