"""Keeps what the last exchanges gave, for the one who asks whether the work has left."""

from dataclasses import dataclass, replace

import msgspec

from fsbus.core.redaction import redacted
from fsbus.store.store import Store

KEPT = 10
_SETTING = "exchanges"
FINISHED, STOPPED = "finished", "stopped"
STICK_WRITTEN, STICK_READ = "stick_written", "stick_read"
_WELL = frozenset({FINISHED, STOPPED, STICK_WRITTEN, STICK_READ})


@redacted("at", "sent", "received", "ended", "times")
@dataclass(frozen=True)
class PastExchange:
    """One exchange, or several in a row that all failed the same way (``times``; ``at`` is the last one's).

    ``at``: UTC text; ``sent``, ``received``: operations and records; ``bytes_up``, ``bytes_down``: on the wire,
    headers included, or of the stick's file. ``ended``: « finished », « stopped », « stick_written », « stick_read », or
    the name of the error.
    """

    at: str
    sent: int
    received: int
    bytes_up: int
    bytes_down: int
    seconds: float
    ended: str
    times: int = 1


def past_exchanges(store: Store) -> tuple[PastExchange, ...]:
    """The newest first, ``KEPT`` at most."""
    kept = store.setting(_SETTING)
    if kept is None:
        return ()
    try:
        return msgspec.json.decode(kept, type=tuple[PastExchange, ...])
    except msgspec.DecodeError:
        # Of another release: nothing but the account of what was done is lost.
        return ()


def remember_exchange(store: Store, exchange: PastExchange) -> None:
    """Keep one more; failures that gave nothing and are like the one before are counted with it."""
    before = past_exchanges(store)
    if before and _is_like(before[0], exchange):
        exchange, before = replace(exchange, times=before[0].times + 1), before[1:]
    kept = (exchange, *before)[:KEPT]
    store.set_setting(_SETTING, msgspec.json.encode(kept).decode())


def _is_like(one: PastExchange, other: PastExchange) -> bool:
    gave = one.sent or one.received or other.sent or other.received
    return one.ended == other.ended and one.ended not in _WELL and not gave
