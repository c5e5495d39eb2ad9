"""A day of 60 visits typed in the real window while it exchanges: its longest silence, its memory."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from fsbus.bench import places
from fsbus.bench.history import FEED, Week, send_all
from fsbus.bench.measure import Figure
from fsbus.core.clock import Clock
from fsbus.server import admin
from fsbus.server.centre import open_centre
from fsbus.store.standing import key_to_enrol
from fsbus.sync import http_api
from fsbus.training import processes
from fsbus.training.typed_day import TypedDay, typed_day

VISITS = 60
WEEK, HISTORY = 500, 15_000
"""Visits of a made-up week, repeated to so many records: what another laptop of the bus has sent before, and what comes
in while the day is typed."""
STALL = 0.1
"""Seconds that a window may be silent before a person feels it."""


def bench(runs: int | None) -> Iterator[Figure]:
    """``day_stall``, the longest silence in seconds, beside the tenth of a second allowed; ``day_memory_bytes``, at the
    end beside what it was once the day had begun. ``runs``: how many visits."""
    visits = runs or VISITS
    with places.folder() as folder:
        told = _day(folder, visits)
    yield Figure("day_stall", told.stall, STALL, told.stall / STALL, visits)
    if told.before:
        yield Figure("day_memory_bytes", told.after, told.before, told.after / told.before, visits)


def _day(folder: Path, visits: int) -> TypedDay:
    url = f"sqlite:///{folder / 'centre.db'}"
    with places.laptop(folder / "home") as session:
        places.record_all(session, WEEK, 2 * WEEK)
        week = Week.of(session.store)
    with closing(open_centre(url)) as centre:
        send_all(centre, list(week.repeated(HISTORY)), Clock())
        code = admin.enroll_code(centre, FEED, clock=Clock()).code
    # In a process of its own: the window shares nothing with it.
    with (
        processes.centre(url, log=folder / "centre.log") as address,
        places.laptop(folder / "bus") as session,
    ):
        key = key_to_enrol(session.store, session.signing_key)
        session.store.set_enrolment(http_api.enroll(f"http://{address}", code, session.agent.name, key))
        # Built at the first opening, by the worker: no day waits for them.
        _ = session.reference
        return typed_day(session, visits)
