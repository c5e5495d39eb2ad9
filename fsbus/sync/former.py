"""Gives the centre what it lacks of the names that this laptop had before; see `fsbus.store.former`."""

from collections.abc import Callable
from datetime import date

from fsbus.store import former as names
from fsbus.store.former import Former
from fsbus.store.pruning import BATCH, empty_lines
from fsbus.store.store import Store
from fsbus.sync.agreeing import agreed
from fsbus.wire.api import Problem, Refused, Request, RequestHeader, SyncApi


def bring_back(
    store: Store, api: SyncApi, former: Former, header: RequestHeader, max_bytes: int, day: str
) -> None:
    """One request about a former name, and what follows from its answer.

    ``header`` is that of an exchange of the present name, with nothing in it; ``day`` is today, as ISO text.
    Raises Refused for what concerns the present name too, and SyncError.
    """
    header.replica, header.pull = former.replica, {}
    try:
        if former.is_told:
            _send(store, api, former, header, max_bytes, day)
        else:
            _greet(store, api, former, header)
    except Refused as refused:
        match refused.problem.problem:
            case "forked":
                # Another laptop's, or another laptop has gone on under it too.
                store.maintain(lambda db: names.give_up(db, former, 0))
            case "expect":
                store.maintain(lambda db: names.ask_again(db, former))
                raise
            case _:
                raise


def let_go(store: Store, today: date, cancelled: Callable[[], bool]) -> None:
    """Empty the lines that a verified backup of the centre keeps; a little at a time, for saves to pass between."""
    while store.maintain(lambda db: empty_lines(db, today)) == BATCH and not cancelled():
        pass


def _greet(store: Store, api: SyncApi, former: Former, header: RequestHeader) -> None:
    said = api.hello(former.replica)
    if said.epoch != header.epoch:
        raise Refused(Problem("epoch"))
    upto = min(said.last_seq, former.newest)
    common = agreed(store, api, header, upto) if upto else 0
    if common < upto:
        store.maintain(lambda db: names.give_up(db, former, common))
    else:
        store.maintain(lambda db: names.take_hello(db, former, said.epoch, upto))


def _send(
    store: Store, api: SyncApi, former: Former, header: RequestHeader, max_bytes: int, day: str
) -> None:
    lines = names.lines_of(store.db, former, max_bytes)
    header.first, header.n = former.acked + 1, len(lines)
    answer = api.exchange(Request(header, [line for _, line in lines]))
    store.maintain(lambda db: names.take_answer(db, former, answer.header, day))
