"""Writes the log of the centre: one JSON object a line, ids, codes and counts, never what was typed."""

import json
import logging
import sys
import threading

from fsbus.core.clock import Clock, as_utc_text

_OURS, _SERVER = "fsbus.server", "uvicorn."


class JsonLines(logging.Formatter):
    """What happened, and facts that name no person.

    Our own events are told whole. Of the HTTP server, the sentence of its source without its values; of any other
    library, only its name and the class of the error: their words may quote a body.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"at": as_utc_text(self._clock.now()), "level": record.levelname.lower()}
        if record.name == _OURS:
            line |= {"event": str(record.msg), **getattr(record, "facts", {})}
        else:
            words = str(record.msg).strip()[:120] if record.name.startswith(_SERVER) else "foreign"
            line |= {"event": words, "logger": record.name}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False)


def log_as_json(clock: Clock) -> None:
    """Make this process say everything so, on standard error; once, before it serves."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(clock))
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.WARNING
    for name, level in ((_OURS, logging.INFO), ("uvicorn.error", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(level)
    logging.captureWarnings(capture=True)
    ours = logging.getLogger(_OURS)

    def uncaught(what: object) -> None:
        kind = getattr(what, "exc_type", None)
        ours.error("uncaught", extra={"facts": {"error": getattr(kind, "__name__", "?")}})

    threading.excepthook = uncaught
    sys.unraisablehook = uncaught
