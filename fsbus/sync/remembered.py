"""One exchange with the centre, and the account of it that this laptop keeps."""

import contextlib
from collections.abc import Callable

from fsbus.core.clock import Clock, as_utc_text
from fsbus.core.errors import StoreError
from fsbus.core.events import Log
from fsbus.store.exchanges import FINISHED, STOPPED, PastExchange, remember_exchange
from fsbus.store.store import Store
from fsbus.sync.engine import Progress, SyncReport
from fsbus.sync.http_api import sync_by_http
from fsbus.sync.pacing import Timing


def exchange_and_remember(
    store: Store,
    *,
    clock: Clock,
    log: Log,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    spare: Callable[[], Store] | None = None,
    timing: Timing | None = None,
) -> SyncReport:
    """As `fsbus.sync.http_api.sync_by_http`; however it ends, `past_exchanges` tells it."""
    reports: list[SyncReport] = []
    ended = ""
    try:
        report = sync_by_http(
            store,
            clock=clock,
            progress=progress,
            cancelled=cancelled,
            log=log,
            spare=spare,
            timing=timing,
            told=reports.append,
        )
        ended = FINISHED if report.finished else STOPPED
        return report
    except Exception as error:
        # Whatever it is: only its name is kept, and it goes on to whoever asked for the exchange.
        ended = type(error).__name__
        raise
    finally:
        if reports and ended:
            # A disk that takes nothing must not hide how the exchange went.
            with contextlib.suppress(StoreError):
                remember_exchange(store, _account(reports[-1], clock, ended))


def _account(report: SyncReport, clock: Clock, ended: str) -> PastExchange:
    return PastExchange(
        at=as_utc_text(clock.now()),
        sent=report.pushed,
        received=report.pulled,
        bytes_up=report.bytes_sent,
        bytes_down=report.bytes_received,
        seconds=report.seconds,
        ended=ended,
    )
