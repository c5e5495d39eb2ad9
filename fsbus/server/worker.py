"""One of several processes of the centre: `python -m fsbus.server.worker`, started by `workers`.

Its settings are the first line of standard input, because arguments can be read by other users of the machine.
It says one line once it serves, and stops when standard input ends: the process that started it is gone.
"""

import logging
import os
import shutil
import socket
import sys
from contextlib import closing
from pathlib import Path

import msgspec

from fsbus.core.clock import Clock
from fsbus.core.redaction import redacted
from fsbus.server.centre import open_centre
from fsbus.server.json_lines import log_as_json
from fsbus.server.metrics import share_counters

READY = b"ready\n"


@redacted("place")
class Settings(msgspec.Struct):
    """What a worker is told. ``sockets`` are descriptors that it inherits; ``folder`` holds all counters."""

    database: str
    key_file: str | None
    ledger: str | None
    sockets: list[int]
    metrics_port: int | None
    folder: str
    place: int


def work(settings: Settings) -> None:
    """Serve until SIGTERM, or until the process that started this one is gone."""
    from fsbus.server.serving import run_one

    share_counters(Path(settings.folder), settings.place)
    parent = os.getppid()
    key_file = None if settings.key_file is None else Path(settings.key_file)
    ledger = None if settings.ledger is None else Path(settings.ledger)
    with closing(open_centre(settings.database, key_file=key_file, ledger=ledger)) as centre:
        sockets = [socket.socket(fileno=number) for number in settings.sockets]
        run_one(centre, Clock(), sockets, settings.metrics_port, _say_ready, until=sys.stdin.fileno())
    if os.getppid() != parent:
        # Nobody is left who would clean it.
        shutil.rmtree(settings.folder, ignore_errors=True)


def _say_ready() -> None:
    os.write(sys.stdout.fileno(), READY)


def main() -> int:
    """The exit status; what went wrong is one line of the log."""
    log_as_json(Clock())
    try:
        work(msgspec.json.decode(sys.stdin.buffer.readline(), type=Settings))
    except Exception as error:  # noqa: BLE001  # the last door of the process
        facts = {"error": type(error).__name__}
        logging.getLogger("fsbus.server").error("process failed", extra={"facts": facts})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
