"""Runs the centre: in the foreground for `fsbus serve`, or in a thread for tests and the demo."""

import gc
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import TracebackType

from fsbus.core.clock import Clock
from fsbus.core.errors import InvalidInput, StoreUnavailable
from fsbus.server.app import build_app
from fsbus.server.centre import Centre, open_centre
from fsbus.server.connections import Server, room_for_connections
from fsbus.server.json_lines import log_as_json
from fsbus.server.listening import Address, listen, port_of, url_of
from fsbus.server.workers import run_workers


def serve(
    database_url: str,
    host: str,
    port: int,
    ready: Callable[[str], None],
    *,
    processes: int = 1,
    metrics: Address | None = None,
    key_file: Path | None = None,
    ledger: Path | None = None,
    clock: Clock | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then let the requests under way end.

    ``ready`` gets the URL once connections are really accepted, by every process. ``metrics`` is the address
    where the counters are told. Raises StoreUnavailable when the database or an address cannot be used, and
    InvalidInput for more processes than this database allows.
    """
    # Opened before any process is: what is wrong with the database is told at once, and once.
    centre = open_centre(database_url, key_file=key_file, ledger=ledger)
    with ExitStack() as stack:
        stack.callback(centre.close)
        _check_processes(processes, centre)
        if centre.ledger is None:
            raise InvalidInput(
                {
                    "ledger": "Donnez le registre des effacements\u00a0: --ledger FICHIER, hors de la base et de ses copies."
                }
            )
        log_as_json(clock or Clock())
        sockets = [stack.enter_context(closing(listen((host, port))))]
        url = url_of(sockets[0])
        if metrics is not None:
            sockets.append(stack.enter_context(closing(listen(metrics))))
        metrics_port = port_of(sockets[1]) if metrics is not None else None
        if processes > 1:
            centre.close()
            run_workers(
                database_url,
                sockets,
                metrics_port,
                processes,
                lambda: ready(url),
                key_file=key_file,
                ledger=ledger,
            )
        else:
            run_one(centre, clock or Clock(), sockets, metrics_port, lambda: ready(url))


def run_one(
    centre: Centre,
    clock: Clock,
    sockets: list[socket.socket],
    metrics_port: int | None,
    started: Callable[[], None],
    *,
    until: int | None = None,
) -> None:
    """Serve on these sockets, in this process, until SIGTERM or SIGINT, or until ``until`` ends."""
    # What was imported stays for good: looking through it again at each chunk took a tenth of its time.
    gc.freeze()
    # A chunk makes tens of thousands of values and no cycle among them: looking for some took a fifth of its time.
    gc.set_threshold(50_000, 20, 100)
    app = build_app(centre, clock, metrics_port=metrics_port)
    with _signals_of_uvicorn():
        Server(app, started, until=until, most_connections=room_for_connections()).run(sockets=sockets)


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
            listening = listen(self._address)
            self.url = url_of(listening)
            self._server = Server(build_app(self.centre, self._clock), self._started.set)
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


def _check_processes(processes: int, centre: Centre) -> None:
    if processes < 1:
        raise InvalidInput({"processes": "Un processus au moins."})
    if processes > 1 and centre.database.is_sqlite:
        raise InvalidInput(
            {
                "processes": "Une base SQLite n’a qu’un seul processus\u00a0: retirez --processes, ou donnez une base PostgreSQL."
            }
        )
    if processes > 1 and os.name != "posix":
        raise InvalidInput(
            {"processes": "Plusieurs processus demandent Linux ou macOS : retirez --processes."}
        )


@contextmanager
def _signals_of_uvicorn() -> Iterator[None]:
    """uvicorn raises the signal again once it has stopped: it must not end us before the database is closed."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
