"""A laptop on the road: a real store that speaks real HTTP to whatever stands at the given address."""

import secrets
from dataclasses import replace
from pathlib import Path

from fsbus.core.changes import CREATE, SET
from fsbus.core.clock import Clock
from fsbus.core.entities import AGENT, PROCEDURE_RECORD, VISIT
from fsbus.core.ids import Ids
from fsbus.server import admin
from fsbus.server.centre import Centre
from fsbus.store.store import Edit, Store
from fsbus.sync import http_api
from fsbus.sync.backoff import Backoff
from fsbus.sync.engine import SyncReport
from fsbus.sync.pacing import Timing
from fsbus.wire.signing import new_private_key
from tests.sync.world import record_body, visit_body

FEED = "bus-3"


def scaled(by: float) -> Timing:
    """The real patience, so many times shorter."""
    real = Timing()
    return Timing(
        connect=real.connect / by,
        silence=real.silence / by,
        attempt=real.attempt / by,
        slowest=real.slowest * by,
        goodput=real.goodput * by,
    )


def pauses(by: float) -> Backoff:
    """The real pauses after a cut, so many times shorter."""
    return Backoff(first=0.1 / by, longest=5.0 / by, fraction=lambda: 0.5)


class RoadLaptop:
    """One store, enrolled over HTTP."""

    def __init__(self, folder: Path, name: str, clock: Clock) -> None:
        self.name, self.clock, self.ids = name, clock, Ids(clock.now)
        self.store = Store.create(folder / f"{name}.db", secrets.token_bytes(32), clock=clock)
        self.signing_key = new_private_key()
        self.agent = self.ids.new()
        self.store.save([Edit(AGENT, self.agent, CREATE, {"name": name})], actor=self.agent)

    def close(self) -> None:
        self.store.close()

    def enrol(self, centre: Centre, url: str, timing: Timing | None = None) -> None:
        """With a new code of this centre, asked for at this address."""
        code = admin.enroll_code(centre, FEED, clock=self.clock).code
        self.enrol_with(code, url, timing)

    def enrol_with(self, code: str, url: str, timing: Timing | None = None) -> None:
        """With this code."""
        self.store.set_enrolment(
            http_api.enroll(url, code, self.name, self.signing_key, clock=self.clock, timing=timing)
        )

    def aim(self, url: str) -> None:
        """Look for the centre at this address from now on."""
        enrolment = self.store.link().enrolment
        assert enrolment is not None
        self.store.set_enrolment(replace(enrolment, server_url=url))

    def record(self, note: str = "", procedures: int = 1) -> str:
        """A visit with its procedure records; its id."""
        visit = self.ids.new()
        edits = [Edit(VISIT, visit, CREATE, visit_body(self.agent, note))]
        edits += [
            Edit(PROCEDURE_RECORD, self.ids.new(), CREATE, record_body(visit)) for _ in range(procedures)
        ]
        self.store.save(edits, actor=self.agent)
        return visit

    def amend(self, visit: str, **fields: object) -> None:
        self.store.save([Edit(VISIT, visit, SET, fields)], actor=self.agent)

    def sync(self, timing: Timing | None = None, by: float = 20.0) -> SyncReport:
        """One exchange until nothing is left, with pauses so many times shorter than the real ones."""
        return http_api.sync_by_http(self.store, clock=self.clock, timing=timing, pauses=pauses(by))
