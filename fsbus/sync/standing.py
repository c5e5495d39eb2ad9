"""Notes that the centre refuses the laptop, and hands over what waits when it is turned away."""

import contextlib
from collections.abc import Callable, Iterator

from fsbus.core.clock import Clock
from fsbus.core.errors import DevicePending, DeviceRevoked, DeviceUnknown, StoreError, SyncError
from fsbus.store.standing import PENDING, REVOKED, UNKNOWN, note_accepted, note_refused
from fsbus.store.store import Store
from fsbus.sync.engine import FIRST_CHUNK
from fsbus.sync.signed import request_header
from fsbus.wire.api import Refused, Request, SyncApi


@contextlib.contextmanager
def noting_refusals(
    store: Store, api: SyncApi, clock: Clock, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Around an exchange: note that the centre refused the laptop, or that it takes it in."""
    try:
        yield
    except DevicePending:
        with contextlib.suppress(StoreError):
            note_refused(store, PENDING, clock.now())
        raise
    except DeviceUnknown:
        with contextlib.suppress(StoreError):
            note_refused(store, UNKNOWN, clock.now())
        raise
    except DeviceRevoked:
        with contextlib.suppress(StoreError):
            if not note_refused(store, REVOKED, clock.now()).handed and hand_over(
                store, api, clock, cancelled
            ):
                note_refused(store, REVOKED, clock.now(), handed=True)
        raise
    else:
        with contextlib.suppress(StoreError):
            note_accepted(store)


def hand_over(
    store: Store, api: SyncApi, clock: Clock, cancelled: Callable[[], bool] = lambda: False
) -> bool:
    """Send all that waits, each chunk refused: the centre keeps it aside. Whether it reached the end.

    Nothing changes here: a person decides at the centre, and this laptop keeps everything.
    """
    link = store.link()
    after = link.acked
    while chunk := store.pending(after=after, max_bytes=FIRST_CHUNK):
        if cancelled():
            return False
        header = request_header(store.replica, link.epoch, chunk[0][0], len(chunk), {}, clock)
        try:
            api.exchange(Request(header, [line for _, line in chunk]))
        except DeviceRevoked:
            after = chunk[-1][0]
            continue
        except (SyncError, Refused):
            return False
        return False
    return True
