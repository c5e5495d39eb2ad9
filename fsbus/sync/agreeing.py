"""Finds up to where the centre and this store hold the same operations of one name.

Asked after a new life of the centre, or a loss. Two copies of a disk may both have gone on under one name: the centre may then hold another's operations under our
numbers. Both went on from a common beginning, so whoever agrees on one operation agrees on all before it.
"""

import secrets

import msgspec

from fsbus.store.database import rows
from fsbus.store.pruning import EMPTIED_BYTES
from fsbus.store.store import Store
from fsbus.wire.api import HelloAnswer, Refused, Request, RequestHeader, SyncApi

_TELLING = (
    "SELECT seq FROM operations WHERE replica = ? AND seq <= ? AND verb <> 'void' AND length(line) <> ?"
    " ORDER BY seq"
)


def agreed_in(store: Store, api: SyncApi, header: RequestHeader, said: HelloAnswer) -> int | None:
    """In a new life of the centre or after a loss: up to where it holds our own operations. Else None.

    ``header`` names the present replica; ``said`` is the centre's answer to hello. Raises as `agreed`.
    """
    link = store.link()
    if said.last_seq >= link.acked and (said.epoch == link.epoch or not said.last_seq):
        return None
    upto = min(said.last_seq, store.last_seq)
    in_that_life = msgspec.structs.replace(header, epoch=said.epoch)
    return agreed(store, api, in_that_life, upto) if upto else 0


def agreed(store: Store, api: SyncApi, header: RequestHeader, upto: int) -> int:
    """The highest operation, ``upto`` at most, that the centre holds as it stands here.

    ``header`` names the replica, and the life that the centre is in. One request when all is well. What was
    erased or emptied tells nothing, and counts as what stands before it. Raises Refused, Offline, SyncError.
    """
    telling = [int(seq) for (seq,) in rows(store.db, _TELLING, (header.replica, upto, EMPTIED_BYTES))]
    if not telling or _is_held(store, api, header, telling[-1]):
        return upto
    low, high = 0, len(telling) - 1
    while low < high:
        middle = (low + high) // 2
        if _is_held(store, api, header, telling[middle]):
            low = middle + 1
        else:
            high = middle
    return telling[high] - 1


def _is_held(store: Store, api: SyncApi, header: RequestHeader, seq: int) -> bool:
    """Whether the centre's digest of this operation is that of our line: it is simply sent once more."""
    statement = "SELECT line FROM operations WHERE replica = ? AND seq = ?"
    line = bytes(next(rows(store.db, statement, (header.replica, seq)))[0])
    asked = msgspec.structs.replace(header, first=seq, n=1, pull={}, nonce=secrets.token_hex(12))
    try:
        api.exchange(Request(asked, [line]))
    except Refused as refused:
        if refused.problem.problem != "forked":
            raise
        return False
    return True
