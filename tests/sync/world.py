"""A small world for sync tests: a real centre, real stores, and doors between them; no network."""

import copy
import secrets
import shutil
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fsbus.core.changes import CREATE, SET
from fsbus.core.clock import Clock
from fsbus.core.entities import AGENT, PROCEDURE_RECORD, VISIT, as_line
from fsbus.core.ids import Ids
from fsbus.server import admin
from fsbus.server.centre import Centre, open_centre
from fsbus.server.database import select
from fsbus.server.direct import DirectApi
from fsbus.server.tables import log
from fsbus.store import queries
from fsbus.store.store import Edit, Store
from fsbus.sync.engine import Engine, SyncReport
from fsbus.wire.enrolment import EnrollAnswer, EnrollRequest, build_enroll_request
from fsbus.wire.signing import new_private_key
from tests.sync.doors import UncertainDoor

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class SteadyClock:
    """A wall clock that advances one second each time it is read."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


class World:
    """One centre and its laptops, all in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = SteadyClock()
        self.clock = Clock(self.time)
        self.ids = Ids(self.clock.now)
        self.url = f"sqlite:///{folder / 'centre.db'}"
        self.centre: Centre = open_centre(self.url)
        self.lives = 1
        self._laptops: list[LaptopUnderTest] = []

    def close(self) -> None:
        """With all its laptops."""
        for one in self._laptops:
            one.close()
        self.centre.close()

    def restart_centre(self) -> None:
        self.centre.close()
        self.centre = open_centre(self.url)

    def laptop(self, name: str, feed: str = "bus-3", role: str = "agent") -> "LaptopUnderTest":
        signing_key = new_private_key()
        made = LaptopUnderTest(self, name, self.enrol(name, signing_key, feed, role), signing_key)
        self._laptops.append(made)
        return made

    def enrol(self, name: str, signing_key: bytes, feed: str = "bus-3", role: str = "agent") -> str:
        """Take in a laptop of this key by a fresh code; its device."""
        code = admin.enroll_code(self.centre, feed, role, clock=self.clock).code
        request, _ = build_enroll_request(code, name, signing_key)
        return self._enrolled(request).device

    def _enrolled(self, request: EnrollRequest) -> EnrollAnswer:
        from fsbus.server.enrolling import enroll

        return enroll(self.centre, request, self.clock.now())

    def central_lines(self) -> list[dict[str, object]]:
        return sorted(admin.visits(self.centre), key=lambda line: str(line["visit_id"]))

    def central_log(self) -> list[tuple[str, int]]:
        with self.centre.database.read() as connection:
            return [(row.replica, row.seq) for row in connection.execute(select(log.c.replica, log.c.seq))]


class LaptopUnderTest:
    """A store of its own, as the application uses it, without passphrase and form."""

    def __init__(self, world: World, name: str, device: str, signing_key: bytes) -> None:
        self.world, self.name, self.device, self.signing_key = world, name, device, signing_key
        self.path = world.folder / f"{name}.db"
        self.key = secrets.token_bytes(32)
        self.store = Store.create(self.path, self.key, clock=world.clock)
        self.agent = world.ids.new()
        self.store.save([Edit(AGENT, self.agent, CREATE, {"name": name})], actor=self.agent)

    def twin(self, name: str, file: Path) -> "LaptopUnderTest":
        """A laptop of the same device, on a copy of its file."""
        other = copy.copy(self)
        other.name, other.path = name, self.world.folder / f"{name}.db"
        shutil.copy(file, other.path)
        other.store = Store.open(other.path, other.key, clock=self.world.clock)
        return other

    def close(self) -> None:
        self.store.close()

    def restart(self) -> None:
        self.store.close()
        self.store = Store.open(self.path, self.key, clock=self.world.clock)

    def record(self, note: str = "", procedures: int = 2) -> str:
        """A visit with its procedure records; its id."""
        visit = self.world.ids.new()
        edits = [Edit(VISIT, visit, CREATE, visit_body(self.agent, note))]
        edits += [
            Edit(PROCEDURE_RECORD, self.world.ids.new(), CREATE, record_body(visit))
            for _ in range(procedures)
        ]
        self.store.save(edits, actor=self.agent)
        return visit

    def amend(self, visit: str, **fields: object) -> None:
        self.store.save([Edit(VISIT, visit, SET, fields)], actor=self.agent)

    def edit(self, kind: str, record: str, verb: str, fields: dict[str, object] | None = None) -> None:
        """Write one thing."""
        self.store.save([Edit(kind, record, verb, fields or {})], actor=self.agent)

    def erase(self, visit: str) -> int:
        return self.store.erase({visit: VISIT}, actor=self.agent)

    def sync(self, fates: Iterable[str] = (), chunk: int = 320_000) -> SyncReport:
        """One synchronisation through an uncertain door; Interrupted when it gives up."""
        door = UncertainDoor(DirectApi(self.world.centre, self.device, self.world.clock), fates)
        return Engine(self.store, door, self.world.clock, sleep=lambda _: None, chunk=chunk).run()

    def lines(self) -> list[dict[str, object]]:
        found = queries.visits_between(self.store.db, "0001-01-01", "9999-12-31")
        return sorted((as_line(*one) for one in found), key=lambda line: str(line["visit_id"]))

    def reader(self) -> "closing[Store]":
        return closing(self.store.reopen())


def visit_body(agent: str, note: str = "") -> dict[str, object]:
    """All fields of a visit, as clean JSON values."""
    return {
        "agent_id": agent, "started_at": "2026-11-24T08:20:00Z", "visited_on": "2026-11-24", "minutes": 20,
        "channel": "walk_in", "stop_commune": "02361", "resident_commune": "02361", "age_band": "60_69",
        "gender": "female", "first_visit": True, "autonomy": "guided", "equipment": ["computer"],
        "satisfaction": 3, "resident_id": None, "note": note,
    }  # fmt: skip


def record_body(visit: str) -> dict[str, object]:
    """All fields of a procedure record that follows the rules."""
    return {
        "visit_id": visit, "partner": "CNAF", "procedure": "CAF-RSA", "nature": "information",
        "mode": "assisted", "outcome": "resolved", "precise_answer": "", "missing_documents": [],
        "blockers": [], "referral": None, "follow_up": None, "mandate": None,
    }  # fmt: skip
